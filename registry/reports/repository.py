"""Reports, made from the same queries as the lists."""

from dataclasses import replace
from datetime import date

from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery, Coverage
from registry.agencies.repository import count_agencies_by_level
from registry.agencies.tables import AgencyLevel
from registry.certificates.query import EXPIRING_DAYS, CertificateQuery, Dimension, Standing
from registry.certificates.repository import count_by, count_certificates
from registry.certificates.tables import CertificateEventKind
from registry.db.unit_of_work import UnitOfWork
from registry.reports.schemas import AgencyFigure, Figure, GroupFigures, IssuanceReport, LevelFigures


def issuance_report(uow: UnitOfWork, viewer: Viewer, as_of: date) -> IssuanceReport:
    """The report on what the viewer may see, as of the end of a day in Viet Nam."""
    everything = CertificateQuery.on(as_of)
    in_year = replace(everything, issued_from=date(as_of.year, 1, 1), issued_until=as_of)
    active = replace(everything, standings=(Standing.ACTIVE,))

    def figure(query: CertificateQuery) -> Figure:
        return Figure(count_certificates(uow, viewer, query), query)

    def happened(kind: CertificateEventKind) -> Figure:
        return figure(replace(everything, events=(kind,), event_from=date(as_of.year, 1, 1), event_until=as_of))

    standings = {bucket.key: bucket.count for bucket in count_by(uow, viewer, everything, Dimension.STANDING)}

    def standing(member: Standing) -> Figure:
        return Figure(standings.get(member, 0), everything.narrow(Dimension.STANDING, member))

    def groups(dimension: Dimension) -> tuple[GroupFigures, ...]:
        return _groups(uow, viewer, dimension, (everything, in_year, active))

    return IssuanceReport(
        as_of=as_of,
        cumulative=Figure(sum(standings.values()), everything),
        issued_in_year=figure(in_year),
        active=standing(Standing.ACTIVE),
        expired=standing(Standing.EXPIRED),
        revoked=standing(Standing.REVOKED),
        suspended=standing(Standing.SUSPENDED),
        expiring=figure(replace(everything, expiring_within_days=EXPIRING_DAYS)),
        renewed_in_year=happened(CertificateEventKind.RENEWED),
        extended_in_year=happened(CertificateEventKind.EXTENDED),
        changed_in_year=happened(CertificateEventKind.CONTENT_CHANGED),
        revoked_in_year=happened(CertificateEventKind.REVOKED),
        levels=_levels(uow, viewer, as_of, everything, active),
        by_kind=groups(Dimension.KIND),
        by_medium=groups(Dimension.MEDIUM),
        by_generation=groups(Dimension.GENERATION),
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
    everything, in_year, active = queries
    cumulative = _counts(uow, viewer, everything, dimension)
    issued = _counts(uow, viewer, in_year, dimension)
    in_force = _counts(uow, viewer, active, dimension)
    return tuple(
        GroupFigures(
            key=key,
            cumulative=Figure(cumulative[key], everything.narrow(dimension, key)),
            issued_in_year=Figure(issued.get(key, 0), in_year.narrow(dimension, key)),
            active=Figure(in_force.get(key, 0), active.narrow(dimension, key)),
        )
        for key in cumulative
    )


def _counts(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, dimension: Dimension) -> dict[str, int]:
    return {bucket.key: bucket.count for bucket in count_by(uow, viewer, query, dimension)}
