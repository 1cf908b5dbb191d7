"""Public keys and signature algorithms by name, as lists and warnings show them. Nothing is verified here."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from asn1crypto import algos, keys
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from certs.der import SEQUENCE, MalformedDER, decode_oid, read_whole
from certs.extensions import ASN1CRYPTO_ERRORS


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """The public key, as far as lists and warnings need it."""

    algorithm: str
    """`RSA`, `EC`, `DSA`, `Ed25519`, `Ed448`, else what the certificate names."""
    bits: int | None
    """Size of the modulus or of the curve's field; `None` when unknown."""
    curve: str | None = None

    @property
    def is_weak(self) -> bool:
        """True when known to be below RSA 2048 or ECDSA 256 (circular 15/2025/TT-BKHCN), or DSA, which it does not name."""
        minimum = {"RSA": 2048, "EC": 256}.get(self.algorithm)
        return self.algorithm == "DSA" or (minimum is not None and self.bits is not None and self.bits < minimum)


def describe_key(encoding: bytes, loaded: x509.Certificate | None) -> KeyInfo:
    """Describe a SubjectPublicKeyInfo, from the certificate `cryptography` loaded or, where it refused, by itself."""
    try:
        key = loaded.public_key() if loaded is not None else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    match key:
        case rsa.RSAPublicKey(key_size=bits):
            return KeyInfo("RSA", bits)
        case ec.EllipticCurvePublicKey(key_size=bits, curve=curve):
            return KeyInfo("EC", bits, curve.name)
        case dsa.DSAPublicKey(key_size=bits):
            return KeyInfo("DSA", bits)
        case ed25519.Ed25519PublicKey():
            return KeyInfo("Ed25519", 256)
        case ed448.Ed448PublicKey():
            return KeyInfo("Ed448", 456)
        case _:
            return _key_by_name(encoding)


def _key_by_name(encoding: bytes) -> KeyInfo:
    try:
        info = keys.PublicKeyInfo.load(encoding, strict=True)
        algorithm = info["algorithm"]["algorithm"]
        name = {"rsa": "RSA", "ec": "EC", "dsa": "DSA"}.get(algorithm.native, algorithm.dotted)
    except ASN1CRYPTO_ERRORS:
        return KeyInfo("?", None)
    try:
        return KeyInfo(name, info.bit_size if name in ("RSA", "EC") else None)
    except ASN1CRYPTO_ERRORS:
        return KeyInfo(name, None)


# OID: name in the standard, digest.
_SIGNATURES: Final[dict[str, tuple[str, str | None]]] = {
    "1.2.840.113549.1.1.2": ("md2WithRSAEncryption", "md2"),
    "1.2.840.113549.1.1.4": ("md5WithRSAEncryption", "md5"),
    "1.2.840.113549.1.1.5": ("sha1WithRSAEncryption", "sha1"),
    "1.3.14.3.2.29": ("sha1WithRSAEncryption", "sha1"),
    "1.2.840.113549.1.1.14": ("sha224WithRSAEncryption", "sha224"),
    "1.2.840.113549.1.1.11": ("sha256WithRSAEncryption", "sha256"),
    "1.2.840.113549.1.1.12": ("sha384WithRSAEncryption", "sha384"),
    "1.2.840.113549.1.1.13": ("sha512WithRSAEncryption", "sha512"),
    "1.2.840.10040.4.3": ("dsa-with-sha1", "sha1"),
    "2.16.840.1.101.3.4.3.1": ("dsa-with-sha224", "sha224"),
    "2.16.840.1.101.3.4.3.2": ("dsa-with-sha256", "sha256"),
    "1.2.840.10045.4.1": ("ecdsa-with-SHA1", "sha1"),
    "1.2.840.10045.4.3.1": ("ecdsa-with-SHA224", "sha224"),
    "1.2.840.10045.4.3.2": ("ecdsa-with-SHA256", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa-with-SHA384", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa-with-SHA512", "sha512"),
    "2.16.840.1.101.3.4.3.10": ("id-ecdsa-with-sha3-256", "sha3-256"),
    "2.16.840.1.101.3.4.3.11": ("id-ecdsa-with-sha3-384", "sha3-384"),
    "2.16.840.1.101.3.4.3.12": ("id-ecdsa-with-sha3-512", "sha3-512"),
    "2.16.840.1.101.3.4.3.14": ("id-rsassa-pkcs1-v1-5-with-sha3-256", "sha3-256"),
    "2.16.840.1.101.3.4.3.15": ("id-rsassa-pkcs1-v1-5-with-sha3-384", "sha3-384"),
    "2.16.840.1.101.3.4.3.16": ("id-rsassa-pkcs1-v1-5-with-sha3-512", "sha3-512"),
    "1.3.101.112": ("Ed25519", None),
    "1.3.101.113": ("Ed448", None),
}
_PSS: Final = "1.2.840.113549.1.1.10"


@lru_cache(maxsize=64)
def describe_signature(encoding: bytes) -> tuple[str, str | None]:
    """Name the algorithm of an encoded AlgorithmIdentifier, and its digest where it has a known one.

    Raises `MalformedDER` when it is none.
    """
    try:
        oid = decode_oid(next(read_whole(encoding, SEQUENCE).children()).value)
    except StopIteration:
        raise MalformedDER("an algorithm identifier without an algorithm") from None
    if oid != _PSS:
        return _SIGNATURES.get(oid, (oid, None))
    try:
        parameters = algos.SignedDigestAlgorithm.load(encoding, strict=True)["parameters"]
        return "RSASSA-PSS", parameters["hash_algorithm"]["algorithm"].native
    except ASN1CRYPTO_ERRORS:
        return "RSASSA-PSS", None
