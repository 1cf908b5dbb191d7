"""Changing the tree of agencies. Every change is an event with the moment from which it holds and a legal document.

Only the administrator changes the tree; an officer may change the contact data of the own subtree. Each function raises
`AgencyNotFound`, `NotPermitted`, and `AgencyHistory` when it contradicts what the register knows at that moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from certs.messages import message
from certs.text import fold, normalise, sort_key
from registry.accounts.rights import require_administrator, require_writer
from registry.accounts.viewer import Viewer
from registry.agencies.errors import AgencyCodeTaken, AgencyCycle, AgencyHistory, agency_not_found
from registry.agencies.paths import follow_superiors
from registry.agencies.schemas import AgencySubmission
from registry.agencies.tables import AgencyEventKind, AgencyEventRow, AgencyPeriodRow, AgencyRow
from registry.clock import FOREVER, VIETNAM
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.mail.addresses import forget_dead
from registry.periods import change_from, period_at

_CONTACT_CHANGED = "the contact data of the agency were changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyChange:
    """The circumstances of a change."""

    effective_at: datetime
    """From when it holds."""
    actor: str
    """Who entered it."""
    legal_document: str | None = None
    """Number and day of the decision, e.g. `1191/NQ-UBTVQH15`."""
    note: str | None = None


def create_agency(uow: UnitOfWork, viewer: Viewer, submission: AgencySubmission, change: AgencyChange) -> int:
    """Establish an agency and return its identifier. Raises `AgencyCodeTaken` when the code is in use."""
    require_administrator(viewer)
    name = _text(submission.name, "name")
    code = _text(submission.code, "code")
    parent = None if submission.parent_id is None else _require_at(uow, submission.parent_id, change.effective_at)
    agency_id = _take_code(uow, code)
    names: dict[str, Any] = _names(name)
    uow.session.add(
        AgencyPeriodRow(
            agency_id=agency_id,
            effective_from=change.effective_at,
            effective_until=FOREVER,
            level=submission.level,
            parent_id=submission.parent_id,
            path=f"{parent.path if parent else '/'}{agency_id}/",
            email=submission.email,
            address=submission.address,
            tax_code=submission.tax_code,
            budget_code=submission.budget_code,
            **names,
        )
    )
    record_event(uow, agency_id, AgencyEventKind.ESTABLISHED, change, details={"name": name})
    if parent is not None and parent.effective_until < FOREVER:
        follow_superiors(uow, agency_id, change.effective_at)
    return agency_id


def rename_agency(uow: UnitOfWork, viewer: Viewer, agency_id: int, name: str, change: AgencyChange) -> None:
    """Give an agency a new name; the former one stays searchable. Raises `InvalidInput` when it has this name then."""
    require_administrator(viewer)
    periods, current = open_agency(uow, viewer, agency_id, change.effective_at)
    names = _names(_text(name, "name"))
    _require_difference(current, {"name": names["name"]})
    before = current.name
    again = _told_next(uow, periods, agency_id, AgencyEventKind.RENAMED, change.effective_at)
    change_from(uow.session, periods, change.effective_at, names, told_again_at=again)
    details = {"from": before, "to": names["name"]}
    record_event(uow, agency_id, AgencyEventKind.RENAMED, change, details=details)


def change_contact(
    uow: UnitOfWork,
    viewer: Viewer,
    agency_id: int,
    change: AgencyChange,
    *,
    email: str | None = None,
    address: str | None = None,
) -> None:
    """Change the e-mail address to which the agency's mail goes, or its address; None leaves it as it is, "" takes it away.

    Raises `InvalidInput` when nothing differs from what holds then.
    """
    periods, current = open_agency(uow, viewer, agency_id, change.effective_at)
    given = {name: value or None for name, value in (("email", email), ("address", address)) if value is not None}
    if not given:
        raise InvalidInput(message("agencies.empty", what="email, address"), field="email")
    _require_difference(current, given)
    former = current.email
    change_from(uow.session, periods, change.effective_at, given)
    record_event(uow, agency_id, AgencyEventKind.CONTACT_CHANGED, change, details=given)
    if email and email != former:
        # Somebody has just said where mail arrives, which is newer than what a mail server once said.
        forget_dead(uow, {email, former or email}, actor=change.actor, reason=_CONTACT_CHANGED)


def move_agency(uow: UnitOfWork, viewer: Viewer, agency_id: int, parent_id: int | None, change: AgencyChange) -> None:
    """Place an agency below another superior body, with everything below it.

    Raises `AgencyCycle`, and `InvalidInput` when it is there already.
    """
    require_administrator(viewer)
    periods, current = open_agency(uow, viewer, agency_id, change.effective_at)
    parent = None if parent_id is None else _require_at(uow, parent_id, change.effective_at)
    if parent is not None and parent.path.startswith(current.path):
        raise AgencyCycle(message("agencies.cycle"), field="parent_id")
    _require_difference(current, {"parent_id": parent_id})
    before = current.parent_id
    again = _told_next(uow, periods, agency_id, AgencyEventKind.MOVED, change.effective_at)
    change_from(uow.session, periods, change.effective_at, {"parent_id": parent_id}, told_again_at=again)
    uow.session.flush()
    follow_superiors(uow, agency_id, change.effective_at)
    details = {"from": before, "to": parent_id}
    record_event(uow, agency_id, AgencyEventKind.MOVED, change, details=details)


def open_agency(
    uow: UnitOfWork, viewer: Viewer, agency_id: int, at: datetime
) -> tuple[list[AgencyPeriodRow], AgencyPeriodRow]:
    """All periods of an agency that the viewer may change, and the one that holds at `at`; the agency stays locked."""
    require_writer(viewer)
    uow.session.execute(select(col(AgencyRow.id)).where(col(AgencyRow.id) == agency_id).with_for_update())
    periods = _periods(uow, (agency_id,))
    if not periods or not viewer.may_change_path((period_at(periods, uow.now) or periods[-1]).path):
        raise agency_not_found(agency_id)
    current = period_at(periods, at)
    if current is None:
        raise _not_then(periods[-1].name, at)
    return periods, current


def record_event(
    uow: UnitOfWork,
    agency_id: int,
    kind: AgencyEventKind,
    change: AgencyChange,
    *,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down what happened."""
    uow.session.add(
        AgencyEventRow(
            agency_id=agency_id,
            kind=kind,
            effective_at=change.effective_at,
            recorded_at=uow.now,
            actor=change.actor,
            legal_document=change.legal_document,
            note=change.note,
            details=dict(details or {}),
        )
    )
    uow.session.flush()


