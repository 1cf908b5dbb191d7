"""What revocation evidence proves about one certificate (RFC 5280, 6.3; RFC 6960, 3.2).

Evidence is first reduced to `StatusStatement`s: authentic answers "good" or "revoked since" with the time they were
issued. A CRL or response that is not authentic, or speaks of another certificate, is no statement. When a statement is
good enough for a moment of interest is then a matter of times alone: `assess_revocation`.

Plain CRLs (complete, signed by the certificate's own issuer) are read with `cryptography`, which stays fast on lists
of a hundred thousand entries; indirect, partitioned and delta CRLs, and OCSP, go through pyhanko-certvalidator.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import (
    CRLFetchError,
    CRLValidationError,
    OCSPValidationError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
)
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.revinfo.archival import OCSPContainer
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from certs.extensions import ASN1CRYPTO_ERRORS
from certs.path.building import CertificationPath, run_synchronously
from certs.path.certificates import ParsedCertificate, UnusableKey, public_key

MAXIMUM_STATEMENTS = 4
"""Issues of complex CRLs, and answers of one OCSP response, tried for one certificate; the newest issues first."""
_AGES = timedelta(days=365 * 100)
_LIBRARY_ERRORS = (*ASN1CRYPTO_ERRORS, NotImplementedError, AssertionError)


class RevocationStatus(StrEnum):
    """The state of a certificate at a moment; what could not be checked is neither good nor revoked."""

    GOOD = "good"
    """Authentic evidence says that it was not revoked then."""
    REVOKED = "revoked"
    """Authentic evidence says that it was revoked at that moment or before."""
    UNKNOWN = "unknown"
    """No authentic, fresh evidence is at hand."""


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
    revocations = [s for s in usable if s.revoked_at is not None]
    newest = usable[-1] if usable else None
    if newest is not None and newest.revoked_at is None:
        revocations = [s for s in revocations if s.reason != "certificate_hold"]
    if revocations:
        first = min(revocations, key=lambda s: s.revoked_at or at)
        revoked_at = first.revoked_at or at
        status = RevocationStatus.REVOKED if revoked_at <= at else RevocationStatus.GOOD
        return RevocationAssessment(status, first, revoked_at, first.reason)
    good = [s for s in usable if s.revoked_at is None]
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
    certificate = path.certificates[index]
    found: list[StatusStatement] = []
    complex_lists: list[bytes] = []
    for der in sorted(evidence.crls):
        statement = _read_plain_crl(der, certificate, path.issuer_of(index))
        if statement is not None:
            found.append(statement)
        elif _may_concern(der, certificate):
            complex_lists.append(der)
    found.extend(_read_complex_crls(complex_lists, evidence, path, certificate, others))
    for der in sorted(evidence.ocsp_responses):
        found.extend(_read_ocsp(der, path, certificate, others))
    return tuple(sorted(found, key=lambda s: (s.this_update, s.sha256)))


# --- CRLs ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _load_crl(der: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_der_x509_crl(der)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _read_plain_crl(der: bytes, certificate: ParsedCertificate, issuer: ParsedCertificate) -> StatusStatement | None:
    """A statement from a complete CRL of the certificate's issuer, None when it is anything else."""
    crl = _load_crl(der)
    may_sign = issuer.key_usage is None or "crl_sign" in issuer.key_usage
    # Serial numbers that are not positive are read differently by different libraries.
    if crl is None or not may_sign or certificate.serial_number <= 0 or not _is_plain(certificate):
        return None
    try:
        if not _is_plain_list_of(crl, certificate, issuer):
            return None
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        reason: str | None = None
        if entry is not None:
            for extension in entry.extensions:
                if isinstance(extension.value, x509.CRLReason):
                    reason = _snake(extension.value.reason.value)
                elif extension.critical:
                    return None
        this_update, next_update = crl.last_update_utc, crl.next_update_utc
    except (ValueError, TypeError, UnsupportedAlgorithm, UnusableKey, x509.DuplicateExtension):
        return None
    return StatusStatement(
        EvidenceKind.CRL,
        hashlib.sha256(der).hexdigest(),
        this_update,
        next_update,
        entry.revocation_date_utc if entry is not None else None,
        reason or ("unspecified" if entry is not None else None),
    )


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def _is_plain(certificate: ParsedCertificate) -> bool:
    """Whether a complete CRL of the issuer speaks for the certificate: no indirect or partitioned lists, no deltas."""
    value = certificate.value
    if value.freshest_crl_value is not None:
        return False
    points = value.crl_distribution_points_value
    return points is None or all(p["crl_issuer"].native is None and p["reasons"].native is None for p in points)


def _is_plain_list_of(
    crl: x509.CertificateRevocationList, certificate: ParsedCertificate, issuer: ParsedCertificate
) -> bool:
    complicated = (x509.DeltaCRLIndicator, x509.IssuingDistributionPoint, x509.FreshestCRL)
    if crl.issuer.public_bytes() != certificate.issuer:
        return False
    if any(e.critical or isinstance(e.value, complicated) for e in crl.extensions):
        return False
    return crl.is_signature_valid(public_key(issuer))  # type: ignore[arg-type]  # other kinds of key raise TypeError


@lru_cache(maxsize=64)
def _load_asn1_crl(der: bytes) -> asn1_crl.CertificateList | None:
    try:
        value = asn1_crl.CertificateList.load(der)
        value["tbs_cert_list"]["this_update"].native  # noqa: B018 - parsing is lazy; this is where damage shows
    except _LIBRARY_ERRORS:
        return None
    return value


