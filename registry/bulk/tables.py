"""Tables of the changes of many certificates at once. What was previewed and recorded stays here as the record of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime
from registry.handed_in import HandedInRow


class BulkState(StrEnum):
    """Whose turn it is."""

    RECEIVED = "received"
    """A worker looks at the certificates next."""
    READY = "ready"
    """The preview is there; a person decides."""
    APPLYING = "applying"
    """A worker records the good ones next, all in one transaction."""
    APPLIED = "applied"
    DISCARDED = "discarded"
    """A person decided to record none of it."""
    REFUSED = "refused"
    """It could not be previewed or recorded; the reason stands beside it."""


class BulkChoice(StrEnum):
    """What is recorded of a preview."""

    GOOD = "good"
    """Every certificate for which the preview found no reason against it."""
    NONE = "none"


class BulkOutcome(StrEnum):
    """What would happen, or happened, to one certificate."""

    PENDING = "pending"
    """Not looked at yet."""
    GOOD = "good"
    """It would be changed."""
    REFUSED = "refused"
    """It cannot be changed so; the reason stands beside it."""
    DONE = "done"
    CHANGED = "changed"
    """It would have been changed, but is not any more what the preview showed. Nothing was done to it."""


class BulkChangeRow(HandedInRow, table=True):
    """One change of many certificates: previewed and recorded as one unit."""

    __tablename__ = "bulk_change"
    __table_args__ = (
        UniqueConstraint("created_by", "token"),
        Index("ix_bulk_change_state_created_at", "state", "created_at"),
    )
    WAITING: ClassVar[tuple[BulkState, ...]] = (BulkState.RECEIVED, BulkState.APPLYING)

    token: str = Field(max_length=64)
    """Of the form or the program that sent it: the same one again means the same change, not another one."""
    state: BulkState = Field(sa_type=EnumText(BulkState))
    event: dict[str, Any] = Field(sa_type=JSON)
    """What is to be recorded, as it was submitted."""
    parameters: str = Field(default="", sa_type=Text)
    """Of the list whose rows were chosen as a whole, encoded as in a link; empty for rows that were ticked."""
    total: int = 0
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Certificates by outcome."""
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """Why it was refused."""


class BulkItemRow(Table, table=True):
    """One certificate of such a change."""

    __tablename__ = "bulk_change_item"
    __table_args__ = (
        UniqueConstraint("bulk_change_id", "position"),
        Index("ix_bulk_change_item_bulk_change_id_outcome_position", "bulk_change_id", "outcome", "position"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    bulk_change_id: int = Field(foreign_key="bulk_change.id", sa_type=KeyInteger)
    position: int
    certificate_id: int = Field(sa_type=KeyInteger)
    """As it was chosen: a program may name a certificate that does not exist, and is told so at this row."""
    holder: str = Field(default="", max_length=300)
    serial: str = Field(default="", max_length=60)
    outcome: BulkOutcome = Field(sa_type=EnumText(BulkOutcome))
    reason: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    effective_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    difference: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """`field` (`status`, `custody`, `agency`, `note` or `entry`), and its `old` and `new` value."""
    last_event_id: int | None = Field(default=None, sa_type=KeyInteger)
    """The last event of the certificate that the preview saw: another one means that it changed since."""
    event_id: int | None = Field(default=None, sa_type=KeyInteger)
    """The event that was recorded."""
