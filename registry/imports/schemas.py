"""What the imports look like from outside."""

from datetime import datetime
from typing import Any

from registry.agencies.schemas import AgencyLink
from registry.certificates.tables import SubscriberKind
from registry.imports.columns import ListField
from registry.imports.tables import AgencyStanding, ImportChoice, ImportState, ItemOutcome
from registry.views import MessageView, View


class ImportFileView(View):
    """One file of an import."""

    file_name: str
    size: int
    reason: MessageView | None
    """Why it was not stored."""


class ImportColumnView(View):
    """One column of a list and what it is taken for."""

    column: int
    """0-based."""
    label: str
    field: ListField | None
    score: int
    """0 to 100."""
    encoding: str | None
    """Legacy encoding that was recognised; `samples` are converted."""
    samples: tuple[str, ...]


class ImportSheetView(View):
    """One sheet of a list."""

    position: int
    place: str
    is_chosen: bool
    row_count: int
    columns: tuple[ImportColumnView, ...]
    secrets: tuple[str, ...]
    """Labels of the columns that were dropped because they hold passwords or PINs."""


class ImportCounts(View):
    """Items by outcome, and by what they need."""

    total: int = 0
    new: int = 0
    known: int = 0
    renews: int = 0
    completes: int = 0
    differs: int = 0
    refused: int = 0
    good: int = 0
    """What `good` applies."""
    doubtful: int = 0
    """Would change the register, and a person has to confirm the agency."""
    missing: int = 0
    """Would change the register, and no agency fits."""


class ImportView(View):
    """One import: where it stands, and what it would do or did."""

    id: int
    state: ImportState
    created_at: datetime
    actor: str
    done: int
    """Items read so far."""
    percent: int | None = None
    """Of entering or taking back, how much is done; None where that is not known."""
    counts: ImportCounts
    choice: ImportChoice | None
    decided_by: str | None
    applied_at: datetime | None
    applied_count: int
    undone_at: datetime | None
    reason: MessageView | None
    """Why it was refused, or why it could not be undone."""


class ImportDetail(View):
    """An import with its files and lists."""

    summary: ImportView
    files: tuple[ImportFileView, ...]
    sheets: tuple[ImportSheetView, ...]


class ImportItemView(View):
    """One certificate or row, and what would happen, or happened, to it."""

    position: int
    place: str
    outcome: ItemOutcome
    reasons: tuple[MessageView, ...]
    differences: tuple[dict[str, Any], ...]
    """`field`, `old`, `new`."""
    originals: dict[str, str]
    """Texts as they stood in legacy encoding, by field."""
    holder: str | None
    kind: SubscriberKind | None
    email: str | None
    serial: str | None
    sha256: str | None
    generation: str | None
    not_before: datetime | None
    not_after: datetime | None
    agency: AgencyLink | None
    agency_standing: AgencyStanding
    agency_score: int
    agency_reason: MessageView | None
    agency_key: str
    agency_text: str
    certificate_id: int | None
    replaces_id: int | None
    """The certificate of the register whose place it takes."""
    replaces_position: int | None
    """The item of this import whose place it takes."""


class ImportItemPage(View):
    """One page of the items."""

    items: tuple[ImportItemView, ...]
    next: str | None
    """`cursor` of the page that follows; None at the end."""


class AgencyQuestion(View):
    """A way of naming an agency that a person has to decide about, once for all items that use it."""

    agency_key: str
    agency_text: str
    count: int
    example: str
    """Where one of the items stands."""
    proposal: AgencyLink | None
    score: int
    reason: MessageView | None