def _may_concern(der: bytes, certificate: ParsedCertificate) -> bool:
    value = _load_asn1_crl(der)
    if value is None:
        return False
    try:
        return (
            value.issuer == certificate.value.issuer
            or value.issuing_distribution_point_value is not None
            or value.delta_crl_indicator_value is not None
        )
    except _LIBRARY_ERRORS:
        return False


def _read_complex_crls(
    concerning: list[bytes],
    evidence: RevocationEvidence,
    path: CertificationPath,
    certificate: ParsedCertificate,
    others: frozenset[ParsedCertificate],
) -> Iterable[StatusStatement]:
    """Let the library judge the lists as they stood at each issue of one that concerns the certificate.

    All CRLs take part, for the issuer of an indirect one must not be revoked itself (RFC 5280, 6.3.3).
    """
    if not concerning:
        return
    lists = [
        (value["tbs_cert_list"]["this_update"].native, der, value)
        for der in sorted(evidence.crls)
        if (value := _load_asn1_crl(der)) is not None
    ]
    moments = sorted({moment for moment, der, _ in lists if der in concerning}, reverse=True)[:MAXIMUM_STATEMENTS]
    for moment in moments:
        known = [(der, value) for issued, der, value in lists if issued <= moment]
        statement = _judge_crls(known, moment, path, certificate, others)
        if statement is not None:
            yield statement


def _judge_crls(
    known: list[tuple[bytes, asn1_crl.CertificateList]],
    moment: datetime,
    path: CertificationPath,
    certificate: ParsedCertificate,
    others: frozenset[ParsedCertificate],
) -> StatusStatement | None:
    context = ValidationContext(
        trust_roots=[path.anchor.value],
        other_certs=_values(path, others),
        # A moment later, for the library counts only revocations that lie before the time it judges at.
        moment=moment + timedelta(seconds=1),
        crls=[value for _, value in known],
        revocation_mode="require",
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )
    digest = hashlib.sha256(b"".join(sorted(der for der, _ in known))).hexdigest()
    updates = [value["tbs_cert_list"]["next_update"].native for _, value in known]
    next_update = min((u for u in updates if u is not None and u >= moment), default=None)
    revoked_at: datetime | None = None
    reason: str | None = None
    try:
        run_synchronously(verify_crl(certificate.value, path.library_path, context))
    except RevokedError as error:
        revoked_at, reason = error.revocation_dt, error.reason.native
    except (CRLValidationError, CRLFetchError, PathValidationError, PathBuildingError, *_LIBRARY_ERRORS):
        return None
    return StatusStatement(EvidenceKind.CRL, digest, moment, next_update, revoked_at, reason)


# --- OCSP ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _load_ocsp(der: bytes) -> tuple[OCSPContainer, ...]:
    try:
        return tuple(OCSPContainer.load_multi(asn1_ocsp.OCSPResponse.load(der)))
    except _LIBRARY_ERRORS:
        return ()


_RESPONDER_POLICY = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        ee_certificate_rule=RevocationCheckingRule.NO_CHECK,
        intermediate_ca_cert_rule=RevocationCheckingRule.NO_CHECK,
    ),
    freshness=_AGES,
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
)
"""Age is judged by `assess_revocation`, and a responder's own revocation is not followed: the usual responder
certificate carries ocsp-nocheck (RFC 6960, 4.2.2.2.1)."""


def _read_ocsp(
    der: bytes, path: CertificationPath, certificate: ParsedCertificate, others: frozenset[ParsedCertificate]
) -> Iterable[StatusStatement]:
    for container in _load_ocsp(der)[:MAXIMUM_STATEMENTS]:
        try:
            single = container.extract_single_response()
            if single is None or single["cert_id"]["serial_number"].native != certificate.serial_number:
                continue
            response = container.extract_basic_ocsp_response()
            produced = response["tbs_response_data"]["produced_at"].native if response is not None else None
            this_update, next_update = single["this_update"].native, single["next_update"].native
            # The responder must have been entitled when it answered, not today: its certificates are short-lived.
            context = ValidationContext(
                trust_roots=[path.anchor.value],
                other_certs=_values(path, others),
                moment=max(produced or this_update, this_update),
                ocsps=[container],
                revinfo_policy=_RESPONDER_POLICY,
                algorithm_usage_policy=AcceptAllAlgorithms(),
            )
            revoked_at: datetime | None = None
            reason: str | None = None
            try:
                run_synchronously(verify_ocsp_response(certificate.value, path.library_path, context))
            except RevokedError as error:
                revoked_at, reason = error.revocation_dt, error.reason.native
        except (OCSPValidationError, PathValidationError, PathBuildingError, *_LIBRARY_ERRORS):
            continue
        yield StatusStatement(
            EvidenceKind.OCSP, hashlib.sha256(der).hexdigest(), _utc(this_update), next_update, revoked_at, reason
        )


def _values(path: CertificationPath, others: frozenset[ParsedCertificate]) -> list[asn1_x509.Certificate]:
    """asn1crypto's views, in an order that does not depend on that of the set."""
    return [c.value for c in path.certificates] + [c.value for c in sorted(others, key=lambda c: c.sha256)]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


__all__ = [
    "EvidenceKind",
    "RevocationAssessment",
    "RevocationEvidence",
    "RevocationStatus",
    "StatusStatement",
    "assess_revocation",
    "find_statements",
]
