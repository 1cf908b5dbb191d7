"""What the extensions of a certificate say (RFC 5280, 4.2), as plain values.

`cryptography` reads them. It refuses all of them when one is damaged, duplicated or unusual; then they are read one by
one with `asn1crypto`, and those that cannot be read are named, so that "absent" and "unreadable" stay apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509

_KEY_USAGES: Final = {
    "digital_signature": "digitalSignature",
    "non_repudiation": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
    "encipher_only": "encipherOnly",
    "decipher_only": "decipherOnly",
}
_EXTENDED_KEY_USAGES: Final = {
    "2.5.29.37.0": "anyExtendedKeyUsage",
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "1.3.6.1.5.5.7.3.36": "documentSigning",
    "1.3.6.1.4.1.311.10.3.12": "microsoftDocumentSigning",
    "1.3.6.1.4.1.311.20.2.2": "smartcardLogon",
}
_OCSP: Final = "1.3.6.1.5.5.7.48.1"
_CA_ISSUERS: Final = "1.3.6.1.5.5.7.48.2"


@dataclass(frozen=True, slots=True)
class Extensions:
    """The values the register and the verifier look at. Texts are as encoded and not safe to show."""

    is_ca: bool = False
    """BasicConstraints says so; false when the extension is absent or unreadable."""
    path_length: int | None = None
    key_usages: tuple[str, ...] = ()
    """Names of RFC 5280 (4.2.1.3) in the order of their bits."""
    extended_key_usages: tuple[str, ...] = ()
    """Names where known, else OIDs, in the order of the certificate."""
    policies: tuple[str, ...] = ()
    """OIDs of the certificate policies."""
    emails: tuple[str, ...] = ()
    """rfc822Name of the subject's alternative names."""
    dns_names: tuple[str, ...] = ()
    subject_key_id: str | None = None
    """Lower-case hexadecimal."""
    authority_key_id: str | None = None
    """Lower-case hexadecimal."""
    crl_urls: tuple[str, ...] = ()
    """Addresses of full CRLs, from the distribution points. Not to be fetched without the checks of `workers.fetch`."""
    ocsp_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    """caIssuers of AuthorityInfoAccess."""
    unreadable: tuple[str, ...] = ()
    """OIDs of extensions that are there but could not be read, or are there twice."""


# Warnings tell of encodings that a later version refuses; where warnings are errors, they are refusals today.
CRYPTOGRAPHY_REFUSALS: Final = (
    ValueError,
    TypeError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    Warning,
)


def read_extensions(certificate: x509.Certificate) -> Extensions | None:
    """Read the extensions that `cryptography` accepts; `None` when it refuses them, for `read_one_by_one`."""
    try:
        extensions = certificate.extensions
    except CRYPTOGRAPHY_REFUSALS:
        return None
    found: dict[str, Any] = {}
    for extension in extensions:
        if reader := _STRICT_READERS.get(type(extension.value)):
            found |= reader(extension.value)
    return Extensions(**found)


def _usages_set(usage: x509.KeyUsage) -> tuple[str, ...]:
    bits = (
        usage.digital_signature,
        usage.content_commitment,
        usage.key_encipherment,
        usage.data_encipherment,
        usage.key_agreement,
        usage.key_cert_sign,
        usage.crl_sign,
        # cryptography refuses to be asked these two where keyAgreement is not set.
        usage.key_agreement and usage.encipher_only,
        usage.key_agreement and usage.decipher_only,
    )
    return tuple(name for name, is_set in zip(_KEY_USAGES.values(), bits, strict=True) if is_set)


def _purposes(oids: Iterable[str]) -> tuple[str, ...]:
    return tuple(_EXTENDED_KEY_USAGES.get(oid, oid) for oid in oids)


def _urls(names: Iterable[x509.GeneralName]) -> tuple[str, ...]:
    return tuple(name.value for name in names if isinstance(name, x509.UniformResourceIdentifier))


def _access_urls(accesses: x509.AuthorityInformationAccess, method: str) -> tuple[str, ...]:
    return _urls(access.access_location for access in accesses if access.access_method.dotted_string == method)


