"""What the certificates look like from outside: views that leave the feature, and submissions that enter it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.agencies.tables import AgencyLevel
from registry.certificates.query import Flag, Standing
from registry.certificates.tables import CertificateEventKind, Custody, Medium, SubscriberKind
from registry.views import MessageView, View


class CertificateView(View):
    """One certificate as of a moment: who, for which agency, until when, on which device."""

    id: int
    holder: str
    position: str | None
    email: str | None
    kind: SubscriberKind
    agency_id: int
    """The managing agency."""
    agency_code: str
    agency_name: str
    agency_level: AgencyLevel
    medium: Medium
    device_number: str | None
    custody: Custody
    serial: str
    """Lower-case hex."""
    sha256: str | None
    """None while only the entry of a list is known and not the certificate itself."""
    issuer: str
    """Distinguished name of the CA."""
    generation: str
    issued_at: datetime
    not_before: datetime
    not_after: datetime
    standing: Standing
    revocation_reason: str | None
    is_replaced: bool
    flags: tuple[Flag, ...]
    days_left: int
    """Whole days from the moment asked for until the end of validity; negative after it."""


class CertificateEventView(View):
    """Something that happened to a certificate."""

    kind: CertificateEventKind
    effective_at: datetime
    """From when it holds."""
    recorded_at: datetime
    """When the register learned of it."""
    actor: str
    reason: str | None
    note: str | None
    details: dict[str, Any]


class TechnicalView(View):
    """What the certificate itself says."""

    subject: str
    """In the order of the certificate."""
    issuer: str
    signature_algorithm: str
    key_algorithm: str
    key_bits: int | None
    key_usages: tuple[str, ...] = ()
    extended_key_usages: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """`MST: 0100109106`: numbers that the subject states; nobody has checked them."""
    emails: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    ocsp_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    oddities: tuple[MessageView, ...] = ()
    """What departs from the standard."""


class CertificateDetail(View):
    """Everything the register knows of one certificate as of a moment."""

    certificate: CertificateView
    agency_path: str
    """Path of the managing agency, to be compared with a viewer's rights."""
    named_agency_id: int
    named_agency_name: str
    """The agency that the subject names, as it was called when the certificate was issued."""
    iccid: str | None
    registered_at: datetime
    technical: TechnicalView
    events: tuple[CertificateEventView, ...]
    """Oldest first, those after the moment asked for included: they are marked by their time."""
    replaces: tuple[CertificateView, ...]
    """The certificates whose place it took, nearest first."""
    replaced_by: tuple[CertificateView, ...]
    """The certificates that took its place, nearest first."""


class CertificateList(View):
    """One page of a list."""

    items: tuple[CertificateView, ...]
    next: str | None
    """Cursor of the page that follows; null at the end."""
    total: int
    """Rows of all pages together."""
    total_is_exact: bool
    """False: there are more than `total`; counting stopped there, unless it is asked for with `count=exact`."""


class BucketView(View):
    """One group of a count."""

    key: str
    count: int
    parameters: tuple[tuple[str, str], ...]
    """Names and values for the address of the list that has exactly `count` rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSubmission:
    """A certificate to be registered, with what its bytes do not say."""

    der: bytes
    agency_id: int
    """The agency that the subject names, which is also the managing agency at first."""
    kind: SubscriberKind | None = None
    """None: as the certificate suggests."""
    medium: Medium = Medium.UNKNOWN
    device_number: str | None = None
    iccid: str | None = None
    position: str | None = None
    email: str | None = None
    """Where its mail goes; None: to the address that it states; empty: nowhere."""
    issued_at: datetime | None = None
    """When the CA issued it, if that is known to differ from notBefore."""
    origin: CertificateEventKind = CertificateEventKind.ISSUED
    """How it came about: `ISSUED`, `RENEWED`, `EXTENDED` or `CONTENT_CHANGED`."""
    replaces_id: int | None = None
    """The certificate whose place it takes from `issued_at` on."""
    custody: Custody = Custody.NOT_HANDED_OVER
    note: str | None = None
