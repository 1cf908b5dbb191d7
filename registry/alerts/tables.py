"""Tables of the alerts."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime


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
    waiting: int = 0
    """Notices that are due and left for the next day's mail, because the recipient had the one of the day already."""
    failure: str | None = Field(default=None, sa_type=Text)
    canary_found: bool | None = None
    """Whether a certificate made up for the purpose, due by the rules in force, came into the outbox; None: not tried."""
    canary_fault: str | None = Field(default=None, sa_type=Text)
    """Where it was lost; None when it was found."""


class RecipientRole(StrEnum):
    """Why somebody is told of a certificate."""

    AGENCY = "agency"
    """It is responsible."""
    HOLDER = "holder"
    """The certificate names the address."""
    STAND_IN = "stand_in"
    """The agency responsible has no address at which anything arrives."""
    SUPERIOR = "superior"
    """Nobody reacted to what was told before."""
    ADMINISTRATOR = "administrator"
    """Nobody reacted to what was told before."""


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
    role: RecipientRole = Field(default=RecipientRole.AGENCY, sa_type=EnumText(RecipientRole))
    recorded_at: datetime = Field(sa_type=UTCDateTime)


class AgencyStepsRow(Table, table=True):
    """Steps that an agency has of its own, for itself and the units below it. The latest row of an agency counts."""

    __tablename__ = "agency_alert_steps"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    agency_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger, index=True)
    steps: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Days before expiry; None: it follows the body above again."""
    actor: str = Field(max_length=100)
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
    """No reminder before this day (in Viet Nam); one on it, or on the working day before it."""
    recorded_at: datetime = Field(sa_type=UTCDateTime)


class NoticeTopic(StrEnum):
    """What is told beside the expiry of subscribers' certificates."""

    LAPSE = "lapse"
    """A CA certificate, trust anchor or CRL is about to lapse."""
    REVOCATION = "revocation"
    """A certificate was revoked."""
    COVERAGE = "coverage"
    """An agency has no valid organisation certificate any more."""


class AlertNoticeRow(Table, table=True):
    """One matter, one step of it, one recipient: told once. Entered when it is found, and given to the mail of a day."""

    __tablename__ = "alert_notice"
    __table_args__ = (UniqueConstraint("topic", "subject", "step_days", "recipient"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    topic: NoticeTopic = Field(sa_type=EnumText(NoticeTopic))
    subject: str = Field(max_length=120)
    """What it is about, in the words of the topic's module, e.g. `event/812`."""
    step_days: int = 0
    """The step that was reached: days before the end, negative after it; 0 for what has no steps."""
    recipient: str = Field(max_length=254)
    recipient_name: str = Field(max_length=300)
    certificate_id: int | None = Field(default=None, foreign_key="certificate.id", sa_type=KeyInteger, index=True)
    agency_id: int | None = Field(default=None, foreign_key="agency.id", sa_type=KeyInteger, index=True)
    mail_id: int | None = Field(default=None, foreign_key="mail.id", sa_type=KeyInteger, index=True)
    """None until the recipient's next mail of this topic is written: there is one a day."""
    recorded_at: datetime = Field(sa_type=UTCDateTime)


class AlertBaselineRow(Table, table=True):
    """When something was looked at for the first time: what lies well before is history and no news."""

    __tablename__ = "alert_baseline"

    name: str = Field(primary_key=True, max_length=30)
    at: datetime = Field(sa_type=UTCDateTime)


class CoverageSpellRow(Table, table=True):
    """A time in which an agency that had a valid organisation certificate before has none."""

    __tablename__ = "coverage_spell"
    __table_args__ = (UniqueConstraint("agency_id", "ended_at"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    agency_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger)
    since: datetime = Field(sa_type=UTCDateTime)
    """When its last one ended, by the register."""
    recorded_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime = Field(sa_type=UTCDateTime)
    """When it was seen to be covered again; `FOREVER` while it is not, so that there is one open spell at most."""


class AlarmKind(StrEnum):
    """What can be wrong with the alerts themselves."""

    SCAN_MISSING = "scan_missing"
    """No scan came to its end for too long."""
    DUE_UNSENT = "due_unsent"
    """Something due has not left for too long."""
    CANARY_LOST = "canary_lost"
    """A due certificate would not be found."""
    MAILS_REFUSED = "mails_refused"
    """Mail servers refuse many mails."""


class AlarmSpellRow(Table, table=True):
    """A time in which something was wrong with the alerts."""

    __tablename__ = "alarm_spell"
    __table_args__ = (UniqueConstraint("kind", "ended_at"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    kind: AlarmKind = Field(sa_type=EnumText(AlarmKind))
    began_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime = Field(sa_type=UTCDateTime)
    """`FOREVER` while it lasts, so that there is one open spell of a kind at most."""


class AlertWatchRow(Table, table=True):
    """What the watch saw the last time. One row: a monitor reads it instead of planning the register at each look."""

    __tablename__ = "alert_watch"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    at: datetime = Field(sa_type=UTCDateTime)
    due_unsent: int | None = None
    """Certificates that are due by the rules and not in the outbox; None: it could not be found out."""
    oldest_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """Since when the oldest of them is due; None when there is none, or it could not be found out."""
    failure: str | None = Field(default=None, sa_type=Text)
    """Why it could not be found out."""


class DayHoldRow(Table, table=True):
    """A day whose mail a person keeps back: what is written for it while this lasts waits until it is let go."""

    __tablename__ = "alert_day_hold"
    __table_args__ = (UniqueConstraint("day", "ended_at"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    day: date
    reason: str = Field(sa_type=Text)
    actor: str = Field(max_length=100)
    recorded_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime = Field(sa_type=UTCDateTime)
    """`FOREVER` while it lasts, so that a day is held once at most."""
    ended_by: str = Field(default="", max_length=100)
