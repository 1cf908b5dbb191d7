"""From the signatures to one answer for the document, in words for a clerk."""

from certs.messages import Message, message
from certs.pdf.model import DocumentAnalysis, SignatureType
from certs.validation import messages
from certs.validation.indications import Conclusion, Indication, Integrity, SubIndication
from certs.validation.report import SignatureReport

_Answer = tuple[Conclusion, Message, Message]

_CHAIN = frozenset(
    {
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND_NO_POE,
        SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    }
)
_TIME = frozenset(
    {
        SubIndication.OUT_OF_BOUNDS_NO_POE,
        SubIndication.OUT_OF_BOUNDS_NOT_REVOKED,
        SubIndication.REVOKED_NO_POE,
        SubIndication.REVOKED_CA_NO_POE,
        SubIndication.NO_POE,
    }
)
_ALGORITHM = frozenset({SubIndication.CRYPTO_CONSTRAINTS_FAILURE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE})


def conclude(analysis: DocumentAnalysis, reports: tuple[SignatureReport, ...]) -> _Answer:
    """The conclusion, the sentence that says it, and what to do next.

    `invalid` when any signature is wrong, `valid` only when every one passed; "no signature" is said only when nothing
    hints at one.
    """
    if not reports:
        return _conclude_without_signatures(analysis)
    wrong = [r for r in reports if r.indication is Indication.TOTAL_FAILED]
    if wrong:
        return (Conclusion.INVALID, *_say_wrong(analysis, wrong[0]))
    open_questions = [r for r in reports if r.indication is Indication.INDETERMINATE]
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
    who = _who(report)
    advice = message(messages.DO_ASK_ORIGINAL)
    if analysis.faults:
        return analysis.faults[0], advice
    match report.sub_indication:
        case SubIndication.HASH_FAILURE:
            return message(messages.INVALID_ALTERED, signer=who), advice
        case SubIndication.REVOKED:
            return message(messages.INVALID_REVOKED, signer=who), message(messages.DO_ASK_SIGN_AGAIN)
        case SubIndication.NOT_YET_VALID | SubIndication.EXPIRED:
            return message(messages.INVALID_DATES, signer=who), message(messages.DO_ASK_SIGN_AGAIN)
        case _ if report.integrity is Integrity.CHANGED:
            return message(messages.INVALID_ALTERED, signer=who), advice
        case _:
            return message(messages.INVALID_BROKEN, signer=who), advice


def _say_undetermined(report: SignatureReport) -> tuple[Message, Message]:
    who = _who(report)
    confirm = message(messages.DO_CONFIRM)
    sub = report.sub_indication
    if sub in _CHAIN:
        return message(messages.UNDETERMINED_CHAIN, signer=who), message(messages.DO_ADD_CA)
    if sub in _TIME:
        return message(messages.UNDETERMINED_TIME, signer=who), confirm
    if sub is SubIndication.TRY_LATER:
        return message(messages.UNDETERMINED_REVOCATION, signer=who), message(messages.DO_ADD_REVOCATION)
    if sub in _ALGORITHM:
        return message(messages.UNDETERMINED_ALGORITHM, signer=who), confirm
    if report.integrity is Integrity.UNKNOWN:
        return message(messages.UNDETERMINED_COMPARISON, signer=who), confirm
    return message(messages.UNDETERMINED_OTHER, signer=who), confirm


def _say_valid(analysis: DocumentAnalysis, reports: tuple[SignatureReport, ...]) -> tuple[Message, Message]:
    signers = "; ".join(dict.fromkeys(_who(r) for r in reports if r.type is SignatureType.SIGNATURE))
    signers = signers or "; ".join(dict.fromkeys(_who(r) for r in reports))
    has_warnings = bool(analysis.warnings) or any(r.warnings for r in reports)
    advice = message(messages.DO_READ_WARNINGS if has_warnings else messages.DO_NOTHING)
    if any(r.integrity is Integrity.CHANGED_PERMITTED for r in reports):
        return message(messages.VALID_WITH_CHANGES, signers=signers), advice
    if len(reports) == 1:
        return message(messages.VALID_ONE, signers=signers), advice
    return message(messages.VALID_MANY, count=len(reports), signers=signers), advice


def _who(report: SignatureReport) -> str:
    return report.signer or report.field_name or "?"
