"""The issuance report: numbers, each with the query whose list has exactly so many rows."""

from dataclasses import dataclass
from datetime import date

from registry.agencies.query import AgencyQuery
from registry.agencies.tables import AgencyLevel
from registry.certificates.query import CertificateQuery
from registry.views import View


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of certificates."""

    count: int
    query: CertificateQuery


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
    issued_in_year: Figure
    active: Figure


@dataclass(frozen=True, slots=True)
class IssuanceReport:
    """What had been issued and what it was worth at the end of a day in Viet Nam; "in the year" is from 1 January to it."""

    as_of: date
    cumulative: Figure
    """Issued up to the day, whatever became of it."""
    issued_in_year: Figure
    active: Figure
    expired: Figure
    revoked: Figure
    suspended: Figure
    expiring: Figure
    """Active, and ending within 90 days."""
    renewed_in_year: Figure
    extended_in_year: Figure
    changed_in_year: Figure
    revoked_in_year: Figure
    levels: tuple[LevelFigures, ...]
    by_kind: tuple[GroupFigures, ...]
    by_medium: tuple[GroupFigures, ...]
    by_generation: tuple[GroupFigures, ...]

    def to_view(self) -> "IssuanceView":
        """The numbers alone."""
        return IssuanceView(
            as_of=self.as_of,
            cumulative=self.cumulative.count,
            issued_in_year=self.issued_in_year.count,
            active=self.active.count,
            expired=self.expired.count,
            revoked=self.revoked.count,
            suspended=self.suspended.count,
            expiring=self.expiring.count,
            renewed_in_year=self.renewed_in_year.count,
            extended_in_year=self.extended_in_year.count,
            changed_in_year=self.changed_in_year.count,
            revoked_in_year=self.revoked_in_year.count,
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
    issued_in_year: int
    active: int


class IssuanceView(View):
    """The issuance report as numbers; see `IssuanceReport`."""

    as_of: date
    cumulative: int
    issued_in_year: int
    active: int
    expired: int
    revoked: int
    suspended: int
    expiring: int
    renewed_in_year: int
    extended_in_year: int
    changed_in_year: int
    revoked_in_year: int
    levels: tuple[LevelView, ...]
    by_kind: tuple[GroupView, ...]
    by_medium: tuple[GroupView, ...]
    by_generation: tuple[GroupView, ...]


def _group(line: GroupFigures) -> GroupView:
    return GroupView(
        key=line.key,
        cumulative=line.cumulative.count,
        issued_in_year=line.issued_in_year.count,
        active=line.active.count,
    )
