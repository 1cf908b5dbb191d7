"""The validation of one signature, block by block (EN 319 102-1, 5.3 to 5.6)."""

from dataclasses import dataclass
from datetime import datetime

from certs.cms.attributes import signing_time
from certs.messages import Message, message
from certs.path import common_name
from certs.pdf.model import DocumentAnalysis, EmbeddedSignature, SignatureType
from certs.validation import messages
from certs.validation.cryptography import Examination, Problem
from certs.validation.indications import FAILING, BlockConclusion, Integrity, SubIndication, indication_of
from certs.validation.integrity import assess_integrity
from certs.validation.policy import Usage
from certs.validation.report import Block, SignatureReport, TimeSource, TimestampReport, in_order_of_weight
from certs.validation.times import ClaimedTime, assess_claimed_time, show
from certs.validation.timestamps import assess_token, signature_timestamps
from certs.validation.trust import Circumstances, TrustAssessment, assess_trust, name_of


@dataclass(frozen=True, slots=True)
class Subject:
    """One signature of a document with what was found out before any question of trust."""

    signature: EmbeddedSignature
    analysis: DocumentAnalysis
    examined: Examination


@dataclass(frozen=True, slots=True)
class _Time:
    best: datetime
    source: TimeSource
    claimed: ClaimedTime
    pending: Problem | None = None
    """Set when the proof itself waits for revocation data."""

    @property
    def is_proven(self) -> bool:
        return self.source is not TimeSource.VALIDATION_TIME


def judge_document_timestamp(subject: Subject, circumstances: Circumstances) -> TimestampReport | None:
    """A document time-stamp as a proof for what it covers; None when its token could not be read."""
    report = assess_token(subject.examined, circumstances, TimeSource.DOCUMENT_TIMESTAMP)
    if report is None or not (subject.signature.faults or subject.analysis.faults):
        return report
    # Its digest may be right, but which bytes a reader sees under it is not certain.
    kind = SubIndication.FORMAT_FAILURE
    return TimestampReport(
        report.source, report.gen_time, report.authority, report.authority_name, indication_of(kind), kind, ()
    )


def judge_signature(
    subject: Subject, covering: tuple[TimestampReport, ...], circumstances: Circumstances
) -> SignatureReport:
    """Run the building blocks over one signature; `covering` are the document time-stamps made over it later."""
    signature, examined = subject.signature, subject.examined
    is_timestamp = examined.token is not None
    stamps: tuple[TimestampReport, ...] = ()
    warnings: tuple[Message, ...] = ()
    if is_timestamp:
        own = judge_document_timestamp(subject, circumstances)
        stamps = (own,) if own is not None else ()
    elif examined.signed_data is not None:
        known = tuple(sorted(circumstances.evidence.certificates, key=lambda c: c.sha256))
        stamps, warnings = signature_timestamps(examined.signed_data, known, circumstances)
    time = _find_time(signature, examined, stamps, covering, circumstances)
    integrity = assess_integrity(signature, subject.analysis, examined)
    trust = _assess_signer(examined, time, circumstances, is_timestamp=is_timestamp)
    blocks = _build_blocks(subject, integrity, trust, (*stamps, *covering), is_timestamp=is_timestamp)
    problem = _decide(subject, integrity, trust, time.pending)
    sub_indication = problem.sub_indication if problem is not None else None
    certificate = examined.certificate
    if not is_timestamp:
        warnings = (*warnings, *time.claimed.warnings)
        if not stamps and not time.is_proven:
            warnings = (*warnings, message(messages.CLAIM_ONLY))
    notes = (*examined.notes, *time.claimed.notes)
    is_expired_now = certificate is not None and circumstances.validated_at > certificate.not_after
    if trust is not None:
        warnings = (*warnings, *trust.warnings)
        notes = (*notes, *trust.notes)
        if certificate is not None and is_expired_now and trust.path_problem is None:
            ended = show(certificate.not_after)
            notes = (*notes, message(messages.CERTIFICATE_EXPIRED_SINCE, name=name_of(certificate), not_after=ended))
    return SignatureReport(
        field_name=signature.field_name,
        type=SignatureType.DOCUMENT_TIMESTAMP if is_timestamp else signature.type,
        sub_filter=signature.sub_filter,
        signer=name_of(certificate) if certificate is not None else "",
        issuer=common_name(certificate.value.issuer) if certificate is not None else "",
        certificate=certificate,
        method=examined.method,
        claimed_signing_time=time.claimed.time,
        timestamps=(*stamps, *covering),
        best_signature_time=time.best,
        best_signature_time_source=time.source,
        indication=indication_of(sub_indication),
        sub_indication=sub_indication,
        why=problem.message if problem is not None else None,
        integrity=integrity,
        coverage=signature.coverage,
        changes=signature.changes,
        chain=trust.path.certificates if trust is not None and trust.path is not None else (),
        trust_anchor=trust.path.anchor if trust is not None and trust.path is not None else None,
        revocation=trust.revocation if trust is not None else None,
        status_now=trust.status_now if trust is not None else None,
        is_expired_now=is_expired_now,
        blocks=blocks,
        warnings=in_order_of_weight(warnings),
        notes=tuple(dict.fromkeys(notes)),
        claimed_time_note=time.claimed.habit,
        reason=signature.reason,
        location=signature.location,
    )


