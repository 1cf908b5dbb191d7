"""Reading a list with work that is bounded by what is shown, and not by the register.

There are three ways, and each is quick where the others are not. Where one index has little that could fit, all of that is
read and sorted. Where words are rare, the certificates that hold them are. And where much fits, an index that has the
order of the list is walked until a page is full. No database would choose so by itself: one keeps no statistics, and none
knows that what fits may stand together at the far end of an order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, literal, select, tuple_
from sqlmodel import col

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.certificates.candidates import holding, is_sought
from registry.certificates.conditions import conditions, happened, holds_words, names_in_use, words_of
from registry.certificates.query import CertificateQuery, Flag
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow
from registry.certificates.ways import ORDERS, Way, among, ends, find_scope, narrow_ways, order_of, way_of_order
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput

COUNTED: Final = 10_000
"""Above so many, a list says "more than"."""

_READ: Final = 60_000
"""So many entries of an index are read whole: about as quick as finding a page by walking among a million."""
_FETCHED: Final = 12_000
"""The same of rows that stand somewhere else and have to be fetched one by one."""
_COMMON: Final = 3_000
"""A word that more certificates hold is looked for among the first so many of the list, before all of those are sorted."""
_PASSED: Final = 100_000
"""So many entries of an index are passed by for counting."""
_BY_CERTIFICATE: Final = "sqlite_autoindex_certificate_period_1"
"""The name that SQLite gives to the index of the unique constraint."""

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

    def keys(self, limit: int, after: Key | None = None) -> list[Key]:
        """The first `limit` rows of the list, or of what is behind `after`."""
        behind = () if after is None else (self._is_behind(after),)
        if self._narrow is not None:
            return self._sort(self._along(self._narrow), limit, *behind, *self._beside)
        if self._found is None:
            return self._walk(limit, *behind, *self._beside)
        if self._is_common:
            near = self._walk(limit, *behind, *self._beside, *self._as_far_as(_COMMON, *behind))
            if len(near) == limit:
                return near
        return self._sort_found(self._found, limit, *behind)

    def total(self) -> Total:
        """The length of the list: exact up to `COUNTED`, unless it would take long."""
        if self._narrow is not None:
            return self._count(self._along(self._narrow).where(*self._beside), is_whole=True)
        if self._found is not None:
            some = self._holding(self._found.limit(_COMMON) if self._is_common else self._found)
            return self._count(some.where(*self._beside), is_whole=not self._is_common)
        far = self._as_far_as(_FETCHED if self._beside else _PASSED)
        return self._count(self._along(self._order).where(*self._beside, *far), is_whole=not far)

    @cached_property
    def _order(self) -> Way:
        return way_of_order(self._query)

    @cached_property
    def _narrow(self) -> Way | None:
        """The way by which everything that could fit is little; None: there is none."""
        best, fewest = None, _READ + 1
        for way in narrow_ways(self._session, self._query, self._scope):
            limit = _READ if order_of(self._query) in way.orders else _FETCHED
            bounded = select(literal(1)).select_from(CertificatePeriodRow).where(*way.bounds)
            size = self._size(self._by(way.index, bounded), limit + 1)
            if size <= limit and size < fewest:
                best, fewest = way, size
            if fewest <= _COMMON:
                break
        return best

    @cached_property
    def _found(self) -> Select[Any] | None:
        """Identifiers of a superset of what fits, found elsewhere than among the periods; None: nobody knows a small one."""
        query = self._query
        if query.text:
            return holding(self._session, query.text)
        if query.events:
            concerned = select(col(CertificateEventRow.certificate_id)).where(*happened(query))
            return concerned if self._size(concerned, _FETCHED + 1) <= _FETCHED else None
        return None

    @cached_property
    def _is_common(self) -> bool:
        """Whether the words are so common that a walk may meet them soon."""
        if self._found is None or not self._query.text:
            return False
        return self._size(self._found, _COMMON + 1) > _COMMON

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
            event = select(literal(1)).where(col(CertificateEventRow.certificate_id) == self._key, *happened(query))
            found.append(event.limit(1).scalar_subquery() == 1)
        if query.text:
            certificate = select(literal(1)).where(col(CertificateRow.id) == self._key, *holds_words(query.text))
            found.append(certificate.scalar_subquery() == 1)
        return tuple(found)

    def _is_behind(self, key: Key) -> ColumnElement[bool]:
        return self._place < key if self._is_descending else self._place > key

    def _as_far_as(self, number: int, *behind: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        """The condition that ends a walk after so many entries, whether they fit or not; none where there are fewer."""
        entries = select(*self._columns).where(*self._order.bounds, *behind)
        statement = self._sorted(self._by(self._order.index, entries)).limit(1).offset(number)
        with self._planned(in_order=True):
            last = self._session.execute(statement).first()
        if last is None:
            return ()
        return (self._place >= tuple(last) if self._is_descending else self._place <= tuple(last),)

    def _walk(self, limit: int, *more: ColumnElement[bool]) -> list[Key]:
        statement = self._sorted(self._along(self._order).where(*more)).limit(limit)
        with self._planned(in_order=True):
            return [(value, key) for value, key in self._session.execute(statement)]

    def _sort(self, statement: Select[Any], limit: int, *more: ColumnElement[bool]) -> list[Key]:
        with self._planned():
            rows = self._session.execute(self._sorted(statement.where(*more)).limit(limit))
            return [(value, key) for value, key in rows]

    def _sort_found(self, found: Select[Any], limit: int, *behind: ColumnElement[bool]) -> list[Key]:
        """Sort what was found. Whether the letters make up the words is looked for in the first rows alone, at first."""
        held = self._holding(found)
        if not self._query.text or self._query.events:
            return self._sort(held, limit, *behind, *self._beside)
        first = self._sort(held, limit, *behind)
        key = col(CertificateRow.id)
        checked = select(key).where(key.in_([each for _, each in first]), *holds_words(self._query.text))
        right = set(self._session.execute(checked).scalars())
        if len(first) < limit or len(right) == limit:
            return [each for each in first if each[1] in right]
        return self._sort(held, limit, *behind, *self._beside)

    def _holding(self, found: Select[Any]) -> Select[Any]:
        """The periods, where they fit, of the certificates that were found."""
        few = select(found.subquery().c[0])
        return self._by(_BY_CERTIFICATE, select(*self._columns).where(self._key.in_(few), *self._fits))

    def _along(self, way: Way) -> Select[Any]:
        """The periods that fit, read by one index."""
        return self._by(way.index, select(*self._columns).where(*way.bounds, *self._fits))

    @staticmethod
    def _by(index: str, statement: Select[Any]) -> Select[Any]:
        return statement.with_hint(CertificatePeriodRow, f"INDEXED BY {index}", "sqlite")

    def _sorted(self, statement: Select[Any]) -> Select[Any]:
        return statement.order_by(*(column.desc() if self._is_descending else column.asc() for column in self._columns))

    def _count(self, statement: Select[Any], *, is_whole: bool) -> Total:
        number = self._size(statement, COUNTED + 1)
        return Total(COUNTED, is_exact=False) if number > COUNTED else Total(number, is_exact=is_whole)

    def _size(self, statement: Select[Any], limit: int) -> int:
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
        names = ["enable_seqscan", *(("enable_sort", "enable_bitmapscan") if in_order else ())]
        self._set(names, "off")
        yield
        self._set(names, "on")

    def _set(self, names: list[str], value: str) -> None:
        self._session.execute(select(*(func.set_config(name, value, True) for name in names)))
