"""Tables of the web addresses that are told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime


class DeliveryState(StrEnum):
    """Whose turn it is."""

    PENDING = "pending"
    """The sender has the next action, not before `not_before`."""
    SENDING = "sending"
    """A sender is at it until `lease_until`; afterwards anybody may take it."""
    SENT = "sent"
    """The address took it."""
    FAILED = "failed"
    """Given up; a person has the next action."""
    DROPPED = "dropped"
    """The address was removed before it took it; nobody has anything to do."""


class WebhookRow(Table, table=True):
    """One web address, from when it was entered until it was removed."""

    __tablename__ = "webhook"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    name: str = Field(unique=True, max_length=100)
    url: str = Field(max_length=500)
    sealed_secret: str = Field(sa_type=Text)
    """What signs the requests, encrypted with a key made from the register's own."""
    created_at: datetime = Field(sa_type=UTCDateTime)
    created_by: str = Field(max_length=100)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_by: str = Field(default="", max_length=100)
    test_requested_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When a person last asked for a test event."""
    test_answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When that one was answered or given up; None while it waits for a sender."""
    test_code: str = Field(default="", max_length=10)
    """The HTTP status of the answer; empty when there was none."""
    test_words: str = Field(default="", sa_type=Text)
    """What was answered, or why there is no answer."""


class WebhookDeliveryRow(Table, table=True):
    """One mail to be told to one web address."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "mail_id"),
        Index("ix_webhook_delivery_state_not_before", "state", "not_before"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    webhook_id: int = Field(foreign_key="webhook.id", sa_type=KeyInteger)
    mail_id: int = Field(foreign_key="mail.id", sa_type=KeyInteger)
    event_id: str = Field(unique=True, max_length=40)
    """The `id` of the event, the same at every attempt, by which the receiver knows one that it had before."""
    state: DeliveryState = Field(sa_type=EnumText(DeliveryState))
    attempts: int = 0
    not_before: datetime = Field(sa_type=UTCDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    last_reply: str = Field(default="", sa_type=Text)
