"""Tables of the accounts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime


class Role(StrEnum):
    """What a person may do."""

    ADMINISTRATOR = "administrator"
    """Of the province: sees and changes everything."""
    OFFICER = "officer"
    """Of an agency: sees and changes what belongs to the agency and the units below it."""
    AUDITOR = "auditor"
    """Sees everything and changes nothing."""


class UserRow(Table, table=True):
    """A person who signs in."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    username: str = Field(unique=True, max_length=60)
    full_name: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=254)
    password_hash: str = Field(max_length=200)
    """argon2id."""
    role: Role = Field(sa_type=EnumText(Role))
    agency_id: int | None = Field(default=None, foreign_key="agency.id", sa_type=KeyInteger)
    """The top of the subtree an officer works for; None for the other roles."""
    is_disabled: bool = False
    created_at: datetime = Field(sa_type=UTCDateTime)


class SessionRow(Table, table=True):
    """A signed-in browser. The cookie holds the token, the database only its digest."""

    __tablename__ = "user_session"

    token_sha256: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="user_account.id", sa_type=KeyInteger, index=True)
    csrf_token: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)
