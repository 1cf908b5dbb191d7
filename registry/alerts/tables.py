"""Tables of the alerts."""

from datetime import date, datetime

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from registry.db.types import KeyInteger, Table, UTCDateTime


class ExpiryScanRow(Table, table=True):
    """One run of the expiry scan: the proof that it ran, and what it found."""

    __tablename__ = "expiry_scan"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    day: date
    started_at: datetime = Field(sa_type=UTCDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    examined: int = 0
    notices: int = 0
    mails: int = 0
    failure: str | None = Field(default=None, sa_type=Text)


class ExpiryNoticeRow(Table, table=True):
    """One certificate, one step, one recipient: told once. Written in the transaction that puts the mail in the outbox."""

    __tablename__ = "expiry_notice"
    __table_args__ = (
        UniqueConstraint("certificate_id", "recipient", "step_days"),
        Index("ix_expiry_notice_mail_id", "mail_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    certificate_id: int = Field(foreign_key="certificate.id", sa_type=KeyInteger)
    recipient: str = Field(max_length=254)
    step_days: int
    """The step that was reached: days before expiry, negative after it."""
    mail_id: int | None = Field(default=None, foreign_key="mail.id", sa_type=KeyInteger)
    """None when the step was passed together with a more urgent one and needs no mail of its own."""
    recorded_at: datetime = Field(sa_type=UTCDateTime)


class AcknowledgementRow(Table, table=True):
    """What a recipient answered to a mail about one certificate. The latest row of a certificate counts."""

    __tablename__ = "alert_acknowledgement"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    certificate_id: int = Field(foreign_key="certificate.id", sa_type=KeyInteger, index=True)
    mail_id: int = Field(foreign_key="mail.id", sa_type=KeyInteger)
    """The mail whose link was used."""
    recipient: str = Field(max_length=254)
    """Whose mail that was."""
    requested_on: date | None = None
    """When the renewal was requested from the CA; None when it was not said."""
    remind_on: date
    """No reminder before this day (in Viet Nam); one on it."""
    recorded_at: datetime = Field(sa_type=UTCDateTime)
