"""What one thing found would become in the register, as far as its own content tells: pure, without the database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from certs.certificate import Certificate
from certs.messages import Message, define, message
from certs.names import display_name, parse_name
from certs.subject_kind import guess_kind
from certs.text import fold, normalise
from registry.certificates.columns import holder_columns, search_text
from registry.certificates.conditions import UNKNOWN_GENERATION
from registry.certificates.errors import CertificateRefused
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import prepare_certificate
from registry.certificates.tables import CertificateStatus, Medium, SubscriberKind
from registry.clock import local_day
from registry.imports.columns import ListField
from registry.imports.history_sheets import CertificateHistory, key_of
from registry.imports.matching import GIVEN, AgencyIndex, Clues, Proposal, clues_of_certificate
from registry.imports.reading import Draft, ListRow
from registry.imports.tables import AgencyStanding, ItemOutcome
from registry.imports.values import RowValues
from registry.trust.issuers import IssuerIndex

LACKS = define(
    "imports.entry.lacks",
    vi="Dòng không kèm chứng thư và thiếu {lacks_vi}. Hãy bổ sung vào danh sách, hoặc nộp kèm tệp chứng thư.",
    en="The row comes without its certificate and lacks {lacks_en}. Add it to the list, or hand in the certificate too.",
)
BAD_VALIDITY = define(
    "imports.entry.validity",
    vi="Ngày hết hạn đứng trước ngày bắt đầu hiệu lực.",
    en="The validity ends before it begins.",
)
UNKNOWN_CA = define(
    "imports.unknown_ca",
    vi=(
        "Chưa xác định được CA cấp chứng thư này. Nếu tin cậy, người quản trị máy chủ thêm chứng thư CA bằng "
        "`registry trust add`; đến khi đó cảnh báo được giữ lại."
    ),
    en=(
        "The CA of this certificate is not known here. If you trust it, the operator of the server adds its certificate "
        "with `registry trust add`; until then the warning stays."
    ),
)
ONLY_LISTED = define(
    "imports.only_listed",
    vi="Chỉ có dòng trong danh sách, chưa có tệp chứng thư.",
    en="Only the row of the list is there, not the certificate itself.",
)
WEAK = define(
    "imports.weak",
    vi="Thuật toán yếu: {algorithm}, khóa {key} {bits} bit.",
    en="Weak algorithm: {algorithm}, key {key} of {bits} bits.",
)


KIND_ASSUMED = define(
    "imports.kind_assumed",
    vi="Không có dấu hiệu rõ về loại thuê bao; tạm coi là cá nhân. Hãy sửa nếu không đúng.",
    en="Nothing tells the kind of the subscriber; taken for a person. Correct it if that is wrong.",
)


@dataclass(slots=True, kw_only=True)
class Item:
    """One item of a preview in the making; its fields are columns of `ImportItemRow`."""

    place: str
    outcome: ItemOutcome
    reasons: list[Message] = field(default_factory=list)
    der: bytes | None = None
    sha256: str | None = None
    serial: str | None = None
    columns: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)
    agency_id: int | None = None
    agency_standing: AgencyStanding = AgencyStanding.MISSING
    agency_score: int = 0
    agency_reason: Message | None = None
    agency_key: str = ""
    agency_text: str = ""
    renewal_key: str | None = None
    replaces_id: int | None = None
    certificate_id: int | None = None
    differences: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, reason: Message) -> None:
        """Take it out of what can be applied."""
        self.outcome = ItemOutcome.REFUSED
        self.reasons.insert(0, reason)


@dataclass(frozen=True, slots=True)
class Assessor:
    """Turns drafts into items, with what the register knows of CAs and agencies."""

    issuers: IssuerIndex
    agencies: AgencyIndex
    given_agency_id: int | None = None
    """The agency that the person chose for everything in the import."""
    given_kind: SubscriberKind | None = None
    """The kind that the person chose for everything in the import."""
    histories: dict[str, CertificateHistory] = field(default_factory=dict)
    """What the sheets of the import tell of certificates, by fingerprint or `history_sheets.key_of`."""

    def assess(self, draft: Draft) -> Item:
        """The item for a draft: `NEW` as far as one can tell here, or `REFUSED`. Never raises for content."""
        item = Item(place=draft.place, outcome=ItemOutcome.NEW, reasons=list(draft.remarks))
        values = draft.row.parsed.values if draft.row else None
        if draft.row is not None and values is not None:
            item.reasons.extend(draft.row.parsed.problems)
            item.originals = draft.row.parsed.originals
            item.facts = _facts(values, says_origin=ListField.ORIGIN in draft.row.fields)
            if draft.certificate is not None:
                item.facts["row"] = draft.row.place
        try:
            if draft.certificate is not None:
                self._certificate(item, draft.certificate, draft.row)
            elif draft.row is not None and values is not None:
                _entry(item, values, self.given_kind, draft.row.fields)
                listed = _clues_of_row(values)
                self._propose(item, listed, listed, named=values.named_agency_code)
        except CertificateRefused as refused:
            item.refuse(refused.reason)
        if draft.refusal is not None:
            item.refuse(draft.refusal)
        if item.outcome is not ItemOutcome.REFUSED and item.columns is not None:
            self._add_history(item, item.columns)
            item.renewal_key = renewal_key(item.columns)
        return item

    def _add_history(self, item: Item, columns: Mapping[str, Any]) -> None:
        history = self.histories.get(item.sha256 or key_of(columns["issuer"], columns["serial"]))
        if history is None:
            return
        packed = history.pack(self.agencies.ids_by_code)
        if isinstance(packed, Message):
            item.refuse(packed)
        else:
            item.facts["history"] = packed

    def _certificate(self, item: Item, certificate: Certificate, row: ListRow | None) -> None:
        values = row.parsed.values if row else None
        item.sha256, item.serial, item.der = certificate.sha256, certificate.serial[:60], certificate.der
        submission = CertificateSubmission(
            der=certificate.der,
            agency_id=_NO_AGENCY,
            kind=self._kind(item, certificate, values),
            medium=(values.medium if values else None) or Medium.UNKNOWN,
            device_number=values.device_number if values else None,
            iccid=values.iccid if values else None,
            position=values.position if values else None,
            email=self._email(certificate, row),
            issued_at=_issued_at(values, certificate.not_before) if values else None,
        )
        prepared = prepare_certificate(submission, self.issuers, certificate=certificate)
        item.columns = dict(prepared.columns)
        if prepared.columns["generation"] == UNKNOWN_GENERATION:
            item.reasons.append(message(UNKNOWN_CA))
        if certificate.is_weak_signature or certificate.is_weak_key:
            key = certificate.key
            item.reasons.append(
                message(WEAK, algorithm=certificate.signature_algorithm, key=key.algorithm, bits=key.bits or "?")
            )
        clues = clues_of_certificate(certificate, prepared.columns["kind"])
        listed = _clues_of_row(values) if values and (values.agency_code or values.agency) else None
        self._propose(item, clues, listed, named=values.named_agency_code if values else None)

    def _email(self, certificate: Certificate, row: ListRow | None) -> str | None:
        """The address of the list where the certificate states none, and where the list is the register's own."""
        if row is None or ListField.EMAIL not in row.fields:
            return None
        if certificate.sha256 in self.histories:
            return row.parsed.values.email or ""
        return None if certificate.emails else row.parsed.values.email

    def _kind(self, item: Item, certificate: Certificate, values: RowValues | None) -> SubscriberKind | None:
        """The kind that somebody says, or one for a name that tells nothing; None: the certificate tells it."""
        if self.given_kind or (values and values.kind):
            return self.given_kind or (values.kind if values else None)
        if certificate.kind_guess.kind is not None or certificate.is_ca:
            return None
        if self.agencies.is_name(certificate.subject.common_name or ""):
            return SubscriberKind.ORGANISATION
        item.reasons.append(message(KIND_ASSUMED))
        return SubscriberKind.PERSON

    def _propose(self, item: Item, clues: Clues, listed: Clues | None = None, *, named: str | None = None) -> None:
        item.agency_key, item.agency_text = clues.key, " ‹ ".join(clues.bodies)
        if self.given_agency_id is not None:
            proposal = Proposal(self.given_agency_id, 100, message(GIVEN))
        else:
            # Where the list gives the code of the agency that the certificate names, no name says it better.
            proposal = self.agencies.propose(Clues(code=named) if named else clues)
            if listed is not None:
                other = self.agencies.propose(listed)
                if not proposal.is_certain and other.score > proposal.score:
                    # The list of the office knows where people work better than an unclear subject does.
                    proposal = other
                    item.agency_key, item.agency_text = listed.key, " ‹ ".join(listed.bodies)
                if other.is_certain and other.agency_id is not None:
                    # The subject goes on naming the old body when another has become responsible.
                    item.facts["managing_agency_id"] = other.agency_id
                    item.facts["managing_from"] = self.agencies.exists_from(other.agency_id).isoformat()
        item.agency_id, item.agency_score, item.agency_reason = proposal.agency_id, proposal.score, proposal.reason
        if proposal.agency_id is None:
            item.agency_standing = AgencyStanding.MISSING
        else:
            item.agency_standing = AgencyStanding.CERTAIN if proposal.is_certain else AgencyStanding.DOUBTFUL


