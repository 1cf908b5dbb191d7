"""The statements by which a list is read. Each is bounded by what it is given, on SQLite and on PostgreSQL."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Select,
    SQLColumnExpression,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.operators import ge, gt, le, lt
from sqlalchemy.sql.visitors import replacement_traverse
from sqlmodel import Session, col

from registry.certificates.candidates import certificates_holding, with_certainty
from registry.certificates.conditions import conditions, happened, holds_words, names_in_use
from registry.certificates.query import CertificateQuery, CertificateSort, Flag
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow
from registry.certificates.ways import ORDERS, Scope, Way, among, ends, order_of, way_of_order

_ALWAYS: Final = 2
"""Conditions of every list: that its periods begin and end around one moment."""
_BY_CERTIFICATE: Final = "sqlite_autoindex_certificate_period_1"
"""The name that SQLite gives to the index of the unique constraint."""

_PERIOD: Final = CertificatePeriodRow.__table__  # type: ignore[attr-defined]
_BEGINNINGS: Final = frozenset(("agency_id", "kind", "not_after", "issued_at", "medium", "named_agency_id", "custody"))
"""Columns with which indexes begin that conditions can ask for."""
_ENDS: Final = ((gt, ge), (lt, le))

Key = tuple[Any, int]
"""Where a row stands in the list: the value of its order, and its identifier."""
Condition = SQLColumnExpression[bool]
Place = ColumnElement[bool]
"""Between which rows of the list something is looked for: one end of a part of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Certificates that an index found which is not of the periods."""

    keys: tuple[int, ...]
    are_all: bool


class Scans:
    """The statements for one query, of which the agencies are known."""

    def __init__(self, session: Session, query: CertificateQuery, scope: Scope) -> None:
        """Nothing is read yet."""
        self._session = session
        self._is_postgresql = session.get_bind().dialect.name == "postgresql"
        self._query = query
        self._scope = scope
        self._key: SQLColumnExpression[int] = col(CertificatePeriodRow.certificate_id)
        self.column = ORDERS[order_of(query)]
        """Of the order of the list."""
        self._column_key = cast("ColumnClause[Any]", self.column).key
        self._columns = (self.column, self._key)
        self._place = tuple_(*self._columns)
        self.is_descending = query.sort.startswith("-")
        self._off: frozenset[str] = frozenset()

    @cached_property
    def order(self) -> Way:
        """The index that has the order of the list."""
        return way_of_order(self._session, self._query)

    @cached_property
    def is_plain(self) -> bool:
        """Whether everything in the register fits, but for words and events."""
        return len(self._fits) == _ALWAYS

    @cached_property
    def _fits(self) -> tuple[Condition, ...]:
        """What has to hold of a period."""
        query, session, period = self._query, self._session, CertificatePeriodRow
        flags = tuple(flag for flag in query.flags if flag is not Flag.NAMES_ENDED_BODY)
        rest = replace(query, text="", agency_id=None, levels=(), events=(), flags=flags)
        found: list[Condition] = [
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
    def beside(self) -> tuple[ColumnElement[bool], ...]:
        """What has to hold beside the period: as values, which no database takes for something to begin with."""
        if not self._query.text:
            return self.of_events
        certificate = select(literal(1)).where(col(CertificateRow.id) == self._key, *holds_words(self._query.text))
        return (*self.of_events, certificate.scalar_subquery() == 1)

    @cached_property
    def of_events(self) -> tuple[ColumnElement[bool], ...]:
        """The same without words."""
        if not self._query.events:
            return ()
        events = select(func.count()).where(
            col(CertificateEventRow.certificate_id) == self._key, *happened(self._query)
        )
        return (events.scalar_subquery() > 0,)

    def is_behind(self, key: Key) -> Place:
        """Everything after a row."""
        return self._place < key if self.is_descending else self._place > key

    def as_far_as(self, number: int, *places: Place) -> tuple[Place, ...]:
        """The end of a walk after so many entries, whether they fit or not; none where there are fewer."""
        entries = select(*self._columns).where(*self._bounds(*places), *places)
        return self._until(self._by(self.order.index, entries), number)

    def as_far_as_fitting(self, number: int, far: tuple[Place, ...], *places: Place) -> tuple[Place, ...]:
        """The same after so many that fit but for words and events, and not after `far`."""
        return self._until(self.in_order(*places, *far, has_beside=False), number) or far

    def _until(self, statement: Select[Any], number: int) -> tuple[Place, ...]:
        last = self._execute(self._sorted(statement).limit(1).offset(number), in_order=True).first()
        if last is None:
            return ()
        return (self._place >= tuple(last) if self.is_descending else self._place <= tuple(last),)

    def walk(self, limit: int, *places: Place, has_beside: bool = True) -> list[Key]:
        """The first that fit, by the index that has the order of the list."""
        statement = self._sorted(self.in_order(*places, has_beside=has_beside)).limit(limit)
        return [(value, key) for value, key in self._execute(statement, in_order=True)]

    def in_order(self, *places: Place, has_beside: bool = True) -> Select[Any]:
        """Everything that fits between some places of the list, read by the index that has its order."""
        fits = self._fits
        if places:
            fits = tuple(_hide(each, {self._column_key}) for each in fits)
        statement = select(*self._columns).where(*self._bounds(*places), *places, *fits)
        return self._by(self.order.index, statement.where(*self.beside) if has_beside else statement)

    def _bounds(self, *places: Place) -> list[Condition]:
        """The bounds of the order, without those that a place makes narrower: a database may begin at the wider one."""
        return [bound for bound in self.order.bounds if not any(_is_same_end(bound, place) for place in places)]

    def along(self, way: Way) -> Select[Any]:
        """The periods that fit, read by one index."""
        fits = [each for each in self._fits if not any(cast("Any", each).compare(bound) for bound in way.bounds)]
        if self._is_postgresql:
            # It knows no hints, and takes what two conditions say of one column for rarer than what one says of another.
            fits = [_hide(each, _BEGINNINGS) for each in fits]
        return self._by(way.index, select(*self._columns).where(*way.bounds, *fits))

    def entries(self, way: Way, bounds: tuple[Condition, ...], limit: int) -> int:
        """How many entries of an index are within some bounds, whether they fit or not; at most `limit`."""
        entries = select(literal(1)).select_from(CertificatePeriodRow).where(*bounds)
        return self.size(self._by(way.index, entries), limit)

    def of_certificates(self, found: Select[Any] | tuple[int, ...]) -> Select[Any]:
        """The periods, where they fit but for words and events, of certificates."""
        if not isinstance(found, tuple):
            few: Place = self._key.in_(select(found.subquery().c[0]))
        elif self._is_postgresql:
            # As rows: of a list it would look for each in every part of an index that begins with something else.
            few = self._key.in_(select(func.unnest(cast_to(list(found), ARRAY(BigInteger))).column_valued()))
        else:
            few = among(self._session, self._key, found)
        return self._by(_BY_CERTIFICATE, select(*self._columns).where(few, *self._fits))

    def identifiers(self, found: Select[Any]) -> tuple[int, ...]:
        """Of certificates that an index found which is not of the periods."""
        return tuple(self._execute(found).scalars())

    def that_hold_words(self, candidates: Select[Any], limit: int) -> Found:
        """Those that hold the words, of the first candidates; all where there are no more than `limit`."""
        rows = self._execute(with_certainty(candidates, self._query.text).limit(limit + 1)).all()
        return Found(tuple(key for key, holds in rows if holds), are_all=len(rows) <= limit)

    def sort(self, statement: Select[Any], limit: int, *places: Place) -> tuple[list[Key], int]:
        """The first rows of everything in `statement`, and how many there are."""
        rows = self._first(statement.add_columns(func.count().over()), limit, *places)
        return [(value, key) for value, key, _ in rows], rows[0][-1] if rows else 0

    def first(self, statement: Select[Any], limit: int, *places: Place) -> list[Key]:
        """The first rows of everything in `statement`, which is read and sorted."""
        return [(value, key) for value, key in self._first(statement, limit, *places)]

    def _first(self, statement: Select[Any], limit: int, *places: Place) -> list[Any]:
        rows = statement.where(*places)
        if self._is_postgresql:
            # It would rather read all of an index that has the order, for the few that are wanted.
            fenced = rows.offset(0).subquery()
            order = (each.desc() if self.is_descending else each.asc() for each in list(fenced.c)[: len(self._columns)])
            return list(self._execute(select(fenced).order_by(*order).limit(limit)))
        return list(self._execute(self._sorted(rows).limit(limit)))

    def first_that_hold_letters(self, limit: int, after: Key | None) -> list[Key]:
        """The first certificates that the index of letters finds, whether they fit or not: no periods need be read."""
        columns = (getattr(CertificateRow, self._column_key), col(CertificateRow.id))
        place = tuple_(*columns)
        behind = () if after is None else (place < after if self.is_descending else place > after,)
        order = (each.desc() if self.is_descending else each.asc() for each in columns)
        found = certificates_holding(self._session, self._query.text, *columns)
        if order_of(self._query) == CertificateSort.HOLDER:
            found = found.with_hint(CertificateRow, "INDEXED BY ix_certificate_id_holder_sort", "sqlite")
        return [(value, key) for value, key in self._execute(found.where(*behind).order_by(*order).limit(limit))]

    def that_fit(self, keys: list[Key]) -> list[Key]:
        """Those of a few rows that fit, words included."""
        certificate = col(CertificateRow.id)
        some = self.of_certificates(tuple(key for _, key in keys)).with_only_columns(self._key)
        checked = select(certificate).where(certificate.in_(some), *holds_words(self._query.text))
        right = set(self._execute(checked).scalars())
        return [(value, key) for value, key in keys if key in right]

    def size(self, statement: Select[Any], limit: int | None = None) -> int:
        """How many rows there are, counted to `limit`."""
        size: int = self._execute(select(func.count()).select_from(statement.limit(limit).subquery())).scalar_one()
        return size

    @staticmethod
    def _by(index: str, statement: Select[Any]) -> Select[Any]:
        return statement.with_hint(CertificatePeriodRow, f"INDEXED BY {index}", "sqlite")

    def _sorted(self, statement: Select[Any]) -> Select[Any]:
        return statement.order_by(*(column.desc() if self.is_descending else column.asc() for column in self._columns))

    def _execute(self, statement: Select[Any], *, in_order: bool = False) -> Any:
        """Keep PostgreSQL to the indexes, and `in_order` to the one that has the order of the list.

        It would rather read and sort a whole table where it takes what fits to be rarer, or spread more evenly, than it is.
        """
        off = {"enable_seqscan"}
        if in_order:
            off.add("enable_sort")
        if in_order or not self._query.text:
            # The index of letters can be read in no other way.
            off.add("enable_bitmapscan")
        self._switch_off(frozenset(off))
        return self._session.execute(statement)

    @contextmanager
    def planned(self) -> Iterator[None]:
        """Leave PostgreSQL's planner behind as it was."""
        yield
        self._switch_off(frozenset())

    def _switch_off(self, names: frozenset[str]) -> None:
        changed = sorted(names ^ self._off) if self._is_postgresql else ()
        if changed:
            configured = (func.set_config(name, "off" if name in names else "on", True) for name in changed)
            self._session.execute(select(*configured))
            self._off = names


def _hide(condition: Condition, columns: Collection[str]) -> Condition:
    """The same condition, written so that no database begins with what it asks of these columns of the periods."""

    def hidden(element: Any, **_options: object) -> Any:
        is_hidden = isinstance(element, ColumnClause) and element.table is _PERIOD and element.key in columns
        return func.coalesce(element, element) if is_hidden else None

    return cast("Condition", replacement_traverse(cast("Any", condition), {}, hidden))


def _is_same_end(one: Any, other: Any) -> bool:
    """Whether both conditions say where something begins, or both where it ends."""
    return any(one.operator in end and other.operator in end for end in _ENDS)
