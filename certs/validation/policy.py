"""What is demanded of a signature, as a named and versioned value (EN 319 102-1, 5.1.4.2)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from certs.cms import SignatureMethod
from certs.cms.algorithms import Scheme


class RevocationRule(StrEnum):
    """What missing revocation evidence means; evidence of revocation always counts."""

    REQUIRED = "required"
    """Missing evidence leaves the signature INDETERMINATE, TRY_LATER (EN 319 102-1, 5.2.6)."""
    WARN = "warn"
    """Missing evidence leaves the conclusion standing, with a warning (Circular 15/2025/TT-BKHCN)."""


class Usage(StrEnum):
    """What an algorithm is used for; a digest may be good enough for one and not for the other."""

    DOCUMENT = "document"
    """Signatures on documents: an attacker may choose what is signed."""
    TIMESTAMP = "timestamp"
    """Time-stamp tokens."""
    CERTIFICATE = "certificate"
    """Signatures on certificates that exist already."""


class Strength(StrEnum):
    """How a policy sees an algorithm at a moment."""

    GOOD = "good"
    WEAK = "weak"
    """Still accepted then, but worth a warning."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AlgorithmRule:
    """Until when a weak digest is accepted for a usage; at and after that time it is refused."""

    digest: str
    usage: Usage
    accepted_until: datetime


@dataclass(frozen=True, slots=True)
class KeyRule:
    """The least size of a kind of key in bits, and the least that is read with a warning until a time.

    A kind may have several rules: the one that is kindest to a key counts.
    """

    kind: str
    """`rsa`, `dsa` or `ec`."""
    minimum: int | None
    """None: no size of this kind is good."""
    weak_minimum: int
    weak_accepted_until: datetime


STRONG_DIGESTS = frozenset(
    {
        "sha256",
        "sha384",
        "sha512",
        "sha512_256",
        "sha3_256",
        "sha3_384",
        "sha3_512",
        "shake256",
        "shake256_512",
    }
)

_END_OF_SHA1 = datetime(2022, 12, 31, 17, 0, tzinfo=UTC)  # 2023-01-01 in Viet Nam
_END_OF_G1 = datetime(2030, 3, 5, tzinfo=UTC)
_END_OF_DSA = datetime(2024, 2, 3, tzinfo=UTC)
_END_OF_RSA_1024 = datetime(2013, 12, 31, 17, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ValidationPolicy:
    """All constraints of one validation; stored beside a report it says how the report was reached."""

    name: str = "vn-public-service"
    version: str = "1"
    revocation: RevocationRule = RevocationRule.WARN
    revocation_maximum_age: timedelta | None = None
    """How long before the signing time an answer may have been issued; None: its own nextUpdate decides."""
    weak_digests: tuple[AlgorithmRule, ...] = (
        # Circular 15/2025 accepts SHA-2 and SHA-3; documents of 2010 to 2022 with SHA-1 exist and are read.
        AlgorithmRule("sha1", Usage.DOCUMENT, _END_OF_SHA1),
        # The units of the G1 generation, and its chain, use SHA-1 to the end of the G1 root.
        AlgorithmRule("sha1", Usage.TIMESTAMP, _END_OF_G1),
        AlgorithmRule("sha1", Usage.CERTIFICATE, _END_OF_G1),
        AlgorithmRule("sha224", Usage.DOCUMENT, _END_OF_G1),
        AlgorithmRule("sha224", Usage.TIMESTAMP, _END_OF_G1),
        AlgorithmRule("sha224", Usage.CERTIFICATE, _END_OF_G1),
    )
    """Digests that are neither here nor in `STRONG_DIGESTS` are refused at any time."""
    key_rules: tuple[KeyRule, ...] = (
        KeyRule("rsa", 2048, 1024, _END_OF_RSA_1024),
        # Circular 15/2025 does not name DSA, and nobody is to sign with it since FIPS 186-4 was withdrawn.
        KeyRule("dsa", None, 2048, _END_OF_DSA),
        KeyRule("dsa", None, 1024, _END_OF_RSA_1024),
        KeyRule("ec", 256, 224, _END_OF_RSA_1024),
    )
    clock_tolerance: timedelta = timedelta(hours=24)
    """How far the clocks of time-stamping units may be off before a date contradicts a certificate's start."""
    timestamps_outlive_their_certificate: bool = True
    """See certs/DIVERGENCES.md: a time-stamp is judged at its own time."""

    def assess_digest(self, digest: str, usage: Usage, at: datetime) -> Strength:
        """How good a digest is for a usage at a moment."""
        if digest in STRONG_DIGESTS:
            return Strength.GOOD
        for rule in self.weak_digests:
            if rule.digest == digest and rule.usage is usage:
                return Strength.WEAK if at < rule.accepted_until else Strength.REFUSED
        return Strength.REFUSED

    def assess_method(self, method: SignatureMethod, usage: Usage, at: datetime) -> Strength:
        """How good the digest of a signature method is.

        A scheme with a digest of its own is good where it signs the thing itself, as on certificates. Documents and
        tokens are reached through the digest that the signer declared.
        """
        if usage is Usage.CERTIFICATE and method.scheme in (Scheme.ED25519, Scheme.ED448):
            return Strength.GOOD
        return self.assess_digest(method.digest, usage, at)

    def assess_key(self, kind: str, bits: int, at: datetime) -> Strength:
        """How good a key size is at a moment; kinds without a rule are good."""
        rules = [rule for rule in self.key_rules if rule.kind == kind]
        if not rules or any(rule.minimum is not None and bits >= rule.minimum for rule in rules):
            return Strength.GOOD
        is_weak = any(bits >= rule.weak_minimum and at < rule.weak_accepted_until for rule in rules)
        return Strength.WEAK if is_weak else Strength.REFUSED
