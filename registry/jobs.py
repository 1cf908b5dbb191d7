"""Every job: its wire name, its queue and its message. The contract between the web and the workers.

A name is a wire format and never changes once deployed. Messages carry identifiers only: the row is the truth, the
message a hint, and every job may run twice, at once or after a crash, with the same outcome.
"""

from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class QueueName(StrEnum):
    """Where jobs wait. Each queue has worker processes of its own kind."""

    DOCUMENTS = "documents"
    """Judging strangers' documents: bounded child processes."""
    MAIL = "mail"
    """Talking to mail servers."""
    DEFAULT = "default"
    """Everything else: scans and sweeps."""


class JobMessage(BaseModel):
    """Base of all messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    queue: ClassVar[QueueName]


class ValidateDocumentJob(JobMessage):
    """Judge one uploaded document."""

    name: ClassVar[str] = "verifications.validate_document"
    queue: ClassVar[QueueName] = QueueName.DOCUMENTS

    verification_id: str


class SweepVerificationsJob(JobMessage):
    """Send again the verifications that were lost."""

    name: ClassVar[str] = "verifications.sweep"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class ProcessImportJob(JobMessage):
    """Do what an import waits for: read its files, enter its rows, or take it back."""

    name: ClassVar[str] = "imports.process"
    queue: ClassVar[QueueName] = QueueName.DEFAULT

    import_id: int


class SweepImportsJob(JobMessage):
    """Send again the imports that were lost."""

    name: ClassVar[str] = "imports.sweep"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class FetchRevocationListsJob(JobMessage):
    """Fetch the CRLs from the addresses that certificates name."""

    name: ClassVar[str] = "revocation.fetch_lists"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class ProcessBulkChangeJob(JobMessage):
    """Do what a change of many certificates waits for: preview it, or record it."""

    name: ClassVar[str] = "bulk.process"
    queue: ClassVar[QueueName] = QueueName.DEFAULT

    bulk_change_id: int


class SweepBulkChangesJob(JobMessage):
    """Send again the changes of many certificates that were lost."""

    name: ClassVar[str] = "bulk.sweep"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class SumUpCountsJob(JobMessage):
    """Sum up what the counts of agencies and expiries are made of, so that they are read as quickly as ever."""

    name: ClassVar[str] = "certificates.sum_up_counts"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class ScanExpiriesJob(JobMessage):
    """Find what expires and write the mail of the day into the outbox."""

    name: ClassVar[str] = "alerts.scan_expiries"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class WatchAlertsJob(JobMessage):
    """Look whether the alerts work, and alarm the administrators when they do not."""

    name: ClassVar[str] = "alerts.watch"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class TellLapsesJob(JobMessage):
    """Tell of CA certificates, trust anchors and CRLs about to lapse."""

    name: ClassVar[str] = "alerts.tell_lapses"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class TellRevocationsJob(JobMessage):
    """Tell of certificates that were revoked."""

    name: ClassVar[str] = "alerts.tell_revocations"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class TellCoverageJob(JobMessage):
    """Tell of agencies left without a valid organisation certificate."""

    name: ClassVar[str] = "alerts.tell_coverage"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class SummariseWeekJob(JobMessage):
    """Write the weekly summary for the administrators when its time has come."""

    name: ClassVar[str] = "alerts.summarise_week"
    queue: ClassVar[QueueName] = QueueName.DEFAULT


class SendOutboxJob(JobMessage):
    """Send what waits in the outbox."""

    name: ClassVar[str] = "mail.send_outbox"
    queue: ClassVar[QueueName] = QueueName.MAIL


class ReadReturnedMailJob(JobMessage):
    """Read what came back to the mailbox of undeliverable mail."""

    name: ClassVar[str] = "mail.read_returned"
    queue: ClassVar[QueueName] = QueueName.MAIL


class SendWebhooksJob(JobMessage):
    """Tell web addresses what the mail tells."""

    name: ClassVar[str] = "webhooks.send"
    queue: ClassVar[QueueName] = QueueName.MAIL


ALL_JOBS: tuple[type[JobMessage], ...] = (
    ValidateDocumentJob,
    SweepVerificationsJob,
    ProcessImportJob,
    SweepImportsJob,
    ProcessBulkChangeJob,
    SweepBulkChangesJob,
    FetchRevocationListsJob,
    SumUpCountsJob,
    ScanExpiriesJob,
    WatchAlertsJob,
    TellLapsesJob,
    TellRevocationsJob,
    TellCoverageJob,
    SummariseWeekJob,
    SendOutboxJob,
    ReadReturnedMailJob,
    SendWebhooksJob,
)
