"""The indexes by which a list can be read, and what each of them finds by itself.

Every index holds nearly all columns that people filter by, so that passing by what does not fit costs little; see
`CertificatePeriodRow`. Conditions here repeat some of a query's, in the words that an index understands.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    SQLColumnExpression,
    TextClause,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from registry.accounts.viewer import Viewer
from registry.agencies.conditions import visible
from registry.agencies.tables import AgencyRow
from registry.certificates.conditions import UNKNOWN_GENERATION, ended_agencies, has_flag, of_agencies
from registry.certificates.query import CertificateQuery, CertificateSort, Flag, Standing
from registry.certificates.tables import CertificatePeriodRow, CertificateStatus, Custody, Medium, SubscriberKind
from registry.clock import end_of_day, start_of_day
from registry.db.types import UTCDateTime
from registry.db.unit_of_work import UnitOfWork

Condition = SQLColumnExpression[bool]

SAMPLED: Final = 16
"""Of so many agencies one stands for all where they are many."""

_INDEX: Final = "ix_certificate_period_"
_MANY_AGENCIES: Final = 500

ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    CertificateSort.HOLDER: col(CertificatePeriodRow.holder_sort),
    CertificateSort.EXPIRY: col(CertificatePeriodRow.not_after),
    CertificateSort.ISSUE: col(CertificatePeriodRow.issued_at),
}
"""The column of each order, whichever way round the list is."""
_STATUSES: Final = {
    Standing.NOT_YET_VALID: (CertificateStatus.ACTIVE,),
    Standing.ACTIVE: (CertificateStatus.ACTIVE,),
    Standing.SUSPENDED: (CertificateStatus.SUSPENDED,),
    Standing.EXPIRED: (CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED),
    Standing.REVOKED: (CertificateStatus.REVOKED,),
}
_USABLE: Final = frozenset((Standing.NOT_YET_VALID, Standing.ACTIVE, Standing.SUSPENDED))


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One index of the periods, and the conditions that bound the part of it that has to be read."""

    index: str
    bounds: tuple[Condition, ...]
    orders: tuple[str, ...] = ()
    """Those of `ORDERS` whose column stands in the index."""
    is_complete: bool = False
    """Every condition of the query can be answered from the index."""
    sample: tuple[Condition, ...] = ()
    """Bounds of about one in `SAMPLED` of its entries, by which its size can be guessed; none: counting is quick enough."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The agencies that a query comes down to: there are thousands of them, so that they are found first."""

    agency_ids: tuple[int, ...] | None
    """Managing agencies; None: any."""
    named_ids: tuple[int, ...] | None
    """Agencies that the subject may name; None: any."""


