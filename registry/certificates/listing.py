"""Reading a list with work that is bounded by what is shown, and not by the register.

There are three ways, and each is quick where the others are not. Where one index has little that could fit, all of that is
read and sorted. Where words are rare, the certificates that hold them are. And where much fits, an index that has the
order of the list is walked until a page is full. Where neither is sure, the walk is tried for a bounded way first. No
database would choose so by itself: one keeps no statistics, and none knows that what fits may stand together at the far
end of an order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, cast

from sqlalchemy import ColumnClause, ColumnElement, Select, SQLColumnExpression, func, literal, select, tuple_
from sqlalchemy.sql.operators import ge, gt, le, lt
from sqlalchemy.sql.visitors import replacement_traverse
from sqlmodel import col

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.certificates.candidates import certificates_holding, holding, is_sought, may_be_common
from registry.certificates.conditions import conditions, happened, holds_words, names_in_use, words_of
from registry.certificates.query import CertificateQuery, CertificateSort, Flag
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow
from registry.certificates.ways import ORDERS, Way, among, ends, find_scope, narrow_ways, order_of, way_of_order
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput

COUNTED: Final = 10_000
"""Beyond so many, what is counted in part is not counted further."""

_READ: Final = 40_000
"""So many entries of an index are read whole: about as quick as finding a page by walking among a million."""
_FETCHED: Final = 6_000
"""The same of rows that stand somewhere else and have to be fetched one by one."""
_FEWEST: Final = 3_000
"""Where so little could fit, no better way is looked for."""
_SOUGHT: Final = 2_000
"""Common words are looked for among the first so many of the list, before all that hold them are sorted."""
_TRIED: Final = 2_000
"""So many are looked at for counting, where each has to be fetched."""
_ALWAYS: Final = 2
"""Conditions of every list: that its periods begin and end around one moment."""
_PASSED: Final = 40_000
"""So many entries of an index are passed by for counting."""
_BY_CERTIFICATE: Final = "sqlite_autoindex_certificate_period_1"
"""The name that SQLite gives to the index of the unique constraint."""

_PERIOD: Final = CertificatePeriodRow.__table__  # type: ignore[attr-defined]
_ENDS: Final = ((gt, ge), (lt, le))

define(
    "certificates.short_words",
    vi="Một chữ cái thì quá ngắn để tìm. Hãy gõ ít nhất hai chữ cái của một từ.",
    en="One letter is too short to search by. Type at least two letters of a word.",
)

Key = tuple[Any, int]
"""Where a row stands in the list: the value of its order, and its identifier."""


@dataclass(frozen=True, slots=True)
class Total:
    """How long a list is."""

    number: int
    is_exact: bool
    """Otherwise the list is longer: counting stopped early."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Certificates that an index found which is not of the periods."""

    keys: tuple[int, ...]
    are_all: bool


