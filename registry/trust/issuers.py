"""Finding the CA that issued a certificate: by its signature, never by its name alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.x509.oid import SignatureAlgorithmOID

from certs.certificate import Certificate, parse_certificate
from certs.extensions import CRYPTOGRAPHY_REFUSALS
from certs.path.certificates import MalformedCertificate, load_certificate
from certs.path.signatures import is_issued_with_key


@dataclass(frozen=True, slots=True)
class _Issuer:
    der: bytes
    generation: str
    loaded: x509.Certificate | None


class IssuerIndex:
    """CA certificates by the names they issue under. Immutable; built once for a batch of certificates.

    It says who signed, and nothing about validity, constraints or revocation: that is for `certs.validation`.
    """

    def __init__(self, authorities: Iterable[tuple[bytes, str]]) -> None:
        self._by_name: dict[object, list[_Issuer]] = {}
        for der, generation in authorities:
            issuer = _Issuer(der, generation, _load(der))
            self._by_name.setdefault(parse_certificate(der).subject.comparison_key, []).append(issuer)

    def generation_of(self, certificate: Certificate) -> str | None:
        """The generation of the CA whose key signed the certificate; None when the register does not hold that CA."""
        loaded = _load(certificate.der)
        for issuer in self._by_name.get(certificate.issuer.comparison_key, ()):
            if _is_issued_by(certificate.der, loaded, issuer):
                return issuer.generation
        return None


def is_self_signed(certificate: Certificate) -> bool:
    """Whether the certificate's own key made its signature."""
    return IssuerIndex([(certificate.der, "")]).generation_of(certificate) is not None


def _load(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except CRYPTOGRAPHY_REFUSALS:
        return None


def _is_issued_by(der: bytes, loaded: x509.Certificate | None, issuer: _Issuer) -> bool:
    if loaded is not None and issuer.loaded is not None:
        try:
            if loaded.signature_algorithm_oid == SignatureAlgorithmOID.RSA_WITH_SHA1:
                return _is_signed_with_sha1(loaded, issuer.loaded.public_key())
            loaded.verify_directly_issued_by(issuer.loaded)
        except InvalidSignature:
            return False
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # Names that differ in spelling only, and algorithms outside its list, are for the lenient way below.
            pass
        else:
            return True
    try:
        return is_issued_with_key(load_certificate(der), load_certificate(issuer.der))
    except MalformedCertificate:
        return False


def _is_signed_with_sha1(certificate: x509.Certificate, key: PublicKeyTypes) -> bool:
    # The whole first generation of the Government PKI is signed so, and the library's own check refuses SHA-1. Who
    # issued a certificate is a fact; whether SHA-1 is good enough is for the policy of a verdict, and for a flag here.
    if not isinstance(key, RSAPublicKey):
        return False
    key.verify(certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), SHA1())  # noqa: S303
    return True