def find_scope(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> Scope:
    """Read the agencies that the query asks for and the viewer may see."""
    agency: Any = col(AgencyRow.id)
    conditions = (*of_agencies(query, agency), *visible(agency, viewer, uow.now))
    agency_ids = named_ids = None
    if conditions:
        agency_ids = tuple(uow.session.execute(select(agency).where(*conditions)).scalars())
        if len(agency_ids) == uow.session.execute(select(func.count(agency))).scalar_one():
            agency_ids = None
    if Flag.NAMES_ENDED_BODY in query.flags:
        named_ids = tuple(uow.session.execute(ended_agencies(query.as_of)).scalars())
    return Scope(agency_ids, named_ids)


def among(session: Session, column: SQLColumnExpression[Any], ids: tuple[int, ...]) -> ColumnElement[bool]:
    """Whether the column is one of thousands of identifiers, as one parameter."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(cast(list(ids), ARRAY(BigInteger)))
    each = func.json_each(json.dumps(ids)).table_valued("value")
    return column.in_(select(each.c.value))


def way_of_order(session: Session, query: CertificateQuery) -> Way:
    """The index that has the whole register in the order of the list."""
    match order_of(query):
        case CertificateSort.EXPIRY:
            return Way(f"{_INDEX}not_after_facts", ends(query), is_complete=_is_in_facts(query))
        case CertificateSort.ISSUE:
            bounds = _issued(query, since=_oldest_of_use(session, query))
            return Way(f"{_INDEX}issued_at_facts", bounds, is_complete=not _needs_rows(query))
        case _ if len(query.kinds) == 1:
            of_kind = col(CertificatePeriodRow.kind) == query.kinds[0]
            return Way(f"{_INDEX}kind_facts", (of_kind,), is_complete=_is_in_facts(query))
        case _:
            return Way(f"{_INDEX}holder_sort_facts", (), is_complete=_is_in_facts(query))


def order_of(query: CertificateQuery) -> str:
    """The order of the list, whichever way round: one of `ORDERS`."""
    return query.sort.removeprefix("-")


def narrow_ways(session: Session, query: CertificateQuery, scope: Scope) -> list[Way]:
    """The indexes of which a part has all that fits, the likely smallest first."""
    period = CertificatePeriodRow
    holder, expiry, issue = ORDERS
    ways = []
    if query.standings == (Standing.SUSPENDED,):
        ways.append(Way(f"{_INDEX}suspended", (col(period.status) == literal_column("'suspended'"),)))
    if Flag.WEAK in query.flags:
        ways.append(Way(f"{_INDEX}is_weak", (has_flag(Flag.WEAK, query.as_of),)))
    if query.custodies and Custody.HANDED_OVER not in query.custodies:
        ways.append(Way(f"{_INDEX}custody", (col(period.custody).in_(query.custodies),)))
    if scope.named_ids is not None:
        named = among(session, col(period.named_agency_id), scope.named_ids)
        ways.append(Way(f"{_INDEX}named_agency_id_facts", (named, *ends(query))))
    if scope.agency_ids is not None:
        agencies = among(session, col(period.agency_id), scope.agency_ids)
        kinds = (col(period.kind).in_(query.kinds),) if query.kinds else ()
        some = among(session, col(period.agency_id), scope.agency_ids[::SAMPLED])
        sample = (some, *kinds) if len(scope.agency_ids) > _MANY_AGENCIES else ()
        is_complete = not _needs_rows(query)
        ways.append(Way(f"{_INDEX}agency_id_facts", (agencies, *kinds), (holder, expiry, issue), is_complete, sample))
    if query.expiring_within_days is not None or query.expires_from or query.expires_until:
        ways.append(Way(f"{_INDEX}not_after_facts", ends(query), (expiry,), _is_in_facts(query)))
    if query.issued_from or query.issued_until:
        ways.append(Way(f"{_INDEX}issued_at_facts", _issued(query), (issue, expiry), not _needs_rows(query)))
    facets = _facets(query)
    if facets:
        ways.append(Way(f"{_INDEX}medium_facts", facets, (holder, expiry), _is_in_facts(query)))
    return ways


def _needs_rows(query: CertificateQuery) -> bool:
    """Whether something is asked for that stands in none of the larger indexes."""
    return bool(query.custodies) or not {Flag.WEAK, Flag.NAMES_ENDED_BODY}.isdisjoint(query.flags)


def _is_in_facts(query: CertificateQuery) -> bool:
    """Whether everything that is asked for stands in the indexes that do not know when a certificate was issued."""
    return not (_needs_rows(query) or query.issued_from or query.issued_until)


def ends(query: CertificateQuery) -> tuple[Condition, ...]:
    """Between which moments the validity of everything in the list ends."""
    at = query.as_of
    first = [] if query.expires_from is None else [start_of_day(query.expires_from)]
    last = [] if query.expires_until is None else [end_of_day(query.expires_until)]
    before = []
    if (query.standings and _USABLE.issuperset(query.standings)) or Flag.NAMES_ENDED_BODY in query.flags:
        first.append(at)
    if query.standings == (Standing.EXPIRED,):
        before.append(at)
    if query.expiring_within_days is not None:
        first.append(at)
        last.append(at + timedelta(days=query.expiring_within_days))
    not_after = col(CertificatePeriodRow.not_after)
    # One end each way, the narrowest: of several SQLite begins with the first.
    if last and before and min(before) <= min(last):
        last = []
    elif last:
        before = []
    return (
        *((not_after >= max(first),) if first else ()),
        *((not_after <= min(last),) if last else ()),
        *((not_after < min(before),) if before else ()),
    )


def _issued(query: CertificateQuery, since: datetime | None = None) -> tuple[Condition, ...]:
    """Between which moments everything in the list was issued, which may be known to be no earlier than `since`."""
    issued_at = col(CertificatePeriodRow.issued_at)
    last = query.as_of if query.issued_until is None else min(query.as_of, end_of_day(query.issued_until))
    begins = [start_of_day(query.issued_from)] if query.issued_from is not None else []
    first = max((*begins, *((since,) if since else ())), default=None)
    return (*((issued_at >= first,) if first else ()), issued_at <= last)


def _oldest_of_use(session: Session, query: CertificateQuery) -> datetime | None:
    """The month before which nothing was issued that is still valid, where a list begins with the oldest of what is.

    Otherwise it would pass over all the years before. None: it does not matter, or nothing is valid.
    """
    if query.sort != CertificateSort.ISSUE or not (query.standings and _USABLE.issuperset(query.standings)):
        return None
    statement = _OLDEST_OF_USE[session.get_bind().dialect.name]
    found = session.execute(statement, {"at": query.as_of}).scalar_one_or_none()
    return datetime.fromisoformat(f"{str(found)[:7]}-01T00:00:00+00:00") if found else None


def _oldest_month_valid(month: str) -> TextClause:
    """Of each month of issue in turn, the last end: a few hundred looks at an index by `month` and end."""
    return text(
        "WITH RECURSIVE months (month) AS ("  # noqa: S608 (our own words)
        f" SELECT min({month}) FROM certificate_period UNION ALL"
        f" SELECT (SELECT min({month}) FROM certificate_period WHERE {month} > months.month)"
        " FROM months WHERE months.month IS NOT NULL)"
        " SELECT month FROM months WHERE month IS NOT NULL"
        f" AND (SELECT max(not_after) FROM certificate_period WHERE {month} = months.month) >= :at LIMIT 1"
    ).bindparams(bindparam("at", type_=UTCDateTime))


_OLDEST_OF_USE: Final = {
    "sqlite": _oldest_month_valid("substr(issued_at, 1, 7)"),
    "postgresql": _oldest_month_valid("date_trunc('month', issued_at AT TIME ZONE 'UTC')"),
}
"""By the kind of database, in the words of `ix_certificate_period_issue_month`."""


def _facets(query: CertificateQuery) -> tuple[Condition, ...]:
    """For the index that begins with medium, kind, status and generation: every value of a column nobody asks for."""
    period = CertificatePeriodRow
    generations = (UNKNOWN_GENERATION,) if Flag.UNKNOWN_CA in query.flags else query.generations
    statuses = {status for standing in query.standings for status in _STATUSES[standing]}
    # Kinds alone are the beginning of another index, which has the order of the names.
    kinds = query.kinds if len(query.kinds) > 1 or order_of(query) != CertificateSort.HOLDER else ()
    if not (query.media or kinds or generations or (statuses and CertificateStatus.ACTIVE not in statuses)):
        return ()
    return (
        col(period.medium).in_(query.media or tuple(Medium)),
        col(period.kind).in_(query.kinds or tuple(SubscriberKind)),
        col(period.status).in_(sorted(statuses) or tuple(CertificateStatus)),
        *((col(period.generation).in_(generations),) if generations else ()),
    )
