"""The issuance report: numbers, each with the query whose list has exactly so many rows."""

from dataclasses import dataclass
from datetime import date

from registry.agencies.query import AgencyQuery
from registry.agencies.schemas import AgencyLink
from registry.agencies.tables import AgencyLevel
from registry.certificates.query import CertificateQuery, Dimension
from registry.views import View


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of certificates: those of a query, or one of the groups into which a dimension divides them."""

    count: int
    whole: CertificateQuery
    dimension: Dimension | None = None
    key: str = ""

    @property
    def query(self) -> CertificateQuery:
        """The query whose list has exactly `count` rows. Made when asked for: few of thousands of numbers are links."""
        return self.whole if self.dimension is None else self.whole.narrow(self.dimension, self.key)


@dataclass(frozen=True, slots=True)
class AgencyFigure:
    """A number of agencies."""

    count: int
    query: AgencyQuery


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """One level of agencies that exist on the day."""

    level: AgencyLevel
    agencies: AgencyFigure
    covered: AgencyFigure
    """Those with at least one organisation certificate that is active on the day."""
    uncovered: AgencyFigure
    certificates: Figure
    """Issued up to the day, by the level of the agency that is responsible for them on the day."""
    active: Figure

    @property
    def coverage(self) -> float | None:
        """Share of the agencies that are covered, 0 to 1; None where the level has no agency on the day."""
        return self.covered.count / self.agencies.count if self.agencies.count else None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One kind, medium or generation."""

    key: str
    cumulative: Figure
    issued_in_period: Figure
    active: Figure


@dataclass(frozen=True, slots=True)
class AgencyFigures:
    """One agency without the units below it, in the order of the ranking."""

    place: int
    """From 1; agencies of equal figures share one, and the next comes after them all."""
    agency: AgencyLink
    level: AgencyLevel
    cumulative: Figure
    issued_in_period: Figure
    active: Figure


@dataclass(frozen=True, slots=True)
class YearFigures:
    """What was issued in one year, up to the day of the report."""

    year: int
    by_kind: tuple[Figure, ...]
    """In the order of `SubscriberKind`."""


@dataclass(frozen=True, slots=True)
class IssuanceReport:
    """What had been issued and what it was worth at the end of a day in Viet Nam, and what happened in the period up to it."""

    begin: date
    """First day of the period; `as_of` is its last."""
    as_of: date
    cumulative: Figure
    """Issued up to the day, whatever became of it."""
    issued_in_year: Figure
    """Issued in the calendar year of the day, up to it, whatever the period."""
    issued_in_period: Figure
    active: Figure
    expired: Figure
    revoked: Figure
    suspended: Figure
    expiring: Figure
    """Active, and ending within 90 days."""
    renewed_in_period: Figure
    extended_in_period: Figure
    changed_in_period: Figure
    revoked_in_period: Figure
    expired_in_period: Figure
    """Their validity ended in the period, and they were not revoked before."""
    levels: tuple[LevelFigures, ...]
    by_kind: tuple[GroupFigures, ...]
    by_medium: tuple[GroupFigures, ...]
    by_generation: tuple[GroupFigures, ...]
    by_agency: tuple[AgencyFigures, ...]
    """Every agency with a certificate; most active certificates first, then most issued, then by name."""
    by_year: tuple[YearFigures, ...]

    def to_view(self) -> "IssuanceView":
        """The numbers alone."""
        return IssuanceView(
            begin=self.begin,
            as_of=self.as_of,
            cumulative=self.cumulative.count,
            issued_in_year=self.issued_in_year.count,
            issued_in_period=self.issued_in_period.count,
            active=self.active.count,
            expired=self.expired.count,
            revoked=self.revoked.count,
            suspended=self.suspended.count,
            expiring=self.expiring.count,
            renewed_in_period=self.renewed_in_period.count,
            extended_in_period=self.extended_in_period.count,
            changed_in_period=self.changed_in_period.count,
            revoked_in_period=self.revoked_in_period.count,
            expired_in_period=self.expired_in_period.count,
            levels=tuple(
                LevelView(
                    level=line.level,
                    agencies=line.agencies.count,
                    covered=line.covered.count,
                    coverage=line.coverage,
                    certificates=line.certificates.count,
                    active=line.active.count,
                )
                for line in self.levels
            ),
            by_kind=tuple(map(_group, self.by_kind)),
            by_medium=tuple(map(_group, self.by_medium)),
            by_generation=tuple(map(_group, self.by_generation)),
            by_agency=tuple(map(_agency, self.by_agency)),
        )


class LevelView(View):
    """One level of agencies; see `LevelFigures`."""

    level: AgencyLevel
    agencies: int
    covered: int
    coverage: float | None
    """0 to 1; null where the level has no agency on the day."""
    certificates: int
    active: int


class GroupView(View):
    """One kind, medium or generation."""

    key: str
    cumulative: int
    issued_in_period: int
    active: int


class AgencyCountView(View):
    """One agency in the order of the ranking, without the units below it."""

    place: int
    code: str
    name: str
    level: AgencyLevel
    cumulative: int
    issued_in_period: int
    active: int


class IssuanceView(View):
    """The issuance report as numbers; see `IssuanceReport`."""

    begin: date
    as_of: date
    cumulative: int
    issued_in_year: int
    issued_in_period: int
    active: int
    expired: int
    revoked: int
    suspended: int
    expiring: int
    renewed_in_period: int
    extended_in_period: int
    changed_in_period: int
    revoked_in_period: int
    expired_in_period: int
    levels: tuple[LevelView, ...]
    by_kind: tuple[GroupView, ...]
    by_medium: tuple[GroupView, ...]
    by_generation: tuple[GroupView, ...]
    by_agency: tuple[AgencyCountView, ...]


def _group(line: GroupFigures) -> GroupView:
    return GroupView(
        key=line.key,
        cumulative=line.cumulative.count,
        issued_in_period=line.issued_in_period.count,
        active=line.active.count,
    )


def _agency(line: AgencyFigures) -> AgencyCountView:
    return AgencyCountView(
        place=line.place,
        code=line.agency.code,
        name=line.agency.name,
        level=line.level,
        cumulative=line.cumulative.count,
        issued_in_period=line.issued_in_period.count,
        active=line.active.count,
    )
