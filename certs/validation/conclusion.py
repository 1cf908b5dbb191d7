"""From the signatures to one answer for the document, in words for a clerk."""

from certs.messages import Message, message
from certs.path import messages as path_messages
from certs.pdf import messages as pdf_messages
from certs.pdf.model import DocumentAnalysis, SignatureType
from certs.validation import messages
from certs.validation.indications import Conclusion, Indication, Integrity, SubIndication
from certs.validation.report import SignatureReport

_Answer = tuple[Conclusion, Message, Message]

_CHAIN = (messages.UNDETERMINED_CHAIN, messages.DO_ADD_CA)
_TIME = (messages.UNDETERMINED_TIME, messages.DO_CONFIRM)
_ALGORITHM = (messages.UNDETERMINED_ALGORITHM, messages.DO_CONFIRM)
_SENTENCES: dict[SubIndication | None, tuple[str, str]] = {
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: _CHAIN,
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND_NO_POE: _CHAIN,
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: _CHAIN,
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: (messages.UNDETERMINED_USAGE, messages.DO_CONFIRM),
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: (messages.UNDETERMINED_CERTIFICATE, messages.DO_CONFIRM),
    SubIndication.OUT_OF_BOUNDS_NO_POE: _TIME,
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED: _TIME,
    SubIndication.REVOKED_NO_POE: _TIME,
    SubIndication.REVOKED_CA_NO_POE: _TIME,
    SubIndication.NO_POE: _TIME,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: _ALGORITHM,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: _ALGORITHM,
    SubIndication.TRY_LATER: (messages.UNDETERMINED_REVOCATION, messages.DO_ADD_REVOCATION),
}
"""What is said, and what is to be done, for the reasons that leave a signature undetermined."""


_FORBIDDEN_BY_SIGNERS = frozenset(
    {"signature_added", "signature_field_added", "signature_field_prepared", "form_filled"}
)
"""Changes that are permitted unless a signer locked the document or a field (ISO 32000-2, 12.8.2)."""


def conclude(analysis: DocumentAnalysis, reports: tuple[SignatureReport, ...]) -> _Answer:
    """The conclusion, the sentence that says it, and what to do next.

    `invalid` when any signature is wrong, `valid` only when every one passed; "no signature" is said only when nothing
    hints at one. A document time-stamp that is right, but of an authority that nobody knows, proves nothing and takes
    nothing away from the signatures (EN 319 102-1, 5.6.3).
    """
    if not reports:
        return _conclude_without_signatures(analysis)
    wrong = [r for r in reports if r.indication is Indication.TOTAL_FAILED]
    if wrong:
        return (Conclusion.INVALID, *_say_wrong(analysis, wrong[0]))
    signatures = [r for r in reports if r.type is SignatureType.SIGNATURE]
    open_questions = [r for r in signatures or reports if r.indication is Indication.INDETERMINATE]
    if open_questions:
        return (Conclusion.INDETERMINATE, *_say_undetermined(open_questions[0]))
    return (Conclusion.VALID, *_say_valid(analysis, reports))


def _conclude_without_signatures(analysis: DocumentAnalysis) -> _Answer:
    if analysis.signs_of_signing or analysis.faults:
        reason = analysis.faults[0] if analysis.faults else message(messages.SIGNATURE_UNREADABLE)
        return Conclusion.INVALID, reason, message(messages.DO_ASK_ORIGINAL)
    if analysis.empty_fields:
        count = len(analysis.empty_fields)
        return Conclusion.UNSIGNED, message(messages.UNSIGNED_FIELDS, count=count), message(messages.DO_SIGN)
    return Conclusion.UNSIGNED, message(messages.UNSIGNED), message(messages.DO_SIGN)


def _say_wrong(analysis: DocumentAnalysis, report: SignatureReport) -> tuple[Message, Message]:
    if analysis.faults:
        return analysis.faults[0], message(messages.DO_ASK_ORIGINAL)
    sentence, advice = _find_wrong(report)
    return message(sentence, signer=_who(report)), message(advice)


def _find_wrong(report: SignatureReport) -> tuple[str, str]:
    """The sentence about a signature that failed, and the advice."""
    sentence, advice = messages.INVALID_BROKEN, messages.DO_ASK_ORIGINAL
    match report.sub_indication:
        case SubIndication.REVOKED:
            sentence, advice = messages.INVALID_REVOKED, messages.DO_ASK_SIGN_AGAIN
        case SubIndication.NOT_YET_VALID | SubIndication.EXPIRED:
            sentence, advice = messages.INVALID_DATES, messages.DO_ASK_SIGN_AGAIN
        case _ if report.why is not None and report.why.code == pdf_messages.SAVED_AGAIN:
            sentence = messages.INVALID_SAVED_AGAIN
        case _ if report.integrity is Integrity.CHANGED and _forbidden(report) <= {"unreachable_bytes"}:
            # A broken transfer looks so, and so does an attack.
            sentence, advice = messages.INVALID_UNREACHABLE, messages.DO_LOAD_AGAIN
        case _ if report.integrity is Integrity.CHANGED and _forbidden(report) <= _FORBIDDEN_BY_SIGNERS:
            sentence, advice = messages.INVALID_LOCKED, messages.DO_SIGN_IN_ORDER
        case SubIndication.HASH_FAILURE:
            sentence = messages.INVALID_ALTERED
        case _ if report.integrity is Integrity.CHANGED:
            sentence = messages.INVALID_ALTERED
    return sentence, advice


def _forbidden(report: SignatureReport) -> set[str]:
    """The rules of the changes that nothing permits."""
    return {change.rule for change in report.changes if not change.permitted}


def _say_undetermined(report: SignatureReport) -> tuple[Message, Message]:
    who = _who(report)
    if report.why is not None and report.why.code == path_messages.NO_ISSUER:
        issuer = report.why.parameters["issuer"]
        return message(messages.UNDETERMINED_ISSUER, signer=who, issuer=issuer), message(messages.DO_ADD_CA)
    if report.why is not None and report.why.code == path_messages.NOT_ISSUED:
        return message(messages.UNDETERMINED_NOT_ISSUED, **report.why.parameters), message(messages.DO_CONFIRM)
    is_unknown = report.integrity is Integrity.UNKNOWN
    other = messages.UNDETERMINED_COMPARISON if is_unknown else messages.UNDETERMINED_OTHER
    sentence, advice = _SENTENCES.get(report.sub_indication, (other, messages.DO_CONFIRM))
    return message(sentence, signer=who), message(advice)


def _say_valid(analysis: DocumentAnalysis, reports: tuple[SignatureReport, ...]) -> tuple[Message, Message]:
    signatures = [r for r in reports if r.type is SignatureType.SIGNATURE]
    signers = "; ".join(dict.fromkeys(_who(r) for r in signatures))
    has_warnings = bool(analysis.warnings) or any(r.warnings or r.why for r in reports)
    advice = message(messages.DO_READ_WARNINGS if has_warnings else messages.DO_NOTHING)
    if not signers:
        units = "; ".join(dict.fromkeys(_who(r) for r in reports))
        return message(messages.VALID_TIMESTAMP_ONLY, signers=units), advice
    if any(r.integrity is Integrity.CHANGED_PERMITTED for r in reports):
        return message(messages.VALID_WITH_CHANGES, signers=signers), advice
    if len(signatures) == 1:
        return message(messages.VALID_ONE, signers=signers), advice
    return message(messages.VALID_MANY, count=len(signatures), signers=signers), advice


def _who(report: SignatureReport) -> str:
    return report.signer or f"“{report.field_name or '?'}”"
