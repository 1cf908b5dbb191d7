"""Queries about agencies. Those that answer a person take the viewer and show only what the viewer may see."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, Subquery, bindparam, func, not_, or_, select, tuple_
from sqlmodel import col

from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import agencies_at, subtree_ids, visible
from registry.agencies.errors import agency_not_found
from registry.agencies.query import AgencyQuery, AgencySort, Coverage, Existence
from registry.agencies.schemas import (
    AgencyDetail,
    AgencyEventView,
    AgencyLink,
    AgencyNameView,
    AgencyView,
    SuccessionView,
)
from registry.agencies.tables import AgencyEventRow, AgencyLevel, AgencyPeriodRow, AgencyRow, AgencySuccessionRow
from registry.certificates.counts import covered_agencies
from registry.clock import FOREVER
from registry.db.types import UTCDateTime
from registry.db.unit_of_work import UnitOfWork
from registry.paging import MAXIMUM_PAGE, Page, PageRequest, decode_cursor, encode_cursor


def find_agencies(
    uow: UnitOfWork, viewer: Viewer, query: AgencyQuery, page: PageRequest | None = None
) -> Page[AgencyView]:
    """One page of the agencies that the query asks for, in its order. Raises `InvalidInput` for a cursor of another order."""
    page = page or PageRequest()
    statement, period = _matching(query, viewer, uow)
    column = period.c.name_sort if query.sort in _BY_NAME else col(AgencyRow.code)
    keys = tuple_(column, period.c.agency_id)
    descending = query.sort.startswith("-")
    if page.cursor is not None:
        after = tuple_(*decode_cursor(page.cursor, query.sort))
        statement = statement.where(keys < after if descending else keys > after)
    order = (column, period.c.agency_id)
    statement = statement.order_by(*(each.desc() if descending else each.asc() for each in order)).limit(page.limit + 1)
    rows = uow.session.execute(statement).all()
    shown = rows[: page.limit]
    following = None
    if len(rows) > page.limit:
        last = shown[-1]
        following = encode_cursor(query.sort, last.name_sort if query.sort in _BY_NAME else last.code, last.agency_id)
    return Page(tuple(_view(row, query.as_of) for row in shown), following)


def iterate_agencies(uow: UnitOfWork, viewer: Viewer, query: AgencyQuery) -> Iterator[AgencyView]:
    """The whole list in its order, read page by page."""
    cursor = None
    while True:
        page = find_agencies(uow, viewer, query, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
        yield from page.items
        if page.next is None:
            return
        cursor = page.next


def count_agencies(uow: UnitOfWork, viewer: Viewer, query: AgencyQuery) -> int:
    """The number of rows that all pages of `find_agencies` have together."""
    statement, _ = _matching(query, viewer, uow)
    count: int = uow.session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    return count


def count_agencies_by_level(uow: UnitOfWork, viewer: Viewer, query: AgencyQuery) -> dict[AgencyLevel, int]:
    """The same by level; levels without an agency are left out."""
    statement, _ = _matching(query, viewer, uow)
    matched = statement.subquery()
    return dict(uow.session.execute(select(matched.c.level, func.count()).group_by(matched.c.level)).all())


def get_agency(uow: UnitOfWork, viewer: Viewer, agency_id: int, as_of: datetime) -> AgencyDetail:
    """Everything about one agency as of a moment.

    Raises `AgencyNotFound` when there is none, when it did not exist yet, or when the viewer may not know of it.
    """
    query = AgencyQuery(as_of=as_of, existence=Existence.ALL)
    statement, _ = _matching(query, viewer, uow, among=(agency_id,))
    row = uow.session.execute(statement).one_or_none()
    if row is None:
        raise agency_not_found(agency_id)
    once_below = select(col(AgencyPeriodRow.agency_id)).where(col(AgencyPeriodRow.parent_id) == agency_id)
    children, child = _matching(AgencyQuery(as_of=as_of), viewer, uow, among=once_below)
    below = uow.session.execute(children.where(child.c.parent_id == agency_id).order_by(child.c.name_sort)).all()
    succession = _succession(uow, agency_id, as_of)
    ancestors = [int(part) for part in row.path.split("/") if part and int(part) != agency_id]
    links = find_agencies_by_id(uow, (*ancestors, *(other for _, other, _ in succession)), as_of)
    return AgencyDetail(
        agency=_view(row, as_of),
        ancestors=tuple(_link(links[each]) for each in ancestors if each in links),
        children=tuple(_view(each, as_of) for each in below),
        names=_names(uow, agency_id),
        predecessors=tuple(
            SuccessionView(agency=_link(links[other]), effective_at=at)
            for role, other, at in succession
            if role == "from"
        ),
        successors=tuple(
            SuccessionView(agency=_link(links[other]), effective_at=at)
            for role, other, at in succession
            if role == "to"
        ),
        events=_events(uow, agency_id),
    )


def find_agencies_by_id(uow: UnitOfWork, agency_ids: Iterable[int], at: datetime) -> dict[int, AgencyView]:
    """The agencies with these identifiers as of `at`, without regard to rights: to name what the viewer may see anyway."""
    rows = uow.session.execute(_VIEWS_BY_ID, {"at": at, "ids": tuple(set(agency_ids))})
    return {row.agency_id: _view(row, at) for row in rows}


def all_agencies(uow: UnitOfWork, viewer: Viewer, at: datetime) -> tuple[AgencyView, ...]:
    """Every agency there ever was as of `at`, also what has ended or not begun, in Vietnamese order."""
    period = agencies_at(at)
    statement = _select_views(period).where(*visible(period.c.agency_id, viewer, uow.now))
    rows = uow.session.execute(statement.order_by(period.c.name_sort, period.c.agency_id))
    return tuple(_view(row, at) for row in rows)


def find_agency_by_code(uow: UnitOfWork, viewer: Viewer, code: str, at: datetime) -> AgencyView | None:
    """The agency with this electronic identifier as of `at`."""
    statement, _ = _matching(AgencyQuery(as_of=at, existence=Existence.ALL), viewer, uow)
    row = uow.session.execute(statement.where(col(AgencyRow.code) == code)).one_or_none()
    return None if row is None else _view(row, at)


_BY_NAME: Final = (AgencySort.NAME, AgencySort.NAME_DESCENDING)


def _select_views(period: Subquery) -> Select[Any]:
    return select(*period.c, col(AgencyRow.code)).join(AgencyRow, col(AgencyRow.id) == period.c.agency_id)


def _views_by_id() -> Select[Any]:
    at: Any = bindparam("at", type_=UTCDateTime)
    among: Any = bindparam("ids", expanding=True)
    return _select_views(agencies_at(at, among=among))


_VIEWS_BY_ID: Final = _views_by_id()
"""Put together once: every page with agencies asks it."""


def _matching(
    query: AgencyQuery, viewer: Viewer, uow: UnitOfWork, *, among: Iterable[int] | Select[Any] | None = None
) -> tuple[Select[Any], Subquery]:
    period = agencies_at(query.as_of, among=among)
    statement = _select_views(period).where(*visible(period.c.agency_id, viewer, uow.now))
    match query.existence:
        case Existence.EXISTING:
            statement = statement.where(period.c.effective_from <= query.as_of, period.c.effective_until > query.as_of)
        case Existence.ENDED:
            statement = statement.where(period.c.effective_until <= query.as_of)
        case Existence.ALL:
            statement = statement.where(period.c.effective_from <= query.as_of)
    if query.levels:
        statement = statement.where(period.c.level.in_(query.levels))
    if query.under is not None:
        statement = statement.where(period.c.agency_id.in_(subtree_ids(query.under, query.as_of)))
    if query.coverage is not None:
        covered = period.c.agency_id.in_(covered_agencies(uow.session, query.as_of))
        statement = statement.where(covered if query.coverage is Coverage.COVERED else not_(covered))
    for word in fold(query.text).split():
        statement = statement.where(_mentions(period.c.agency_id, word))
    return statement, period


def _mentions(agency_id: ColumnElement[int], word: str) -> ColumnElement[bool]:
    # Former names count too: people look for the body they knew.
    named = select(col(AgencyPeriodRow.agency_id)).where(
        or_(
            col(AgencyPeriodRow.name_folded).contains(word, autoescape=True),
            func.lower(col(AgencyPeriodRow.email)).contains(word, autoescape=True),
            col(AgencyPeriodRow.tax_code).contains(word, autoescape=True),
        )
    )
    return or_(agency_id.in_(named), func.lower(col(AgencyRow.code)).contains(word, autoescape=True))


def _view(row: Row[Any], at: datetime) -> AgencyView:
    return AgencyView(
        id=row.agency_id,
        code=row.code,
        name=row.name,
        level=row.level,
        parent_id=row.parent_id,
        path=row.path,
        email=row.email,
        address=row.address,
        tax_code=row.tax_code,
        budget_code=row.budget_code,
        exists_from=row.exists_from,
        ended_at=row.effective_until if row.effective_until <= at else None,
    )


def _link(view: AgencyView) -> AgencyLink:
    return AgencyLink(id=view.id, code=view.code, name=view.name)


def _succession(uow: UnitOfWork, agency_id: int, at: datetime) -> list[tuple[str, int, datetime]]:
    rows = uow.session.execute(
        select(
            col(AgencySuccessionRow.predecessor_id),
            col(AgencySuccessionRow.successor_id),
            col(AgencySuccessionRow.effective_at),
        )
        .where(
            or_(
                col(AgencySuccessionRow.predecessor_id) == agency_id,
                col(AgencySuccessionRow.successor_id) == agency_id,
            ),
            col(AgencySuccessionRow.effective_at) <= at,
        )
        .order_by(col(AgencySuccessionRow.effective_at), col(AgencySuccessionRow.id))
    )
    return [
        ("to", successor, moment) if predecessor == agency_id else ("from", predecessor, moment)
        for predecessor, successor, moment in rows
    ]


def _names(uow: UnitOfWork, agency_id: int) -> tuple[AgencyNameView, ...]:
    rows = uow.session.execute(
        select(col(AgencyPeriodRow.name), col(AgencyPeriodRow.effective_from), col(AgencyPeriodRow.effective_until))
        .where(col(AgencyPeriodRow.agency_id) == agency_id)
        .order_by(col(AgencyPeriodRow.effective_from))
    )
    names: list[tuple[str, datetime, datetime]] = []
    for name, begin, end in rows:
        if names and names[-1][0] == name:
            names[-1] = (name, names[-1][1], end)
        else:
            names.append((name, begin, end))
    return tuple(
        AgencyNameView(name=name, effective_from=begin, effective_until=None if end >= FOREVER else end)
        for name, begin, end in names
    )


def _events(uow: UnitOfWork, agency_id: int) -> tuple[AgencyEventView, ...]:
    rows = uow.session.execute(
        select(AgencyEventRow)
        .where(col(AgencyEventRow.agency_id) == agency_id)
        .order_by(col(AgencyEventRow.effective_at), col(AgencyEventRow.id))
    ).scalars()
    return tuple(AgencyEventView.model_validate(row, from_attributes=True) for row in rows)
