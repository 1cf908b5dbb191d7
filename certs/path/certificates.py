"""Certificates as path building needs them: parsed once, leniently, and shared between documents of one process."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from certs.cms import SignerIdentifier
from certs.extensions import ASN1CRYPTO_ERRORS


class MalformedCertificate(ValueError):
    """The bytes are not an X.509 certificate that can be used."""


class UnusableKey(ValueError):
    """The public key is of a kind that cannot be computed with."""


@dataclass(frozen=True, slots=True)
class ParsedCertificate:
    """One X.509 certificate; equal when the bytes are equal. Parsing proves nothing."""

    der: bytes = field(repr=False)
    sha256: str = field(compare=False)
    serial_number: int = field(compare=False)
    issuer: bytes = field(compare=False, repr=False)
    """DER of the issuer's name."""
    subject: bytes = field(compare=False, repr=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    key_identifier: bytes | None = field(compare=False, repr=False)
    key_usage: frozenset[str] | None = field(compare=False)
    """asn1crypto's names, e.g. `digital_signature`; None when the extension is absent."""
    extended_key_usage: frozenset[str] | None = field(compare=False)
    is_ca: bool = field(compare=False)
    is_self_issued: bool = field(compare=False)
    """Same name as issuer and subject; says nothing about who signed (RFC 5280, 3.2)."""
    value: x509.Certificate = field(compare=False, repr=False)
    """asn1crypto's view, for the path library and for display."""


@lru_cache(maxsize=2048)
def load_certificate(der: bytes) -> ParsedCertificate:
    """Parse one DER certificate. Raises `MalformedCertificate`."""
    try:
        value = x509.Certificate.load(der, strict=True)
        # asn1crypto encodes certificates with unique identifiers wrongly once it has parsed them, unless it kept the
        # bytes before (PKITS 4.3.6); signatures are over the bytes.
        value["tbs_certificate"].dump()
        usage = value.key_usage_value
        extended = value.extended_key_usage_value
        return ParsedCertificate(
            der=der,
            sha256=hashlib.sha256(der).hexdigest(),
            serial_number=value.serial_number,
            issuer=value.issuer.dump(),
            subject=value.subject.dump(),
            not_before=_aware(value.not_valid_before),
            not_after=_aware(value.not_valid_after),
            key_identifier=value.key_identifier,
            key_usage=frozenset(usage.native) if usage is not None else None,
            extended_key_usage=frozenset(extended.native) if extended is not None else None,
            is_ca=bool(value.ca),
            is_self_issued=is_same_name(value.issuer, value.subject),
            value=value,
        )
    except ASN1CRYPTO_ERRORS as error:
        raise MalformedCertificate(str(error)) from error


def is_same_name(one: x509.Name, other: x509.Name) -> bool:
    """Whether two names match (RFC 5280, 7.1); text that does not decode matches only itself."""
    if one.dump() == other.dump():
        return True
    try:
        return bool(one == other)
    except ASN1CRYPTO_ERRORS:
        return False


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=2048)
def public_key(certificate: ParsedCertificate) -> PublicKeyTypes:
    """The subject's key. Raises `UnusableKey`.

    Read from the key info alone, so that oddities elsewhere in the certificate do not hide the key.
    """
    try:
        info = certificate.value.public_key
        if info.algorithm == "rsassa_pss":
            info = info.copy()
            info["algorithm"] = {"algorithm": "rsa"}
        return load_der_public_key(info.dump())
    except (*ASN1CRYPTO_ERRORS, UnsupportedAlgorithm) as error:
        raise UnusableKey(str(error)) from error


MAXIMUM_CANDIDATES = 8
"""Certificates tried for one signature; two share an identifier when one was renewed with its key."""


def find_signer(
    identifier: SignerIdentifier, candidates: tuple[ParsedCertificate, ...]
) -> tuple[ParsedCertificate, ...]:
    """The first few candidates that a signer identifier names (RFC 5652, 5.3), exact encodings of the issuer preferred."""
    return _matching(identifier, candidates)[:MAXIMUM_CANDIDATES]


def _matching(identifier: SignerIdentifier, candidates: tuple[ParsedCertificate, ...]) -> tuple[ParsedCertificate, ...]:
    if identifier.key_identifier is not None:
        return tuple(c for c in candidates if c.key_identifier == identifier.key_identifier)
    same_serial = [c for c in candidates if c.serial_number == identifier.serial_number]
    exact = tuple(c for c in same_serial if c.issuer == identifier.issuer)
    if exact or not same_serial or identifier.issuer is None:
        return exact
    try:
        name = x509.Name.load(identifier.issuer)
    except ASN1CRYPTO_ERRORS:
        return ()
    return tuple(c for c in same_serial if is_same_name(c.value.issuer, name))
