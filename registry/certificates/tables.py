"""Tables of the certificates."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from registry.db.types import CodePointText, EnumText, KeyInteger, Table, UTCDateTime


class SubscriberKind(StrEnum):
    """Kinds of subscriber of Nghị định 68/2024/NĐ-CP."""

    ORGANISATION = "organisation"
    PERSON = "person"
    DEVICE = "device"
    """Device, service or software."""


class Medium(StrEnum):
    """Where the private key lives."""

    TOKEN = "token"  # noqa: S105 (a USB token)
    SIM = "sim"
    CENTRAL = "central"
    """A central HSM."""
    UNKNOWN = "unknown"


class CertificateStatus(StrEnum):
    """What the register says of a certificate. Expiry is not here: it follows from `not_after` and the day asked for."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Public CAs only; the Government PKI knows no suspension."""
    REVOKED = "revoked"


class Custody(StrEnum):
    """Where the device is."""

    NOT_HANDED_OVER = "not_handed_over"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    LOST = "lost"
    LOCKED = "locked"


class CertificateEventKind(StrEnum):
    """What can happen to a certificate."""

    REGISTERED = "registered"
    ISSUED = "issued"
    RENEWED = "renewed"
    """Issued in place of a certificate that was about to expire, with the same data (cấp lại)."""
    EXTENDED = "extended"
    """Issued to prolong another certificate (gia hạn)."""
    CONTENT_CHANGED = "content_changed"
    """Issued with changed data in place of another certificate (thay đổi nội dung)."""
    REPLACED = "replaced"
    """Another certificate took its place."""
    REASSIGNED = "reassigned"
    """Another agency is responsible for it."""
    HOLDER_CHANGED = "holder_changed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVOKED = "revoked"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    LOST = "lost"
    LOCKED = "locked"
    RECOVERED = "recovered"
    CORRECTED = "corrected"
    NOTED = "noted"
    """Something worth knowing; nothing about the certificate changes."""


