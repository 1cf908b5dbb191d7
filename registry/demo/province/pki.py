"""A PKI in the shape of the Government's, whose names all say DEMO.

Two generations with a root, a CA for State bodies and a time-stamping unit right under the root each. Profiles follow
real certificates of 2016 (G1) and 2021 to 2025 (G2): order of attributes, key usages, policies, lengths of serials.
The keys of the CAs live in memory while the province is being made and are never stored.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import gcd, prod
from random import Random
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID

from registry.demo.province import der
from registry.demo.province.drafts import Generation

_SHA1_WITH_RSA: Final = der.tlv(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.1.5"), b"\x05\x00")
_SHA256_WITH_RSA: Final = der.tlv(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.1.11"), b"\x05\x00")
_RSA_ENCRYPTION: Final = der.tlv(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.1.1"), b"\x05\x00")

_BASIC_CONSTRAINTS: Final = "2.5.29.19"
_KEY_USAGE: Final = "2.5.29.15"
_EXTENDED_KEY_USAGE: Final = "2.5.29.37"
_SUBJECT_KEY_ID: Final = "2.5.29.14"
_AUTHORITY_KEY_ID: Final = "2.5.29.35"
_ALTERNATIVE_NAME: Final = "2.5.29.17"
_POLICIES: Final = "2.5.29.32"
_CRL_POINTS: Final = "2.5.29.31"
_ACCESS: Final = "1.3.6.1.5.5.7.1.1"
_NETSCAPE_TYPE: Final = "2.16.840.1.113730.1.1"
_NETSCAPE_COMMENT: Final = "2.16.840.1.113730.1.13"

POLICY: Final = "2.16.704.1.1.1.1.1"
LAST_DAY: Final = datetime(2099, 12, 31, tzinfo=UTC)
"""The demo's roots outlive every demonstration."""

_SITE: Final = "http://ca.demo.example/pki"

_SMALL_PRIMES: Final = prod(n for n in range(3, 752) if all(n % d for d in range(2, int(n**0.5) + 1)))
"""Odd primes up to 751, the bound of NIST SP 800-89, 5.3.3."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A real key, for those who sign."""

    private: rsa.RSAPrivateKey

    @property
    def public(self) -> bytes:
        """SubjectPublicKeyInfo."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def new_key(bits: int = 2048) -> KeyPair:
    """Make a fresh key from the system's randomness."""
    return KeyPair(rsa.generate_private_key(public_exponent=65537, key_size=bits))


def public_key_of_nobody(random: Random, bits: int) -> bytes:
    """Make an RSA public key to which no private key was ever made: a random odd number as modulus.

    A register holds public keys only, and thousands of key pairs would take minutes to make. Nobody can sign with such
    a certificate, which for all but the demo's four signers is what one wants. Small factors are avoided, as every
    check of public keys expects.
    """
    while True:
        modulus = random.getrandbits(bits) | 3 << bits - 2 | 1
        if gcd(modulus, _SMALL_PRIMES) == 1:
            break
    key = der.tlv(der.SEQUENCE, der.integer(modulus), der.integer(65537))
    return der.tlv(der.SEQUENCE, _RSA_ENCRYPTION, der.bit_string(key))


def key_identifier(public_key: bytes) -> bytes:
    """Identifier of a SubjectPublicKeyInfo by RFC 5280, 4.2.1.2 (1), near enough: over the whole structure."""
    return hashlib.sha1(public_key, usedforsecurity=False).digest()


@dataclass(frozen=True)
class Authority:
    """A CA that issues: its certificate, its key and how it signs."""

    generation: Generation
    certificate: bytes
    subject: bytes
    key: KeyPair

    @cached_property
    def loaded(self) -> x509.Certificate:
        """The certificate as `cryptography` reads it."""
        return x509.load_der_x509_certificate(self.certificate)

    @property
    def key_identifier(self) -> bytes:
        """What certificates below it name as their authority's key."""
        return key_identifier(self.key.public)

    def sign(
        self,
        *,
        serial: int,
        subject: bytes,
        not_before: datetime,
        not_after: datetime,
        public_key: bytes,
        extensions: Iterable[bytes],
        is_sha1: bool = False,
    ) -> bytes:
        """Issue a certificate (RFC 5280, 4.1)."""
        algorithm = _SHA1_WITH_RSA if is_sha1 else _SHA256_WITH_RSA
        signed_part = der.tlv(
            der.SEQUENCE,
            der.tlv(0xA0, der.integer(2)),
            der.integer(serial),
            algorithm,
            self.subject,
            der.tlv(der.SEQUENCE, der.moment(not_before), der.moment(not_after)),
            subject,
            public_key,
            der.tlv(0xA3, der.tlv(der.SEQUENCE, *extensions)),
        )
        # The first generation of the Government PKI signed with SHA-1 until 2017, and a register must know such ones.
        digest = hashes.SHA1() if is_sha1 else hashes.SHA256()  # noqa: S303
        signature = self.key.private.sign(signed_part, padding.PKCS1v15(), digest)
        return der.tlv(der.SEQUENCE, signed_part, algorithm, der.bit_string(signature))


