"""What would become of each row of a list of agencies, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from certs.messages import Message
from registry.agencies.tables import AgencyEventKind
from registry.agency_imports.histories import History
from registry.agency_imports.values import ListedAgency
from registry.imports.tables import ItemOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the person says about the whole list."""

    since: datetime
    """From when agencies without a day of their own exist."""
    effective_at: datetime
    """From when changes without a day of their own hold."""
    legal_document: str | None = None
    """Of everything for which the list names none."""


@dataclass(frozen=True, slots=True)
class Register:
    """What the register holds, by code."""

    histories: Mapping[str, History]
    withdrawn: frozenset[str] = frozenset()
    """Codes of agencies that were entered and taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """Something that is going to be recorded; agencies are named by their codes."""

    code: str
    kind: AgencyEventKind
    at: datetime
    document: str | None
    place: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the list says otherwise than the register."""

    field: str
    old: str | None
    new: str | None
    at: datetime
    """From when the new value would hold."""


@dataclass(slots=True)
class RowPlan:
    """One row, and what would happen to it."""

    row: ListedAgency
    code: str | None
    outcome: ItemOutcome
    reasons: list[Message] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def refuse(self, reason: Message) -> None:
        """Take it out of what is applied; the first reason counts."""
        if self.outcome is not ItemOutcome.REFUSED:
            self.outcome = ItemOutcome.REFUSED
            self.reasons.insert(0, reason)
            self.differences.clear()


@dataclass(slots=True)
class Group:
    """The rows of one agency, in the order of time."""

    code: str
    plans: list[RowPlan]
    is_known: bool
    """The register holds the agency."""
    parents: list[str | None] = field(default_factory=list)
    """Code of the superior body by row; None: at the top, or nothing is said about it."""
    history: History | None = None
    """As it will be; None when nothing changes."""
    events: list[PlannedEvent] = field(default_factory=list)
    successions: list[tuple[str, str, datetime]] = field(default_factory=list)
    """Predecessor, successor, moment."""

    @property
    def is_good(self) -> bool:
        """Whether nothing of it is refused."""
        return all(plan.outcome is not ItemOutcome.REFUSED for plan in self.plans)

    def refuse(self, reason: Message) -> None:
        """Refuse every row: an agency comes in as a whole."""
        for plan in self.plans:
            plan.refuse(reason)


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a list does."""

    rows: tuple[RowPlan, ...]
    histories: Mapping[str, History]
    """Of the agencies that are new or change, as they will be."""
    events: tuple[PlannedEvent, ...]
    successions: tuple[tuple[str, str, datetime], ...]
    """Predecessor, successor, moment."""
