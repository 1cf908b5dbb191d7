"""What somebody wants to see of the agencies: one value from which the list, its count and its link are made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from registry.agencies.tables import AgencyLevel
from registry.clock import end_of_day
from registry.parameters import ParameterReader, Parameters, write_moment


class Existence(StrEnum):
    """Whether an agency exists at the moment asked for."""

    EXISTING = "existing"
    ENDED = "ended"
    """It existed before."""
    ALL = "all"


class Coverage(StrEnum):
    """Whether an agency holds at least one organisation certificate that is active at the moment asked for."""

    COVERED = "covered"
    UNCOVERED = "uncovered"


class AgencySort(StrEnum):
    """Orders of a list; a minus sign turns one round."""

    NAME = "name"
    """In Vietnamese order."""
    NAME_DESCENDING = "-name"
    CODE = "code"
    CODE_DESCENDING = "-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyQuery:
    """Conditions that all have to hold; an empty one asks for every agency that exists at `as_of`."""

    as_of: datetime
    is_pinned: bool = False
    """Whether `as_of` was chosen and therefore belongs in links, or is the moment of the request."""
    text: str = ""
    """Every word must occur in one name that the agency has or had, or in its code, e-mail or tax code."""
    under: int | None = None
    """Only this agency and its subtree."""
    levels: tuple[AgencyLevel, ...] = ()
    existence: Existence = Existence.EXISTING
    coverage: Coverage | None = None
    sort: AgencySort = AgencySort.NAME

    @classmethod
    def on(cls, day: date) -> Self:
        """Every agency that existed at the end of `day` in Viet Nam."""
        return cls(as_of=end_of_day(day), is_pinned=True)

    @classmethod
    def from_parameters(cls, parameters: Iterable[tuple[str, str]], *, now: datetime) -> Self:
        """Read the parameters of an address; unknown ones are left to others.

        Raises `InvalidInput` naming the parameter that cannot be used.
        """
        read = ParameterReader(parameters)
        as_of = read.moment("as_of")
        return cls(
            as_of=as_of or now,
            is_pinned=as_of is not None,
            text=(read.text("q") or "")[:200],
            under=read.integer("under", minimum=1, maximum=2**63 - 1),
            levels=read.members("level", AgencyLevel),
            existence=read.member("existence", Existence) or Existence.EXISTING,
            coverage=read.member("coverage", Coverage),
            sort=read.member("sort", AgencySort) or AgencySort.NAME,
        )

    def to_parameters(self) -> Parameters:
        """The inverse of `from_parameters`: only what differs from an empty query."""
        single = (
            ("as_of", write_moment(self.as_of) if self.is_pinned else None),
            ("q", self.text),
            ("under", self.under),
            ("existence", None if self.existence is Existence.EXISTING else self.existence),
            ("coverage", self.coverage),
            ("sort", None if self.sort is AgencySort.NAME else self.sort),
        )
        return (
            *((name, str(value)) for name, value in single if value is not None and value != ""),
            *(("level", str(level)) for level in self.levels),
        )
