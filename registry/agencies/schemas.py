"""What the agencies look like from outside: views that leave the feature, and submissions that enter it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.agencies.tables import AgencyEventKind, AgencyLevel
from registry.views import View


class AgencyView(View):
    """An agency as of a moment; of one that has ended, what was last true of it."""

    id: int
    code: str
    name: str
    level: AgencyLevel
    parent_id: int | None
    path: str
    """Identifiers from the top to the agency itself, `/1/20/57/`."""
    email: str | None
    address: str | None
    tax_code: str | None
    budget_code: str | None
    exists_from: datetime
    """Begin of the first period."""
    ended_at: datetime | None
    """When it ceased to exist, if that was before the moment asked for."""


class AgencyLink(View):
    """Enough of an agency to name it and to link to it."""

    id: int
    code: str
    name: str


class AgencyNameView(View):
    """A name that an agency had, and for how long."""

    name: str
    effective_from: datetime
    effective_until: datetime | None
    """None while it still holds."""


class SuccessionView(View):
    """One body took over from another."""

    agency: AgencyLink
    effective_at: datetime


class AgencyEventView(View):
    """Something that happened to an agency."""

    kind: AgencyEventKind
    effective_at: datetime
    recorded_at: datetime
    actor: str
    legal_document: str | None
    note: str | None
    details: dict[str, Any]


class AgencyDetail(View):
    """Everything the register knows of one agency as of a moment."""

    agency: AgencyView
    ancestors: tuple[AgencyLink, ...]
    """From the top down, without the agency itself."""
    children: tuple[AgencyView, ...]
    """The agencies directly below it, in Vietnamese order."""
    names: tuple[AgencyNameView, ...]
    """Oldest first."""
    predecessors: tuple[SuccessionView, ...]
    successors: tuple[SuccessionView, ...]
    events: tuple[AgencyEventView, ...]
    """Oldest first."""


class AgencyNode(View):
    """An agency in the tree with the number of its certificates that are active at the moment asked for."""

    agency: AgencyView
    direct: int
    """Of the agency itself."""
    total: int
    """Of the agency and everything below it."""
    children: tuple["AgencyNode", ...]


class AgencyList(View):
    """One page of a list."""

    items: tuple[AgencyView, ...]
    next: str | None
    """Cursor of the page that follows; null at the end."""
    total: int
    """Rows of all pages together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySubmission:
    """A new agency."""

    code: str
    name: str
    level: AgencyLevel
    parent_id: int | None = None
    email: str | None = None
    address: str | None = None
    tax_code: str | None = None
    budget_code: str | None = None
