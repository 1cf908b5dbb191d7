"""SQL conditions about certificates: a `CertificateQuery` and a `Viewer` become one statement, whatever is made of it.

What a certificate says stands in its periods too, so that counting reads one index; see `CertificatePeriodRow.kind`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import String
from sqlmodel import col

from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import agencies_at, subtree_ids, visible
from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.certificates.query import CertificateQuery, Dimension, Flag, Standing
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow, CertificateStatus
from registry.clock import end_of_day, start_of_day

UNKNOWN_GENERATION: Final = "unknown"
"""Generation of a certificate whose CA has no path to an anchor of the register."""


class LocalMonth(GenericFunction[str]):
    """The calendar month in Viet Nam of a time, `2026-11`."""

    type = String()
    inherit_cache = True
    name = "registry_local_month"


@compiles(LocalMonth, "sqlite")
def _local_month_sqlite(element: LocalMonth, compiler: SQLCompiler, **options: Any) -> str:
    # Viet Nam has no daylight saving time, so that the offset is a constant.
    return f"strftime('%Y-%m', {compiler.process(element.clauses, **options)}, '+7 hours')"


@compiles(LocalMonth, "postgresql")
def _local_month_postgresql(element: LocalMonth, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)} AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM')"


@dataclass(frozen=True, slots=True)
class Times:
    """From where the times of a certificate are read: the index at hand knows some of them."""

    not_after: SQLColumnExpression[Any] = field(default_factory=lambda: col(CertificatePeriodRow.not_after))
    issued_at: SQLColumnExpression[Any] = field(default_factory=lambda: col(CertificatePeriodRow.issued_at))


def matching(query: CertificateQuery, viewer: Viewer, now: datetime, *columns: Any) -> Select[Any]:
    """Select `columns` of the certificates that the query asks for and the viewer may see; without order."""
    return _joined(query, viewer, now, columns, by=in_period(query.as_of), times=Times())


def walking(query: CertificateQuery, viewer: Viewer, now: datetime, *columns: Any, times: Times) -> Select[Any]:
    """The same for reading the first rows in an order of `CertificateRow`: no database reads the periods first.

    Without statistics SQLite would rather fetch and sort a million rows than walk along the index of their order.
    """
    each = aliased(CertificatePeriodRow)
    period = select(col(each.id)).where(
        col(each.certificate_id) == col(CertificateRow.id),
        col(each.effective_from) <= query.as_of,
        col(each.effective_until) > query.as_of,
    )
    found = col(CertificatePeriodRow.id) == period.correlate(CertificateRow).scalar_subquery()
    statement = _joined(query, viewer, now, columns, by=found, times=times)
    # Holders of one kind stand together in the order of names, so that walking by name alone may pass by all others.
    return statement.where(col(CertificateRow.kind) == query.kinds[0]) if len(query.kinds) == 1 else statement


def _joined(
    query: CertificateQuery,
    viewer: Viewer,
    now: datetime,
    columns: tuple[Any, ...],
    *,
    by: ColumnElement[bool],
    times: Times,
) -> Select[Any]:
    return (
        select(*columns)
        .select_from(CertificateRow)
        .join(CertificatePeriodRow, by)
        .where(*conditions(query, times), *visible(col(CertificatePeriodRow.agency_id), viewer, now))
    )


def counting(query: CertificateQuery, viewer: Viewer, now: datetime, *columns: Any) -> Select[Any]:
    """The same of the periods alone: one for each certificate. `columns` are those of `CertificatePeriodRow`."""
    if query.text:
        return matching(query, viewer, now, *columns)
    period = CertificatePeriodRow
    return (
        select(*columns)
        .select_from(period)
        .where(
            col(period.effective_from) <= query.as_of,
            col(period.effective_until) > query.as_of,
            *conditions(query),
            *visible(col(period.agency_id), viewer, now),
        )
    )


def in_period(at: datetime) -> ColumnElement[bool]:
    """Join a certificate with what was true of it at `at`."""
    return and_(
        col(CertificatePeriodRow.certificate_id) == col(CertificateRow.id),
        col(CertificatePeriodRow.effective_from) <= at,
        col(CertificatePeriodRow.effective_until) > at,
    )


def has_standing(standing: Standing, at: datetime, times: Times | None = None) -> ColumnElement[bool]:
    """Whether the certificate has this standing at `at`; exactly one member holds of each."""
    status = col(CertificatePeriodRow.status)
    not_after = (times or Times()).not_after
    not_before = col(CertificatePeriodRow.not_before)
    match standing:
        case Standing.REVOKED:
            return status == CertificateStatus.REVOKED
        case Standing.EXPIRED:
            return and_(status != CertificateStatus.REVOKED, not_after < at)
        case Standing.SUSPENDED:
            # As a literal, which a database needs to see that the index of the suspended ones holds all of them.
            return and_(status == literal_column("'suspended'"), not_after >= at)
        case Standing.NOT_YET_VALID:
            return and_(status == CertificateStatus.ACTIVE, not_after >= at, not_before > at)
        case Standing.ACTIVE:
            return and_(status == CertificateStatus.ACTIVE, not_after >= at, not_before <= at)


def standing_at(at: datetime) -> ColumnElement[str]:
    """The standing of the certificate at `at` as a column."""
    return case(*((has_standing(standing, at), literal(standing.value)) for standing in Standing))


def has_flag(flag: Flag, at: datetime) -> SQLColumnExpression[bool]:
    """Whether the flag holds of the certificate at `at`."""
    match flag:
        case Flag.NAMES_ENDED_BODY:
            # Nobody has to act on a certificate that is not used any more.
            return and_(
                col(CertificatePeriodRow.status) != CertificateStatus.REVOKED,
                col(CertificatePeriodRow.not_after) >= at,
                not_(col(CertificatePeriodRow.is_replaced)),
                col(CertificatePeriodRow.named_agency_id).in_(
                    select(col(AgencyRow.id)).where(
                        not_(
                            exists(
                                select(col(AgencyPeriodRow.id)).where(
                                    col(AgencyPeriodRow.agency_id) == col(AgencyRow.id),
                                    col(AgencyPeriodRow.effective_from) <= at,
                                    col(AgencyPeriodRow.effective_until) > at,
                                )
                            )
                        )
                    )
                ),
            )
        case Flag.WEAK:
            return col(CertificatePeriodRow.is_weak) == true()
        case Flag.UNKNOWN_CA:
            return col(CertificatePeriodRow.generation) == UNKNOWN_GENERATION
        case Flag.REPLACED:
            return col(CertificatePeriodRow.is_replaced)
        case Flag.NOT_REPLACED:
            return not_(col(CertificatePeriodRow.is_replaced))


def group_of(dimension: Dimension, at: datetime) -> SQLColumnExpression[Any]:  # noqa: PLR0911 (one case a member)
    """The column by which counting groups."""
    match dimension:
        case Dimension.EXPIRY_MONTH:
            return LocalMonth(col(CertificatePeriodRow.not_after))
        case Dimension.ISSUE_MONTH:
            return LocalMonth(col(CertificatePeriodRow.issued_at))
        case Dimension.ISSUE_YEAR:
            return func.substr(LocalMonth(col(CertificatePeriodRow.issued_at)), 1, 4)
        case Dimension.KIND:
            return col(CertificatePeriodRow.kind)
        case Dimension.MEDIUM:
            return col(CertificatePeriodRow.medium)
        case Dimension.GENERATION:
            return col(CertificatePeriodRow.generation)
        case Dimension.STANDING:
            return standing_at(at)
        case Dimension.CUSTODY:
            return col(CertificatePeriodRow.custody)
        case Dimension.AGENCY | Dimension.LEVEL:
            # Levels are summed up by the caller: there are thousands of agencies and millions of certificates.
            return col(CertificatePeriodRow.agency_id)


def conditions(query: CertificateQuery, times: Times | None = None) -> list[SQLColumnExpression[bool]]:
    """What has to hold of a certificate and its period for it to be asked for; who may see it is another matter."""
    times = times or Times()
    at = query.as_of
    return [
        *_text(query.text),
        *_agency(query),
        *_among(col(CertificatePeriodRow.kind), query.kinds),
        *_among(col(CertificatePeriodRow.medium), query.media),
        *_among(col(CertificatePeriodRow.generation), query.generations),
        *_among(col(CertificatePeriodRow.custody), query.custodies),
        *((or_(*(has_standing(standing, at, times) for standing in query.standings)),) if query.standings else ()),
        *_days(query, times),
        *_events(query),
        *(has_flag(flag, at) for flag in query.flags),
    ]


def _among(column: SQLColumnExpression[Any], values: tuple[Any, ...]) -> tuple[ColumnElement[bool], ...]:
    return (column.in_(values),) if values else ()


def _text(text: str) -> tuple[ColumnElement[bool], ...]:
    return tuple(col(CertificateRow.search).contains(word, autoescape=True) for word in words_of(text))


def words_of(text: str) -> list[str]:
    """The folded words that all have to occur."""
    # Serials and fingerprints are pasted with colons or spaces between the octets; the register keeps them without.
    compact = text.replace(":", "").strip()
    return fold(compact if _is_hex(compact) else text).split()


def _is_hex(text: str) -> bool:
    return len(text) >= 6 and all(character in "0123456789abcdefABCDEF" for character in text)


def _agency(query: CertificateQuery) -> list[ColumnElement[bool]]:
    agency = col(CertificatePeriodRow.agency_id)
    conditions: list[ColumnElement[bool]] = []
    if query.agency_id is not None:
        conditions.append(
            agency.in_(subtree_ids(query.agency_id, query.as_of)) if query.with_subtree else agency == query.agency_id
        )
    if query.levels:
        each = agencies_at(query.as_of)
        conditions.append(agency.in_(select(each.c.agency_id).where(each.c.level.in_(query.levels))))
    return conditions


def _days(query: CertificateQuery, times: Times) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.expiring_within_days is not None:
        conditions.append(has_standing(Standing.ACTIVE, query.as_of, times))
        conditions.append(times.not_after <= query.as_of + timedelta(days=query.expiring_within_days))
    if query.expires_from is not None:
        conditions.append(times.not_after >= start_of_day(query.expires_from))
    if query.expires_until is not None:
        conditions.append(times.not_after <= end_of_day(query.expires_until))
    if query.issued_from is not None:
        conditions.append(times.issued_at >= start_of_day(query.issued_from))
    if query.issued_until is not None:
        conditions.append(times.issued_at <= end_of_day(query.issued_until))
    return conditions


def _events(query: CertificateQuery) -> tuple[ColumnElement[bool], ...]:
    if not query.events:
        return ()
    happened = [
        col(CertificateEventRow.kind).in_(query.events),
        col(CertificateEventRow.effective_at) <= query.as_of,
    ]
    if query.event_from is not None:
        happened.append(col(CertificateEventRow.effective_at) >= start_of_day(query.event_from))
    if query.event_until is not None:
        happened.append(col(CertificateEventRow.effective_at) <= end_of_day(query.event_until))
    concerned = select(col(CertificateEventRow.certificate_id)).where(*happened)
    return (col(CertificatePeriodRow.certificate_id).in_(concerned),)
