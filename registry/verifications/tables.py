"""Tables of the verifications."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Index
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime


class VerificationState(StrEnum):
    """Whose turn it is."""

    RECEIVED = "received"
    """A worker has the next action; a sweep sends the job again when none takes it."""
    PROCESSING = "processing"
    """A worker is at it until `lease_until`; afterwards anybody may take it."""
    DONE = "done"
    """There is a report; nobody has anything left to do."""
    REFUSED = "refused"
    """Judging it ended the worker too often; nobody tries again."""


class VerificationRow(Table, table=True):
    """One document handed in, and the verdict on it. Its identifier is unguessable: whoever has the link may read it."""

    __tablename__ = "verification"
    __table_args__ = (Index("ix_verification_state_submitted_at", "state", "submitted_at"),)
    WAITING: ClassVar[tuple[VerificationState, ...]] = (VerificationState.RECEIVED, VerificationState.PROCESSING)
    """States in which a worker has the next action."""

    id: str = Field(primary_key=True, max_length=32)
    file_name: str = Field(max_length=255)
    sha256: str = Field(max_length=64, index=True)
    size: int
    state: VerificationState = Field(sa_type=EnumText(VerificationState))
    attempts: int = 0
    """Counted before the work, so that a document that kills its worker is seen to do so."""
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """Until then the job counts as under way: on its way to a worker (`RECEIVED`) or being done (`PROCESSING`)."""
    submitted_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    submitted_by: int | None = Field(default=None, foreign_key="user_account.id", sa_type=KeyInteger)
    conclusion: str | None = Field(default=None, max_length=20)
    report: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The report as `registry verify --json` prints it, once with the sentences of each language: `vi` and `en`."""
