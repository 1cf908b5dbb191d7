"""`validate_document`: one PDF from bytes to a report (EN 319 102-1; ISO 32000-2, 12.8)."""

import hashlib
from datetime import datetime
from itertools import chain

from certs.cms.attributes import archived_revocation_info
from certs.messages import Message, message
from certs.pdf import LimitExceeded, Limits, PDFError, analyse_document
from certs.pdf.model import DocumentAnalysis, EmbeddedSignature, SignatureType
from certs.validation import messages
from certs.validation.appearance import describe_appearance
from certs.validation.conclusion import conclude
from certs.validation.cryptography import Examination, examine_signature
from certs.validation.evidence import Evidence
from certs.validation.indications import Conclusion, Indication, Integrity
from certs.validation.policy import ValidationPolicy
from certs.validation.report import SignatureReport, TimestampReport, ValidationReport, in_order_of_weight
from certs.validation.signature import Subject, judge_document_timestamp, judge_signature
from certs.validation.signer import settle_signer
from certs.validation.timestamps import token_certificates
from certs.validation.trust import Circumstances

MAXIMUM_CERTIFICATES = 200
"""Distinct certificates that a document may bring along: each may cost a path. A hundred signers bring about as many."""
MAXIMUM_REVOCATION_DATA = 200
"""CRLs and OCSP responses that a document may bring along."""


def validate_document(
    data: bytes,
    *,
    policy: ValidationPolicy,
    evidence: Evidence,
    at: datetime,
    password: str | None = None,
    limits: Limits | None = None,
) -> ValidationReport:
    """Judge every signature of a PDF as of the time `at` (aware).

    Always returns a report, whatever the bytes are: a document that cannot be read, or is too complex to judge, is
    `unreadable`. The report is a function of the arguments; nothing is fetched, and nothing given as evidence is
    believed but the trust anchors. Raises `ValueError` for a time without a zone.
    """
    if at.tzinfo is None:
        raise ValueError("the time of validation needs a time zone")
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        analysis = analyse_document(data, password=password, limits=limits or Limits())
        return _judge(analysis, sha256, len(data), policy=policy, evidence=evidence, at=at)
    except LimitExceeded as error:
        return unreadable_report(sha256, len(data), at, policy, message(messages.TOO_COMPLEX), error.message)
    except PDFError as error:
        return unreadable_report(sha256, len(data), at, policy, error.message)
    except (RecursionError, MemoryError):
        return unreadable_report(sha256, len(data), at, policy, message(messages.TOO_COMPLEX))
    except Exception as error:  # noqa: BLE001 - a stranger's file must never end the program; the kind is reported
        unforeseen = message(messages.UNREADABLE_INTERNAL, detail=type(error).__name__)
        return unreadable_report(sha256, len(data), at, policy, unforeseen)


def unreadable_report(
    sha256: str, size: int, at: datetime, policy: ValidationPolicy, reason: Message, *details: Message
) -> ValidationReport:
    """The report on bytes that could not be judged, for this and for callers whose worker was stopped."""
    return ValidationReport(
        sha256, size, at, policy, Conclusion.UNREADABLE, reason, message(messages.DO_READABLE), details
    )


def _judge(
    analysis: DocumentAnalysis, sha256: str, size: int, *, policy: ValidationPolicy, evidence: Evidence, at: datetime
) -> ValidationReport:
    store = analysis.security_store
    given = evidence
    evidence = evidence.with_embedded(store.certificates, store.crls, store.ocsp_responses)
    known = tuple(sorted(evidence.certificates | evidence.anchors, key=lambda c: c.sha256))
    examined = [examine_signature(signature, known) for signature in analysis.signatures]
    complete = _with_signatures(evidence, examined)
    _refuse_flood(given, complete)
    examined = [settle_signer(each, complete) for each in examined]
    circumstances = Circumstances(policy, complete, at)
    subjects = [Subject(s, analysis, e) for s, e in zip(analysis.signatures, examined, strict=True)]
    stamps = [
        (subject.signature, report)
        for subject in subjects
        if subject.examined.token is not None
        and (report := judge_document_timestamp(subject, circumstances)) is not None
    ]
    reports = tuple(
        judge_signature(subject, _covering(subject.signature, stamps), circumstances) for subject in subjects
    )
    conclusion, reason, advice = conclude(analysis, reports)
    pairs = tuple(zip(analysis.signatures, reports, strict=True))
    return ValidationReport(
        sha256=sha256,
        size=size,
        at=at,
        policy=policy,
        conclusion=conclusion,
        message=reason,
        what_to_do=advice,
        warnings=_collect_warnings(analysis, reports),
        signatures=reports,
        appearance=describe_appearance(pairs),
        page_count=analysis.page_count,
        revision_count=len(analysis.revisions),
        empty_fields=analysis.empty_fields,
        is_encrypted=analysis.is_encrypted,
        producer=analysis.producer,
    )


