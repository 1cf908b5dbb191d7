"""SQL conditions about agencies, shared by every query that concerns them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Subquery, and_, case, func, select
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyPeriodRow


def agencies_at(at: datetime, *, among: Iterable[int] | Select[Any] | None = None) -> Subquery:
    """One row for each agency, or each `among` some: its period at `at`, else its last one before, else its first one.

    Every agency has a row, so that counts by level add up whatever order history was entered in. Whether the agency
    exists at `at` follows from `effective_from` and `effective_until`; `exists_from` is when its first period began.
    """
    begin = col(AgencyPeriodRow.effective_from)
    wanted = () if among is None else (col(AgencyPeriodRow.agency_id).in_(among),)
    chosen = (
        select(
            col(AgencyPeriodRow.agency_id).label("agency_id"),
            func.coalesce(func.max(case((begin <= at, begin))), func.min(begin)).label("begin"),
            func.min(begin).label("exists_from"),
        )
        .where(*wanted)
        .group_by(col(AgencyPeriodRow.agency_id))
        .subquery()
    )
    table = AgencyPeriodRow.__table__  # type: ignore[attr-defined]
    return (
        select(*table.c, chosen.c.exists_from)
        .join(chosen, and_(table.c.agency_id == chosen.c.agency_id, table.c.effective_from == chosen.c.begin))
        .subquery("agencies_at")
    )


def subtree_ids(agency_id: int, at: datetime) -> Select[tuple[int]]:
    """Identifiers of the agency and of everything below it at `at`."""
    top = agencies_at(at)
    each = agencies_at(at)
    path = select(top.c.path).where(top.c.agency_id == agency_id).scalar_subquery()
    # The path is ours, digits and slashes, so that it holds nothing that LIKE would read as a pattern.
    return select(each.c.agency_id).where(each.c.path.like(path + "%"))


def visible_ids(viewer: Viewer, now: datetime) -> Select[tuple[int]] | None:
    """Identifiers of the agencies that the viewer may see; None: all. Rights are those of `now`, whatever day is asked for."""
    if viewer.agency_path is None:
        return None
    each = agencies_at(now)
    return select(each.c.agency_id).where(each.c.path.startswith(viewer.agency_path, autoescape=True))


def visible(column: SQLColumnExpression[int], viewer: Viewer, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions that restrict a query to the agencies that the viewer may see, by the agency in `column`."""
    ids = visible_ids(viewer, now)
    return () if ids is None else (column.in_(ids),)
