"""CMS signatures and time-stamp tokens (RFC 5652, 3161, 5035): read leniently, prove strictly."""

from certs.cms.errors import CMSError, DigestMismatch, MalformedCMS, SignatureMismatch, UnsupportedAlgorithm
from certs.cms.signed_data import SignedData, SignerIdentifier, SignerInfo, parse_signed_data
from certs.cms.timestamp import TimestampToken, TSTInfo, parse_timestamp_token, verify_imprint
from certs.cms.verification import (
    SignatureMethod,
    VerifiedValue,
    compute_digest,
    resolve_method,
    verify_content_digest,
    verify_signature_value,
    verify_value,
)

__all__ = [
    "CMSError",
    "DigestMismatch",
    "MalformedCMS",
    "SignatureMethod",
    "SignatureMismatch",
    "SignedData",
    "SignerIdentifier",
    "SignerInfo",
    "TSTInfo",
    "TimestampToken",
    "UnsupportedAlgorithm",
    "VerifiedValue",
    "compute_digest",
    "parse_signed_data",
    "parse_timestamp_token",
    "resolve_method",
    "verify_content_digest",
    "verify_imprint",
    "verify_signature_value",
    "verify_value",
]
