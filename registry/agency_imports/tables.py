"""Tables of the imports of agencies. What was previewed, applied and taken back stays here as the record of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime
from registry.imports.tables import ImportChoice, ImportState


class AgencyImportRow(Table, table=True):
    """One file of agencies: previewed, applied and taken back as a whole."""

    __tablename__ = "agency_import"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    state: ImportState = Field(sa_type=EnumText(ImportState))
    """`READY`, `APPLIED`, `UNDONE` or `DISCARDED`: everything is done while somebody waits."""
    created_at: datetime = Field(sa_type=UTCDateTime)
    created_by: int | None = Field(default=None, foreign_key="user_account.id", sa_type=KeyInteger)
    """None: the operator of the machine."""
    actor: str = Field(max_length=100)
    file_name: str = Field(max_length=400)
    since: datetime = Field(sa_type=UTCDateTime)
    """From when agencies without a day of their own exist."""
    effective_at: datetime = Field(sa_type=UTCDateTime)
    """From when changes without a day of their own hold."""
    legal_document: str | None = Field(default=None, max_length=200)
    lists: bytes = Field(sa_type=LargeBinary)
    """What the file says, packed."""
    preview: bytes = Field(sa_type=LargeBinary)
    """What would happen, or happened, to each row, packed."""
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Rows by outcome."""
    choice: ImportChoice | None = Field(default=None, sa_type=EnumText(ImportChoice))
    decided_by: str | None = Field(default=None, max_length=100)
    applied_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    applied_count: int = 0
    """Agencies that were entered or changed."""
    undone_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_event_id: int | None = Field(default=None, sa_type=KeyInteger)
    """The last event that applying recorded: an event after it on the same agency depends on this import."""
    before: bytes | None = Field(default=None, sa_type=LargeBinary)
    """What applying changed, as it was, packed, so that it can be taken back."""
