"""Entering certificates into the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from certs.certificate import Certificate, MalformedCertificate, parse_certificate
from certs.messages import message
from certs.names import display_name
from certs.text import normalise
from registry.accounts.rights import require_writer
from registry.accounts.viewer import Viewer
from registry.agencies.errors import agency_not_found
from registry.agencies.repository import find_agencies_by_id
from registry.certificates.changes import Change, record_replacement
from registry.certificates.columns import holder_columns, search_text
from registry.certificates.conditions import UNKNOWN_GENERATION
from registry.certificates.entering import (
    Beginning,
    begin_histories,
    change_columns,
    find_held,
    find_withdrawn,
    insert_certificates,
)
from registry.certificates.errors import CertificateRefused, SerialTaken
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.tables import CertificateEventKind, SubscriberKind
from registry.clock import FOREVER
from registry.db.unit_of_work import UnitOfWork
from registry.trust.issuers import IssuerIndex
from registry.trust.repository import load_issuers

ORIGINS: Final = (
    CertificateEventKind.ISSUED,
    CertificateEventKind.RENEWED,
    CertificateEventKind.EXTENDED,
    CertificateEventKind.CONTENT_CHANGED,
)
"""Ways in which a certificate comes about."""

_LONGEST_SERIAL: Final = 60
_LONGEST_HOLDER: Final = 300
_LONGEST_EMAIL: Final = 254
_LONGEST_ISSUER_BYTES: Final = 2000
"""An index entry of PostgreSQL holds 2,704 bytes, and issuer and serial number make one."""
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class PreparedCertificate:
    """A certificate that was read and found fit for the register."""

    submission: CertificateSubmission
    columns: Mapping[str, Any]
    """Of its row, `registered_at` apart."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of one certificate."""

    certificate_id: int
    is_new: bool
    """False: the register held it already, and nothing changed."""


def prepare_certificate(
    submission: CertificateSubmission, issuers: IssuerIndex, *, certificate: Certificate | None = None
) -> PreparedCertificate:
    """Read a certificate (or take it as `certificate` read it) and derive its columns; touches no database.

    Raises `CertificateRefused` for what is no certificate, for the certificate of a CA, and for what the register
    cannot keep or classify. An issuer that the register does not hold is no reason to refuse: the generation is then
    `unknown`, which stays visible as a flag.
    """
    try:
        certificate = certificate or parse_certificate(submission.der)
    except MalformedCertificate as fault:
        raise CertificateRefused(fault.reason) from fault
    subject = certificate.subject
    named = subject.common_name or ""
    # A subject may be empty (RFC 5280, 4.1.2.6); people still need something to call the certificate by.
    holder = normalise(display_name(named if named.strip() else str(subject))) or certificate.serial
    issuer = str(certificate.issuer)
    if certificate.is_ca:
        raise CertificateRefused(message("certificates.is_ca", holder=holder))
    if certificate.not_after < certificate.not_before or certificate.not_before >= FOREVER:
        raise CertificateRefused(message("certificates.validity", serial=certificate.serial))
    for value, limit in (
        (certificate.serial, _LONGEST_SERIAL),
        (holder, _LONGEST_HOLDER),
        (issuer.encode(), _LONGEST_ISSUER_BYTES),
    ):
        if len(value) > limit:
            raise CertificateRefused(message("certificates.name_too_long", length=len(value), limit=limit))
    if submission.origin not in ORIGINS:
        raise CertificateRefused(message("certificates.origin", origin=submission.origin))
    stated = next((each for each in map(display_name, certificate.emails) if len(each) <= _LONGEST_EMAIL), None)
    email = stated if submission.email is None else submission.email or None
    columns = {
        "sha256": certificate.sha256,
        "der": certificate.der,
        "serial": certificate.serial,
        "issuer": issuer,
        "subject": str(subject),
        "generation": issuers.generation_of(certificate) or UNKNOWN_GENERATION,
        "kind": _kind(submission, certificate, holder),
        "named_agency_id": submission.agency_id,
        "holder": holder,
        "holder_folded": (derived := holder_columns(holder)).holder_folded[:_LONGEST_HOLDER],
        "holder_sort": derived.holder_sort,
        "position": submission.position,
        "email": email,
        "medium": submission.medium,
        "device_number": submission.device_number,
        "iccid": submission.iccid,
        "issued_at": submission.issued_at or certificate.not_before,
        "not_before": certificate.not_before,
        # 99991231235959Z says that no end is known (RFC 5280, 4.1.2.5), and is no day in Viet Nam.
        "not_after": min(certificate.not_after, FOREVER),
        "signature_algorithm": certificate.signature_algorithm[:100],
        "key_algorithm": certificate.key.algorithm[:100],
        "key_bits": certificate.key.bits or 0,
        "replaces_id": submission.replaces_id,
        "search": search_text(
            holder=holder,
            serial=certificate.serial,
            sha256=certificate.sha256,
            subject=subject,
            position=submission.position,
            email=email,
            device_number=submission.device_number,
            iccid=submission.iccid,
        ),
    }
    return PreparedCertificate(submission, columns)


