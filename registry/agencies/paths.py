"""Paths in the tree: they follow from who stands below whom, and at which time, also where that is told late."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from certs.messages import message
from registry.agencies.errors import AgencyCycle
from registry.agencies.tables import AgencyPeriodRow
from registry.db.unit_of_work import UnitOfWork
from registry.periods import split_at


def follow_superiors(uow: UnitOfWork, agency_id: int, at: datetime) -> None:
    """Let the paths of an agency, and of everything that ever stands below it, follow from `at` on.

    What stands below a body that ended stays where that body was last. Raises `AgencyCycle` when an agency would stand
    below itself at any time.
    """
    pending: set[int] = {agency_id}
    while pending:
        own = _load(uow, col(AgencyPeriodRow.agency_id).in_(pending), col(AgencyPeriodRow.effective_until) > at)
        wanted = {period.parent_id for period in own if period.parent_id is not None}
        superiors: dict[int, list[AgencyPeriodRow]] = {}
        for period in _load(uow, col(AgencyPeriodRow.agency_id).in_(wanted)):
            superiors.setdefault(period.agency_id, []).append(period)
        changed = {period.agency_id for period in own if _follow(uow, period, superiors, at)}
        uow.session.flush()
        below = col(AgencyPeriodRow.parent_id).in_(changed), col(AgencyPeriodRow.effective_until) > at
        pending = {period.agency_id for period in _load(uow, *below)} if changed else set()


def _load(uow: UnitOfWork, *conditions: object) -> Sequence[AgencyPeriodRow]:
    statement = select(AgencyPeriodRow).where(*conditions).order_by(col(AgencyPeriodRow.effective_from))  # type: ignore[arg-type]
    return uow.session.execute(statement).scalars().all()


def _follow(
    uow: UnitOfWork, period: AgencyPeriodRow, superiors: dict[int, list[AgencyPeriodRow]], at: datetime
) -> bool:
    is_changed = False
    above = superiors[period.parent_id] if period.parent_id is not None else ()
    for since, path in _paths_above(above, max(period.effective_from, at), period.effective_until):
        if f"/{period.agency_id}/" in path:
            raise AgencyCycle(message("agencies.cycle"), field="parent_id")
        if period.path != (own := f"{path}{period.agency_id}/"):
            period = split_at(uow.session, period, since)
            period.path = own
            is_changed = True
    return is_changed


def _paths_above(above: Iterable[AgencyPeriodRow], start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The paths of the superior body between two moments, each with when it begins; `above` is in order."""
    path = None
    later = []
    for period in above:
        if path is None or period.effective_from <= start:
            path = period.path
        elif period.effective_from < end:
            later.append((period.effective_from, period.path))
    yield start, path or "/"
    yield from later
