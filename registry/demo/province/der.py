"""Just enough DER (X.690) to write certificates by the thousand.

`asn1crypto` takes a millisecond for a certificate and `cryptography` refuses two things that this PKI really has:
signatures over SHA-1 and common names of more than 64 bytes. Values of extensions still come from `cryptography`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

SEQUENCE: Final = 0x30
SET: Final = 0x31
UTF8_STRING: Final = 0x0C
PRINTABLE_STRING: Final = 0x13
IA5_STRING: Final = 0x16

_OIDS: Final = {
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
    "UID": "0.9.2342.19200300.100.1.1",
    "E": "1.2.840.113549.1.9.1",
}
_STRING_TAGS: Final = {"C": PRINTABLE_STRING, "E": IA5_STRING}


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element: tag, length, contents."""
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def integer(value: int) -> bytes:
    """A positive INTEGER."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


@lru_cache
def object_identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    return tlv(0x06, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))


def bit_string(content: bytes) -> bytes:
    """A BIT STRING of whole octets."""
    return tlv(0x03, b"\x00", content)


def moment(at: datetime) -> bytes:
    """A Time (RFC 5280, 4.1.2.5): UTCTime through 2049, GeneralizedTime after."""
    text = at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
    return tlv(0x17, text[2:].encode()) if at.year < 2050 else tlv(0x18, text.encode())


def name(attributes: Iterable[tuple[str, str]]) -> bytes:
    """A Name from short names and values, in this order, each in an RDN of its own."""
    return tlv(SEQUENCE, *(_rdn(attribute, value) for attribute, value in attributes))


def _rdn(attribute: str, value: str) -> bytes:
    tag = _STRING_TAGS.get(attribute, UTF8_STRING)
    return tlv(SET, tlv(SEQUENCE, object_identifier(_OIDS[attribute]), tlv(tag, value.encode())))


def extension(dotted: str, value: bytes, *, is_critical: bool = False) -> bytes:
    """An Extension whose value is the DER `value`."""
    critical = b"\x01\x01\xff" if is_critical else b""
    return tlv(SEQUENCE, object_identifier(dotted), critical, tlv(0x04, value))
