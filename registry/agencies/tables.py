"""Tables of the agencies."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from registry.db.types import CodePointText, EnumText, KeyInteger, Table, UTCDateTime


class AgencyLevel(StrEnum):
    """Where an agency stands in the administration of the province."""

    PROVINCE = "province"
    """Sở, ban, ngành and the Office of the provincial People's Committee."""
    DISTRICT = "district"
    """People's Committee of a district, town or city; ended on 1/7/2025."""
    SUBORDINATE = "subordinate"
    """Subordinate unit (đơn vị trực thuộc) of a provincial body or a district."""
    COMMUNE = "commune"
    """People's Committee of a commune, ward or township."""
    SCHOOL = "school"


class AgencyEventKind(StrEnum):
    """What can happen to an agency."""

    ESTABLISHED = "established"
    RENAMED = "renamed"
    MOVED = "moved"
    """It has another superior body."""
    CONTACT_CHANGED = "contact_changed"
    MERGED = "merged"
    """It became part of a successor and ended."""
    SPLIT = "split"
    """Successors took its place and it ended."""
    ABSORBED = "absorbed"
    """Another body became part of this one, which goes on."""
    DISSOLVED = "dissolved"
    CORRECTED = "corrected"


class AgencyRow(Table, table=True):
    """An agency through all its names and places in the tree."""

    __tablename__ = "agency"

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    code: str = Field(unique=True, max_length=35)
    """Electronic identifier (mã định danh điện tử), the key that outlives names."""


class AgencyPeriodRow(Table, table=True):
    """What was true of an agency from `effective_from` until just before `effective_until`.

    Periods of one agency do not overlap. Before the first and after the last the agency does not exist.
    """

    __tablename__ = "agency_period"
    __table_args__ = (
        UniqueConstraint("agency_id", "effective_from"),
        Index("ix_agency_period_path", "path"),
        Index("ix_agency_period_parent_id", "parent_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    agency_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger)
    effective_from: datetime = Field(sa_type=UTCDateTime)
    effective_until: datetime = Field(sa_type=UTCDateTime)
    name: str = Field(max_length=300)
    name_folded: str = Field(max_length=300, index=True)
    """`certs.text.fold(name)`, for search."""
    name_sort: str = Field(sa_type=CodePointText)
    """`certs.text.sort_key(name)`, for Vietnamese order."""
    level: AgencyLevel = Field(sa_type=EnumText(AgencyLevel))
    parent_id: int | None = Field(default=None, foreign_key="agency.id", sa_type=KeyInteger)
    path: str = Field(sa_type=CodePointText)
    """Identifiers of the ancestors and the agency itself, `/1/20/57/`: a subtree is a prefix."""
    email: str | None = Field(default=None, max_length=254)
    address: str | None = Field(default=None, max_length=300)
    tax_code: str | None = Field(default=None, max_length=20)
    budget_code: str | None = Field(default=None, max_length=20)


class AgencyEventRow(Table, table=True):
    """Something that happened to an agency: never changed, never deleted."""

    __tablename__ = "agency_event"
    __table_args__ = (Index("ix_agency_event_agency_id_effective_at", "agency_id", "effective_at"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    agency_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger)
    kind: AgencyEventKind = Field(sa_type=EnumText(AgencyEventKind))
    effective_at: datetime = Field(sa_type=UTCDateTime)
    """From when it holds."""
    recorded_at: datetime = Field(sa_type=UTCDateTime)
    """When the register learned of it."""
    actor: str = Field(max_length=100)
    legal_document: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, sa_type=Text)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class AgencySuccessionRow(Table, table=True):
    """One body took over from another."""

    __tablename__ = "agency_succession"
    __table_args__ = (UniqueConstraint("predecessor_id", "successor_id", "effective_at"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    predecessor_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger)
    successor_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger, index=True)
    effective_at: datetime = Field(sa_type=UTCDateTime)
