"""What an agency of the demonstration province is, through all its names and superior bodies."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry.agencies.tables import AgencyEventKind, AgencyLevel


@dataclass(frozen=True, slots=True)
class AgencyState:
    """What is true of an agency for a time."""

    name: str
    level: AgencyLevel
    parent: int | None
    """Always an agency without parent: the tree has two storeys."""
    email: str
    address: str
    tax_code: str
    budget_code: str
    province: str
    """What certificates give as L."""


@dataclass(frozen=True, slots=True)
class AgencyPeriod:
    """A state from the beginning of `since` until the beginning of `until`; None: it has no end yet."""

    since: date
    until: date | None
    state: AgencyState


@dataclass(frozen=True, slots=True)
class AgencyEvent:
    """Something that happened to an agency."""

    kind: AgencyEventKind
    on: date
    document: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency with its whole history."""

    id: int
    code: str
    office: str
    """The part of e-mail addresses that stands for it."""
    positions: tuple[str, ...]
    periods: tuple[AgencyPeriod, ...]
    events: tuple[AgencyEvent, ...]
    successors: tuple[int, ...]
    """They took over on the day it ended."""
    heir_of: int | None
    """The agency whose certificate was changed to this one's data when several became one."""

    @property
    def established(self) -> date:
        """Its first day."""
        return self.periods[0].since

    @property
    def ended(self) -> date | None:
        """The first day on which it is no more."""
        return self.periods[-1].until

    def exists_on(self, day: date) -> bool:
        """Say whether the agency exists on `day`."""
        return self.established <= day and (self.ended is None or day < self.ended)

    def state_on(self, day: date) -> AgencyState:
        """The state on `day`; after its end the last one, before its beginning the first."""
        return next((period.state for period in reversed(self.periods) if period.since <= day), self.periods[0].state)


class Directory:
    """Which agencies there are on a day, answered thousands of times."""

    def __init__(self, agencies: tuple[Agency, ...]) -> None:
        self._agencies = agencies
        changes = {period.since for agency in agencies for period in agency.periods}
        self._changes = sorted(changes | {agency.ended for agency in agencies if agency.ended is not None})
        self._known: dict[int, dict[AgencyLevel, tuple[Agency, ...]]] = {}

    def on(self, day: date) -> Mapping[AgencyLevel, tuple[Agency, ...]]:
        """The agencies of each level on `day`."""
        # Nothing changes between two changes.
        era = bisect_right(self._changes, day)
        if era not in self._known:
            alive = [agency for agency in self._agencies if agency.exists_on(day)]
            self._known[era] = {
                level: tuple(agency for agency in alive if agency.state_on(day).level is level) for level in AgencyLevel
            }
        return self._known[era]
