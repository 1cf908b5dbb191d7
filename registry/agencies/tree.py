"""The tree of agencies with the number of certificates at every node."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.agencies.conditions import agencies_at, visible
from registry.agencies.repository import all_agencies, find_agencies_by_id
from registry.agencies.schemas import AgencyNode, AgencyView
from registry.agencies.tables import AgencyPeriodRow
from registry.certificates.counts import ACTIVITY, NOTHING, AgencyCounts, counts_by_agency
from registry.db.unit_of_work import UnitOfWork


def agency_tree(uow: UnitOfWork, viewer: Viewer, as_of: datetime) -> tuple[AgencyNode, ...]:
    """The agencies that exist at `as_of` and that the viewer may see, from the top down, in Vietnamese order.

    An agency that has ended is shown as long as active certificates are still assigned to it or to a unit below it.
    `direct` and `total` count what `CertificateQuery(as_of=…, standings=(ACTIVE,), agency_id=…)` lists, without and
    with the subtree.
    """
    counts = counts_by_agency(uow, viewer, as_of, only=ACTIVITY)
    direct = {key: each.active for key, each in counts.items() if each.active}
    views = all_agencies(uow, viewer, as_of)
    needed = {int(part) for view in views if view.id in direct for part in view.path.split("/") if part}
    return _build((view for view in views if _exists(view, as_of) or view.id in needed), direct)


@dataclass(frozen=True, slots=True)
class AgencyBranch:
    """One agency and the units directly below it, each with what is below it in its total."""

    own: AgencyCounts
    total: int
    """Active certificates of the agency and of everything below it."""
    children: tuple[AgencyNode, ...]
    """In Vietnamese order, without the units below them."""


def agency_branch(uow: UnitOfWork, viewer: Viewer, agency: AgencyView, as_of: datetime) -> AgencyBranch:
    """What `agency_tree` shows of one agency and of its units, without reading the rest of the tree."""
    once_below = select(col(AgencyPeriodRow.agency_id)).where(
        col(AgencyPeriodRow.path).startswith(agency.path, autoescape=True)
    )
    each = agencies_at(as_of, among=once_below)
    rows = uow.session.execute(
        select(each.c.agency_id, each.c.path, each.c.effective_from, each.c.effective_until, each.c.exists_from)
        .where(each.c.path.startswith(agency.path, autoescape=True), *visible(each.c.agency_id, viewer, uow.now))
        .order_by(each.c.name_sort, each.c.agency_id)
    ).all()
    counts = counts_by_agency(uow, viewer, as_of, among=once_below, only=ACTIVITY)
    active = {key: each.active for key, each in counts.items() if each.active}
    needed = {int(part) for row in rows if row.agency_id in active for part in row.path.split("/") if part}
    shown = {
        row.path: row.agency_id
        for row in rows
        if row.agency_id in needed or (row.exists_from <= as_of < row.effective_until)
    }
    totals: dict[str, int] = {}
    for row in rows:
        for path in _paths_above(row.path):
            totals[path] = totals.get(path, 0) + active.get(row.agency_id, 0)
    below = [path for path in shown if path != agency.path and _next_above(path, shown) == agency.path]
    views = find_agencies_by_id(uow, (shown[path] for path in below), as_of)
    return AgencyBranch(
        own=counts.get(agency.id, NOTHING),
        total=totals.get(agency.path, 0),
        children=tuple(
            AgencyNode(agency=views[shown[path]], direct=active.get(shown[path], 0), total=totals[path], children=())
            for path in below
        ),
    )


def _exists(view: AgencyView, at: datetime) -> bool:
    return view.exists_from <= at and view.ended_at is None


def _build(views: Iterable[AgencyView], direct: dict[int, int]) -> tuple[AgencyNode, ...]:
    # What is below what is decided by paths, as in the condition for a subtree, so that numbers and lists agree.
    by_path = {view.path: view for view in views}
    children: dict[str | None, list[AgencyView]] = {}
    for view in by_path.values():
        children.setdefault(_next_above(view.path, by_path), []).append(view)

    def node(view: AgencyView) -> AgencyNode:
        below = tuple(node(child) for child in children.get(view.path, ()))
        own = direct.get(view.id, 0)
        return AgencyNode(agency=view, direct=own, total=own + sum(each.total for each in below), children=below)

    return tuple(node(view) for view in children.get(None, ()))


def _next_above(path: str, shown: Container[str]) -> str | None:
    return next((above for above in _paths_above(path) if above != path and above in shown), None)


def _paths_above(path: str) -> Iterator[str]:
    """The path itself and those of everything above it, from the bottom up."""
    while path != "/":
        yield path
        path = path[: path.rstrip("/").rfind("/") + 1]
