"""The status of one certificate at a moment, by what its revocation evidence proves (RFC 5280, 6.3; RFC 6960, 3.2).

Evidence is first reduced to `StatusStatement`s: authentic answers "good" or "revoked since" with the time they were
issued. A CRL or response that is not authentic, or speaks of another certificate, is no statement. When a statement is
good enough for a moment of interest is then a matter of times alone: `assess_revocation`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from certs.path.building import CertificationPath
from certs.path.certificates import ParsedCertificate
from certs.path.crl_statements import read_lists
from certs.path.ocsp_statements import read_responses
from certs.path.statements import EvidenceKind, RevocationEvidence, StatusStatement


class RevocationStatus(StrEnum):
    """The state of a certificate at a moment; what could not be checked is neither good nor revoked."""

    GOOD = "good"
    """Authentic evidence says that it was not revoked then."""
    REVOKED = "revoked"
    """Authentic evidence says that it was revoked at that moment or before."""
    UNKNOWN = "unknown"
    """No authentic, fresh evidence is at hand."""


@dataclass(frozen=True, slots=True)
class RevocationAssessment:
    """The status of one certificate at a moment, what it rests on, and what became known later."""

    status: RevocationStatus
    evidence: StatusStatement | None
    revoked_at: datetime | None = None
    """When it was revoked, also when that was after the moment of interest (then `status` is good)."""
    reason: str | None = None
    is_stale: bool = False
    """With `unknown`: there was authentic evidence, but too old for the moment."""
    is_too_late: bool = False
    """With `unknown`: there was authentic evidence, but all of it issued after the certificate had expired."""


def assess_revocation(
    statements: Iterable[StatusStatement],
    certificate: ParsedCertificate,
    *,
    at: datetime,
    known_at: datetime,
    maximum_age: timedelta | None = None,
) -> RevocationAssessment:
    """The status of `certificate` at the moment `at`, by evidence issued no later than `known_at`.

    A revocation counts from its date on, whoever says so and however old the list is; only a hold that a later answer
    lifts does not. "Good" needs an answer whose period holds `at`, or that was issued after `at` while the certificate
    had not yet expired (expired certificates leave the lists). `maximum_age` bounds how long before `at` the answer may
    have been issued (EN 319 102-1, 5.2.5). Raises nothing.
    """
    usable = sorted((s for s in statements if s.this_update <= known_at), key=lambda s: (s.this_update, s.sha256))
    good = [s for s in usable if s.revoked_at is None]
    # Lists drop certificates that have expired: only an answer before that end can lift a hold.
    lifted = max((s.this_update for s in good if s.this_update <= certificate.not_after), default=None)
    revocations = [
        s
        for s in usable
        if s.revoked_at is not None
        and not (s.reason == "certificate_hold" and lifted is not None and s.this_update < lifted)
    ]
    if revocations:
        first = min(revocations, key=lambda s: s.revoked_at or at)
        revoked_at = first.revoked_at or at
        status = RevocationStatus.REVOKED if revoked_at <= at else RevocationStatus.GOOD
        return RevocationAssessment(status, first, revoked_at, first.reason)
    fitting = [s for s in good if _covers(s, certificate, at, maximum_age)]
    if fitting:
        return RevocationAssessment(RevocationStatus.GOOD, fitting[-1])
    is_too_late = bool(good) and all(s.this_update >= at for s in good)
    is_stale = bool(good) and not is_too_late
    return RevocationAssessment(RevocationStatus.UNKNOWN, None, is_stale=is_stale, is_too_late=is_too_late)


def _covers(
    statement: StatusStatement, certificate: ParsedCertificate, at: datetime, maximum_age: timedelta | None
) -> bool:
    if statement.this_update >= at:
        return statement.this_update <= certificate.not_after
    if maximum_age is not None and at - statement.this_update > maximum_age:
        return False
    return statement.next_update is not None and at <= statement.next_update


@lru_cache(maxsize=256)
def find_statements(
    path: CertificationPath,
    index: int,
    evidence: RevocationEvidence,
    others: frozenset[ParsedCertificate] = frozenset(),
) -> tuple[StatusStatement, ...]:
    """All authentic statements about `path.certificates[index]`; damaged evidence is passed over.

    `others` may hold the certificates of CRL issuers and OCSP responders that do not stand on the path.
    """
    found = (*read_lists(path, index, evidence, others), *read_responses(path, index, evidence, others))
    return tuple(sorted(found, key=lambda s: (s.this_update, s.sha256)))


__all__ = [
    "EvidenceKind",
    "RevocationAssessment",
    "RevocationEvidence",
    "RevocationStatus",
    "StatusStatement",
    "assess_revocation",
    "find_statements",
]
