"""SQL conditions about certificates: a `CertificateQuery` and a `Viewer` become one statement, whatever is made of it.

What a certificate says stands in its periods too, so that counting reads one index; see `CertificatePeriodRow.kind`.
"""

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
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import String
from sqlmodel import col

from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import agencies_at, subtree_ids, visible
from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.certificates.columns import FINGERPRINT_LETTERS
from registry.certificates.query import CertificateQuery, Dimension, Flag, Standing
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow, CertificateStatus
from registry.clock import end_of_day, start_of_day

WHOLE_WORD: Final = 3
"""Letters from which on a word is found anywhere; a shorter one is found where a word begins."""

_FINGERPRINT: Final = 64
"""Hex digits of a SHA-256."""

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


def matching(query: CertificateQuery, viewer: Viewer, now: datetime, *columns: Any) -> Select[Any]:
    """Select `columns` of the certificates that the query asks for and the viewer may see; without order."""
    return (
        select(*columns)
        .select_from(CertificateRow)
        .join(CertificatePeriodRow, in_period(query.as_of))
        .where(*conditions(query), *visible(col(CertificatePeriodRow.agency_id), viewer, now))
    )


def counting(query: CertificateQuery, viewer: Viewer, now: datetime, *columns: Any) -> Select[Any]:
    """The same of the periods alone: one for each certificate. `columns` are those of `CertificatePeriodRow`."""
    if query.text:
        return matching(query, viewer, now, *columns)
    period = CertificatePeriodRow
    statement = (
        select(*columns)
        .select_from(period)
        .where(
            col(period.effective_from) <= query.as_of,
            col(period.effective_until) > query.as_of,
            *conditions(query),
            *visible(col(period.agency_id), viewer, now),
        )
    )
    if query.expires_from is not None and query.expires_from == query.expires_until:
        # SQLite does not know how little ends on one day, and would rather read all that the viewer may see.
        return statement.with_hint(period, "INDEXED BY ix_certificate_period_not_after_facts", "sqlite")
    return statement


def in_period(at: datetime) -> ColumnElement[bool]:
    """Join a certificate with what was true of it at `at`."""
    return and_(
        col(CertificatePeriodRow.certificate_id) == col(CertificateRow.id),
        col(CertificatePeriodRow.effective_from) <= at,
        col(CertificatePeriodRow.effective_until) > at,
    )


def has_standing(standing: Standing, at: datetime) -> ColumnElement[bool]:
    """Whether the certificate has this standing at `at`; exactly one member holds of each."""
    status = col(CertificatePeriodRow.status)
    not_after = col(CertificatePeriodRow.not_after)
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
            return and_(names_in_use(at), col(CertificatePeriodRow.named_agency_id).in_(ended_agencies(at)))
        case Flag.WEAK:
            return col(CertificatePeriodRow.is_weak) == true()
        case Flag.UNKNOWN_CA:
            return col(CertificatePeriodRow.generation) == UNKNOWN_GENERATION
        case Flag.REPLACED:
            return col(CertificatePeriodRow.is_replaced)
        case Flag.NOT_REPLACED:
            return not_(col(CertificatePeriodRow.is_replaced))


def names_in_use(at: datetime) -> ColumnElement[bool]:
    """Whether it matters at `at` whom the certificate names: nobody has to act on one that is not used any more."""
    return and_(
        col(CertificatePeriodRow.status) != CertificateStatus.REVOKED,
        col(CertificatePeriodRow.not_after) >= at,
        not_(col(CertificatePeriodRow.is_replaced)),
    )


def ended_agencies(at: datetime) -> Select[tuple[int]]:
    """Identifiers of the agencies that do not exist at `at`."""
    agency: Any = col(AgencyRow.id)
    return select(agency).where(has_ended(agency, at))


def has_ended(agency: SQLColumnExpression[Any], at: datetime) -> ColumnElement[bool]:
    """Whether the agency in `agency` does not exist at `at`."""
    return not_(
        exists(
            select(col(AgencyPeriodRow.id)).where(
                col(AgencyPeriodRow.agency_id) == agency,
                col(AgencyPeriodRow.effective_from) <= at,
                col(AgencyPeriodRow.effective_until) > at,
            )
        )
    )


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


