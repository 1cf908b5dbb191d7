"""The report of a validation as frozen values. How it reads as JSON is in `certs.validation.presentation`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NoReturn

from certs.cms import SignatureMethod
from certs.messages import Message
from certs.path import ParsedCertificate, RevocationAssessment
from certs.pdf.model import Change, Coverage, SignatureType
from certs.validation.indications import BlockConclusion, Conclusion, Indication, Integrity, SubIndication
from certs.validation.messages import REVOCATION_NOT_CHECKED
from certs.validation.policy import ValidationPolicy


class TimeSource(StrEnum):
    """What a best signature time rests on (EN 319 102-1, 5.5)."""

    SIGNATURE_TIMESTAMP = "signature_timestamp"
    """A time-stamp inside the signature."""
    DOCUMENT_TIMESTAMP = "document_timestamp"
    """A later document time-stamp that covers the signature."""
    VALIDATION_TIME = "validation_time"
    """Nothing: the signature is only known to exist now."""


def in_order_of_weight(warnings: Iterable[Message]) -> tuple[Message, ...]:
    """Each warning once, those about revocation that could not be checked on top."""
    return tuple(sorted(dict.fromkeys(warnings), key=lambda warning: warning.code not in REVOCATION_NOT_CHECKED))


@dataclass(frozen=True, slots=True)
class Block:
    """The answer of one building block of EN 319 102-1."""

    name: str
    clause: str
    conclusion: BlockConclusion
    sub_indication: SubIndication | None = None
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class TimestampReport:
    """One time-stamp and whether it proves anything."""

    source: TimeSource
    gen_time: datetime
    authority: ParsedCertificate | None
    authority_name: str
    indication: Indication
    sub_indication: SubIndication | None
    messages: tuple[Message, ...]

    @property
    def is_proof(self) -> bool:
        """Whether it proves that what it stamps existed at `gen_time`."""
        return self.indication is Indication.TOTAL_PASSED

    @property
    def is_authentic(self) -> bool:
        """Whether imprint and signature value are right, whoever the authority is."""
        return self.indication is not Indication.TOTAL_FAILED


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """Everything found out about one signature or document time-stamp. Times are aware, UTC."""

    field_name: str
    type: SignatureType
    sub_filter: str
    signer: str
    """The common name of the signer's certificate, safe to show; empty when the certificate is not known."""
    issuer: str
    certificate: ParsedCertificate | None
    method: SignatureMethod | None
    claimed_signing_time: datetime | None
    """What the signer says; nothing proves it."""
    timestamps: tuple[TimestampReport, ...]
    best_signature_time: datetime
    best_signature_time_source: TimeSource
    indication: Indication
    sub_indication: SubIndication | None
    why: Message | None
    """The reason behind the sub-indication; None with TOTAL_PASSED."""
    integrity: Integrity
    coverage: Coverage
    changes: tuple[Change, ...]
    chain: tuple[ParsedCertificate, ...]
    trust_anchor: ParsedCertificate | None
    revocation: RevocationAssessment | None
    """At the best signature time; None when there was no path to check along."""
    status_now: RevocationAssessment | None
    """At the time of validation."""
    is_expired_now: bool
    blocks: tuple[Block, ...]
    warnings: tuple[Message, ...]
    notes: tuple[Message, ...]
    claimed_time_note: Message | None
    reason: str | None
    location: str | None

    def __bool__(self) -> NoReturn:
        """A report is no yes or no: ask for `indication`."""
        raise TypeError("a signature report has no truth value; compare its indication")


@dataclass(frozen=True, slots=True)
class SignatureAppearance:
    """How one signature shows itself, read against Nghị định 30/2020/NĐ-CP, Phụ lục I; informative."""

    field_name: str
    role: str
    """`person`, `agency`, `device` or `unknown`, a guess from the certificate."""
    page: int
    rectangle: tuple[float, float, float, float]
    position: str
    """Where on the page: `top-left` … `bottom-right`."""
    has_image: bool
    image_has_transparency: bool
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class AppearanceReport:
    """The visible side of all signatures; it changes no conclusion."""

    signatures: tuple[SignatureAppearance, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """The judgement on one document, with everything that led to it."""

    sha256: str
    size: int
    at: datetime
    policy: ValidationPolicy
    conclusion: Conclusion
    message: Message
    what_to_do: Message
    warnings: tuple[Message, ...]
    """Of the document and of all signatures, each once."""
    signatures: tuple[SignatureReport, ...] = ()
    appearance: AppearanceReport | None = None
    page_count: int | None = None
    revision_count: int | None = None
    empty_fields: tuple[str, ...] = field(default=())
    is_encrypted: bool = False
    producer: str | None = None

    def __bool__(self) -> NoReturn:
        """A report is no yes or no: ask for `conclusion`."""
        raise TypeError("a validation report has no truth value; compare its conclusion")
