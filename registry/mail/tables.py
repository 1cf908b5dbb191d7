"""The outbox."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime


class MailState(StrEnum):
    """Whose turn it is."""

    PENDING = "pending"
    """The sender has the next action, not before `not_before`."""
    SENDING = "sending"
    """A sender is at it until `lease_until`; afterwards anybody may take it."""
    SENT = "sent"
    """The server accepted it."""
    FAILED = "failed"
    """The server refused it for good; a person has the next action."""


class MailRow(Table, table=True):
    """One message to one recipient, written in the transaction that decided to send it."""

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("recipient", "day", "kind"),
        Index("ix_mail_state_not_before", "state", "not_before"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    kind: str = Field(max_length=40)
    """Which templates render it, e.g. `expiry_digest`."""
    recipient: str = Field(max_length=254)
    recipient_name: str = Field(max_length=300)
    language: str = Field(max_length=5)
    day: date
    """The day (in Viet Nam) it belongs to."""
    message_id: str = Field(unique=True, max_length=200)
    """Message-ID header, fixed before the first attempt, so that a message sent twice is seen to be one."""
    context: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Identifiers from which it is rendered when it is sent."""
    state: MailState = Field(sa_type=EnumText(MailState))
    attempts: int = 0
    not_before: datetime = Field(sa_type=UTCDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_reply: str | None = Field(default=None, sa_type=Text)
    """The mail server's last words."""
