"""What the structure of a PDF says about its signatures, before any cryptography (ISO 32000-2, 12.8).

Everything here is frozen. An `EmbeddedSignature` is a statement about bytes and objects alone: it says what was
covered, whether the file can be read in one way only, and what changed since. It does not say that a digest or a
signature value is right, nor who signed.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from certs.messages import Message


class Coverage(StrEnum):
    """How far the byte range of a signature reaches (pyHanko's term; not defined by ISO 32000-2)."""

    ENTIRE_FILE = "ENTIRE_FILE"
    """Every byte of the file except the signature's own /Contents."""
    ENTIRE_REVISION = "ENTIRE_REVISION"
    """Every byte of the revision the signature closes; later revisions exist and are not judged by this value."""
    CONTIGUOUS_FROM_START = "CONTIGUOUS_FROM_START"
    """Starts at byte 0 without a hole, but ends inside a revision."""
    UNCLEAR = "UNCLEAR"
    """None of the above, or it could not be determined."""


class SignatureType(StrEnum):
    """The two uses of a signature dictionary (ISO 32000-2, 12.8.1 and 12.8.5)."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document_timestamp"


class DocMDPPermission(StrEnum):
    """What a certification signature permits afterwards (ISO 32000-2, table 257)."""

    NO_CHANGES = "1"
    FILL_FORMS = "2"
    ANNOTATE = "3"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a signed revision and the document as it stands."""

    message: Message
    """What changed, for a person: `message.parameters` may hold `old` and `new`."""
    permitted: bool
    """True when a rule explains the change and the signer's own permissions allow it."""
    rule: str
    """The rule that decided, e.g. `signature_added`, `dss_extended`, `form_filled`, `page_content`, `unreachable_bytes`."""
    revision: int
    """The 0-based revision that brought the change."""
    page: int | None = None
    """1-based page on which a reader would see it, when it belongs to one page."""
    is_visible: bool = True
    """False for what leaves a document intact when permitted: validation data, further signatures and time-stamps,
    metadata, structure for assistive technology. A permitted visible change (form filling, annotations) makes the
    document `changed_permitted`; a change that is not permitted makes it `changed`, visible or not."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """Where and how a signature shows itself on the page."""

    page: int
    """1-based."""
    rectangle: tuple[float, float, float, float]
    """Left, bottom, right, top in points of the unrotated page."""
    page_size: tuple[float, float]
    """Width and height in points of the unrotated page, as shown (crop box)."""
    has_image: bool
    image_has_transparency: bool
    is_hidden: bool
    text: str = ""
    """Text drawn by the appearance where it can be decoded, cut to a bounded length."""


@dataclass(frozen=True, slots=True)
class EmbeddedSignature:
    """One signature dictionary with a value, in the order in which the revisions were signed."""

    field_name: str
    """Fully qualified name of the signature field; empty when the dictionary hangs in no field."""
    type: SignatureType
    sub_filter: str
    """Without the slash; empty when absent."""
    filter: str
    contents: bytes
    """The value of /Contents as bytes, padding included."""
    certificates: tuple[bytes, ...]
    """/Cert (adbe.x509.rsa_sha1 only)."""
    byte_range: tuple[int, ...]
    """As written; judged by `faults` and `coverage`."""
    claimed_name: str | None
    reason: str | None
    location: str | None
    contact: str | None
    claimed_time: str | None
    """/M as written, e.g. `D:20250124100037+07'00'`."""
    signed_revision: int
    """0-based index of the revision this signature closes, -1 when it closes none."""
    coverage: Coverage
    doc_mdp: DocMDPPermission | None
    """The /DocMDP transform of this signature's own /Reference, whether or not the catalog names it."""
    locked_fields: str | None
    """FieldMDP or field lock in words of the standard: `All`, `Include: a, b`, `Exclude: a`; None when there is none."""
    faults: tuple[Message, ...]
    """Structural reasons for which this signature cannot be relied on (byte range, gap, missing entries): `broken`."""
    changes: tuple[Change, ...]
    """All differences between the signed revision and the document as it stands, permitted ones included."""
    undetermined: tuple[Message, ...]
    """Why the comparison could not be completed; non-empty means `unknown`, never `unchanged`."""
    appearance: Appearance | None
    signed_bytes: tuple[memoryview, ...] = field(repr=False, compare=False, default=())
    """The ranges to digest, in order; empty when the byte range is unusable."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The file up to one end of file marker (ISO 32000-2, 7.5.6)."""

    index: int
    end: int
    """Offset of the first byte after the revision."""


@dataclass(frozen=True, slots=True)
class SecurityStore:
    """Validation data of the document security store (ISO 32000-2, 12.8.4.3), with VRI merged in."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentAnalysis:
    """Everything `analyse_document` found. An empty `signatures` alone does not mean "unsigned": see `signs_of_signing`."""

    page_count: int
    revisions: tuple[Revision, ...]
    signatures: tuple[EmbeddedSignature, ...]
    security_store: SecurityStore
    empty_fields: tuple[str, ...]
    """Signature fields without a value."""
    signs_of_signing: bool
    """Some byte or object hints at a signature (`/ByteRange`, `/Type /Sig`, a /Sig field): "no signature" must not be said
    merely because none could be read."""
    faults: tuple[Message, ...]
    """Faults of the whole file: readable in two ways, bytes no cross-reference reaches, saved again by another program…"""
    warnings: tuple[Message, ...]
    """Worth a warning before anything happened: content prepared to be changed later, scripts, hidden layers."""
    is_encrypted: bool
    producer: str | None