_NO_AGENCY: Final = 0
"""Stands for the agency until it is confirmed; put in when the item is applied."""


def renewal_key(columns: Mapping[str, Any]) -> str:
    """Equal for two certificates of one holder: kind and name, with the address, which alone tells two of one name apart.

    Where there is no address, the whole subject has to be the same.
    """
    told_by = (columns["email"] or "").casefold() or fold(columns["subject"])
    text = "\x1f".join((str(columns["kind"]), columns["holder_folded"], told_by))
    return hashlib.sha256(text.encode()).hexdigest()


def _issued_at(values: RowValues, not_before: datetime) -> datetime | None:
    listed = values.issued_at
    if listed is None or (ListField.ISSUED_AT not in values.exact_times and local_day(listed) == local_day(not_before)):
        return None
    return listed


def _facts(values: RowValues, *, says_origin: bool) -> dict[str, Any]:
    return {
        "origin": values.origin,
        "says_origin": says_origin or None,
        "status": values.status,
        "revoked_at": values.revoked_at,
        "revocation_reason": values.revocation_reason,
        "custody": values.custody,
        "handed_over_at": values.handed_over_at,
        "handed_over_by": values.handed_over_by,
        "replaces": values.replaces,
        "note": values.note,
        "former_position": values.former_position,
        "former_agency": values.former_agency,
        "position": values.position,
        "medium": values.medium,
        "device_number": values.device_number,
        "iccid": values.iccid,
        "email": values.email,
        "holder": values.holder,
    }


