"""Tables of the trust anchors and CA certificates."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime


class TrustRole(StrEnum):
    """What a CA certificate is good for."""

    ANCHOR = "anchor"
    """A path may end here."""
    INTERMEDIATE = "intermediate"
    """It only helps to build paths."""


class CertificateAuthorityRow(Table, table=True):
    """A CA certificate that the register holds."""

    __tablename__ = "certificate_authority"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    sha256: str = Field(unique=True, max_length=64)
    der: bytes = Field(sa_type=LargeBinary)
    subject: str = Field(max_length=500)
    role: TrustRole = Field(sa_type=EnumText(TrustRole))
    generation: str = Field(max_length=20)
    """The name by which its certificates are grouped: `G1`, `G2`, `public`, `demo-G1`…; `unknown` until its anchor is held."""
    not_after: datetime = Field(sa_type=UTCDateTime)
    is_known: bool
    """An anchor whose fingerprint the product ships; False: trusted because an operator said so."""
    added_at: datetime = Field(sa_type=UTCDateTime)
