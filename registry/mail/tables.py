"""The outbox, the ledger of what became of each message, and what came back."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
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
    """The server refused it for good, or it could not be written for too long; a person has the next action."""
    HELD = "held"
    """A person keeps it back; it leaves when a person lets it."""
    BOUNCED = "bounced"
    """The server accepted it and it came back later; a person has the next action."""
    CANCELLED = "cancelled"
    """Nothing it was to tell of needed telling any more, so it never left; nobody has anything to do."""
    SUPERSEDED = "superseded"
    """A newer mail tells what it was to tell, so it never left; nobody has anything to do."""


class MailEventKind(StrEnum):
    """What can be told of a message. Named for what happened, never for what it means."""

    ACCEPTED = "accepted"
    """A server took responsibility for it."""
    DEFERRED = "deferred"
    """It was not taken this time."""
    REFUSED = "refused"
    """It will not be taken."""
    UNWRITTEN = "unwritten"
    """The message could not be made out of its templates and the register, so no server was offered it this time."""
    INTERRUPTED = "interrupted"
    """A sender began and never said how it ended: it may have been accepted, and is sent again as the same message."""
    DELAYED = "delayed"
    """A server on the way reports that it is still trying."""
    BOUNCED = "bounced"
    """A server on the way reports that it gave up."""
    DELIVERED = "delivered"
    """A server on the way reports that it put it into the mailbox."""
    COMPLAINED = "complained"
    """The recipient reported it as unwanted."""
    HELD = "held"
    RELEASED = "released"
    HURRIED = "hurried"
    """A person let it leave before its time."""
    RESENT = "resent"
    """A person had it tried again."""
    SHORTENED = "shortened"
    """Some of what it was to tell of was settled before it left."""
    CANCELLED = "cancelled"
    """All of it was."""
    SUPERSEDED = "superseded"
    """A newer mail took over what it was to tell."""
    TOOK_OVER = "took_over"
    """It tells what an older mail was to tell, which had not left."""


class AddressFault(StrEnum):
    """Why nothing more is expected to arrive at an address."""

    REFUSED = "refused"
    """The mail server knows no such mailbox."""
    BOUNCED = "bounced"
    """A message came back for good."""
    BOUNCED_REPEATEDLY = "bounced_repeatedly"
    """Several messages in a row came back, each for a reason that might have passed."""
    COMPLAINED = "complained"
    """The recipient reported a message as unwanted."""


class ReturnedOutcome(StrEnum):
    """What a returned message turned out to be."""

    MATCHED = "matched"
    """A report on one of our messages."""
    UNMATCHED = "unmatched"
    """A report on a message that is not ours: nothing changes."""
    UNREADABLE = "unreadable"
    """Not a report, or a broken one: nothing changes."""


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
    created_at: datetime = Field(sa_type=UTCDateTime, index=True)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_reply: str | None = Field(default=None, sa_type=Text)
    """The mail server's last words."""
    sent_subject: str | None = Field(default=None, sa_type=Text)
    """The subject line of the message that a server accepted."""
    sent_sha256: str | None = Field(default=None, max_length=64)
    """SHA-256 of that message's bytes as they were handed to the server."""


class MailEventRow(Table, table=True):
    """One thing that happened to a message. Rows are only ever added."""

    __tablename__ = "mail_event"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    mail_id: int = Field(foreign_key="mail.id", sa_type=KeyInteger, index=True)
    at: datetime = Field(sa_type=UTCDateTime)
    kind: MailEventKind = Field(sa_type=EnumText(MailEventKind))
    channel: str = Field(default="", max_length=120)
    """Name of the web address it was also told to; empty: the mail itself."""
    actor: str = Field(default="", max_length=100)
    """Who did it; empty: the sender or a mail server."""
    code: str = Field(default="", max_length=20)
    """Status code of RFC 3463 or the first number of the answer, as far as one was given."""
    words: str = Field(default="", sa_type=Text)
    """The server's words, or the person's reason."""


class DeadAddressRow(Table, table=True):
    """An address at which nothing arrives, from when it was found out until a person says otherwise."""

    __tablename__ = "dead_address"
    __table_args__ = (
        Index(
            "uq_dead_address_open",
            "address",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    address: str = Field(max_length=254)
    """As `registry.mail.addresses.comparable` writes it."""
    marked_at: datetime = Field(sa_type=UTCDateTime)
    fault: AddressFault = Field(sa_type=EnumText(AddressFault))
    code: str = Field(default="", max_length=20)
    words: str = Field(default="", sa_type=Text)
    """What the server said."""
    mail_id: int | None = Field(default=None, foreign_key="mail.id", sa_type=KeyInteger)
    """The message that showed it."""
    cleared_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    cleared_by: str = Field(default="", max_length=100)
    cleared_why: str = Field(default="", sa_type=Text)


class ReturnedMessageRow(Table, table=True):
    """A message that came back, by the digest of its bytes: each is worked once, however often it is seen."""

    __tablename__ = "returned_message"

    sha256: str = Field(primary_key=True, max_length=64)
    received_at: datetime = Field(sa_type=UTCDateTime, index=True)
    outcome: ReturnedOutcome = Field(sa_type=EnumText(ReturnedOutcome))
    mail_id: int | None = Field(default=None, foreign_key="mail.id", sa_type=KeyInteger)


class MailAllowanceRow(Table, table=True):
    """How many messages were claimed in one minute of the clock, over all senders."""

    __tablename__ = "mail_allowance"

    scope: str = Field(primary_key=True, max_length=254)
    """A recipient domain; empty: all of them."""
    minute: datetime = Field(primary_key=True, sa_type=UTCDateTime)
    used: int = 0


class MailOptOutRow(Table, table=True):
    """A recipient who does not want one kind of optional mail."""

    __tablename__ = "mail_opt_out"
    __table_args__ = (UniqueConstraint("kind", "recipient"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    kind: str = Field(max_length=40)
    recipient: str = Field(max_length=254)
    recorded_at: datetime = Field(sa_type=UTCDateTime)