@dataclass(frozen=True)
class TimeStampingUnit:
    """A time-stamping unit right under a root."""

    certificate: bytes
    key: KeyPair


@dataclass(frozen=True)
class DemoPKI:
    """Both generations."""

    roots: dict[Generation, Authority]
    authorities: dict[Generation, Authority]
    time_stamping: dict[Generation, TimeStampingUnit]


_NAMES: Final = {
    Generation.G1: (
        "Ban Co yeu DEMO",
        "Co quan chung thuc so chuyen dung DEMO (RootCA)",
        "Co quan chung thuc so DEMO",
        "May chu cap dau thoi gian DEMO 01",
    ),
    Generation.G2: (
        "Ban Cơ yếu DEMO",
        "RootCA chuyên dùng DEMO G2",
        "CA phục vụ các cơ quan Nhà nước DEMO G2",
        "Máy chủ cấp dấu thời gian DEMO 02",
    ),
}
_BEGINS: Final = {
    Generation.G1: datetime(2010, 3, 10, 5, 45, 57, tzinfo=UTC),
    Generation.G2: datetime(2016, 8, 22, 7, 36, 39, tzinfo=UTC),
}


def make_pki() -> DemoPKI:
    """Make all keys and CA certificates anew."""
    roots: dict[Generation, Authority] = {}
    authorities: dict[Generation, Authority] = {}
    units: dict[Generation, TimeStampingUnit] = {}
    for generation, (organisation, root_name, authority_name, unit_name) in _NAMES.items():
        begins = _BEGINS[generation]
        root = roots[generation] = _make_root(generation, _name(organisation, root_name), begins)
        key = new_key()
        subject = _name(organisation, authority_name)
        certificate = root.sign(
            serial=4 if generation is Generation.G1 else 0x7AF2DF52182653D3,
            subject=subject,
            not_before=begins + timedelta(days=15),
            not_after=LAST_DAY - timedelta(days=1),
            public_key=key.public,
            extensions=(*_ca_extensions(key, path_length=0), _authority_key_id(root), *_addresses(generation, "root")),
            is_sha1=generation is Generation.G1,
        )
        authorities[generation] = Authority(generation, certificate, subject, key)
        units[generation] = _make_time_stamping_unit(root, _name(organisation, unit_name), begins + timedelta(days=30))
    return DemoPKI(roots, authorities, units)


def _name(organisation: str, common_name: str) -> bytes:
    return der.name((("C", "VN"), ("O", organisation), ("CN", common_name)))


def _make_root(generation: Generation, subject: bytes, begins: datetime) -> Authority:
    key = new_key()
    unsigned = Authority(generation, b"", subject, key)
    certificate = unsigned.sign(
        serial=0xFF303AE4E90AC1ED if generation is Generation.G1 else 0x3B65B0A03006F9AB,
        subject=subject,
        not_before=begins,
        not_after=LAST_DAY,
        public_key=key.public,
        extensions=(*_ca_extensions(key, path_length=None), _authority_key_id(unsigned)),
        is_sha1=generation is Generation.G1,
    )
    return Authority(generation, certificate, subject, key)


def _make_time_stamping_unit(root: Authority, subject: bytes, begins: datetime) -> TimeStampingUnit:
    key = new_key()
    certificate = root.sign(
        serial=0x51477474A596DE47 if root.generation is Generation.G1 else 0x0BDA863E1BA35F4B,
        subject=subject,
        not_before=begins,
        not_after=LAST_DAY - timedelta(days=1),
        public_key=key.public,
        extensions=(
            der.extension(
                _BASIC_CONSTRAINTS, x509.BasicConstraints(ca=False, path_length=None).public_bytes(), is_critical=True
            ),
            _authority_key_id(root),
            *_addresses(root.generation, "root"),
            der.extension(
                _EXTENDED_KEY_USAGE,
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]).public_bytes(),
                is_critical=True,
            ),
            _subject_key_id(key.public),
            der.extension(_KEY_USAGE, _usages(digital_signature=True), is_critical=True),
        ),
    )
    return TimeStampingUnit(certificate, key)


