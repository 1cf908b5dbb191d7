"""Files full of certificates into the register, as one unit: what would happen to each, and then all of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from certs.certificate import Certificate
from certs.containers import Finding, Refused, read_certificates
from certs.messages import Message, define, message
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import visible
from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.certificates.errors import CertificateRefused
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import PreparedCertificate, prepare_certificate, register_prepared
from registry.certificates.tables import Medium, SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.imports.matching import AgencyIndex, AgencyName, clues_of_certificate
from registry.trust.repository import load_issuers

define(
    "importing.agency_unclear",
    vi="Chưa xác định chắc chắn cơ quan của chứng thư {subject}: {reason_vi} Hãy chỉ rõ mã cơ quan.",
    en="It is not certain which agency the certificate {subject} belongs to ({reason_en}) Name the agency's code.",
)
define(
    "importing.unreadable",
    vi="Không đọc được tệp: {reason}.",
    en="The file cannot be read: {reason}.",
)


class Outcome(StrEnum):
    """What becomes of one thing in the files."""

    NEW = "new"
    KNOWN = "known"
    """The register, or an earlier place of this import, holds it already; nothing changes."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """One certificate, or something that is none, and what becomes of it."""

    place: str
    outcome: Outcome
    reason: Message | None = None
    """Why it was refused."""
    sha256: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the operator says about all certificates of an import."""

    agency_id: int | None = None
    """None: each certificate's agency is found by what its subject names."""
    kind: SubscriberKind | None = None
    medium: Medium = Medium.UNKNOWN


def find_in_files(paths: Iterable[Path]) -> Iterator[Finding]:
    """Everything in the files and, for folders, in the files below them, in the order of their names."""
    for path in paths:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                data = file.read_bytes()
            except OSError as error:
                yield Refused(str(file), message("importing.unreadable", reason=error.strerror or error))
            else:
                yield from read_certificates(data, file_name=str(file))


def import_certificates(
    uow: UnitOfWork, viewer: Viewer, findings: Iterable[Finding], options: ImportOptions, *, actor: str
) -> tuple[ImportedItem, ...]:
    """Enter every certificate that can be entered and answer for each thing found, in its order.

    The caller owns the unit: to see what would happen without anything happening, end it without a commit.
    """
    issuers = load_issuers(uow.session)
    agencies = _load_agencies(uow, viewer)
    items: list[ImportedItem | None] = []
    prepared: list[PreparedCertificate] = []
    waiting: list[tuple[int, str]] = []
    for finding in findings:
        if isinstance(finding, Refused):
            items.append(ImportedItem(finding.place, Outcome.REFUSED, finding.reason))
            continue
        try:
            agency_id = options.agency_id or _agency_of(finding.certificate, options.kind, agencies)
            submission = CertificateSubmission(
                der=finding.certificate.der, agency_id=agency_id, kind=options.kind, medium=options.medium
            )
            prepared.append(prepare_certificate(submission, issuers, certificate=finding.certificate))
        except CertificateRefused as refusal:
            items.append(
                ImportedItem(finding.place, Outcome.REFUSED, refusal.reason, sha256=finding.certificate.sha256)
            )
        else:
            waiting.append((len(items), finding.place))
            items.append(None)
    registered = register_prepared(uow, viewer, prepared, actor=actor)
    for (index, place), each, registration in zip(waiting, prepared, registered, strict=True):
        holder = str(each.columns["holder"])
        if registration is None:
            reason = message("certificates.serial_taken", serial=each.columns["serial"])
            items[index] = ImportedItem(place, Outcome.REFUSED, reason, each.columns["sha256"], holder)
        else:
            outcome = Outcome.NEW if registration.is_new else Outcome.KNOWN
            items[index] = ImportedItem(place, outcome, None, each.columns["sha256"], holder)
    return tuple(item for item in items if item is not None)


def _load_agencies(uow: UnitOfWork, viewer: Viewer) -> AgencyIndex:
    period = AgencyPeriodRow
    rows = uow.session.execute(
        select(
            *(col(period.agency_id), col(AgencyRow.code), col(period.name), col(period.parent_id)),
            *(col(period.effective_from), col(period.effective_until)),
            *(col(period.email), col(period.tax_code), col(period.budget_code)),
        )
        .join(AgencyRow, col(AgencyRow.id) == col(period.agency_id))
        .where(*visible(col(period.agency_id), viewer, uow.now))
        .order_by(col(period.effective_from))
    )
    return AgencyIndex(AgencyName(*row) for row in rows)


def _agency_of(certificate: Certificate, kind: SubscriberKind | None, agencies: AgencyIndex) -> int:
    guess = certificate.kind_guess.kind
    kind = kind or (None if guess is None else SubscriberKind(guess.value))
    proposal = agencies.propose(clues_of_certificate(certificate, kind))
    if proposal.agency_id is None or not proposal.is_certain:
        # Nobody is here to confirm it.
        raise CertificateRefused(
            message(
                "importing.agency_unclear",
                subject=certificate.subject,
                reason_vi=proposal.reason.text("vi"),
                reason_en=proposal.reason.text("en"),
            ),
            field="agency",
        )
    return proposal.agency_id
