"""Certification paths, trust anchors and revocation evidence (RFC 5280, 6960)."""

from certs.path.building import CertificationPath, PathSearch, common_name, load_certificates, search_paths
from certs.path.certificates import (
    MalformedCertificate,
    ParsedCertificate,
    UnusableKey,
    find_signer,
    load_certificate,
    public_key,
)
from certs.path.revocation import (
    EvidenceKind,
    RevocationAssessment,
    RevocationEvidence,
    RevocationStatus,
    StatusStatement,
    assess_revocation,
    find_statements,
)
from certs.path.signatures import certificate_method, is_issued_with_key, is_self_signed

__all__ = [
    "CertificationPath",
    "EvidenceKind",
    "MalformedCertificate",
    "ParsedCertificate",
    "PathSearch",
    "RevocationAssessment",
    "RevocationEvidence",
    "RevocationStatus",
    "StatusStatement",
    "UnusableKey",
    "assess_revocation",
    "certificate_method",
    "common_name",
    "find_signer",
    "find_statements",
    "is_issued_with_key",
    "is_self_signed",
    "load_certificate",
    "load_certificates",
    "public_key",
    "search_paths",
]
