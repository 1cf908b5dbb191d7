"""Time-stamp tokens: what they say and what they stamp (RFC 3161, 2.4.2)."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from certs.cms import ber, messages
from certs.cms.algorithms import digest_name, parse_algorithm
from certs.cms.attributes import parse_time
from certs.cms.ber import CONTEXT, INTEGER, OCTET_STRING, SEQUENCE
from certs.cms.errors import CMSError, DigestMismatch, MalformedCMS, UnsupportedAlgorithm
from certs.cms.signed_data import OID_TST_INFO, SignedData, parse_signed_data
from certs.cms.verification import compute_digest, verify_content_digest
from certs.messages import message


@dataclass(frozen=True, slots=True)
class TSTInfo:
    """The statement of a time-stamping authority: these bytes existed at `gen_time` (aware, UTC)."""

    policy: str
    imprint_digest: str
    imprint: bytes
    serial_number: int
    gen_time: datetime
    accuracy: timedelta | None


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """A time-stamp token: the container and its statement. Who signed it is not proven by reading it."""

    signed_data: SignedData
    info: TSTInfo


def parse_timestamp_token(data: bytes) -> TimestampToken:
    """Read a TimeStampToken. Raises `MalformedCMS`."""
    signed = parse_signed_data(data)
    if signed.content_type != OID_TST_INFO or signed.content is None:
        raise MalformedCMS(message(messages.TIMESTAMP_MALFORMED, detail="TSTInfo"))
    try:
        return TimestampToken(signed, _parse_info(signed.content))
    except (ValueError, StopIteration) as error:
        raise MalformedCMS(message(messages.TIMESTAMP_MALFORMED, detail=error or "TSTInfo")) from error


def _parse_info(content: bytes) -> TSTInfo:
    parts = ber.read_element(content).expect(SEQUENCE).children()
    next(parts).integer()
    policy = next(parts).oid()
    algorithm, imprint = next(parts).expect(SEQUENCE).children()
    oid = parse_algorithm(algorithm).oid
    serial = next(parts).integer()
    gen_time = parse_time(next(parts))
    accuracy = None
    following = next(parts, None)
    if following is not None and following.matches(SEQUENCE):
        accuracy = timedelta()
        for part in following.children():
            amount = int.from_bytes(part.content, "big")
            if part.matches(INTEGER):
                accuracy += timedelta(seconds=min(amount, 10**9))
            elif part.matches(0, CONTEXT):
                accuracy += timedelta(milliseconds=min(amount, 999))
            elif part.matches(1, CONTEXT):
                accuracy += timedelta(microseconds=min(amount, 999))
    return TSTInfo(policy, digest_name(oid) or oid, imprint.expect(OCTET_STRING).octets(), serial, gen_time, accuracy)


def verify_imprint(token: TimestampToken, ranges: Iterable[bytes | memoryview]) -> None:
    """Prove that the token stamps `ranges` and that its signed attributes speak about its statement.

    Raises `DigestMismatch`, `MalformedCMS` or `UnsupportedAlgorithm`. The signature value is not looked at.
    """
    if not hmac.compare_digest(compute_digest(token.info.imprint_digest, ranges), token.info.imprint):
        raise DigestMismatch(message(messages.TIMESTAMP_IMPRINT))
    content = token.signed_data.content
    if content is None or token.signed_data.signer.signed_attributes is None:
        raise MalformedCMS(message(messages.TIMESTAMP_MALFORMED, detail="signed attributes"))
    try:
        verify_content_digest(token.signed_data, (content,))
    except (DigestMismatch, UnsupportedAlgorithm):
        raise
    except CMSError as error:
        raise MalformedCMS(error.message) from error
