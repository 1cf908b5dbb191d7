"""Agencies that end and pass on what they did: mergers, absorptions, splits, dissolutions.

The certificates of a body that ends stay with it until somebody decides, one by one, whether to change or revoke them:
they name a body that does not exist any more, and are listed under that flag.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from certs.messages import message
from registry.accounts.rights import require_administrator
from registry.accounts.viewer import Viewer
from registry.agencies.errors import AgencyCycle, AgencyHistory
from registry.agencies.schemas import AgencySubmission
from registry.agencies.service import (
    AgencyChange,
    create_agency,
    move_agency,
    open_agency,
    record_event,
)
from registry.agencies.tables import AgencyEventKind, AgencyPeriodRow, AgencySuccessionRow
from registry.clock import VIETNAM
from registry.db.unit_of_work import UnitOfWork


def merge_agencies(
    uow: UnitOfWork, viewer: Viewer, agency_ids: Sequence[int], successor: AgencySubmission, change: AgencyChange
) -> int:
    """Let several bodies end and a new one take their place, with the units below them; returns its identifier."""
    require_administrator(viewer)
    if successor.parent_id in agency_ids:
        raise AgencyCycle(message("agencies.cycle"), field="parent_id")
    successor_id = create_agency(uow, viewer, successor, change)
    for agency_id in dict.fromkeys(agency_ids):
        _take_over(uow, viewer, agency_id, successor_id, change)
    return successor_id


def absorb_agency(uow: UnitOfWork, viewer: Viewer, agency_id: int, *, into_id: int, change: AgencyChange) -> None:
    """Let one body end and become part of another that goes on, with the units below it."""
    require_administrator(viewer)
    _, ending = open_agency(uow, viewer, agency_id, change.effective_at)
    _, successor = open_agency(uow, viewer, into_id, change.effective_at)
    if successor.path.startswith(ending.path):
        raise AgencyCycle(message("agencies.cycle"), field="into_id")
    _take_over(uow, viewer, agency_id, into_id, change)
    record_event(uow, into_id, AgencyEventKind.ABSORBED, change, details={"absorbed": agency_id})


def split_agency(
    uow: UnitOfWork,
    viewer: Viewer,
    agency_id: int,
    successors: Sequence[AgencySubmission],
    change: AgencyChange,
    *,
    goes_on: bool = False,
) -> tuple[int, ...]:
    """Let new bodies take the place of one, or, when it `goes_on`, a part of it; returns their identifiers.

    A body that ends must have no units below it any more: which of the successors they belong to is a decision.
    """
    require_administrator(viewer)
    open_agency(uow, viewer, agency_id, change.effective_at)
    created = tuple(create_agency(uow, viewer, each, change) for each in successors)
    for successor_id in created:
        _succeed(uow, agency_id, successor_id, change)
    if goes_on:
        details = {"successors": list(created), "goes_on": True}
        record_event(uow, agency_id, AgencyEventKind.SPLIT, change, details=details)
    else:
        _end(uow, viewer, agency_id, AgencyEventKind.SPLIT, change, successors=created)
    return created


def dissolve_agency(uow: UnitOfWork, viewer: Viewer, agency_id: int, change: AgencyChange) -> None:
    """Let a body end without a successor; it must have no units below it any more."""
    require_administrator(viewer)
    open_agency(uow, viewer, agency_id, change.effective_at)
    _end(uow, viewer, agency_id, AgencyEventKind.DISSOLVED, change, successors=())


def _take_over(uow: UnitOfWork, viewer: Viewer, agency_id: int, successor_id: int, change: AgencyChange) -> None:
    for child in _children(uow, agency_id, change):
        move_agency(uow, viewer, child, successor_id, change)
    _succeed(uow, agency_id, successor_id, change)
    _end(uow, viewer, agency_id, AgencyEventKind.MERGED, change, successors=(successor_id,))


def _end(
    uow: UnitOfWork,
    viewer: Viewer,
    agency_id: int,
    kind: AgencyEventKind,
    change: AgencyChange,
    *,
    successors: tuple[int, ...],
) -> None:
    periods, current = open_agency(uow, viewer, agency_id, change.effective_at)
    later = [period for period in periods if period.effective_from >= change.effective_at]
    if later:
        at = later[0].effective_from.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
        raise AgencyHistory(message("agencies.later_change", agency=current.name, at=at), field="effective_at")
    uow.session.flush()
    if units := _units_after(uow, agency_id, change.effective_at):
        raise AgencyHistory(message("agencies.has_units", agency=current.name, count=units))
    current.effective_until = change.effective_at
    record_event(uow, agency_id, kind, change, details={"successors": list(successors)} if successors else {})


def _succeed(uow: UnitOfWork, agency_id: int, successor_id: int, change: AgencyChange) -> None:
    uow.session.add(
        AgencySuccessionRow(predecessor_id=agency_id, successor_id=successor_id, effective_at=change.effective_at)
    )
    uow.session.flush()


def _children(uow: UnitOfWork, agency_id: int, change: AgencyChange) -> tuple[int, ...]:
    return tuple(
        uow.session.execute(
            select(col(AgencyPeriodRow.agency_id))
            .where(
                col(AgencyPeriodRow.parent_id) == agency_id,
                col(AgencyPeriodRow.effective_from) <= change.effective_at,
                col(AgencyPeriodRow.effective_until) > change.effective_at,
            )
            .order_by(col(AgencyPeriodRow.agency_id))
        ).scalars()
    )


def _units_after(uow: UnitOfWork, agency_id: int, at: datetime) -> int:
    """How many bodies stand below the agency at `at` or come below it later."""
    count: int = uow.session.execute(
        select(func.count(func.distinct(col(AgencyPeriodRow.agency_id)))).where(
            col(AgencyPeriodRow.parent_id) == agency_id, col(AgencyPeriodRow.effective_until) > at
        )
    ).scalar_one()
    return count
