"""Mending what was entered wrongly: by a further event that says what stood there before. Nothing is erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from certs.certificate import parse_certificate
from certs.messages import message
from certs.text import normalise
from registry.accounts.viewer import Viewer
from registry.certificates.changes import Change, open_history, require_agency
from registry.certificates.columns import search_text
from registry.certificates.errors import ChangeRefused
from registry.certificates.steps import History, Step, take_step
from registry.certificates.tables import CertificateEventKind, CertificateRow, Medium, SubscriberKind
from registry.db.unit_of_work import UnitOfWork

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
    step = plan_correction(history, correction)
    if "named_agency_id" in step.entry:
        require_agency(uow, viewer, step.entry["named_agency_id"])
    take_step(uow, history, step, change)
    uow.session.flush()


def plan_correction(history: History, correction: CertificateCorrection) -> Step:
    """What the correction changes of the entry; whether the viewer may give to the agency is for the caller.

    Raises `ChangeRefused` when nothing differs.
    """
    row = history.row
    differing = {name: value for name, value in _wanted(correction).items() if value != getattr(row, name)}
    if not differing:
        raise ChangeRefused(message("certificates.nothing_to_correct"))
    details = {name: {"from": getattr(row, name), "to": value} for name, value in differing.items()}
    changes: dict[str, Any] = {}
    if "named_agency_id" in differing and history.periods[0].agency_id == row.named_agency_id:
        changes["agency_id"] = differing["named_agency_id"]
    searched = {"search": _search(row, differing)} if differing.keys() & set(_TEXTS) else {}
    return Step(kind=CertificateEventKind.CORRECTED, changes=changes, entry={**differing, **searched}, details=details)


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


def _search(row: CertificateRow, corrected: Mapping[str, Any]) -> str:
    texts = {name: corrected.get(name, getattr(row, name)) for name in _TEXTS}
    subject = parse_certificate(row.der).subject if row.der is not None else None
    return search_text(holder=row.holder, serial=row.serial, sha256=row.sha256, subject=subject, **texts)