_STRICT_READERS: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    x509.BasicConstraints: lambda value: {"is_ca": value.ca, "path_length": value.path_length},
    x509.KeyUsage: lambda value: {"key_usages": _usages_set(value)},
    x509.ExtendedKeyUsage: lambda value: {"extended_key_usages": _purposes(usage.dotted_string for usage in value)},
    x509.CertificatePolicies: lambda value: {
        "policies": tuple(policy.policy_identifier.dotted_string for policy in value),
    },
    x509.SubjectAlternativeName: lambda value: {
        "emails": tuple(value.get_values_for_type(x509.RFC822Name)),
        "dns_names": tuple(value.get_values_for_type(x509.DNSName)),
    },
    x509.SubjectKeyIdentifier: lambda value: {"subject_key_id": value.digest.hex()},
    x509.AuthorityKeyIdentifier: lambda value: {
        "authority_key_id": value.key_identifier.hex() if value.key_identifier is not None else None,
    },
    x509.CRLDistributionPoints: lambda value: {
        "crl_urls": _urls(name for point in value for name in point.full_name or ()),
    },
    x509.AuthorityInformationAccess: lambda value: {
        "ocsp_urls": _access_urls(value, _OCSP),
        "issuer_urls": _access_urls(value, _CA_ISSUERS),
    },
}


# What asn1crypto is known to raise on damaged values, found by mutation.
ASN1CRYPTO_ERRORS: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def read_one_by_one(encodings: Iterable[bytes]) -> Extensions:
    """Read each encoded Extension on its own; what cannot be read is named in `unreadable`. Never raises."""
    result = Extensions()
    unreadable: list[str] = []
    seen: set[str] = set()
    for encoding in encodings:
        oid = "?"
        try:
            extension = asn1_x509.Extension.load(encoding, strict=True)
            oid = extension["extn_id"].dotted
            # RFC 5280, 4.2 forbids a second instance: which one counts would be anyone's guess.
            if oid in seen:
                unreadable.append(oid)
                continue
            seen.add(oid)
            if reader := _TOLERANT_READERS.get(extension["extn_id"].native):
                result = replace(result, **reader(extension["extn_value"].parsed))
        except ASN1CRYPTO_ERRORS:
            unreadable.append(oid)
    return replace(result, unreadable=tuple(dict.fromkeys(unreadable)))


_URL: Final = "uniform_resource_identifier"


def _general(names: Iterable[Any], kind: str) -> tuple[str, ...]:
    return tuple(name.native for name in names if name.name == kind)


def _accesses(accesses: Iterable[Any], method: str) -> tuple[str, ...]:
    locations = (access["access_location"] for access in accesses if access["access_method"].dotted == method)
    return _general(locations, _URL)


def _point_urls(points: Iterable[Any]) -> tuple[str, ...]:
    names = (point["distribution_point"] for point in points if point["distribution_point"].native is not None)
    return tuple(url for name in names if name.name == "full_name" for url in _general(name.chosen, _URL))


_TOLERANT_READERS: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {
    "basic_constraints": lambda value: {
        "is_ca": value["ca"].native,
        "path_length": value["path_len_constraint"].native,
    },
    "key_usage": lambda value: {"key_usages": tuple(name for bit, name in _KEY_USAGES.items() if bit in value.native)},
    "extended_key_usage": lambda value: {"extended_key_usages": _purposes(purpose.dotted for purpose in value)},
    "certificate_policies": lambda value: {"policies": tuple(policy["policy_identifier"].dotted for policy in value)},
    "subject_alt_name": lambda value: {
        "emails": _general(value, "rfc822_name"),
        "dns_names": _general(value, "dns_name"),
    },
    "key_identifier": lambda value: {"subject_key_id": value.native.hex()},
    "authority_key_identifier": lambda value: {
        "authority_key_id": (value["key_identifier"].native or b"").hex() or None,
    },
    "crl_distribution_points": lambda value: {"crl_urls": _point_urls(value)},
    "authority_information_access": lambda value: {
        "ocsp_urls": _accesses(value, _OCSP),
        "issuer_urls": _accesses(value, _CA_ISSUERS),
    },
}