def register_certificate(
    uow: UnitOfWork, viewer: Viewer, submission: CertificateSubmission, *, actor: str
) -> Registration:
    """Enter one certificate; a second time changes nothing. One that was taken back with its import comes in again.

    Raises `CertificateRefused`, `SerialTaken`, `AgencyNotFound`, `NotPermitted`, and for what it replaces
    `CertificateNotFound` or `ChangeRefused`.
    """
    prepared = prepare_certificate(submission, load_issuers(uow.session))
    (registration,) = register_prepared(uow, viewer, (prepared,), actor=actor)
    if registration is None:
        raise SerialTaken(message("certificates.serial_taken", serial=prepared.columns["serial"]))
    return registration


def register_prepared(
    uow: UnitOfWork, viewer: Viewer, prepared: Sequence[PreparedCertificate], *, actor: str
) -> tuple[Registration | None, ...]:
    """Enter many certificates; the answer for each, in order, is None where another one has its issuer and serial number.

    Raises `AgencyNotFound` or `NotPermitted` before anything is entered.
    """
    check_rights(uow, viewer, {each.submission.agency_id for each in prepared})
    return enter_prepared(uow, viewer, prepared, actor=actor)


def enter_prepared(
    uow: UnitOfWork, viewer: Viewer, prepared: Sequence[PreparedCertificate], *, actor: str
) -> tuple[Registration | None, ...]:
    """The same for a caller who has asked `check_rights` about every agency: an import asks once and not for each piece."""
    registrations: list[Registration | None] = []
    for start in range(0, len(prepared), _BATCH):
        registrations.extend(_register_batch(uow, viewer, prepared[start : start + _BATCH], actor))
    return tuple(registrations)


def _kind(submission: CertificateSubmission, certificate: Certificate, holder: str) -> SubscriberKind:
    if submission.kind is not None:
        return submission.kind
    guess = certificate.kind_guess.kind
    if guess is None:
        raise CertificateRefused(message("certificates.kind_unknown", holder=holder), field="kind")
    return SubscriberKind(guess.value)


def check_rights(uow: UnitOfWork, viewer: Viewer, agency_ids: set[int]) -> None:
    """Refuse certificates of agencies that the viewer may not change: `NotPermitted`, or `AgencyNotFound`."""
    require_writer(viewer)
    agencies = find_agencies_by_id(uow, agency_ids, uow.now)
    for agency_id in sorted(agency_ids):
        agency = agencies.get(agency_id)
        # An agency outside the subtree is answered like one that is not there.
        if agency is None or not viewer.may_change_path(agency.path):
            raise agency_not_found(agency_id)


def _register_batch(
    uow: UnitOfWork, viewer: Viewer, batch: Sequence[PreparedCertificate], actor: str
) -> list[Registration | None]:
    wanted = {each.columns["sha256"]: each for each in reversed(batch)}
    rows = [{**each.columns, "registered_at": uow.now} for each in wanted.values()]
    entered = insert_certificates(uow.session, rows)
    new = {each.sha256: each.certificate_id for each in entered if each.sha256 is not None}
    known = find_held(uow.session, wanted.keys() - new.keys()) if len(new) < len(wanted) else {}
    if withdrawn := find_withdrawn(uow.session, known.values()) if known else set():
        # Its import was undone: nothing was true of it any more, so it comes in like one that was never here.
        for sha256 in [sha256 for sha256, key in known.items() if key in withdrawn]:
            new[sha256] = known.pop(sha256)
            change_columns(uow.session, new[sha256], wanted[sha256].columns)
    added = [(new[sha256], each) for sha256, each in wanted.items() if sha256 in new]
    begin_histories(uow, (_beginning(key, each) for key, each in added), actor=actor)
    for key, each in added:
        if each.submission.replaces_id is not None:
            change = Change(effective_at=each.columns["issued_at"], actor=actor)
            record_replacement(uow, viewer, each.submission.replaces_id, by_id=key, change=change)
    return _answers(batch, new, known)


def _answers(
    batch: Sequence[PreparedCertificate], new: dict[str, int], known: dict[str, int]
) -> list[Registration | None]:
    answers: list[Registration | None] = []
    told: set[str] = set()
    for each in batch:
        sha256 = each.columns["sha256"]
        if sha256 in new:
            answers.append(Registration(new[sha256], is_new=sha256 not in told))
            told.add(sha256)
        else:
            answers.append(Registration(known[sha256], is_new=False) if sha256 in known else None)
    return answers


def _beginning(key: int, prepared: PreparedCertificate) -> Beginning:
    submission = prepared.submission
    return Beginning(
        certificate_id=key,
        issued_at=prepared.columns["issued_at"],
        origin=submission.origin,
        custody=submission.custody,
        note=submission.note,
        replaces_id=submission.replaces_id,
    )
