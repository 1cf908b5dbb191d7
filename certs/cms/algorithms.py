"""Algorithm identifiers of CMS and X.509 and what they stand for (RFC 3370, 5754, 8017, 8419, 8692, 9688)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives import hashes

from certs.cms import ber
from certs.cms.ber import SEQUENCE, Element, MalformedASN1


class Scheme(StrEnum):
    """How a signature value is computed from a digest or message and a key."""

    RSA_PKCS1 = "RSA PKCS#1 v1.5"
    RSA_PSS = "RSA-PSS"
    ECDSA = "ECDSA"
    ECDSA_PLAIN = "ECDSA (plain)"
    DSA = "DSA"
    ED25519 = "Ed25519"
    ED448 = "Ed448"


@dataclass(frozen=True, slots=True)
class AlgorithmIdentifier:
    """An object identifier with its parameters as encoded."""

    oid: str
    parameters: bytes | None


DIGESTS: dict[str, str] = {
    "1.2.840.113549.2.5": "md5",
    "1.3.36.3.2.1": "ripemd160",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.5": "sha512_224",
    "2.16.840.1.101.3.4.2.6": "sha512_256",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
    "2.16.840.1.101.3.4.2.12": "shake256",
    "2.16.840.1.101.3.4.2.18": "shake256_512",
}
"""Object identifiers of digests, by the names used in policies and reports."""

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha512_224": hashes.SHA512_224,
    "sha512_256": hashes.SHA512_256,
    "sha3_224": hashes.SHA3_224,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
    # RFC 8419 fixes 64 octets for CMS; the identifier "without length" means the same there.
    "shake256": lambda: hashes.SHAKE256(64),
    "shake256_512": lambda: hashes.SHAKE256(64),
}

_RSA, _DSA, _ECDSA = Scheme.RSA_PKCS1, Scheme.DSA, Scheme.ECDSA
SIGNATURES: dict[str, tuple[Scheme, str | None]] = {
    "1.2.840.113549.1.1.1": (_RSA, None),
    "1.2.840.113549.1.1.4": (_RSA, "md5"),
    "1.2.840.113549.1.1.5": (_RSA, "sha1"),
    "1.3.14.3.2.29": (_RSA, "sha1"),
    "1.2.840.113549.1.1.14": (_RSA, "sha224"),
    "1.2.840.113549.1.1.11": (_RSA, "sha256"),
    "1.2.840.113549.1.1.12": (_RSA, "sha384"),
    "1.2.840.113549.1.1.13": (_RSA, "sha512"),
    "1.2.840.113549.1.1.15": (_RSA, "sha512_224"),
    "1.2.840.113549.1.1.16": (_RSA, "sha512_256"),
    "2.16.840.1.101.3.4.3.13": (_RSA, "sha3_224"),
    "2.16.840.1.101.3.4.3.14": (_RSA, "sha3_256"),
    "2.16.840.1.101.3.4.3.15": (_RSA, "sha3_384"),
    "2.16.840.1.101.3.4.3.16": (_RSA, "sha3_512"),
    "1.2.840.113549.1.1.10": (Scheme.RSA_PSS, None),
    "1.2.840.10040.4.1": (_DSA, None),
    "1.2.840.10040.4.3": (_DSA, "sha1"),
    "2.16.840.1.101.3.4.3.1": (_DSA, "sha224"),
    "2.16.840.1.101.3.4.3.2": (_DSA, "sha256"),
    "2.16.840.1.101.3.4.3.3": (_DSA, "sha384"),
    "2.16.840.1.101.3.4.3.4": (_DSA, "sha512"),
    "1.2.840.10045.2.1": (_ECDSA, None),
    "1.2.840.10045.4.1": (_ECDSA, "sha1"),
    "1.2.840.10045.4.3.1": (_ECDSA, "sha224"),
    "1.2.840.10045.4.3.2": (_ECDSA, "sha256"),
    "1.2.840.10045.4.3.3": (_ECDSA, "sha384"),
    "1.2.840.10045.4.3.4": (_ECDSA, "sha512"),
    "2.16.840.1.101.3.4.3.9": (_ECDSA, "sha3_224"),
    "2.16.840.1.101.3.4.3.10": (_ECDSA, "sha3_256"),
    "2.16.840.1.101.3.4.3.11": (_ECDSA, "sha3_384"),
    "2.16.840.1.101.3.4.3.12": (_ECDSA, "sha3_512"),
    "0.4.0.127.0.7.1.1.4.1.1": (Scheme.ECDSA_PLAIN, "sha1"),
    "0.4.0.127.0.7.1.1.4.1.2": (Scheme.ECDSA_PLAIN, "sha224"),
    "0.4.0.127.0.7.1.1.4.1.3": (Scheme.ECDSA_PLAIN, "sha256"),
    "0.4.0.127.0.7.1.1.4.1.4": (Scheme.ECDSA_PLAIN, "sha384"),
    "0.4.0.127.0.7.1.1.4.1.5": (Scheme.ECDSA_PLAIN, "sha512"),
    "0.4.0.127.0.7.1.1.4.1.8": (Scheme.ECDSA_PLAIN, "sha3_224"),
    "0.4.0.127.0.7.1.1.4.1.9": (Scheme.ECDSA_PLAIN, "sha3_256"),
    "0.4.0.127.0.7.1.1.4.1.10": (Scheme.ECDSA_PLAIN, "sha3_384"),
    "0.4.0.127.0.7.1.1.4.1.11": (Scheme.ECDSA_PLAIN, "sha3_512"),
    "1.3.101.112": (Scheme.ED25519, None),
    "1.3.101.113": (Scheme.ED448, None),
}
"""Object identifiers of signature algorithms: the scheme, and the digest where the identifier fixes one."""

DIGEST_OIDS = {name: oid for oid, name in DIGESTS.items()}


@dataclass(frozen=True, slots=True)
class PSSParameters:
    """RSASSA-PSS-params (RFC 8017, A.2.3)."""

    digest: str
    mask_digest: str
    salt_length: int


def parse_algorithm(element: Element) -> AlgorithmIdentifier:
    """Read an AlgorithmIdentifier. Raises `MalformedASN1`."""
    parts = list(element.expect(SEQUENCE).children())
    if not 1 <= len(parts) <= 2:
        raise MalformedASN1("an algorithm identifier has one or two parts")
    return AlgorithmIdentifier(parts[0].oid(), parts[1].raw if len(parts) == 2 else None)


def digest_name(oid: str) -> str | None:
    """The name of a digest algorithm, None when unknown."""
    return DIGESTS.get(oid)


def hash_algorithm(name: str) -> hashes.HashAlgorithm | None:
    """The digest with this name, None when it cannot be computed."""
    make = _HASHES.get(name)
    return make() if make else None


def parse_pss_parameters(parameters: bytes | None) -> PSSParameters:
    """Read RSASSA-PSS-params with their defaults. Raises `MalformedASN1` also for a mask other than MGF1."""
    digest = mask = "sha1"
    salt = 20
    for part in ber.read_element(parameters).expect(SEQUENCE).children() if parameters else ():
        if part.tag_class != ber.CONTEXT:
            raise MalformedASN1("unexpected PSS parameter")
        value = next(part.children(), None)
        if value is None:
            raise MalformedASN1("a PSS parameter is empty")
        if part.tag == 0:
            digest = _required_digest(parse_algorithm(value).oid)
        elif part.tag == 1:
            generation = parse_algorithm(value)
            if generation.oid != "1.2.840.113549.1.1.8" or generation.parameters is None:
                raise MalformedASN1("a mask generation other than MGF1")
            mask = _required_digest(parse_algorithm(ber.read_element(generation.parameters)).oid)
        elif part.tag == 2:
            salt = value.integer()
    if not 0 <= salt <= 1024:
        raise MalformedASN1("an impossible salt length")
    return PSSParameters(digest, mask, salt)


def _required_digest(oid: str) -> str:
    name = DIGESTS.get(oid)
    if name is None:
        raise MalformedASN1(f"an unknown digest {oid}")
    return name
