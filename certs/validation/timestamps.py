"""Time-stamps as proofs of existence (EN 319 102-1, 5.4 and 5.5)."""

from certs.cms import MalformedCMS, SignedData, TSTInfo, parse_timestamp_token
from certs.cms.signed_data import OID_TIME_STAMP_TOKEN
from certs.messages import Message, message
from certs.path import ParsedCertificate, load_certificates
from certs.validation import messages
from certs.validation.cryptography import Examination, Problem, examine_token
from certs.validation.indications import SubIndication, indication_of
from certs.validation.policy import Strength, Usage
from certs.validation.report import TimeSource, TimestampReport
from certs.validation.signer import settle_signer
from certs.validation.times import show
from certs.validation.trust import Circumstances, assess_trust, name_of

MAXIMUM_TOKENS = 8
"""Time-stamps judged in one signature; one is usual, and each costs a chain."""


def assess_token(examined: Examination, circumstances: Circumstances, source: TimeSource) -> TimestampReport | None:
    """Judge an examined token; None when there was no token to read."""
    if examined.token is None:
        return None
    gen_time = examined.token.info.gen_time
    problem = examined.problem or _check_statement(examined.token.info, circumstances)
    found: tuple[Message, ...] = ()
    if problem is None and examined.certificate is not None:
        at = gen_time if circumstances.policy.timestamps_outlive_their_certificate else circumstances.validated_at
        # A token shown to have existed only now proves nothing about the past; judged at its own time it is its proof.
        trust = assess_trust(
            examined.certificate,
            examined.method,
            circumstances,
            usage=Usage.TIMESTAMP,
            at=at,
            is_proven=True,
            is_own_word=True,
        )
        problem, found = trust.problem, trust.notes
    sub_indication = problem.sub_indication if problem is not None else None
    reasons = (problem.message,) if problem is not None else ()
    return TimestampReport(
        source,
        gen_time,
        examined.certificate,
        name_of(examined.certificate) if examined.certificate is not None else "",
        indication_of(sub_indication),
        sub_indication,
        (*reasons, *examined.notes, *found),
    )


def _check_statement(info: TSTInfo, circumstances: Circumstances) -> Problem | None:
    """What makes a right token prove nothing: a time that has not come yet, or an imprint that could be anybody's."""
    policy = circumstances.policy
    if info.gen_time > circumstances.validated_at + policy.clock_tolerance:
        return Problem(
            SubIndication.TIMESTAMP_ORDER_FAILURE, message(messages.TIMESTAMP_FUTURE, time=show(info.gen_time))
        )
    if policy.assess_digest(info.imprint_digest, Usage.TIMESTAMP, info.gen_time) is Strength.REFUSED:
        refused = message(messages.ALGORITHM_REFUSED, algorithm=info.imprint_digest.upper())
        return Problem(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, refused)
    return None


def signature_timestamps(
    signed: SignedData, known: tuple[ParsedCertificate, ...], circumstances: Circumstances
) -> tuple[tuple[TimestampReport, ...], tuple[Message, ...]]:
    """The time-stamps over the signature value, and a warning for each that cannot be read."""
    reports: list[TimestampReport] = []
    warnings: list[Message] = []
    for count, element in enumerate(signed.signer.unsigned(OID_TIME_STAMP_TOKEN)):
        if count >= MAXIMUM_TOKENS:
            break
        try:
            token = parse_timestamp_token(element.raw)
        except MalformedCMS:
            warnings.append(message(messages.TIMESTAMP_BROKEN))
            continue
        examined = settle_signer(examine_token(token, (signed.signer.signature,), known), circumstances.evidence)
        report = assess_token(examined, circumstances, TimeSource.SIGNATURE_TIMESTAMP)
        if report is None:
            continue
        reports.append(report)
        if not report.is_authentic:
            warnings.append(message(messages.TIMESTAMP_BROKEN))
        elif not report.is_proof:
            warnings.append(message(messages.TIMESTAMP_UNTRUSTED, name=report.authority_name))
    return tuple(reports), tuple(dict.fromkeys(warnings))


def token_certificates(signed: SignedData) -> tuple[ParsedCertificate, ...]:
    """Certificates inside the time-stamps of a signature: they help to build the chain of the unit."""
    found: list[bytes] = []
    for count, element in enumerate(signed.signer.unsigned(OID_TIME_STAMP_TOKEN)):
        if count >= MAXIMUM_TOKENS:
            break
        try:
            found.extend(parse_timestamp_token(element.raw).signed_data.certificates)
        except MalformedCMS:
            continue
    return load_certificates(found)
