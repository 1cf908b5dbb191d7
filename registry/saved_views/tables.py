"""Tables of the saved views."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime


class SavedList(StrEnum):
    """Which list a view shows."""

    CERTIFICATES = "certificates"
    AGENCIES = "agencies"


class SavedViewRow(Table, table=True):
    """What one person looked for, under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    user_id: int = Field(foreign_key="user_account.id", sa_type=KeyInteger)
    name: str = Field(max_length=100)
    list_name: SavedList = Field(sa_type=EnumText(SavedList))
    parameters: str = Field(sa_type=Text)
    """Of the list's address, encoded as in a link: what is relative to today, such as `expiring=30`, stays so."""
    created_at: datetime = Field(sa_type=UTCDateTime)