def _find_time(
    signature: EmbeddedSignature,
    examined: Examination,
    stamps: tuple[TimestampReport, ...],
    covering: tuple[TimestampReport, ...],
    circumstances: Circumstances,
) -> _Time:
    """The best signature time: the earliest proof of existence, else now (5.5.4 step 3)."""
    own = [s for s in stamps if s.is_authentic and s.source is TimeSource.SIGNATURE_TIMESTAMP]
    # A claim is held against what is proven; only where nothing is, against what a unit that nobody knows tells.
    told = [s.gen_time for s in own if s.is_proof] or [s.gen_time for s in own]
    attribute = signing_time(examined.signed_data.signer) if examined.signed_data is not None else None
    claimed = assess_claimed_time(signature.claimed_time, attribute, min(told, default=None))
    every = (*stamps, *covering)
    # A unit that only waits for revocation data leaves its signature waiting too, rather than without any proof.
    proofs = [s for s in every if s.is_proof] or [s for s in every if s.sub_indication is SubIndication.TRY_LATER]
    if not proofs:
        return _Time(circumstances.validated_at, TimeSource.VALIDATION_TIME, claimed)
    first = min(proofs, key=lambda s: s.gen_time)
    pending = None if first.is_proof else Problem(SubIndication.TRY_LATER, first.messages[0])
    return _Time(first.gen_time, first.source, claimed, pending)


def _assess_signer(
    examined: Examination, time: _Time, circumstances: Circumstances, *, is_timestamp: bool
) -> TrustAssessment | None:
    if examined.certificate is None:
        return None
    at, is_proven, is_own_word = time.best, time.is_proven, False
    if examined.token is not None and not is_proven and circumstances.policy.timestamps_outlive_their_certificate:
        at, is_proven, is_own_word = examined.token.info.gen_time, True, True
    return assess_trust(
        examined.certificate,
        examined.method,
        circumstances,
        usage=Usage.TIMESTAMP if is_timestamp else Usage.DOCUMENT,
        at=at,
        is_proven=is_proven,
        is_own_word=is_own_word,
    )


def _decide(
    subject: Subject, integrity: Integrity, trust: TrustAssessment | None, pending: Problem | None
) -> Problem | None:
    """The reason that counts: what is wrong before what changed, before what is not trusted, before what is unknown."""
    examined = subject.examined
    fault = next(iter((*subject.signature.faults, *subject.analysis.faults)), message(messages.DOCUMENT_CHANGED))
    altered = Problem(SubIndication.FORMAT_FAILURE, fault)
    incomplete = Problem(SubIndication.GENERIC, message(messages.COMPARISON_INCOMPLETE))
    trust_problem = trust.problem if trust is not None else None
    is_failing = trust_problem is not None and trust_problem.sub_indication in FAILING
    # Without usable ranges nothing was digested: the range is what is wrong, not the digest.
    has_no_range = bool(subject.signature.faults) and not subject.signature.signed_bytes
    candidates = (
        altered if has_no_range else None,
        examined.problem if examined.is_wrong else None,
        altered if integrity in (Integrity.BROKEN, Integrity.CHANGED) else None,
        trust_problem if is_failing else None,
        examined.problem,
        trust_problem,
        pending,
        incomplete if integrity is Integrity.UNKNOWN else None,
    )
    return next((problem for problem in candidates if problem is not None), None)


def _build_blocks(
    subject: Subject,
    integrity: Integrity,
    trust: TrustAssessment | None,
    stamps: tuple[TimestampReport, ...],
    *,
    is_timestamp: bool,
) -> tuple[Block, ...]:
    examined, signature = subject.examined, subject.signature
    faults = (*signature.faults, *subject.analysis.faults)
    reasons = faults if examined.format_problem is None else (*faults, examined.format_problem.message)
    form = Problem(SubIndication.FORMAT_FAILURE, reasons[0]) if reasons else None
    blocks = [
        _block("format_checking", "5.2.2", form, *reasons[1:]),
        _block("identification_of_the_signing_certificate", "5.2.3", examined.certificate_problem),
    ]
    if trust is not None:
        blocks.append(_block("x509_certificate_validation", "5.2.6", trust.path_problem, *trust.notes))
    unreadable = Problem(SubIndication.GENERIC, message(messages.COMPARISON_INCOMPLETE))
    crypto = examined.crypto_problem or (unreadable if examined.method is None else None)
    blocks.append(_block("cryptographic_verification", "5.2.7", crypto, *examined.notes))
    if trust is not None:
        blocks.append(_block("signature_acceptance_validation", "5.2.8", trust.algorithm_problem))
    if not is_timestamp:
        for stamp in stamps:
            problem = (
                Problem(stamp.sub_indication, stamp.messages[0]) if stamp.sub_indication and stamp.messages else None
            )
            blocks.append(_block("time_stamp_validation", "5.4", problem))
    changed: Problem | None = None
    if integrity is Integrity.CHANGED:
        changed = Problem(SubIndication.FORMAT_FAILURE, message(messages.DOCUMENT_CHANGED))
    elif signature.undetermined:
        changed = Problem(SubIndication.GENERIC, signature.undetermined[0])
    blocks.append(_block("document_changes", "ISO 32000-2, 12.8.2", changed))
    return tuple(blocks)


def _block(name: str, clause: str, problem: Problem | None, *found: Message) -> Block:
    if problem is None:
        return Block(name, clause, BlockConclusion.PASSED, None, tuple(dict.fromkeys(found)))
    failed = problem.sub_indication in FAILING
    conclusion = BlockConclusion.FAILED if failed else BlockConclusion.INDETERMINATE
    return Block(name, clause, conclusion, problem.sub_indication, tuple(dict.fromkeys((problem.message, *found))))
