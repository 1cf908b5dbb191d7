"""Certificates that no library would write, put together byte by byte. Their signatures are worthless."""

import itertools
from functools import cache

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.factories.certificates import leaf_key

UTF8, TELETEX, IA5, BMP = 0x0C, 0x14, 0x16, 0x1E
_numbers = itertools.count(0x770000)


def tlv(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (length if len(body) < 128 else bytes([0x80 | len(length)]) + length) + body


def oid(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    content = bytearray([first * 40 + second])
    for number in others:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(0x80 | number & 0x7F)
        content += bytes(reversed(septets))
    return tlv(0x06, bytes(content))


_TYPES = {"cn": "2.5.4.3", "o": "2.5.4.10", "ou": "2.5.4.11", "e": "1.2.840.113549.1.9.1"}


def raw_name(*attributes: tuple[str, str | bytes] | tuple[str, str | bytes, int]) -> bytes:
    """A name of attributes given as type, value and tag of the string."""
    rdns = []
    for kind, value, *tag in attributes:
        content = value.encode() if isinstance(value, str) else value
        rdns.append(tlv(0x31, tlv(0x30, oid(_TYPES.get(kind, kind)), tlv(tag[0] if tag else UTF8, content))))
    return tlv(0x30, *rdns)


_SHA256_RSA = tlv(0x30, oid("1.2.840.113549.1.1.11"), b"\x05\x00")
_ISSUER = raw_name(("cn", "CA viết tay"))


@cache
def _key() -> bytes:
    return leaf_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def raw_certificate(
    subject: bytes | None = None,
    *,
    serial: bytes | None = None,
    not_before: str = "20200101000000Z",
    not_after: str = "20300101000000Z",
    extensions: tuple[bytes, ...] = (),
    key: bytes | None = None,
    algorithm: bytes = _SHA256_RSA,
) -> bytes:
    """Times are those of a GeneralizedTime, or of a UTCTime when they are that short."""
    times = (tlv(0x17 if len(time) < 15 else 0x18, time.encode()) for time in (not_before, not_after))
    return tlv(
        0x30,
        tlv(
            0x30,
            b"\xa0\x03\x02\x01\x02",
            tlv(0x02, next(_numbers).to_bytes(4, "big") if serial is None else serial),
            algorithm,
            _ISSUER,
            tlv(0x30, *times),
            raw_name(("o", "Sở Y tế"), ("cn", "Nguyễn Văn An")) if subject is None else subject,
            key or _key(),
            tlv(0xA3, tlv(0x30, *extensions)) if extensions else b"",
        ),
        algorithm,
        tlv(0x03, b"\x00" + b"\x01" * 64),
    )


def raw_alternative_names(*names: tuple[int, bytes]) -> bytes:
    """The extension with alternative names, given as tag and content."""
    return tlv(0x30, oid("2.5.29.17"), tlv(0x04, tlv(0x30, *(tlv(tag, content) for tag, content in names))))
