"""Reports, made from the same queries as the lists."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery, Coverage
from registry.agencies.repository import all_agencies, iterate_agencies
from registry.agencies.schemas import AgencyLink, AgencyView
from registry.agencies.tables import AgencyLevel
from registry.certificates.query import EXPIRING_DAYS, CertificateQuery, Dimension, Standing
from registry.certificates.repository import count_certificates
from registry.certificates.tables import CertificateEventKind, SubscriberKind
from registry.certificates.tally import Tally, count_events, count_parts, issue_years, tally
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


_EVENTS: Final = (
    CertificateEventKind.RENEWED,
    CertificateEventKind.EXTENDED,
    CertificateEventKind.CONTENT_CHANGED,
    CertificateEventKind.REVOKED,
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
    in_year = replace(everything, issued_from=date(as_of.year, 1, 1), issued_until=as_of)
    active = replace(everything, standings=(Standing.ACTIVE,))

    shown = (Standing.ACTIVE, Standing.EXPIRED, Standing.REVOKED, Standing.SUSPENDED)
    standings = {member: everything.narrow(Dimension.STANDING, member) for member in shown}
    expiring = replace(everything, expiring_within_days=EXPIRING_DAYS)
    expired = replace(everything, standings=(Standing.EXPIRED,), expires_from=begin, expires_until=as_of)
    counts = tally(uow, viewer, everything, (in_period, *standings.values()))
    events = count_events(uow, viewer, everything, _EVENTS, begin)
    agencies = all_agencies(uow, viewer, everything.as_of)

    def figure(query: CertificateQuery) -> Figure:
        # What lies between two days is counted quicker by the index of those days than together with the rest.
        known = counts.total(query) if query in counts.queries else count_certificates(uow, viewer, query)
        return Figure(known, query)

    def happened(kind: CertificateEventKind) -> Figure:
        return Figure(events.get(kind, 0), replace(everything, events=(kind,), event_from=begin, event_until=as_of))

    def standing(member: Standing) -> Figure:
        return figure(standings[member])

    def groups(dimension: Dimension) -> tuple[GroupFigures, ...]:
        return _groups(counts, dimension, (everything, in_period, active))

    return IssuanceReport(
        begin=begin,
        as_of=as_of,
        cumulative=figure(everything),
        issued_in_year=figure(in_year),
        issued_in_period=figure(in_period),
        active=standing(Standing.ACTIVE),
        expired=standing(Standing.EXPIRED),
        revoked=standing(Standing.REVOKED),
        suspended=standing(Standing.SUSPENDED),
        expiring=figure(expiring),
        renewed_in_period=happened(CertificateEventKind.RENEWED),
        extended_in_period=happened(CertificateEventKind.EXTENDED),
        changed_in_period=happened(CertificateEventKind.CONTENT_CHANGED),
        revoked_in_period=happened(CertificateEventKind.REVOKED),
        expired_in_period=figure(expired),
        levels=_levels(agencies, as_of, counts, (everything, active)),
        by_kind=groups(Dimension.KIND),
        by_medium=groups(Dimension.MEDIUM),
        by_generation=groups(Dimension.GENERATION),
        by_agency=_ranking(agencies, groups(Dimension.AGENCY)),
        by_year=_years(uow, viewer, everything),
    )


def uncovered_agencies(uow: UnitOfWork, viewer: Viewer, report: IssuanceReport) -> Iterator[AgencyView]:
    """The agencies without a valid organisation certificate on the day of the report, in Vietnamese order."""
    return iterate_agencies(uow, viewer, replace(AgencyQuery.on(report.as_of), coverage=Coverage.UNCOVERED))


def _ranking(in_order: Sequence[AgencyView], groups: tuple[GroupFigures, ...]) -> tuple[AgencyFigures, ...]:
    agencies = {view.id: view for view in in_order}
    alphabetical = {view.id: number for number, view in enumerate(in_order)}

    def merit(group: GroupFigures) -> tuple[int, int]:
        return -group.active.count, -group.issued_in_period.count

    ranked = sorted(groups, key=lambda group: (*merit(group), alphabetical[int(group.key)]))
    places: dict[tuple[int, int], int] = {}
    for number, group in enumerate(ranked, start=1):
        places.setdefault(merit(group), number)

    def line(group: GroupFigures) -> AgencyFigures:
        view = agencies[int(group.key)]
        return AgencyFigures(
            place=places[merit(group)],
            agency=AgencyLink(id=view.id, code=view.code, name=view.name),
            level=view.level,
            cumulative=group.cumulative,
            issued_in_period=group.issued_in_period,
            active=group.active,
        )

    return tuple(map(line, ranked))


def _years(uow: UnitOfWork, viewer: Viewer, everything: CertificateQuery) -> tuple[YearFigures, ...]:
    kinds = tuple(CertificateQuery(as_of=everything.as_of, kinds=(kind,)) for kind in SubscriberKind)

    def line(year: int) -> YearFigures:
        # By ranges of days, which an index answers, and not by the year of every certificate.
        of_year = everything.narrow(Dimension.ISSUE_YEAR, str(year))
        found = count_parts(uow, viewer, of_year, kinds)
        figures = zip(SubscriberKind, found, strict=True)
        return YearFigures(year, tuple(Figure(count, of_year, Dimension.KIND, kind) for kind, count in figures))

    lines = map(line, issue_years(uow))
    return tuple(each for each in lines if any(figure.count for figure in each.by_kind))


def _levels(
    agencies: Sequence[AgencyView], day: date, counts: Tally, queries: tuple[CertificateQuery, CertificateQuery]
) -> tuple[LevelFigures, ...]:
    everything, active = queries
    on_day = AgencyQuery.on(day)
    there = [view for view in agencies if view.exists_from <= on_day.as_of and view.ended_at is None]
    existing = Counter(view.level for view in there)
    with_seal = counts.agencies_with(active, SubscriberKind.ORGANISATION)
    covered = Counter(view.level for view in there if view.id in with_seal)
    cumulative = counts.by(everything, Dimension.LEVEL)
    in_force = counts.by(active, Dimension.LEVEL)

    def line(level: AgencyLevel) -> LevelFigures:
        of_level = replace(on_day, levels=(level,))
        total, with_one = existing[level], covered[level]
        return LevelFigures(
            level=level,
            agencies=AgencyFigure(total, of_level),
            covered=AgencyFigure(with_one, replace(of_level, coverage=Coverage.COVERED)),
            uncovered=AgencyFigure(total - with_one, replace(of_level, coverage=Coverage.UNCOVERED)),
            certificates=Figure(cumulative.get(level, 0), everything, Dimension.LEVEL, level),
            active=Figure(in_force.get(level, 0), active, Dimension.LEVEL, level),
        )

    # A level that has ended is shown as long as certificates count for it, so that the column adds up.
    return tuple(line(level) for level in AgencyLevel if level in existing or level in cumulative)


def _groups(
    counts: Tally, dimension: Dimension, queries: tuple[CertificateQuery, CertificateQuery, CertificateQuery]
) -> tuple[GroupFigures, ...]:
    everything, in_period, active = queries
    cumulative, issued, in_force = (counts.by(query, dimension) for query in queries)
    return tuple(
        GroupFigures(
            key=key,
            cumulative=Figure(cumulative[key], everything, dimension, key),
            issued_in_period=Figure(issued.get(key, 0), in_period, dimension, key),
            active=Figure(in_force.get(key, 0), active, dimension, key),
        )
        for key in cumulative
    )
