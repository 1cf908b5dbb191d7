"""Counts that do not read the certificates: of agencies, and of what expires when, as of now and of days to come.

The database keeps them, see `AgencyCountRow`. Of days that have been summed up already the certificates are counted, so that
the answer is the same for every moment; only today's is quick.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Select, SQLColumnExpression, and_, case, exists, func, not_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import String
from sqlmodel import Session, col

from registry.accounts.viewer import Viewer
from registry.agencies.conditions import visible, visible_ids
from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.certificates.conditions import UNKNOWN_GENERATION, counting, has_standing
from registry.certificates.query import CertificateQuery, CertificateSort, Flag, Standing
from registry.certificates.tables import (
    AgencyCountRow,
    CertificatePeriodRow,
    CertificateStatus,
    Custody,
    ExpiryCountRow,
    SubscriberKind,
)
from registry.certificates.ways import among
from registry.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AgencyCounts:
    """How many certificates are with an agency; all but `held` and `usable` are among the active ones."""

    held: int = 0
    """Whatever became of them."""
    usable: int = 0
    """Active, suspended or not yet valid."""
    active: int = 0
    organisations: int = 0
    unreplaced: int = 0
    lost: int = 0
    locked: int = 0
    weak: int = 0
    unknown_ca: int = 0


MEASURES: Final = tuple(each.name for each in fields(AgencyCounts))
"""Names of the counts, in the order of their columns."""
ACTIVITY: Final = ("held", "active")
"""The measures that pages of agencies show."""
NOTHING: Final = AgencyCounts()
_ANY_TIME: Final = datetime.max.replace(tzinfo=UTC)
_OF_ALL: Final = CertificateQuery(as_of=_ANY_TIME)
_OF_ACTIVE: Final = replace(_OF_ALL, standings=(Standing.ACTIVE,))
_MEASURED: Final = {
    _OF_ALL: "held",
    _OF_ACTIVE: "active",
    replace(_OF_ACTIVE, kinds=(SubscriberKind.ORGANISATION,)): "organisations",
    replace(_OF_ACTIVE, flags=(Flag.NOT_REPLACED,)): "unreplaced",
    replace(_OF_ACTIVE, custodies=(Custody.LOST,)): "lost",
    replace(_OF_ACTIVE, custodies=(Custody.LOCKED,)): "locked",
    replace(_OF_ACTIVE, flags=(Flag.WEAK,)): "weak",
    replace(_OF_ACTIVE, flags=(Flag.UNKNOWN_CA,)): "unknown_ca",
}
"""What each measure counts, of whichever agencies and moment."""


@dataclass(frozen=True, slots=True)
class ExpiryCounts:
    """How many certificates that nothing has replaced end on one day, were it over or not."""

    unrevoked: int
    """Active or suspended."""
    begun: int
    """Active, and their validity has begun."""


def counts_by_agency(
    uow: UnitOfWork,
    viewer: Viewer,
    at: datetime,
    *,
    among: Iterable[int] | Select[Any] | None = None,
    only: Sequence[str] = MEASURES,
) -> dict[int, AgencyCounts]:
    """The counts at `at` of the managing agencies that the viewer may see, and only of those `among`; without empty ones.

    Of `only` some measures: the rest stay 0. For a day that has to be counted anew `ACTIVITY` is read from one index.
    """
    names = [name for name in MEASURES if name in only or name == "held"]
    statement, agency = _counted(uow, viewer, at, names)
    if among is not None:
        statement = statement.where(agency.in_(among))
    found = uow.session.execute(statement.add_columns(agency).group_by(agency))
    return {key: AgencyCounts(**dict(zip(names, counts, strict=True))) for *counts, key in found if counts[0]}


def total_counts(uow: UnitOfWork, viewer: Viewer, at: datetime) -> AgencyCounts:
    """The same of all agencies together."""
    statement, _ = _counted(uow, viewer, at, MEASURES)
    return AgencyCounts(*(count or 0 for count in uow.session.execute(statement).one()))


def kept_total(session: Session, query: CertificateQuery, agency_ids: tuple[int, ...] | None) -> int | None:
    """How many certificates the query asks for of the agencies that it and its viewer leave; None: it is not kept.

    `agency_ids` is `Scope.agency_ids`.
    """
    asked = replace(
        query,
        as_of=_ANY_TIME,
        is_pinned=False,
        agency_id=None,
        with_subtree=True,
        levels=(),
        sort=CertificateSort.HOLDER,
    )
    measure = _MEASURED.get(asked)
    if measure is None or not tells(session, query.as_of):
        return None
    row = AgencyCountRow
    statement = select(func.coalesce(func.sum(getattr(row, measure)), 0)).where(*_until(query.as_of))
    if agency_ids is not None:
        statement = statement.where(among(session, col(row.agency_id), agency_ids))
    count: int = session.execute(statement).scalar_one()
    return count


def _counted(
    uow: UnitOfWork, viewer: Viewer, at: datetime, names: Sequence[str]
) -> tuple[Select[Any], SQLColumnExpression[int]]:
    """Some of `MEASURES`, and the column of the agency, by which they can be grouped."""
    if not tells(uow.session, at):
        return counted_anew(uow, viewer, at, names), col(CertificatePeriodRow.agency_id)
    agency = col(AgencyCountRow.agency_id)
    sums = (func.sum(getattr(AgencyCountRow, name)) for name in names)
    return select(*sums).where(*_until(at), *visible(agency, viewer, uow.now)), agency


def counted_anew(uow: UnitOfWork, viewer: Viewer, at: datetime, names: Sequence[str] = MEASURES) -> Select[Any]:
    """Some of `MEASURES`, counted from the certificates themselves."""
    period = CertificatePeriodRow
    active = has_standing(Standing.ACTIVE, at)
    conditions: dict[str, SQLColumnExpression[bool]] = {
        "usable": and_(col(period.status) != CertificateStatus.REVOKED, col(period.not_after) >= at),
        "active": active,
        "organisations": and_(active, col(period.kind) == SubscriberKind.ORGANISATION),
        "unreplaced": and_(active, not_(col(period.is_replaced))),
        "lost": and_(active, col(period.custody) == Custody.LOST),
        "locked": and_(active, col(period.custody) == Custody.LOCKED),
        "weak": and_(active, func.coalesce(col(period.is_weak), False)),
        "unknown_ca": and_(active, col(period.generation) == UNKNOWN_GENERATION),
    }
    sums = (func.count() if name == "held" else func.sum(case((conditions[name], 1), else_=0)) for name in names)
    return counting(CertificateQuery(as_of=at), viewer, uow.now, *sums)


def covered_agencies(session: Session, at: datetime) -> Select[Any]:
    """Identifiers of the agencies that hold at least one organisation certificate that is active at `at`."""
    if tells(session, at):
        row = AgencyCountRow
        return (
            select(col(row.agency_id))
            .where(*_until(at))
            .group_by(col(row.agency_id))
            .having(func.sum(col(row.organisations)) > 0)
        )
    query = CertificateQuery(as_of=at, kinds=(SubscriberKind.ORGANISATION,), standings=(Standing.ACTIVE,))
    return counting(query, Viewer.everything(), at, col(CertificatePeriodRow.agency_id))


def count_naming_ended_bodies(uow: UnitOfWork, viewer: Viewer, at: datetime) -> int:
    """What `count_certificates` answers for active certificates with `Flag.NAMES_ENDED_BODY`."""
    if not tells(uow.session, at):
        query = CertificateQuery(as_of=at, standings=(Standing.ACTIVE,), flags=(Flag.NAMES_ENDED_BODY,))
        counted: int = uow.session.execute(counting(query, viewer, uow.now, func.count())).scalar_one()
        return counted
    row, period = AgencyCountRow, AgencyPeriodRow
    goes_on = exists(
        select(col(period.id)).where(
            col(period.agency_id) == col(AgencyRow.id),
            col(period.effective_from) <= at,
            col(period.effective_until) > at,
        )
    )
    ended = select(col(AgencyRow.id)).where(not_(goes_on))
    statement = select(func.coalesce(func.sum(col(row.unreplaced)), 0)).where(
        *_until(at), *visible(col(row.agency_id), viewer, uow.now), col(row.named_agency_id).in_(ended)
    )
    count: int = uow.session.execute(statement).scalar_one()
    return count


def counts_by_expiry(
    uow: UnitOfWork, viewer: Viewer, at: datetime, first: date, last: date
) -> dict[tuple[date, SubscriberKind], ExpiryCounts]:
    """How many certificates end on each day from `first` to `last`, by kind, as of `at`; days without one are left out.

    The counts are kept of the register as a whole: of an officer's part, or of all that is not in it, the certificates
    themselves are counted, of whichever are fewer.
    """
    if not tells(uow.session, at):
        return to_expiry_counts(uow.session.execute(expiry_counted_anew(uow, viewer, at, first, last)))
    visible_to = visible_ids(viewer, uow.now)
    if visible_to is None:
        return _kept_by_expiry(uow, at, first, last)
    everything = Viewer.everything()
    held = counts_by_agency(uow, everything, at, only=())
    own = set(held).intersection(uow.session.execute(visible_to).scalars())
    others = set(held) - own
    is_small = sum(held[each].held for each in own) <= sum(held[each].held for each in others)
    few = tuple(own if is_small else others)
    part = to_expiry_counts(uow.session.execute(expiry_counted_anew(uow, everything, at, first, last, among_ids=few)))
    if is_small:
        return part
    rest = {
        key: ExpiryCounts(each.unrevoked - less.unrevoked, each.begun - less.begun)
        for key, each in _kept_by_expiry(uow, at, first, last).items()
        for less in (part.get(key, ExpiryCounts(0, 0)),)
    }
    return {key: each for key, each in rest.items() if each.unrevoked}


def _kept_by_expiry(
    uow: UnitOfWork, at: datetime, first: date, last: date
) -> dict[tuple[date, SubscriberKind], ExpiryCounts]:
    row = ExpiryCountRow
    day: Any = col(row.expires_on)
    kind: Any = col(row.kind)
    sums = [func.sum(col(row.unrevoked)), func.sum(col(row.begun))]
    statement = select(day, kind, *sums).where(day.between(first, last), col(row.at) <= at).group_by(day, kind)
    return to_expiry_counts(uow.session.execute(statement))


def to_expiry_counts(rows: Iterable[Any]) -> dict[tuple[date, SubscriberKind], ExpiryCounts]:
    """The counts of rows of day, kind and the two numbers."""
    return {
        (date.fromisoformat(str(ends)), SubscriberKind(kind)): ExpiryCounts(unrevoked, begun)
        for ends, kind, unrevoked, begun in rows
        if unrevoked
    }


def expiry_counted_anew(
    uow: UnitOfWork,
    viewer: Viewer,
    at: datetime,
    first: date,
    last: date,
    *,
    among_ids: tuple[int, ...] | None = None,
) -> Select[Any]:
    """What `counts_by_expiry` answers, as rows counted from the certificates themselves, or from those of some agencies."""
    period = CertificatePeriodRow
    day: SQLColumnExpression[str] = LocalDay(col(period.not_after))
    active = col(period.status) == CertificateStatus.ACTIVE
    begun = func.sum(case((and_(active, col(period.not_before) <= at), 1), else_=0))
    query = CertificateQuery(as_of=at, flags=(Flag.NOT_REPLACED,), expires_from=first, expires_until=last)
    statement = counting(query, viewer, uow.now, day, col(period.kind), func.count(), begun)
    statement = statement.where(col(period.status) != CertificateStatus.REVOKED).group_by(day, col(period.kind))
    if among_ids is None:
        return statement
    by_agency = statement.where(among(uow.session, col(period.agency_id), among_ids))
    return by_agency.with_hint(period, "INDEXED BY ix_certificate_period_agency_id_facts", "sqlite")


def tells(session: Session, at: datetime) -> bool:
    """Whether the kept counts know of the moment: it is not before the last sum."""
    row = AgencyCountRow
    summed: datetime | None = session.execute(select(func.max(col(row.at))).where(col(row.is_sum))).scalar_one()
    return summed is None or summed <= at


def _until(at: datetime) -> tuple[SQLColumnExpression[bool], ...]:
    row = AgencyCountRow
    return col(row.at) <= at, not_(and_(col(row.at) == at, col(row.is_after)))


class LocalDay(GenericFunction[str]):
    """The calendar day in Viet Nam of a time, `2026-11-23`."""

    type = String()
    inherit_cache = True
    name = "registry_local_day"


@compiles(LocalDay, "sqlite")
def _local_day_sqlite(element: LocalDay, compiler: SQLCompiler, **options: Any) -> str:
    # Viet Nam has no daylight saving time, so that the offset is a constant.
    return f"date({compiler.process(element.clauses, **options)}, '+7 hours')"


@compiles(LocalDay, "postgresql")
def _local_day_postgresql(element: LocalDay, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)} AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')"