class CertificateRow(Table, table=True):
    """A certificate: what it says never changes. What is true of it for a time is in `CertificatePeriodRow`."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("issuer", "serial"),
        # Narrow beside the rows: what holds a common word is put in order without them. PostgreSQL has to read them anyway.
        Index("ix_certificate_id_holder_sort", "id", "holder_sort").ddl_if(dialect="sqlite"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    sha256: str | None = Field(default=None, unique=True, max_length=64)
    """Lower-case hex; None while only the entry of a list is known and not the certificate itself."""
    der: bytes | None = Field(default=None, sa_type=LargeBinary)
    serial: str = Field(max_length=60, index=True)
    """Lower-case hex; up to 20 octets, so never a number column."""
    issuer: str = Field(sa_type=Text)
    """Distinguished name as text."""
    subject: str = Field(sa_type=Text)
    """Distinguished name as text, in the order of the certificate."""
    generation: str = Field(max_length=20, index=True)
    """Of the CA: `G1`, `G2`, `public`, `demo-G1`…; `unknown` when no path to a known anchor exists."""
    kind: SubscriberKind = Field(sa_type=EnumText(SubscriberKind))
    named_agency_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger, index=True)
    """The agency that the subject names. Who is responsible for the certificate today is in its period."""
    holder: str = Field(max_length=300)
    """The person's or the agency's name as the certificate has it."""
    holder_folded: str = Field(max_length=300, index=True)
    holder_sort: str = Field(sa_type=CodePointText)
    position: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254, index=True)
    medium: Medium = Field(sa_type=EnumText(Medium))
    device_number: str | None = Field(default=None, max_length=60, index=True)
    iccid: str | None = Field(default=None, max_length=22)
    issued_at: datetime = Field(sa_type=UTCDateTime)
    """When the CA issued it (notBefore unless a list says otherwise)."""
    not_before: datetime = Field(sa_type=UTCDateTime)
    not_after: datetime = Field(sa_type=UTCDateTime)
    signature_algorithm: str = Field(max_length=100)
    key_algorithm: str = Field(max_length=100)
    key_bits: int
    """0 when unknown."""
    replaces_id: int | None = Field(default=None, foreign_key="certificate.id", sa_type=KeyInteger, index=True)
    """The certificate whose place it took."""
    search: str = Field(sa_type=Text)
    """Folded text of everything a person may search by."""
    registered_at: datetime = Field(sa_type=UTCDateTime)
    """When the register first held it."""


_FACTS: Final = (
    *("agency_id", "medium", "generation", "status", "is_replaced"),
    *("effective_from", "effective_until", "not_before"),
)


class CertificatePeriodRow(Table, table=True):
    """What was true of a certificate from `effective_from` until just before `effective_until`; periods do not overlap."""

    __tablename__ = "certificate_period"
    __table_args__ = (
        UniqueConstraint("certificate_id", "effective_from"),
        # Lists walk an index of their order past what does not fit, or read a part of one that is small; either way every
        # column that people filter and count by stands in the index, and the rows are fetched for one page alone.
        Index("ix_certificate_period_holder_sort_facts", "holder_sort", "certificate_id", *_FACTS, "kind", "not_after"),
        Index("ix_certificate_period_kind_facts", "kind", "holder_sort", "certificate_id", *_FACTS, "not_after"),
        Index("ix_certificate_period_not_after_facts", "not_after", "certificate_id", *_FACTS, "kind"),
        Index("ix_certificate_period_issued_at_facts", "issued_at", "certificate_id", *_FACTS, "kind", "not_after"),
        Index(
            "ix_certificate_period_medium_facts",
            *(
                "medium",
                "kind",
                "status",
                "generation",
                "is_replaced",
                "not_after",
                "effective_from",
                "effective_until",
            ),
            *("not_before", "agency_id", "certificate_id", "holder_sort"),
        ),
        # In the order in which reports group.
        Index(
            "ix_certificate_period_agency_id_facts",
            *("agency_id", "kind", "medium", "generation", "status", "effective_from", "effective_until"),
            *("not_before", "not_after", "issued_at", "is_replaced", "certificate_id", "holder_sort"),
        ),
        Index(
            "ix_certificate_period_named_agency_id_facts",
            *("named_agency_id", "not_after", "status", "is_replaced", "effective_from", "effective_until"),
        ),
        Index(
            "ix_certificate_period_suspended",
            "not_after",
            sqlite_where=text("status = 'suspended'"),
            postgresql_where=text("status = 'suspended'"),
        ),
        Index("ix_certificate_period_custody", "custody"),
        Index(
            "ix_certificate_period_is_weak",
            "is_weak",
            sqlite_where=text("is_weak = 1"),
            postgresql_where=text("is_weak"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    certificate_id: int = Field(foreign_key="certificate.id", sa_type=KeyInteger)
    effective_from: datetime = Field(sa_type=UTCDateTime)
    effective_until: datetime = Field(sa_type=UTCDateTime)
    agency_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger)
    """The managing agency."""
    status: CertificateStatus = Field(sa_type=EnumText(CertificateStatus))
    revocation_reason: str | None = Field(default=None, max_length=30)
    """Reason code of RFC 5280, 5.3.1, e.g. `cessationOfOperation`."""
    custody: Custody = Field(sa_type=EnumText(Custody))
    is_replaced: bool = False
    """Another certificate has taken its place, so its expiry needs no action."""
    kind: SubscriberKind | None = Field(default=None, sa_type=EnumText(SubscriberKind))
    """This and what follows are copies from the certificate, so that counting reads one index. The database's triggers
    write them, whoever enters or changes either row; who enters many periods takes them from `certificate_facts`."""
    medium: Medium | None = Field(default=None, sa_type=EnumText(Medium))
    generation: str | None = Field(default=None, max_length=20)
    named_agency_id: int | None = Field(default=None, sa_type=KeyInteger)
    issued_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    not_before: datetime | None = Field(default=None, sa_type=UTCDateTime)
    not_after: datetime | None = Field(default=None, sa_type=UTCDateTime)
    holder_sort: str | None = Field(default=None, sa_type=CodePointText)
    is_weak: bool | None = Field(default=None)
    """By the names and bounds of `Certificate.is_weak_signature` and `KeyInfo.is_weak`."""


class CertificateEventRow(Table, table=True):
    """Something that happened to a certificate: never changed, never deleted. A mistake is mended by a further event."""

    __tablename__ = "certificate_event"
    __table_args__ = (
        Index("ix_certificate_event_certificate_id_effective_at", "certificate_id", "effective_at"),
        Index("ix_certificate_event_kind_effective_at", "kind", "effective_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    certificate_id: int = Field(foreign_key="certificate.id", sa_type=KeyInteger)
    kind: CertificateEventKind = Field(sa_type=EnumText(CertificateEventKind))
    effective_at: datetime = Field(sa_type=UTCDateTime)
    recorded_at: datetime = Field(sa_type=UTCDateTime)
    actor: str = Field(max_length=100)
    reason: str | None = Field(default=None, max_length=60)
    note: str | None = Field(default=None, sa_type=Text)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class AgencyCountRow(Table, table=True):
    """From `at` on, so many more or fewer certificates are with an agency; the sum of all rows up to a moment is its count.

    The database's triggers add rows for every change of `CertificatePeriodRow`, those of the future too, such as the end
    of a validity: so the counts of a moment follow without reading the certificates, and nothing has to be done when time
    passes. Rows are only added, so that writers never wait for one another; a job sums up those of the past.
    """

    __tablename__ = "agency_count"
    __table_args__ = (
        Index("ix_agency_count_at", "at"),
        Index(
            "ix_agency_count_is_sum",
            "at",
            sqlite_where=text("is_sum = 1"),
            postgresql_where=text("is_sum"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    at: datetime = Field(sa_type=UTCDateTime)
    is_after: bool = False
    """It holds just after `at` and not yet at it: a certificate is valid until the end of its `not_after`."""
    is_sum: bool = False
    """The sum of everything before `at`. Without a later one, counts of earlier moments cannot be told any more."""
    agency_id: int = Field(sa_type=KeyInteger)
    """The managing agency."""
    named_agency_id: int = Field(sa_type=KeyInteger)
    held: int
    """Whatever became of them."""
    usable: int
    """Neither expired nor revoked."""
    active: int
    """This and what follows count active ones alone."""
    organisations: int
    unreplaced: int
    lost: int
    locked: int
    weak: int
    unknown_ca: int


class ExpiryCountRow(Table, table=True):
    """From `at` on, so many more or fewer certificates that nothing has replaced end on a day. Kept as `AgencyCountRow`."""

    __tablename__ = "expiry_count"
    __table_args__ = (Index("ix_expiry_count_expires_on_at", "expires_on", "at"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    at: datetime = Field(sa_type=UTCDateTime)
    is_sum: bool = False
    expires_on: date
    """In Viet Nam."""
    kind: SubscriberKind = Field(sa_type=EnumText(SubscriberKind))
    unrevoked: int
    """Active or suspended, apart from their end."""
    begun: int
    """Active and begun, apart from their end."""