def _with_signatures(evidence: Evidence, examined: list[Examination]) -> Evidence:
    """Add what the signatures carry: certificates, CRLs, responses, and those of their time-stamps."""
    containers = [e.signed_data for e in examined if e.signed_data is not None]
    archives = [archived_revocation_info(c.signer) for c in containers]
    return evidence.with_embedded(
        chain(
            chain.from_iterable(c.certificates for c in containers),
            (c.der for container in containers for c in token_certificates(container)),
        ),
        chain(chain.from_iterable(c.crls for c in containers), *(a.crls for a in archives)),
        chain(chain.from_iterable(c.ocsp_responses for c in containers), *(a.ocsp_responses for a in archives)),
    )


def _refuse_flood(given: Evidence, complete: Evidence) -> None:
    """Bound the work that a document can cause with what it brings along. Raises `LimitExceeded`."""
    certificates = len(complete.certificates) - len(given.certificates)
    revocation_data = sum(
        len(after) - len(before)
        for before, after in (
            (given.revocation.crls, complete.revocation.crls),
            (given.revocation.ocsp_responses, complete.revocation.ocsp_responses),
        )
    )
    if certificates > MAXIMUM_CERTIFICATES or revocation_data > MAXIMUM_REVOCATION_DATA:
        raise LimitExceeded(message(messages.TOO_COMPLEX))


def _covering(
    signature: EmbeddedSignature, stamps: list[tuple[EmbeddedSignature, TimestampReport]]
) -> tuple[TimestampReport, ...]:
    """The document time-stamps whose bytes hold the whole signature (EN 319 102-1, 5.6.3)."""
    end = _signed_end(signature)
    if end is None:
        return ()
    return tuple(
        report
        for stamp, report in stamps
        if stamp is not signature
        and stamp.signed_revision > signature.signed_revision
        and (_signed_end(stamp) or 0) > end
        and report.is_authentic
    )


def _signed_end(signature: EmbeddedSignature) -> int | None:
    byte_range = signature.byte_range
    return byte_range[2] + byte_range[3] if len(byte_range) == 4 and not signature.faults else None


def _collect_warnings(analysis: DocumentAnalysis, reports: tuple[SignatureReport, ...]) -> tuple[Message, ...]:
    """Each reason and warning once: why something did not pass before what has to be known of what did."""
    reasons = (reason for report in reports if (reason := _reason(report)) is not None)
    of_signatures = chain.from_iterable(
        (*report.warnings, *(m for m in report.notes if m.code == messages.REVOKED_AFTER))
        for report in reports
        if report.type is SignatureType.SIGNATURE
    )
    warnings = in_order_of_weight((*analysis.warnings, *of_signatures))
    return tuple(dict.fromkeys((*analysis.faults, *reasons, *warnings)))


def _reason(report: SignatureReport) -> Message | None:
    """Why a signature did not pass. A document time-stamp that is right and not trusted only proves no time."""
    is_stamp = report.type is SignatureType.DOCUMENT_TIMESTAMP
    if is_stamp and report.integrity is not Integrity.UNKNOWN and report.indication is Indication.INDETERMINATE:
        return message(messages.TIMESTAMP_UNTRUSTED, name=report.signer)
    return report.why
