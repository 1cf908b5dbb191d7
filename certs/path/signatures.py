"""Signatures on certificates and revocation lists, computed once (RFC 5280, 4.1.1.3)."""

from functools import lru_cache

from certs.cms import CMSError, SignatureMethod, verify_value
from certs.cms.algorithms import AlgorithmIdentifier
from certs.cms.verification import method_of
from certs.extensions import ASN1CRYPTO_ERRORS
from certs.path.certificates import ParsedCertificate, UnusableKey, public_key


def certificate_method(certificate: ParsedCertificate) -> SignatureMethod | None:
    """The method a certificate was signed with, None when unknown."""
    try:
        algorithm = certificate.value["signature_algorithm"]
        parameters = algorithm["parameters"].dump() or None
        return method_of(AlgorithmIdentifier(algorithm["algorithm"].dotted, parameters), "unknown")
    except (CMSError, *ASN1CRYPTO_ERRORS):
        return None


@lru_cache(maxsize=2048)
def is_issued_with_key(certificate: ParsedCertificate, issuer: ParsedCertificate) -> bool:
    """Whether the issuer's key made the certificate's signature; validity and constraints are not looked at."""
    method = certificate_method(certificate)
    if method is None:
        return False
    try:
        value = certificate.value
        verify_value(method, public_key(issuer), value["signature_value"].native, (value["tbs_certificate"].dump(),))
    except (CMSError, UnusableKey, *ASN1CRYPTO_ERRORS):
        return False
    return True


def may_be_issued_with_key(certificate: ParsedCertificate, issuer: ParsedCertificate) -> bool:
    """False when the issuer's key is shown not to have made the signature; keys that cannot be computed with may have."""
    try:
        public_key(issuer)
    except UnusableKey:
        return True
    return certificate_method(certificate) is None or is_issued_with_key(certificate, issuer)


def is_self_signed(certificate: ParsedCertificate) -> bool:
    """Whether the certificate's own key fits its signature: what makes it usable as a trust anchor."""
    return certificate.is_self_issued and is_issued_with_key(certificate, certificate)
