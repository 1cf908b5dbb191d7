"""Mending what was entered wrongly: by a further event that says what stood there before. Nothing is erased."""

from dataclasses import dataclass, replace
from typing import Any, Final

from certs.certificate import parse_certificate
from certs.messages import message
from certs.text import normalise
from registry.accounts.viewer import Viewer
from registry.agencies.errors import agency_not_found
from registry.agencies.repository import find_agencies_by_id
from registry.certificates.changes import Change, open_history, record_event
from registry.certificates.columns import search_text
from registry.certificates.errors import ChangeRefused
from registry.certificates.steps import told_next
from registry.certificates.tables import CertificateEventKind, CertificateRow, Medium, SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.periods import change_from

_TEXTS: Final = ("device_number", "iccid", "position", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateCorrection:
    """What should have been entered; None leaves a value as it is, an empty text takes it away."""

    kind: SubscriberKind | None = None
    medium: Medium | None = None
    device_number: str | None = None
    iccid: str | None = None
    position: str | None = None
    email: str | None = None
    agency_id: int | None = None
    """The agency that the subject names; it is also the managing agency until the certificate was reassigned."""


def correct_certificate(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, correction: CertificateCorrection, change: Change
) -> None:
    """Put right what was entered wrongly from the beginning; `change.effective_at` is when it was found out.

    What the certificate itself says cannot be corrected. Raises `ChangeRefused` when nothing differs, `AgencyNotFound`,
    and what every change raises.
    """
    history = open_history(uow, viewer, certificate_id, change)
    row = history.row
    differing = {name: value for name, value in _wanted(correction).items() if value != getattr(row, name)}
    if not differing:
        raise ChangeRefused(message("certificates.nothing_to_correct"))
    if "named_agency_id" in differing:
        wanted = differing["named_agency_id"]
        agency = find_agencies_by_id(uow, (wanted,), uow.now).get(wanted)
        if agency is None or not viewer.may_change_path(agency.path):
            raise agency_not_found(wanted)
        begin = history.periods[0]
        if begin.agency_id == row.named_agency_id:
            from_the_beginning = replace(history, current=begin, at=begin.effective_from)
            change_from(
                uow.session,
                history.periods,
                begin.effective_from,
                {"agency_id": wanted},
                told_again_at=told_next(uow, from_the_beginning, CertificateEventKind.REASSIGNED),
            )
    details = {name: {"from": getattr(row, name), "to": value} for name, value in differing.items()}
    for name, value in differing.items():
        setattr(row, name, value)
    row.search = _search(row)
    record_event(uow, certificate_id, CertificateEventKind.CORRECTED, change, details=details)


def _wanted(correction: CertificateCorrection) -> dict[str, Any]:
    given: dict[str, Any] = {
        "kind": correction.kind,
        "medium": correction.medium,
        "named_agency_id": correction.agency_id,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    for name in _TEXTS:
        text = getattr(correction, name)
        if text is not None:
            wanted[name] = normalise(text) or None
    return wanted


def _search(row: CertificateRow) -> str:
    return search_text(
        holder=row.holder,
        serial=row.serial,
        sha256=row.sha256,
        subject=parse_certificate(row.der).subject if row.der is not None else None,
        position=row.position,
        email=row.email,
        device_number=row.device_number,
        iccid=row.iccid,
    )