def _clues_of_row(values: RowValues) -> Clues:
    bodies = tuple(body for body in (values.agency, values.parent_agency) if body)
    return Clues(
        bodies=bodies,
        at=values.not_before or values.issued_at,
        code=values.agency_code,
        tax_code=values.tax_code,
        budget_code=values.budget_code,
        email=values.email,
    )


def _entry(item: Item, values: RowValues, given_kind: SubscriberKind | None, fields: frozenset[ListField]) -> None:
    """Columns for a row without its certificate; what the certificate would say stays empty."""
    if ListField.HOLDER not in fields:
        # A list of the agencies' own certificates has no column beside their names.
        values = replace(values, holder=values.holder or values.agency)
    item.serial, item.sha256 = values.serial, values.sha256
    begin = values.not_before or values.issued_at
    missing = [
        (vi, en)
        for vi, en, value in (
            ("số hiệu", "the serial number", values.serial),
            ("họ tên", "the holder", values.holder),
            ("ngày cấp", "the day of issue", begin),
            ("ngày hết hạn", "the day of expiry", values.not_after),
        )
        if not value
    ]
    if missing or values.serial is None or values.holder is None or begin is None or values.not_after is None:
        lacks = {"lacks_vi": ", ".join(vi for vi, _ in missing), "lacks_en": ", ".join(en for _, en in missing)}
        item.refuse(message(LACKS, **lacks))
        return
    if values.not_after < begin:
        item.refuse(message(BAD_VALIDITY))
        return
    item.reasons.append(message(ONLY_LISTED))
    holder = normalise(display_name(values.holder))
    derived = holder_columns(holder)
    medium = values.medium or Medium.UNKNOWN
    item.columns = {
        # The register says by this column whether it holds the certificate itself.
        "sha256": None,
        "serial": values.serial,
        "issuer": values.issuer or "",
        "subject": "",
        "generation": UNKNOWN_GENERATION,
        "kind": given_kind or values.kind or _guess_kind(item, values),
        "named_agency_id": _NO_AGENCY,
        "holder": holder,
        "holder_folded": derived.holder_folded[:300],
        "holder_sort": derived.holder_sort,
        "position": values.position,
        "email": values.email,
        "medium": medium,
        "device_number": values.device_number,
        "iccid": values.iccid,
        "issued_at": values.issued_at or begin,
        "not_before": begin,
        "not_after": values.not_after,
        "signature_algorithm": "",
        "key_algorithm": "",
        "key_bits": 0,
        "replaces_id": None,
        "search": search_text(
            holder=holder,
            serial=values.serial,
            sha256=values.sha256,
            position=values.position,
            email=values.email,
            device_number=values.device_number,
            iccid=values.iccid,
        ),
    }


def _guess_kind(item: Item, values: RowValues) -> SubscriberKind:
    """Guess from the name as for a subject; who has a position is a person, and so is who has nothing that tells."""
    holder = values.holder or ""
    if values.agency and fold(values.agency) == fold(holder):
        return SubscriberKind.ORGANISATION
    if values.position:
        return SubscriberKind.PERSON
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, holder, _validate=False)])
    guess = guess_kind(parse_name(name.public_bytes()), ())
    if guess.kind is None:
        item.reasons.append(message(KIND_ASSUMED))
        return SubscriberKind.PERSON
    return SubscriberKind(guess.kind.value)


def is_revoked(facts: Mapping[str, Any]) -> bool:
    """Whether the list says that the certificate was revoked."""
    return facts.get("status") == CertificateStatus.REVOKED or facts.get("revoked_at") is not None
