"""What the changes of many certificates look like from outside."""

from datetime import datetime

from registry.agencies.schemas import AgencyLink
from registry.bulk.submissions import BulkEvent
from registry.bulk.tables import BulkOutcome, BulkState
from registry.certificates.query import Standing
from registry.certificates.tables import Custody, Medium, SubscriberKind
from registry.views import MessageView, View


class BulkCounts(View):
    """Certificates by outcome."""

    total: int = 0
    pending: int = 0
    good: int = 0
    refused: int = 0
    done: int = 0
    changed: int = 0


class BulkChangeView(View):
    """One change of many certificates."""

    id: int
    state: BulkState
    event: BulkEvent
    agency: AgencyLink | None
    """To which the certificates are given, or which they should have named, where that is the change."""
    list: str
    """Parameters of the list that was chosen as a whole; empty for single certificates."""
    created_at: datetime
    actor: str
    total: int
    counts: BulkCounts
    decided_at: datetime | None
    reason: MessageView | None
    """Why it was refused as a whole."""
    is_own: bool
    """Whether it is the viewer's, who alone decides about it."""


class BulkEntry(View):
    """What of the entry of a certificate is put right; None: that stays."""

    kind: SubscriberKind | None = None
    medium: Medium | None = None
    agency: AgencyLink | None = None


class BulkItemView(View):
    """One certificate of it, and what would happen or happened: one of the differences, from and to, or a note."""

    position: int
    certificate_id: int
    holder: str
    serial: str
    outcome: BulkOutcome
    reason: MessageView | None
    effective_at: datetime | None
    status: tuple[Standing, Standing] | None = None
    custody: tuple[Custody, Custody] | None = None
    agency: tuple[AgencyLink, AgencyLink] | None = None
    entry: tuple[BulkEntry, BulkEntry] | None = None
    event_id: int | None


class BulkItemPage(View):
    """Some of the certificates, in their order."""

    items: tuple[BulkItemView, ...]
    next: str | None
