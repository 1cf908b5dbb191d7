"""Who may have signed revocation evidence about the certificates of a path (RFC 5280, 6.3.3; RFC 6960, 4.2.2.2).

A document brings certificates and lists along, and its author chose them. A library that is handed all of them can be
led astray so that it finds no answer where there is one: by a certificate that does not decode, by one with the name,
the key or the issuer and serial number of the right one, by lists that nobody issued. So only those are handed on that
an authority of the path has signed for this purpose, which a stranger cannot make.
"""

from collections.abc import Iterable
from functools import lru_cache

from asn1crypto import crl as asn1_crl

from certs.cms import CMSError, verify_value
from certs.cms.algorithms import AlgorithmIdentifier
from certs.cms.verification import method_of
from certs.extensions import ASN1CRYPTO_ERRORS
from certs.path.certificates import ParsedCertificate, UnusableKey, is_same_name, public_key
from certs.path.signatures import is_issued_with_key


def find_list_signers(
    authorities: Iterable[ParsedCertificate], others: Iterable[ParsedCertificate]
) -> tuple[ParsedCertificate, ...]:
    """Those of `others` that one of `authorities` appointed to sign lists (RFC 5280, 4.2.1.3), in a fixed order."""
    able = (o for o in others if ("crl_sign" in o.key_usage if o.key_usage is not None else o.is_ca))
    return _issued_by(authorities, able)


def find_responders(authority: ParsedCertificate, others: Iterable[ParsedCertificate]) -> tuple[ParsedCertificate, ...]:
    """Those of `others` that `authority` appointed to answer for it (RFC 6960, 4.2.2.2), in a fixed order."""
    return _issued_by((authority,), (o for o in others if "ocsp_signing" in (o.extended_key_usage or ())))


def _issued_by(
    authorities: Iterable[ParsedCertificate], candidates: Iterable[ParsedCertificate]
) -> tuple[ParsedCertificate, ...]:
    above = tuple(authorities)
    found = (
        candidate
        for candidate in candidates
        if any(
            is_same_name(candidate.value.issuer, authority.value.subject) and is_issued_with_key(candidate, authority)
            for authority in above
        )
    )
    return tuple(sorted(found, key=lambda c: c.sha256))


@lru_cache(maxsize=512)
def is_list_of(value: bytes, signer: ParsedCertificate) -> bool:
    """Whether `signer` is the issuer that a list (DER) names, and its key made the signature."""
    try:
        parsed = asn1_crl.CertificateList.load(value)
        if not is_same_name(parsed.issuer, signer.value.subject):
            return False
        algorithm = parsed["signature_algorithm"]
        identifier = AlgorithmIdentifier(algorithm["algorithm"].dotted, algorithm["parameters"].dump() or None)
        signed = parsed["tbs_cert_list"].dump()
        verify_value(method_of(identifier, "unknown"), public_key(signer), parsed["signature"].native, (signed,))
    except (CMSError, UnusableKey, *ASN1CRYPTO_ERRORS):
        return False
    return True