def _require_difference(current: AgencyPeriodRow, given: Mapping[str, Any]) -> None:
    if all(getattr(current, name) == value for name, value in given.items()):
        raise InvalidInput(message("agencies.unchanged"), field=next(iter(given)))


def _told_next(
    uow: UnitOfWork, periods: Sequence[AgencyPeriodRow], agency_id: int, kind: AgencyEventKind, at: datetime
) -> datetime | None:
    """When something of this kind was said of the agency next, after `at`; None: never."""
    if periods[-1].effective_from <= at:
        return None
    event = AgencyEventRow
    # An agency that was taken back with its import and established again begins anew.
    begun = (
        select(func.max(col(event.id)))
        .where(col(event.agency_id) == agency_id, col(event.kind) == AgencyEventKind.ESTABLISHED)
        .scalar_subquery()
    )
    told: datetime | None = uow.session.execute(
        select(func.min(col(event.effective_at))).where(
            col(event.agency_id) == agency_id,
            col(event.kind) == kind,
            col(event.effective_at) > at,
            or_(begun.is_(None), col(event.id) > begun),
        )
    ).scalar_one_or_none()
    return told


def _take_code(uow: UnitOfWork, code: str) -> int:
    """A new row with the code, or the one of an agency that was taken back with the import that had entered it."""
    row = AgencyRow(code=code)
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError as error:
        held: int = uow.session.execute(select(col(AgencyRow.id)).where(col(AgencyRow.code) == code)).scalar_one()
        if _periods(uow, (held,)):
            raise AgencyCodeTaken(message("agencies.code_taken", number=code), field="code") from error
        return held
    return key_of(row)


def _require_at(uow: UnitOfWork, agency_id: int, at: datetime) -> AgencyPeriodRow:
    periods = _periods(uow, (agency_id,))
    if not periods:
        raise agency_not_found(agency_id)
    current = period_at(periods, at)
    if current is None:
        raise _not_then(periods[-1].name, at)
    return current


def _periods(uow: UnitOfWork, agency_ids: Iterable[int]) -> list[AgencyPeriodRow]:
    return list(
        uow.session.execute(
            select(AgencyPeriodRow)
            .where(col(AgencyPeriodRow.agency_id).in_(tuple(agency_ids)))
            .order_by(col(AgencyPeriodRow.effective_from))
        ).scalars()
    )


def _not_then(name: str, at: datetime) -> AgencyHistory:
    shown = at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
    return AgencyHistory(message("agencies.does_not_exist_then", agency=name, at=shown), field="effective_at")


def _names(name: str) -> dict[str, str]:
    return {"name": name, "name_folded": fold(name)[:300], "name_sort": sort_key(name)}


def _text(value: str, what: str) -> str:
    text = normalise(value)
    if not text:
        raise InvalidInput(message("agencies.empty", what=what), field=what)
    return text
