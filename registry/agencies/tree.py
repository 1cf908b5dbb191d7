"""The tree of agencies with the number of certificates at every node."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.agencies.repository import all_agencies
from registry.agencies.schemas import AgencyNode, AgencyView
from registry.certificates.conditions import counting
from registry.certificates.query import CertificateQuery, Standing
from registry.certificates.tables import CertificatePeriodRow
from registry.db.unit_of_work import UnitOfWork


def agency_tree(uow: UnitOfWork, viewer: Viewer, as_of: datetime) -> tuple[AgencyNode, ...]:
    """The agencies that exist at `as_of` and that the viewer may see, from the top down, in Vietnamese order.

    An agency that has ended is shown as long as active certificates are still assigned to it or to a unit below it.
    `direct` and `total` count what `CertificateQuery(as_of=…, standings=(ACTIVE,), agency_id=…)` lists, without and
    with the subtree.
    """
    agency = col(CertificatePeriodRow.agency_id)
    query = CertificateQuery(as_of=as_of, standings=(Standing.ACTIVE,))
    counted = counting(query, viewer, uow.now, agency, func.count()).group_by(agency)
    direct: dict[int, int] = dict(uow.session.execute(counted).all())
    views = all_agencies(uow, viewer, as_of)
    needed = {int(part) for view in views if view.id in direct for part in view.path.split("/") if part}
    return _build((view for view in views if _exists(view, as_of) or view.id in needed), direct)


def _exists(view: AgencyView, at: datetime) -> bool:
    return view.exists_from <= at and view.ended_at is None


def _build(views: Iterable[AgencyView], direct: dict[int, int]) -> tuple[AgencyNode, ...]:
    # What is below what is decided by paths, as in the condition for a subtree, so that numbers and lists agree.
    by_path = {view.path: view for view in views}
    children: dict[str | None, list[AgencyView]] = {}
    for view in by_path.values():
        above = _parent_path(view.path)
        while above is not None and above not in by_path:
            above = _parent_path(above)
        children.setdefault(above, []).append(view)

    def node(view: AgencyView) -> AgencyNode:
        below = tuple(node(child) for child in children.get(view.path, ()))
        own = direct.get(view.id, 0)
        return AgencyNode(agency=view, direct=own, total=own + sum(each.total for each in below), children=below)

    return tuple(node(view) for view in children.get(None, ()))


def _parent_path(path: str) -> str | None:
    above = path[: path.rstrip("/").rfind("/") + 1]
    return above if above != "/" else None