class Issuance:
    """Issues leaf certificates of one generation: what is the same in all of them is encoded once."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._is_first = authority.generation is Generation.G1
        no_ca = x509.BasicConstraints(ca=False, path_length=None).public_bytes()
        purposes = x509.ExtendedKeyUsage(
            [
                ExtendedKeyUsageOID.CLIENT_AUTH,
                ExtendedKeyUsageOID.EMAIL_PROTECTION,
                ExtendedKeyUsageOID.SMARTCARD_LOGON,
            ]
        ).public_bytes()
        usages = _usages(digital_signature=True, content_commitment=True, key_encipherment=True, data_encipherment=True)
        addresses = _addresses(authority.generation, "cp")
        if self._is_first:
            self._before: tuple[bytes, ...] = (
                der.extension(_BASIC_CONSTRAINTS, no_ca),
                der.extension(_NETSCAPE_TYPE, b"\x03\x02\x05\xa0"),
                der.extension(_KEY_USAGE, usages),
                der.extension(_EXTENDED_KEY_USAGE, purposes),
                der.extension(_NETSCAPE_COMMENT, der.tlv(der.IA5_STRING, b"User Sign of DEMO")),
            )
            self._after: tuple[bytes, ...] = (_authority_key_id(authority), *addresses)
        else:
            policy = x509.PolicyInformation(x509.ObjectIdentifier(POLICY), [f"{_SITE}/policies/CP"])
            self._before = (
                der.extension(_BASIC_CONSTRAINTS, no_ca, is_critical=True),
                _authority_key_id(authority),
                *addresses,
                der.extension(_POLICIES, x509.CertificatePolicies([policy]).public_bytes()),
                der.extension(_EXTENDED_KEY_USAGE, purposes),
            )
            self._after = (der.extension(_KEY_USAGE, usages, is_critical=True),)

    def issue(
        self,
        *,
        serial: int,
        subject: Iterable[tuple[str, str]],
        email: str,
        not_before: datetime,
        not_after: datetime,
        public_key: bytes,
    ) -> bytes:
        """Issue the certificate of an end entity."""
        alternative = der.tlv(der.SEQUENCE, der.tlv(0x81, email.encode("ascii")))
        return self._authority.sign(
            serial=serial,
            subject=der.name(subject),
            not_before=not_before,
            not_after=not_after,
            public_key=public_key,
            extensions=(
                *self._before,
                der.extension(_ALTERNATIVE_NAME, alternative),
                _subject_key_id(public_key),
                *self._after,
            ),
            is_sha1=self._is_first,
        )


def _ca_extensions(key: KeyPair, *, path_length: int | None) -> tuple[bytes, ...]:
    return (
        der.extension(
            _BASIC_CONSTRAINTS, x509.BasicConstraints(ca=True, path_length=path_length).public_bytes(), is_critical=True
        ),
        _subject_key_id(key.public),
        der.extension(_KEY_USAGE, _usages(key_cert_sign=True, crl_sign=True), is_critical=True),
    )


def _subject_key_id(public_key: bytes) -> bytes:
    return der.extension(_SUBJECT_KEY_ID, der.tlv(0x04, key_identifier(public_key)))


def _authority_key_id(authority: Authority) -> bytes:
    return der.extension(_AUTHORITY_KEY_ID, der.tlv(der.SEQUENCE, der.tlv(0x80, authority.key_identifier)))


def _addresses(generation: Generation, authority: str) -> tuple[bytes, bytes]:
    """AuthorityInfoAccess and CRLDistributionPoints; the host ends in `.example`, so that nothing is ever asked there."""
    file = f"{authority}-{generation.value}"
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(Access.CA_ISSUERS, x509.UniformResourceIdentifier(f"{_SITE}/crt/{file}.crt")),
            x509.AccessDescription(Access.OCSP, x509.UniformResourceIdentifier("http://ocsp.demo.example")),
        ]
    )
    points = x509.CRLDistributionPoints(
        [
            x509.DistributionPoint(
                full_name=[x509.UniformResourceIdentifier(f"{_SITE}/crl/{file}.crl")],
                relative_name=None,
                reasons=None,
                crl_issuer=None,
            )
        ]
    )
    return der.extension(_ACCESS, access.public_bytes()), der.extension(_CRL_POINTS, points.public_bytes())


def _usages(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    data_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> bytes:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=key_encipherment,
        data_encipherment=data_encipherment,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    ).public_bytes()