def conditions(query: CertificateQuery) -> list[SQLColumnExpression[bool]]:
    """What has to hold of a certificate and its period for it to be asked for; who may see it is another matter."""
    at = query.as_of
    return [
        *holds_words(query.text),
        *of_agencies(query, col(CertificatePeriodRow.agency_id)),
        *_among(col(CertificatePeriodRow.kind), query.kinds),
        *_among(col(CertificatePeriodRow.medium), query.media),
        *_among(col(CertificatePeriodRow.generation), query.generations),
        *_among(col(CertificatePeriodRow.custody), query.custodies),
        *((or_(*(has_standing(standing, at) for standing in query.standings)),) if query.standings else ()),
        *_days(query),
        *_events(query),
        *(has_flag(flag, at) for flag in query.flags),
    ]


def _among(column: SQLColumnExpression[Any], values: tuple[Any, ...]) -> tuple[ColumnElement[bool], ...]:
    return (column.in_(values),) if values else ()


def holds_words(text: str) -> tuple[ColumnElement[bool], ...]:
    """Whether every word of `text` occurs in a certificate; see `CertificateQuery.text`."""
    return tuple(map(_holds_word, words_of(text)))


def _holds_word(word: str) -> ColumnElement[bool]:
    search, sha256 = col(CertificateRow.search), col(CertificateRow.sha256)
    if is_fingerprint(word):
        # An entry without its certificate has no more of the fingerprint than what is searched by.
        return and_(search.contains(word[:FINGERPRINT_LETTERS]), or_(sha256 == word, sha256.is_(None)))
    if len(word) >= WHOLE_WORD:
        return search.contains(word, autoescape=True)
    return or_(
        search.startswith(word, autoescape=True),
        search.contains(f" {word}", autoescape=True),
        search.contains(f"\n{word}", autoescape=True),
    )


def is_fingerprint(word: str) -> bool:
    """Whether the word is a whole SHA-256, which is compared as such."""
    return len(word) == _FINGERPRINT and _is_hex(word)


def words_of(text: str) -> list[str]:
    """The folded words that all have to occur."""
    # Serials and fingerprints are pasted with colons or spaces between the octets; the register keeps them without.
    compact = text.replace(":", "").strip()
    return fold(compact if _is_hex(compact) else text).split()


def _is_hex(text: str) -> bool:
    return len(text) >= 6 and all(character in "0123456789abcdefABCDEF" for character in text)


def of_agencies(query: CertificateQuery, agency: SQLColumnExpression[int]) -> list[ColumnElement[bool]]:
    """Whether the agency in `agency` is one of those that the query asks for."""
    conditions: list[ColumnElement[bool]] = []
    if query.agency_id is not None:
        conditions.append(
            agency.in_(subtree_ids(query.agency_id, query.as_of)) if query.with_subtree else agency == query.agency_id
        )
    if query.levels:
        each = agencies_at(query.as_of)
        conditions.append(agency.in_(select(each.c.agency_id).where(each.c.level.in_(query.levels))))
    return conditions


def _days(query: CertificateQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    not_after, issued_at = col(CertificatePeriodRow.not_after), col(CertificatePeriodRow.issued_at)
    if query.expiring_within_days is not None:
        conditions.append(has_standing(Standing.ACTIVE, query.as_of))
        conditions.append(not_after <= query.as_of + timedelta(days=query.expiring_within_days))
    if query.expires_from is not None:
        conditions.append(not_after >= start_of_day(query.expires_from))
    if query.expires_until is not None:
        conditions.append(not_after <= end_of_day(query.expires_until))
    if query.issued_from is not None:
        conditions.append(issued_at >= start_of_day(query.issued_from))
    if query.issued_until is not None:
        conditions.append(issued_at <= end_of_day(query.issued_until))
    return conditions


def _events(query: CertificateQuery) -> tuple[ColumnElement[bool], ...]:
    if not query.events:
        return ()
    concerned = select(col(CertificateEventRow.certificate_id)).where(*happened(query))
    return (col(CertificatePeriodRow.certificate_id).in_(concerned),)


def happened(query: CertificateQuery) -> list[ColumnElement[bool]]:
    """Whether an event is one of those that the query asks for."""
    conditions = [
        col(CertificateEventRow.kind).in_(query.events),
        col(CertificateEventRow.effective_at) <= query.as_of,
    ]
    if query.event_from is not None:
        conditions.append(col(CertificateEventRow.effective_at) >= start_of_day(query.event_from))
    if query.event_until is not None:
        conditions.append(col(CertificateEventRow.effective_at) <= end_of_day(query.event_until))
    return conditions
