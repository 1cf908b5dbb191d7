"""What the imports of agencies look like from outside."""

from datetime import datetime

from registry.agency_imports.reading import ReadSheet
from registry.imports.tables import ImportChoice, ImportState, ItemOutcome
from registry.views import MessageView, View


class AgencyImportCounts(View):
    """Rows by outcome."""

    total: int = 0
    new: int = 0
    known: int = 0
    differs: int = 0
    refused: int = 0


class AgencyDifferenceView(View):
    """What the list says otherwise than the register."""

    field: str
    """`name`, `level`, `parent` (code), `email`, `address`, `tax_code`, `budget_code`, `ended`."""
    old: str | None
    new: str | None
    effective_at: datetime
    """From when the new value would hold."""


class AgencyImportRowView(View):
    """One row, and what would happen, or happened, to it."""

    position: int
    place: str
    code: str | None
    name: str | None
    outcome: ItemOutcome
    """`new`, `known`, `differs` or `refused`."""
    reasons: tuple[MessageView, ...]
    differences: tuple[AgencyDifferenceView, ...]


class AgencyImportView(View):
    """One import: where it stands, and what it would do or did."""

    id: int
    state: ImportState
    created_at: datetime
    actor: str
    file_name: str
    since: datetime
    effective_at: datetime
    legal_document: str | None
    counts: AgencyImportCounts
    choice: ImportChoice | None
    decided_by: str | None
    applied_at: datetime | None
    applied_count: int
    undone_at: datetime | None


class AgencyImportDetail(View):
    """An import with its lists."""

    summary: AgencyImportView
    sheets: tuple[ReadSheet, ...]
    problems: tuple[MessageView, ...]
    """Why a file or none of its sheets could be read."""


class AgencyImportRows(View):
    """One page of the rows."""

    items: tuple[AgencyImportRowView, ...]
    next: str | None
    """`cursor` of the page that follows; None at the end."""
