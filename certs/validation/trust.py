"""X.509 validation with revocation freshness (EN 319 102-1, 5.2.5, 5.2.6)."""

from dataclasses import dataclass
from datetime import datetime

from certs.cms import SignatureMethod
from certs.messages import Message, message
from certs.path import (
    CertificationPath,
    ParsedCertificate,
    RevocationAssessment,
    RevocationStatus,
    assess_revocation,
    common_name,
    find_statements,
    search_paths,
)
from certs.validation import messages
from certs.validation.acceptance import assess_algorithms, assess_chain
from certs.validation.cryptography import Problem
from certs.validation.evidence import Evidence
from certs.validation.indications import SubIndication
from certs.validation.policy import RevocationRule, Usage, ValidationPolicy
from certs.validation.times import show

_SIGNING_USAGES = frozenset({"digital_signature", "non_repudiation"})
_PURPOSES_OF_MACHINES = frozenset({"server_auth", "time_stamping", "ocsp_signing"})
"""A certificate for these alone belongs to a server, a time-stamping unit or a responder: they sign no documents."""
_HARMLESS_FOR_TOKENS = frozenset({"affiliation_changed", "superseded", "cessation_of_operation"})
"""Reasons to revoke a time-stamping unit that leave its earlier tokens standing; no reason is none of them (RFC 3161, 4)."""
_COMPROMISE = frozenset({"key_compromise", "ca_compromise"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What every judgement of one validation shares."""

    policy: ValidationPolicy
    evidence: Evidence
    """With what the document brings along."""
    validated_at: datetime
    """The time of validation."""


@dataclass(frozen=True, slots=True)
class TrustAssessment:
    """Whether a certificate may be believed at a moment, and on what that rests."""

    path: CertificationPath | None
    path_problem: Problem | None
    """From building the chain, usage, dates or revocation (5.2.6)."""
    algorithm_problem: Problem | None
    """From algorithms and key sizes (5.2.8)."""
    revocation: RevocationAssessment | None
    status_now: RevocationAssessment | None
    warnings: tuple[Message, ...]
    notes: tuple[Message, ...]

    @property
    def problem(self) -> Problem | None:
        """The first problem in the standard's order."""
        return self.path_problem or self.algorithm_problem


def name_of(certificate: ParsedCertificate) -> str:
    """The subject's common name, safe to show."""
    return common_name(certificate.value.subject)


def assess_trust(
    certificate: ParsedCertificate,
    method: SignatureMethod | None,
    circumstances: Circumstances,
    *,
    usage: Usage,
    at: datetime,
    is_proven: bool,
    is_own_word: bool = False,
) -> TrustAssessment:
    """Judge `certificate` for a signature made at `at` with `method`; `is_proven` says whether that time is proven.

    `is_own_word` says that only the signature itself tells the time, as a time-stamp does: whoever has got hold of its
    key since can write any time into it.
    The order is that of EN 319 102-1, 5.2.6.4: chain, purpose, dates, revocation; then 5.2.8.
    """
    evidence, policy = circumstances.evidence, circumstances.policy
    algorithm_problem, warnings = assess_algorithms(certificate, method, policy, usage, at, is_proven=is_proven)
    search = search_paths(certificate, anchors=evidence.anchors, others=evidence.certificates)
    path = search.best_at(at)
    if path is None:
        kind = (
            SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
            if search.chain_found
            else SubIndication.NO_CERTIFICATE_CHAIN_FOUND
        )
        failure = search.failure
        problem = Problem(kind, failure) if failure is not None else None
        return TrustAssessment(None, problem, algorithm_problem, None, None, tuple(warnings), ())
    status_now = _assess_status(path, 0, circumstances, circumstances.validated_at)
    at_signing = _assess_status(path, 0, circumstances, at)
    revocation_problem, revocation_warnings, notes = _judge_revocation(
        path, at_signing, circumstances, at, is_proven=is_proven, is_own_word=is_own_word
    )
    problem = (
        _check_usage(certificate, usage)
        or _check_authorities(path, usage)
        or _check_dates(path, policy, at, is_proven=is_proven, at_end=_status_at_end(path, circumstances))
        or revocation_problem
    )
    chain_problem, chain_warnings = assess_chain(path, policy, at, is_proven=is_proven)
    return TrustAssessment(
        path,
        problem,
        algorithm_problem or chain_problem,
        at_signing,
        status_now,
        (*warnings, *revocation_warnings),
        (*notes, *chain_warnings),
    )


def _assess_status(
    path: CertificationPath, index: int, circumstances: Circumstances, at: datetime
) -> RevocationAssessment | None:
    if index >= len(path.certificates):
        return None  # the certificate is the anchor itself: trusted by decision, revoked by nobody
    evidence = circumstances.evidence
    statements = find_statements(path, index, evidence.revocation, evidence.certificates)
    return assess_revocation(
        statements,
        path.certificates[index],
        at=at,
        known_at=circumstances.validated_at,
        maximum_age=circumstances.policy.revocation_maximum_age,
    )


def _status_at_end(path: CertificationPath, circumstances: Circumstances) -> RevocationAssessment | None:
    if not path.certificates:
        return None
    return _assess_status(path, 0, circumstances, path.certificates[0].not_after)


def _check_usage(certificate: ParsedCertificate, usage: Usage) -> Problem | None:
    name = name_of(certificate)
    if usage is Usage.TIMESTAMP:
        if "time_stamping" not in (certificate.extended_key_usage or ()) or not _may_sign(certificate):
            return Problem(SubIndication.CHAIN_CONSTRAINTS_FAILURE, message(messages.USAGE_NOT_TIMESTAMPING, name=name))
    elif not _may_sign_documents(certificate):
        return Problem(SubIndication.CHAIN_CONSTRAINTS_FAILURE, message(messages.USAGE_NOT_SIGNING, name=name))
    return None


def _may_sign_documents(certificate: ParsedCertificate) -> bool:
    """Whether no extension of the certificate keeps its key to something else (RFC 5280, 4.2.1.3 and 4.2.1.12)."""
    purposes = certificate.extended_key_usage
    return _may_sign(certificate) and (not purposes or not purposes <= _PURPOSES_OF_MACHINES)


def _may_sign(certificate: ParsedCertificate) -> bool:
    return certificate.key_usage is None or bool(certificate.key_usage & _SIGNING_USAGES)


def _check_authorities(path: CertificationPath, usage: Usage) -> Problem | None:
    """An authority that is kept to some purposes cannot give others (what X.509 leaves open and CAs in use mean by it)."""
    for authority in path.certificates[1:]:
        purposes = authority.extended_key_usage
        if not purposes or "any_extended_key_usage" in purposes:
            continue
        if usage is Usage.TIMESTAMP and "time_stamping" not in purposes:
            text = message(messages.USAGE_NOT_TIMESTAMPING, name=name_of(authority))
        elif usage is Usage.DOCUMENT and purposes <= _PURPOSES_OF_MACHINES:
            text = message(messages.USAGE_NOT_SIGNING, name=name_of(authority))
        else:
            continue
        return Problem(SubIndication.CHAIN_CONSTRAINTS_FAILURE, text)
    return None


def _check_dates(
    path: CertificationPath,
    policy: ValidationPolicy,
    at: datetime,
    *,
    is_proven: bool,
    at_end: RevocationAssessment | None,
) -> Problem | None:
    # An anchor's dates do not count for what it issued, but they do for what it signs itself.
    for index, certificate in enumerate(path.certificates or (path.anchor,)):
        name = name_of(certificate)
        if at > certificate.not_after:
            known_good = index == 0 and at_end is not None and at_end.status is RevocationStatus.GOOD
            kind = SubIndication.OUT_OF_BOUNDS_NOT_REVOKED if known_good else SubIndication.OUT_OF_BOUNDS_NO_POE
            text = message(messages.EXPIRED_NO_PROOF, name=name, not_after=show(certificate.not_after))
            return Problem(kind, text)
        if index == 0 and at + policy.clock_tolerance < certificate.not_before:
            kind = SubIndication.NOT_YET_VALID if is_proven else SubIndication.OUT_OF_BOUNDS_NO_POE
            text = message(messages.NOT_YET_VALID, name=name, not_before=show(certificate.not_before))
            return Problem(kind, text)
    return None


def _judge_revocation(
    path: CertificationPath,
    leaf: RevocationAssessment | None,
    circumstances: Circumstances,
    at: datetime,
    *,
    is_proven: bool,
    is_own_word: bool,
) -> tuple[Problem | None, list[Message], list[Message]]:
    warnings: list[Message] = []
    notes: list[Message] = []
    unknown: Message | None = None
    for index, certificate in enumerate(path.certificates):
        status = leaf if index == 0 else _assess_status(path, index, circumstances, at)
        if status is None:
            continue
        name = name_of(certificate)
        if status.status is RevocationStatus.REVOKED:
            return _revoked(name, index, status, is_proven=is_proven), warnings, notes
        if status.revoked_at is not None:
            if is_own_word and _may_be_backdated(index, status):
                kind = SubIndication.REVOKED_CA_NO_POE if index > 0 else SubIndication.REVOKED_NO_POE
                return Problem(kind, _say_revoked(messages.REVOKED_UNIT, name, status)), warnings, notes
            notes.append(_say_revoked(messages.REVOKED_AFTER, name, status))
        if status.status is RevocationStatus.UNKNOWN:
            said = message(_why_unknown(status), name=name)
            unknown = unknown or said
            if index == 0:
                warnings.append(said)
    if unknown is not None and circumstances.policy.revocation is RevocationRule.REQUIRED:
        return Problem(SubIndication.TRY_LATER, unknown), warnings, notes
    return None, warnings, notes


def _may_be_backdated(index: int, status: RevocationAssessment) -> bool:
    """Whether a certificate of a unit's path was revoked so that its tokens prove nothing, whatever time they tell."""
    return status.reason in _COMPROMISE if index > 0 else status.reason not in _HARMLESS_FOR_TOKENS


def _why_unknown(status: RevocationAssessment) -> str:
    if status.is_too_late:
        return messages.REVOCATION_TOO_LATE
    return messages.REVOCATION_STALE if status.is_stale else messages.REVOCATION_UNKNOWN


def _revoked(name: str, index: int, status: RevocationAssessment, *, is_proven: bool) -> Problem:
    if index > 0:
        return Problem(SubIndication.REVOKED_CA_NO_POE, _say_revoked(messages.REVOKED_NO_PROOF, name, status))
    if is_proven:
        return Problem(SubIndication.REVOKED, _say_revoked(messages.REVOKED_BEFORE, name, status))
    return Problem(SubIndication.REVOKED_NO_POE, _say_revoked(messages.REVOKED_NO_PROOF, name, status))


def _say_revoked(code: str, name: str, status: RevocationAssessment) -> Message:
    revoked_at = show(status.revoked_at) if status.revoked_at is not None else "?"
    return message(code, name=name, revoked_at=revoked_at, reason=f"revocation_reason.{status.reason or 'unspecified'}")
