"""Reports, made from the same queries as the lists."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from certs.messages import define, message
from certs.text import sort_key
from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery, Coverage
from registry.agencies.repository import count_agencies_by_level, find_agencies_by_id, iterate_agencies
from registry.agencies.schemas import AgencyLink, AgencyView
from registry.agencies.tables import AgencyLevel
from registry.certificates.query import EXPIRING_DAYS, CertificateQuery, Dimension, Standing
from registry.certificates.repository import count_by, count_certificates
from registry.certificates.tables import CertificateEventKind, SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.reports.schemas import (
    AgencyFigure,
    AgencyFigures,
    Figure,
    GroupFigures,
    IssuanceReport,
    LevelFigures,
    YearFigures,
)

define(
    "reports.period",
    vi="Kỳ báo cáo bắt đầu ({begin}) sau khi kết thúc ({end}). Hãy đổi một trong hai ngày.",
    en="The period begins ({begin}) after it ends ({end}). Change one of the days.",
)


def issuance_report(uow: UnitOfWork, viewer: Viewer, as_of: date, begin: date | None = None) -> IssuanceReport:
    """The report on what the viewer may see, as of the end of a day in Viet Nam.

    Its period runs from `begin`, which is 1 January unless somebody says otherwise, to that day. Raises `InvalidInput` for
    a period that ends before it begins.
    """
    begin = date(as_of.year, 1, 1) if begin is None else begin
    if begin > as_of:
        raise InvalidInput(message("reports.period", begin=f"{begin:%d/%m/%Y}", end=f"{as_of:%d/%m/%Y}"), field="from")
    everything = CertificateQuery.on(as_of)
    in_period = replace(everything, issued_from=begin, issued_until=as_of)
    active = replace(everything, standings=(Standing.ACTIVE,))

    def figure(query: CertificateQuery) -> Figure:
        return Figure(count_certificates(uow, viewer, query), query)

    def happened(kind: CertificateEventKind) -> Figure:
        return figure(replace(everything, events=(kind,), event_from=begin, event_until=as_of))

    standings = {bucket.key: bucket.count for bucket in count_by(uow, viewer, everything, Dimension.STANDING)}

    def standing(member: Standing) -> Figure:
        return Figure(standings.get(member, 0), everything.narrow(Dimension.STANDING, member))

    def groups(dimension: Dimension) -> tuple[GroupFigures, ...]:
        return _groups(uow, viewer, dimension, (everything, in_period, active))

    return IssuanceReport(
        begin=begin,
        as_of=as_of,
        cumulative=Figure(sum(standings.values()), everything),
        issued_in_period=figure(in_period),
        active=standing(Standing.ACTIVE),
        expired=standing(Standing.EXPIRED),
        revoked=standing(Standing.REVOKED),
        suspended=standing(Standing.SUSPENDED),
        expiring=figure(replace(everything, expiring_within_days=EXPIRING_DAYS)),
        renewed_in_period=happened(CertificateEventKind.RENEWED),
        extended_in_period=happened(CertificateEventKind.EXTENDED),
        changed_in_period=happened(CertificateEventKind.CONTENT_CHANGED),
        revoked_in_period=happened(CertificateEventKind.REVOKED),
        expired_in_period=figure(
            replace(everything, standings=(Standing.EXPIRED,), expires_from=begin, expires_until=as_of)
        ),
        levels=_levels(uow, viewer, as_of, everything, active),
        by_kind=groups(Dimension.KIND),
        by_medium=groups(Dimension.MEDIUM),
        by_generation=groups(Dimension.GENERATION),
        by_agency=_ranking(uow, groups(Dimension.AGENCY), everything),
        by_year=_years(uow, viewer, everything),
    )


def uncovered_agencies(uow: UnitOfWork, viewer: Viewer, report: IssuanceReport) -> Iterator[AgencyView]:
    """The agencies without a valid organisation certificate on the day of the report, in Vietnamese order."""
    return iterate_agencies(uow, viewer, replace(AgencyQuery.on(report.as_of), coverage=Coverage.UNCOVERED))


def _ranking(
    uow: UnitOfWork, groups: tuple[GroupFigures, ...], everything: CertificateQuery
) -> tuple[AgencyFigures, ...]:
    agencies = find_agencies_by_id(uow, (int(group.key) for group in groups), everything.as_of)

    def line(group: GroupFigures) -> AgencyFigures:
        view = agencies[int(group.key)]
        return AgencyFigures(
            agency=AgencyLink(id=view.id, code=view.code, name=view.name),
            level=view.level,
            cumulative=group.cumulative,
            issued_in_period=group.issued_in_period,
            active=group.active,
        )

    def rank(each: AgencyFigures) -> tuple[int, int, str, str]:
        return -each.active.count, -each.issued_in_period.count, sort_key(each.agency.name), each.agency.code

    return tuple(sorted(map(line, groups), key=rank))


def _years(uow: UnitOfWork, viewer: Viewer, everything: CertificateQuery) -> tuple[YearFigures, ...]:
    queries = [replace(everything, kinds=(kind,)) for kind in SubscriberKind]
    counts = [_counts(uow, viewer, query, Dimension.ISSUE_YEAR) for query in queries]
    years = sorted({year for count in counts for year in count})
    return tuple(
        YearFigures(
            int(year),
            tuple(
                Figure(count.get(year, 0), query.narrow(Dimension.ISSUE_YEAR, year))
                for query, count in zip(queries, counts, strict=True)
            ),
        )
        for year in years
    )


def _levels(
    uow: UnitOfWork, viewer: Viewer, day: date, everything: CertificateQuery, active: CertificateQuery
) -> tuple[LevelFigures, ...]:
    agencies = AgencyQuery.on(day)
    existing = count_agencies_by_level(uow, viewer, agencies)
    covered = count_agencies_by_level(uow, viewer, replace(agencies, coverage=Coverage.COVERED))
    cumulative = _counts(uow, viewer, everything, Dimension.LEVEL)
    in_force = _counts(uow, viewer, active, Dimension.LEVEL)

    def line(level: AgencyLevel) -> LevelFigures:
        of_level = replace(agencies, levels=(level,))
        total, with_one = existing.get(level, 0), covered.get(level, 0)
        return LevelFigures(
            level=level,
            agencies=AgencyFigure(total, of_level),
            covered=AgencyFigure(with_one, replace(of_level, coverage=Coverage.COVERED)),
            uncovered=AgencyFigure(total - with_one, replace(of_level, coverage=Coverage.UNCOVERED)),
            certificates=Figure(cumulative.get(level, 0), everything.narrow(Dimension.LEVEL, level)),
            active=Figure(in_force.get(level, 0), active.narrow(Dimension.LEVEL, level)),
        )

    # A level that has ended is shown as long as certificates count for it, so that the column adds up.
    return tuple(line(level) for level in AgencyLevel if level in existing or level in cumulative)


def _groups(
    uow: UnitOfWork,
    viewer: Viewer,
    dimension: Dimension,
    queries: tuple[CertificateQuery, CertificateQuery, CertificateQuery],
) -> tuple[GroupFigures, ...]:
    everything, in_period, active = queries
    cumulative = _counts(uow, viewer, everything, dimension)
    issued = _counts(uow, viewer, in_period, dimension)
    in_force = _counts(uow, viewer, active, dimension)
    return tuple(
        GroupFigures(
            key=key,
            cumulative=Figure(cumulative[key], everything.narrow(dimension, key)),
            issued_in_period=Figure(issued.get(key, 0), in_period.narrow(dimension, key)),
            active=Figure(in_force.get(key, 0), active.narrow(dimension, key)),
        )
        for key in cumulative
    )


def _counts(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, dimension: Dimension) -> dict[str, int]:
    return {bucket.key: bucket.count for bucket in count_by(uow, viewer, query, dimension)}
