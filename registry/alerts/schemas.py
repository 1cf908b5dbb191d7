"""What the alerts look like from outside."""

from datetime import date, datetime

from registry.agencies.schemas import AgencyView
from registry.alerts.tables import NoticeTopic, RecipientRole
from registry.certificates.schemas import CertificateView
from registry.mail.ledger import MailEventView
from registry.mail.tables import MailState
from registry.views import View


class PlannedCertificateView(View):
    """One certificate that somebody is going to be told of."""

    certificate_id: int
    holder: str
    agency: str
    not_after: datetime
    days_left: int
    """Calendar days in Viet Nam; negative after the end."""
    step_days: int
    """The step that is told: days before expiry, negative after it."""
    role: RecipientRole
    """Why the recipient is told of it."""


class PlannedMailView(View):
    """One digest that is going to be sent."""

    day: date
    recipient: str
    recipient_name: str
    certificates: tuple[PlannedCertificateView, ...]


class ScanView(View):
    """One run of the expiry scan."""

    id: int
    day: date
    started_at: datetime
    finished_at: datetime | None
    """None while it runs, or when it was interrupted."""
    examined: int
    notices: int
    mails: int
    failure: str | None


class MailFacts(View):
    """One mail and what became of it."""

    id: int
    kind: str
    day: date
    recipient: str
    recipient_name: str
    state: MailState
    attempts: int
    created_at: datetime
    not_before: datetime
    """When it may leave, while it waits."""
    sent_at: datetime | None
    last_reply: str | None
    """The mail server's last words."""
    message_id: str


class MailView(MailFacts):
    """One mail in a list."""

    certificates: int
    """Of how many certificates it tells."""


class LedgerMailView(MailFacts):
    """One mail as the ledger tells of it."""

    sent_subject: str | None
    """The subject line of the message that a server accepted; None before, and for mails of earlier versions."""
    sent_sha256: str | None
    """SHA-256 of that message's bytes as they were handed to the server."""
    superseded_by: int | None = None
    """The newer mail that tells what this one was to tell, and did not."""
    events: tuple[MailEventView, ...] = ()
    """What happened to it, the earliest first: every attempt, every answer, every act of a person."""


class NoticeView(View):
    """What somebody was told of one certificate, and when."""

    topic: NoticeTopic | None
    """What it was about; None: the expiry."""
    step_days: int
    recipient: str
    recorded_at: datetime
    mail: LedgerMailView | None
    """None when the step was passed together with a more urgent one."""


class AcknowledgementView(View):
    """What a recipient answered about one certificate."""

    certificate_id: int
    mail_id: int
    """The mail that was answered."""
    recipient: str
    requested_on: date | None
    """When the renewal was requested from the CA; None when it was not said."""
    remind_on: date
    """No reminder before this day (in Viet Nam); one on it."""
    recorded_at: datetime


class CertificateLedgerView(View):
    """Everything that was told of one certificate and answered, newest first."""

    certificate: CertificateView
    notices: tuple[NoticeView, ...]
    answers: tuple[AcknowledgementView, ...]


class ToldCertificateView(View):
    """One certificate that a mail told of."""

    certificate_id: int
    holder: str
    serial: str
    not_after: datetime
    topic: NoticeTopic | None
    """What it was about; None: the expiry."""
    step_days: int
    """The step that was told: days before expiry, negative after it."""


class AgencyMailView(View):
    """One mail with those of an agency's certificates that it told of."""

    mail: LedgerMailView
    certificates: tuple[ToldCertificateView, ...]
    answers: tuple[AcknowledgementView, ...]


class AgencyLedgerView(View):
    """The mails about certificates of one agency, newest first."""

    agency: AgencyView
    mails: tuple[AgencyMailView, ...]
    is_cut: bool
    """Whether there are more mails than are given here."""


class DayHoldView(View):
    """A day whose mail a person keeps back."""

    day: date
    reason: str
    actor: str
    recorded_at: datetime


class OutboxView(View):
    """How the outbox stands."""

    waiting: int
    sent: int
    failed: int
    oldest_waiting_since: datetime | None
    last_sent_at: datetime | None


class AlertsOverview(View):
    """Whether alerts work, in facts."""

    last_scan: ScanView | None
    """The latest that came to its end without a failure."""
    is_scan_overdue: bool
    """No scan came to its end in the last day."""
    is_sending_late: bool
    """A mail has been waiting for more than an hour."""
    outbox: OutboxView
    due_now: int | None
    """Notices that the last scan found due and left for the next day's mail; None before the first scan."""
