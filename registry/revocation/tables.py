"""Tables of the certificate revocation lists."""

from datetime import datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from registry.db.types import KeyInteger, Table, UTCDateTime


class RevocationListRow(Table, table=True):
    """A CRL whose signature was checked with a CA that the register holds. Its bytes are a blob named by its SHA-256."""

    __tablename__ = "revocation_list"
    __table_args__ = (Index("ix_revocation_list_authority_id_this_update", "authority_id", "this_update"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    authority_id: int = Field(foreign_key="certificate_authority.id", sa_type=KeyInteger)
    """The CA that signed it."""
    sha256: str = Field(unique=True, max_length=64)
    this_update: datetime = Field(sa_type=UTCDateTime)
    next_update: datetime | None = Field(default=None, sa_type=UTCDateTime)
    number: str | None = Field(default=None, max_length=60)
    """CRL number (RFC 5280, 5.2.3) in lower-case hex."""
    scope: str | None = Field(default=None, max_length=64)
    """`certs.path.lists.RevocationList.scope`; None where it was held before this was kept and has not been read since."""
    entries: int
    """How many certificates it names."""
    size: int
    """Bytes."""
    source: str = Field(max_length=1000)
    """The address it was fetched from, or the name of the file that was handed in."""
    received_at: datetime = Field(sa_type=UTCDateTime)


class RevocationSourceRow(Table, table=True):
    """An address from which a CRL is fetched, and how that went the last time."""

    __tablename__ = "revocation_source"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    url: str = Field(unique=True, max_length=1000)
    attempted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    succeeded_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    failure: str | None = Field(default=None, sa_type=Text)
    """What went wrong the last time; None when nothing did."""