class ListReader:
    """Reads one list: where its rows stand, and how many they are. Answers what `matching` selects, but sooner."""

    def __init__(self, uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> None:
        """Find out which agencies are meant. Raises `InvalidInput` for words that are too short to be sought."""
        if query.text and words_of(query.text) and not is_sought(query.text):
            raise InvalidInput(message("certificates.short_words"), field="q")
        self._session = uow.session
        self._is_postgresql = uow.session.get_bind().dialect.name == "postgresql"
        self._query = query
        self._scope = find_scope(uow, viewer, query)
        self._key: SQLColumnExpression[int] = col(CertificatePeriodRow.certificate_id)
        self._columns = (ORDERS[order_of(query)], self._key)
        self._place = tuple_(*self._columns)
        self._is_descending = query.sort.startswith("-")
        self._counted: int | None = None
        self._is_dense = False

    def keys(self, limit: int, after: Key | None = None) -> list[Key]:
        """The first `limit` rows of the list, or of what is behind `after`."""
        behind = () if after is None else (self._is_behind(after),)
        if self._narrow is not None:
            return self._sort(self._along(self._narrow).where(*self._beside), limit, *behind)
        if self._query.text:
            return self._keys_with_words(limit, *behind, after=after)
        if self._some_found is not None and self._some_found.are_all:
            return self._sort(self._fitting(self._some_found.keys), limit, *behind)
        if self._smallest is not None and self._found is None:
            # What could fit has to be fetched row by row; but it may stand together at the far end of the order.
            far = self._as_far_as(_PASSED, *behind)
            near = self._walk(limit, *behind, *far)
            is_enough = len(near) == limit or not far
            return near if is_enough else self._sort(self._along(self._smallest), limit, *behind)
        return self._walk(limit, *behind)

    def _keys_with_words(self, limit: int, *behind: ColumnElement[bool], after: Key | None) -> list[Key]:
        if may_be_common(self._query.text):
            # Before the index of letters is asked, which takes the longer the more it finds.
            near = self._walk(limit, *behind, *self._as_far_as_tried(*behind))
            if len(near) == limit:
                self._is_dense = not behind
                return near
        if self._found is None or self._some_found is None:
            return self._walk(limit, *behind)
        if self._some_found.are_all:
            return self._sort(self._fitting(self._some_found.keys), limit, *behind)
        if self._smallest is not None:
            return self._sort(self._along(self._smallest).where(*self._beside), limit, *behind)
        return self._sort_found(self._found, limit, *behind, after=after)

    def total(self) -> Total:
        """The length of the list, or, where counting all of it would take long, of a part of it."""
        if self._counted is not None:
            return Total(self._counted, is_exact=True)
        if self._smallest is not None:
            return Total(self._size(self._along(self._smallest).where(*self._beside)), is_exact=True)
        if not self._is_dense and self._some_found is not None:
            some = self._some_found
            return self._part(self._fitting(some.keys if some.are_all else some.keys[:_TRIED]), is_whole=some.are_all)
        far = self._as_far_as(_TRIED if self._beside or not self._order.is_complete else _PASSED)
        return self._part(self._in_order(*far), is_whole=not far)

    def exact_total(self) -> Total:
        """The length of the list, however long it takes to count."""
        way = self._smallest or self._order
        every = self._along(way) if self._found is None else self._fitting(self._found)
        return Total(self._size(every), is_exact=True)

    def _part(self, statement: Select[Any], *, is_whole: bool) -> Total:
        number = self._size(statement, COUNTED + 1)
        if is_whole and number <= COUNTED:
            return Total(number, is_exact=True)
        number = min(number, COUNTED)
        return Total(number - number % 10 ** max(len(str(number)) - 2, 0), is_exact=False)

    @cached_property
    def _order(self) -> Way:
        return way_of_order(self._session, self._query)

    @cached_property
    def _small(self) -> dict[Way, int]:
        """The ways by which everything that could fit is little, with the number of entries to be read."""
        sizes = {}
        for way in narrow_ways(self._session, self._query, self._scope):
            bounded = select(literal(1)).select_from(CertificatePeriodRow).where(*way.bounds)
            size = self._size(self._by(way.index, bounded), _READ + 1)
            if size <= (_READ if way.is_complete else _FETCHED):
                sizes[way] = size
            if size <= _FEWEST:
                break
        return sizes

    @cached_property
    def _smallest(self) -> Way | None:
        return min(self._small, key=self._small.__getitem__, default=None)

    @cached_property
    def _narrow(self) -> Way | None:
        """The way to read everything that could fit and to sort it; None: that would be too much."""
        order = order_of(self._query)
        sizes = {way: size for way, size in self._small.items() if order in way.orders or size <= _FETCHED}
        return min(sizes, key=sizes.__getitem__, default=None)

    @cached_property
    def _found(self) -> Select[Any] | None:
        """Identifiers of a superset of what fits, by an index that is not of the periods; None: there is none for it."""
        if self._query.text:
            return holding(self._session, self._query.text)
        if self._query.events:
            return select(col(CertificateEventRow.certificate_id)).where(*happened(self._query))
        return None

    @cached_property
    def _some_found(self) -> _Found | None:
        """All of those, or the first where they are not few."""
        if self._found is None:
            return None
        with self._planned():
            if self._query.text:
                keys = tuple(self._session.execute(self._found.limit(_FETCHED + 1)).scalars())
                return _Found(keys, are_all=len(keys) <= _FETCHED)
            # The index tells how many events there are, but not of which certificates.
            beyond = select(literal(1)).select_from(CertificateEventRow).where(*happened(self._query))
            are_all = self._session.execute(beyond.limit(1).offset(_FETCHED)).first() is None
            first = self._found if are_all else self._found.limit(_TRIED)
            return _Found(tuple(self._session.execute(first).scalars()), are_all=are_all)

    @cached_property
    def _fits(self) -> tuple[SQLColumnExpression[bool], ...]:
        """What has to hold of a period."""
        query, session, period = self._query, self._session, CertificatePeriodRow
        flags = tuple(flag for flag in query.flags if flag is not Flag.NAMES_ENDED_BODY)
        rest = replace(query, text="", agency_id=None, levels=(), events=(), flags=flags)
        found: list[SQLColumnExpression[bool]] = [
            col(period.effective_from) <= query.as_of,
            col(period.effective_until) > query.as_of,
            *ends(query),
            *conditions(rest),
        ]
        if self._scope.agency_ids is not None:
            found.append(among(session, col(period.agency_id), self._scope.agency_ids))
        if self._scope.named_ids is not None:
            found += (names_in_use(query.as_of), among(session, col(period.named_agency_id), self._scope.named_ids))
        return tuple(found)

    @cached_property
    def _beside(self) -> tuple[ColumnElement[bool], ...]:
        """What has to hold beside the period: as values, which no database takes for something to begin with."""
        query = self._query
        found = []
        if query.events:
            events = select(func.count()).where(col(CertificateEventRow.certificate_id) == self._key, *happened(query))
            found.append(events.scalar_subquery() > 0)
        if query.text:
            certificate = select(literal(1)).where(col(CertificateRow.id) == self._key, *holds_words(query.text))
            found.append(certificate.scalar_subquery() == 1)
        return tuple(found)

    def _is_behind(self, key: Key) -> ColumnElement[bool]:
        return self._place < key if self._is_descending else self._place > key

    def _as_far_as(self, number: int, *behind: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        """The condition that ends a walk after so many entries, whether they fit or not; none where there are fewer."""
        entries = select(*self._columns).where(*self._bounds(*behind), *behind)
        statement = self._sorted(self._by(self._order.index, entries)).limit(1).offset(number)
        with self._planned(in_order=True):
            return self._until(self._session.execute(statement).first())

    def _as_far_as_tried(self, *behind: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        """So far that words are looked for in few certificates, but past much that does not fit in other ways."""
        if len(self._fits) == _ALWAYS or not self._order.is_complete:
            return self._as_far_as(_SOUGHT, *behind)
        far = self._as_far_as(_PASSED, *behind)
        statement = self._sorted(self._in_order(*behind, *far, has_beside=False)).limit(1).offset(_SOUGHT)
        with self._planned(in_order=True):
            return self._until(self._session.execute(statement).first()) or far

    def _until(self, last: Any) -> tuple[ColumnElement[bool], ...]:
        if last is None:
            return ()
        return (self._place >= tuple(last) if self._is_descending else self._place <= tuple(last),)

    def _walk(self, limit: int, *places: ColumnElement[bool]) -> list[Key]:
        statement = self._sorted(self._in_order(*places)).limit(limit)
        with self._planned(in_order=True):
            return [(value, key) for value, key in self._session.execute(statement)]

    def _in_order(self, *places: ColumnElement[bool], has_beside: bool = True) -> Select[Any]:
        """Everything that fits between some places of the list, read by the index that has its order."""
        fits = self._fits
        if places:
            fits = tuple(self._without_beginning(each) for each in fits)
        statement = select(*self._columns).where(*self._bounds(*places), *places, *fits)
        return self._by(self._order.index, statement.where(*self._beside) if has_beside else statement)

    def _bounds(self, *places: ColumnElement[bool]) -> list[SQLColumnExpression[bool]]:
        """The bounds of the order, without those that a place makes narrower: a database may begin at the wider one."""
        return [bound for bound in self._order.bounds if not any(_is_same_end(bound, place) for place in places)]

    def _without_beginning(self, condition: SQLColumnExpression[bool]) -> SQLColumnExpression[bool]:
        """The same condition, written so that no database begins with what it asks of the order's column."""
        column = cast("ColumnClause[Any]", ORDERS[order_of(self._query)])

        def hidden(element: Any, **_options: object) -> Any:
            is_of_order = isinstance(element, ColumnClause) and element.table is _PERIOD and element.key == column.key
            return func.coalesce(column, column) if is_of_order else None

        return cast("SQLColumnExpression[bool]", replacement_traverse(cast("Any", condition), {}, hidden))

    def _sort(self, statement: Select[Any], limit: int, *behind: ColumnElement[bool]) -> list[Key]:
        """The first rows of everything in `statement`, which is counted in passing."""
        rows = self._first(statement.add_columns(func.count().over()), limit, *behind)
        if not behind:
            self._counted = rows[0][-1] if rows else 0
        return [(value, key) for value, key, _ in rows]

    def _first(self, statement: Select[Any], limit: int, *behind: ColumnElement[bool]) -> list[Any]:
        with self._planned():
            return list(self._session.execute(self._sorted(statement.where(*behind)).limit(limit)))

    def _sort_found(self, found: Select[Any], limit: int, *behind: ColumnElement[bool], after: Key | None) -> list[Key]:
        """Sort what was found. Whether the letters make up the words is looked for in the first rows alone, at first."""
        held = self._holding(found)
        if not self._query.events:
            is_alone = len(self._fits) == _ALWAYS
            first = self._first_found(limit, after) if is_alone else self._first(held, limit, *behind)
            certificate = col(CertificateRow.id)
            some = self._holding(tuple(key for _, key in first)).with_only_columns(self._key)
            checked = select(certificate).where(certificate.in_(some), *holds_words(self._query.text))
            right = set(self._session.execute(checked).scalars())
            if len(first) < limit or len(right) == limit:
                return [(value, key) for value, key in first if key in right]
        return self._sort(held.where(*self._beside), limit, *behind)

    def _first_found(self, limit: int, after: Key | None) -> list[Any]:
        """The first of what was found, in the order of the list, whether it fits or not: the periods need not be read."""
        name = cast("ColumnClause[Any]", ORDERS[order_of(self._query)]).key
        columns = (getattr(CertificateRow, name), col(CertificateRow.id))
        place = tuple_(*columns)
        behind = () if after is None else (place < after if self._is_descending else place > after,)
        order = (each.desc() if self._is_descending else each.asc() for each in columns)
        found = certificates_holding(self._session, self._query.text, *columns)
        if order_of(self._query) == CertificateSort.HOLDER:
            found = found.with_hint(CertificateRow, "INDEXED BY ix_certificate_id_holder_sort", "sqlite")
        with self._planned():
            return list(self._session.execute(found.where(*behind).order_by(*order).limit(limit)))

    def _holding(self, found: Select[Any] | tuple[int, ...]) -> Select[Any]:
        """The periods, where they fit, of the certificates that were found."""
        if isinstance(found, tuple):
            few = among(self._session, self._key, found)
        else:
            few = self._key.in_(select(found.subquery().c[0]))
        return self._by(_BY_CERTIFICATE, select(*self._columns).where(few, *self._fits))

    def _fitting(self, found: Select[Any] | tuple[int, ...]) -> Select[Any]:
        """The same of those that fit in everything. What was found by its events alone does."""
        return self._holding(found).where(*(self._beside if self._query.text else ()))

    def _along(self, way: Way) -> Select[Any]:
        """The periods that fit, read by one index."""
        return self._by(way.index, select(*self._columns).where(*way.bounds, *self._fits))

    @staticmethod
    def _by(index: str, statement: Select[Any]) -> Select[Any]:
        return statement.with_hint(CertificatePeriodRow, f"INDEXED BY {index}", "sqlite")

    def _sorted(self, statement: Select[Any]) -> Select[Any]:
        return statement.order_by(*(column.desc() if self._is_descending else column.asc() for column in self._columns))

    def _size(self, statement: Select[Any], limit: int | None = None) -> int:
        with self._planned():
            size: int = self._session.execute(
                select(func.count()).select_from(statement.limit(limit).subquery())
            ).scalar_one()
        return size

    @contextmanager
    def _planned(self, *, in_order: bool = False) -> Iterator[None]:
        """Keep PostgreSQL to the indexes, and `in_order` to the one that has the order of the list.

        It would rather read and sort a whole table where it takes what fits to be rarer, or spread more evenly, than it is.
        """
        if not self._is_postgresql:
            yield
            return
        names = ["enable_seqscan"]
        if in_order:
            names += ["enable_sort"]
        if in_order or not self._query.text:
            # The index of letters can be read in no other way.
            names += ["enable_bitmapscan"]
        self._set(names, "off")
        yield
        self._set(names, "on")

    def _set(self, names: list[str], value: str) -> None:
        self._session.execute(select(*(func.set_config(name, value, True) for name in names)))


def _is_same_end(one: Any, other: Any) -> bool:
    """Whether both conditions say where something begins, or both where it ends."""
    return any(one.operator in end and other.operator in end for end in _ENDS)
