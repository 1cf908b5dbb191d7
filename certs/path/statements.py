"""Revocation evidence, and the authentic answers it is reduced to (RFC 5280, 6.3; RFC 6960, 3.2)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from certs.extensions import ASN1CRYPTO_ERRORS

LIBRARY_ERRORS = (*ASN1CRYPTO_ERRORS, NotImplementedError, AssertionError)
"""What the path library raises on evidence that it cannot read."""


class EvidenceKind(StrEnum):
    """Where a statement comes from."""

    CRL = "crl"
    OCSP = "ocsp"


@dataclass(frozen=True, slots=True)
class RevocationEvidence:
    """CRLs and OCSP responses as DER; as a value it does not depend on their order."""

    crls: frozenset[bytes] = field(default=frozenset(), repr=False)
    ocsp_responses: frozenset[bytes] = field(default=frozenset(), repr=False)

    def with_more(self, crls: Iterable[bytes], ocsp_responses: Iterable[bytes]) -> "RevocationEvidence":
        """The same evidence with more of it."""
        return RevocationEvidence(self.crls.union(crls), self.ocsp_responses.union(ocsp_responses))


@dataclass(frozen=True, slots=True)
class StatusStatement:
    """One authentic answer about one certificate. Times are aware, UTC."""

    kind: EvidenceKind
    sha256: str
    """Of the CRL or response."""
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None
    """None: not revoked as far as the issuer knew at `this_update`."""
    reason: str | None
