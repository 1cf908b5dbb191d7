"""Requests between programs that prove, by a shared secret, who sent them and when: `t=<seconds>,v1=<HMAC-SHA256>`.

The signature covers the time and the body, so neither can be exchanged, and a request is not accepted long after it was
made. It does not keep a request from being sent twice in that time: whoever receives one does the same thing once.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Final

HEADER: Final = "Registry-Signature"
TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks of both sides may differ, and how long a request may be under way."""
MINIMUM_SECRET: Final = 32
"""Characters of a secret."""

_FORM: Final = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class SignatureRefused(Exception):
    """The request was not signed with the secret, or not now."""


def sign(secret: str, body: bytes, *, at: datetime) -> str:
    """The value of `HEADER` for a request that leaves at `at`. Raises `ValueError` for a secret that is too short."""
    if len(secret) < MINIMUM_SECRET:
        raise ValueError(f"a secret has at least {MINIMUM_SECRET} characters")
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(secret, seconds, body)}"


def verify(secret: str, body: bytes, given: str, *, at: datetime) -> None:
    """Accept a request that arrives at `at`, or raise `SignatureRefused`. Takes the same time whatever is wrong."""
    matched = _FORM.fullmatch(given)
    if matched is None or len(secret) < MINIMUM_SECRET:
        raise SignatureRefused
    seconds = int(matched.group(1))
    is_signed = hmac.compare_digest(_digest(secret, seconds, body), matched.group(2))
    if not is_signed or abs(at.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise SignatureRefused


def _digest(secret: str, seconds: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
