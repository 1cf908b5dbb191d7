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


class SendOutboxJob(JobMessage):
    """Send what waits in the outbox."""

    name: ClassVar[str] = "mail.send_outbox"
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
    SendOutboxJob,
)
