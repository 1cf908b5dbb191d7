"""What can be recorded about a certificate on its page, and how the form for it is read."""

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.agencies.choosing import read_agency
from registry.certificates.query import CertificateQuery, Standing
from registry.certificates.repository import find_certificates
from registry.certificates.schemas import CertificateDetail, CertificateView
from registry.certificates.steps import CUSTODY_BEFORE, REVOCATION_REASONS
from registry.certificates.submissions import (
    CorrectionEvent,
    CustodyEvent,
    EventSubmission,
    HolderChange,
    Note,
    Reassignment,
    Replacement,
    Revocation,
    Suspension,
)
from registry.certificates.tables import CertificateEventKind, Medium, SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.forms import FormReader, moment_of
from registry.paging import PageRequest
from registry.trust.known_anchors import knows_suspension

define(
    "certificates.serial_unknown",
    vi="Sổ đăng ký không có chứng thư số hiệu “{serial}”. Hãy nhập chứng thư mới vào sổ trước.",
    en="The register holds no certificate with the serial number “{serial}”. Enter the new certificate first.",
)

define(
    "certificates.no_correction",
    vi="Hãy chọn ít nhất một thông tin cần đính chính.",
    en="Choose at least one thing to be put right.",
)


def offered_changes(viewer: Viewer, certificate: CertificateView) -> tuple[CertificateEventKind, ...]:
    """What the viewer may record of a certificate that stands like this; empty for somebody who only reads.

    A suspension is never among them for the Government PKI, which knows none.
    """
    if not viewer.may_write:
        return ()
    is_open = certificate.standing in (Standing.ACTIVE, Standing.NOT_YET_VALID)
    return (
        *(kind for kind, before in CUSTODY_BEFORE.items() if certificate.custody in before),
        CertificateEventKind.HOLDER_CHANGED,
        CertificateEventKind.REASSIGNED,
        *((CertificateEventKind.REPLACED,) if not certificate.is_replaced else ()),
        *((CertificateEventKind.SUSPENDED,) if is_open and knows_suspension(certificate.generation) else ()),
        *((CertificateEventKind.RESUMED,) if certificate.standing is Standing.SUSPENDED else ()),
        *((CertificateEventKind.REVOKED,) if certificate.standing is not Standing.REVOKED else ()),
        CertificateEventKind.NOTED,
        CertificateEventKind.CORRECTED,
    )


def first_values(kind: CertificateEventKind, detail: CertificateDetail, today: str) -> dict[str, str]:
    """What stands in the form before anybody typed."""
    certificate = detail.certificate
    if kind is not CertificateEventKind.CORRECTED:
        return {"effective_at": today}
    return {
        "subscriber": certificate.kind,
        "medium": certificate.medium,
        "device_number": certificate.device_number or "",
        "iccid": detail.iccid or "",
        "position": certificate.position or "",
        "email": certificate.email or "",
    }


def read_change(
    uow: UnitOfWork, viewer: Viewer, kind: CertificateEventKind, reader: FormReader, certificate: CertificateView | None
) -> EventSubmission | None:
    """The event that the form describes, or None when `reader` has problems with it.

    `certificate` is the one concerned, None when the form is about several.
    """
    note = reader.text("note", limit=2000, is_required=kind is CertificateEventKind.NOTED) or None
    if kind is CertificateEventKind.CORRECTED:
        return _read_correction(uow, reader, note) if certificate else _read_corrections(uow, viewer, reader, note)
    day = reader.day("effective_at")
    begin = certificate.issued_at if certificate else None
    at = uow.now if day is None else moment_of(day, now=uow.now, begin=begin)
    event: EventSubmission | None
    match kind:
        case CertificateEventKind.REVOKED:
            reason = reader.typed.get("reason", "")
            if reason not in REVOCATION_REASONS:
                reader.fail("reason", message("forms.choice"))
            event = Revocation(kind="revoked", effective_at=at, note=note, reason=reason[:60])
        case CertificateEventKind.SUSPENDED | CertificateEventKind.RESUMED:
            event = Suspension(kind=kind.value, effective_at=at, note=note)
        case CertificateEventKind.REASSIGNED:
            agency_id = read_agency(uow, viewer, reader, "agency_id", is_required=True)
            event = (
                Reassignment(kind="reassigned", effective_at=at, note=note, agency_id=agency_id) if agency_id else None
            )
        case CertificateEventKind.HOLDER_CHANGED:
            custodian = reader.text("custodian", limit=200, is_required=True)
            event = (
                HolderChange(kind="holder_changed", effective_at=at, note=note, custodian=custodian)
                if custodian
                else None
            )
        case CertificateEventKind.REPLACED:
            by_id = _read_certificate(uow, viewer, reader)
            event = Replacement(kind="replaced", effective_at=at, note=note, by_id=by_id) if by_id else None
        case CertificateEventKind.NOTED:
            event = Note(kind="noted", effective_at=at, note=note) if note else None
        case _:
            event = CustodyEvent(kind=kind.value, effective_at=at, note=note)
    return None if reader.problems else event


def _read_correction(uow: UnitOfWork, reader: FormReader, note: str | None) -> CorrectionEvent | None:
    correction = {
        "subscriber": reader.member("subscriber", SubscriberKind),
        "medium": reader.member("medium", Medium),
        "device_number": reader.text("device_number", limit=60),
        "iccid": reader.text("iccid", limit=22),
        "position": reader.text("position", limit=200),
        "email": reader.email("email"),
    }
    if reader.problems:
        return None
    return CorrectionEvent(kind="corrected", effective_at=uow.now, note=note, **correction)


def _read_corrections(uow: UnitOfWork, viewer: Viewer, reader: FormReader, note: str | None) -> CorrectionEvent | None:
    """What was entered wrongly for several certificates alike: what is left empty stays."""
    correction = {
        "subscriber": reader.member("subscriber", SubscriberKind) if reader.typed.get("subscriber") else None,
        "medium": reader.member("medium", Medium) if reader.typed.get("medium") else None,
        "agency_id": read_agency(uow, viewer, reader, "agency_id"),
    }
    if not reader.problems and not any(correction.values()):
        reader.fail("subscriber", message("certificates.no_correction"))
    if reader.problems:
        return None
    return CorrectionEvent(kind="corrected", effective_at=uow.now, note=note, **correction)


def _read_certificate(uow: UnitOfWork, viewer: Viewer, reader: FormReader) -> int | None:
    """The certificate by its serial number, however that is grouped."""
    serial = (
        "".join(reader.text("by_id", limit=200, is_required=True).partition("·")[0].split()).replace(":", "").lower()
    )
    if not serial:
        return None
    query = CertificateQuery(as_of=uow.now, text=serial)
    found = [
        view for view in find_certificates(uow, viewer, query, PageRequest(limit=200)).items if view.serial == serial
    ]
    if len(found) != 1:
        reader.fail("by_id", message("certificates.serial_unknown", serial=serial[:60]))
        return None
    return found[0].id
