"""What one change does to each of many certificates, and why some cannot be changed: the same rules as for one alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.agencies.repository import find_agencies_by_id
from registry.bulk.submissions import BulkEvent
from registry.certificates.changes import open_histories, require_agency
from registry.certificates.corrections import plan_correction
from registry.certificates.errors import ChangeRefused
from registry.certificates.query import Standing
from registry.certificates.steps import (
    CUSTODY_BEFORE,
    History,
    Step,
    device_refused,
    plan_custody,
    plan_note,
    plan_reassignment,
    plan_resumption,
    plan_revocation,
    plan_suspension,
)
from registry.certificates.submissions import (
    CorrectionEvent,
    CustodyEvent,
    Note,
    Reassignment,
    Revocation,
    Suspension,
    require_happened,
)
from registry.certificates.tables import CertificateEventKind
from registry.clock import VIETNAM, local_day, start_of_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput, RegistryError


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the change would do to one certificate that it fits."""

    history: History
    step: Step

    @property
    def difference(self) -> dict[str, Any]:
        """The field that changes, with its old and new value, as JSON."""
        current = self.history.current
        match self.step.kind:
            case CertificateEventKind.REASSIGNED:
                return {"field": "agency", "old": current.agency_id, "new": self.step.changes["agency_id"]}
            case CertificateEventKind.REVOKED | CertificateEventKind.SUSPENDED | CertificateEventKind.RESUMED:
                is_over = self.history.row.not_after < self.history.at
                old = Standing.EXPIRED.value if is_over else current.status.value
                return {"field": "status", "old": old, "new": self.step.changes["status"].value}
            case CertificateEventKind.NOTED:
                return {"field": "note", "old": None, "new": None}
            case CertificateEventKind.CORRECTED:
                sides = {"old": "from", "new": "to"}
                told = self.step.details.items()
                return {"field": "entry"} | {
                    side: {name: each[word] for name, each in told} for side, word in sides.items()
                }
            case _:
                return {"field": "custody", "old": current.custody.value, "new": self.step.changes["custody"].value}


def check_event(uow: UnitOfWork, viewer: Viewer, event: BulkEvent) -> None:
    """Refuse what fits no certificate at all: what has not happened yet, an agency that has ended or is not the viewer's.

    A correction of many concerns what they have in common: their kind, medium and agency.
    """
    require_happened(event, uow.now)
    if isinstance(event, CorrectionEvent):
        if any(getattr(event, name) is not None for name in ("device_number", "iccid", "position", "email")):
            raise InvalidInput(message("bulk.single_correction"), field="event")
        if event.agency_id is not None:
            require_agency(uow, viewer, event.agency_id)
    if isinstance(event, Reassignment):
        require_agency(uow, viewer, event.agency_id)
        agency = find_agencies_by_id(uow, (event.agency_id,), uow.now)[event.agency_id]
        if agency.ended_at is not None:
            raise InvalidInput(message("bulk.agency_ended", agency=agency.name), field="agency_id")


def assess(
    uow: UnitOfWork, viewer: Viewer, event: BulkEvent, certificate_ids: Sequence[int]
) -> dict[int, Assessment | RegistryError]:
    """For each certificate what would happen, or why nothing can; the certificates stay locked. Changes nothing.

    The beginning of a day in Viet Nam stands for the day: on the day of issue the change takes effect with the issue.
    Raises `NotPermitted` when the viewer changes nothing at all.
    """
    is_day = event.effective_at == start_of_day(local_day(event.effective_at))
    histories = open_histories(uow, viewer, certificate_ids, event.effective_at, is_day=is_day)
    return {
        key: history if isinstance(history, RegistryError) else _assess(history, event)
        for key, history in histories.items()
    }


def _assess(history: History, event: BulkEvent) -> Assessment | RegistryError:
    try:
        step = _plan(history, event)
    except RegistryError as error:
        return error
    # Entered late, the change would hold only until the later one, or undo it: for one of many nobody looks closely.
    for period in history.periods:
        if step.entry or period.effective_from <= history.at:
            continue
        if any(getattr(period, name) != getattr(history.current, name) for name in step.changes):
            at = period.effective_from.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
            return ChangeRefused(message("bulk.later_change", at=at))
    return Assessment(history, step)


def _plan(history: History, event: BulkEvent) -> Step:  # noqa: PLR0911 (one case a kind)
    match event:
        case Revocation():
            return plan_revocation(history, event.reason)
        case Suspension(kind="suspended"):
            return plan_suspension(history)
        case Suspension():
            return plan_resumption(history)
        case Reassignment():
            return plan_reassignment(history, event.agency_id)
        case CustodyEvent():
            kind = CertificateEventKind(event.kind)
            if history.current.custody not in CUSTODY_BEFORE[kind]:
                raise device_refused(history)
            return plan_custody(history, kind)
        case Note():
            return plan_note()
        case CorrectionEvent():
            return plan_correction(history, event.to_correction())
        case _:
            assert_never(event)
