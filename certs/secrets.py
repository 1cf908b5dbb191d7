"""Private keys and key stores wherever they stand: among other text, behind other bytes, in a cell, under any name.

This looks for their beginnings (PKCS#1, PKCS#8 plain and encrypted, SEC 1, PKCS#12; PEM, Base64 and UTF-16 of these;
PuTTY, Microsoft's PVK and XML, JWK) and opens nothing: what is packed or encrypted around them is not seen.
"""

import base64
import re
from typing import Final

from certs.container_messages import KEY_STORE, PRIVATE_KEY
from certs.messages import Message, message

__all__ = ["find_secret"]

_LENGTH: Final = rb"(?:[\x20-\x7f]|\x80|\x81.|\x82..|\x83...)"
_KEY: Final = re.compile(
    rb"\x30" + _LENGTH + rb"(?:"
    # PKCS#8 and PKCS#1: version 0, then an algorithm or a large modulus.
    rb"\x02\x01\x00(?:\x30[\x05-\x20]\x06|\x02\x81|\x02\x82)"
    # SEC 1: version 1, the number, the curve.
    rb"|\x02\x01\x01\x04[\x1c-\x42].{28,66}?\xa0[\x05-\x10]\x06"
    # PKCS#8 encrypted by one of the schemes of PKCS#5 or PKCS#12.
    rb"|\x30" + _LENGTH + rb"\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05|\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01)"
    rb")",
    re.DOTALL,
)
_STORE: Final = re.compile(
    rb"\x30" + _LENGTH + rb"\x02\x01\x03\x30" + _LENGTH + rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01\x02]",
    re.DOTALL,
)
_ARMOUR: Final = re.compile(rb"-{3,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|PuTTY-User-Key-File")
_PVK: Final = b"\x1e\xf1\xb5\xb0"
_TOGETHER: Final = ((b"<RSAKeyValue>", b"<D>"), (b'"kty"', b'"d"'))
_WIDE: Final = b"P\0R\0I\0V\0A\0T\0E"

# A DER sequence in Base64, as long as it stands on one line; 0x30 makes it begin so.
_BASE64: Final = re.compile(rb"(?<![A-Za-z0-9+/])M[A-P][A-Za-z0-9+/]{38,94}")


def find_secret(data: bytes) -> Message | None:
    """Why `data` must not be kept; None where no key is seen. Never raises; the work is linear in the bytes."""
    text = data.replace(b"\0", b"") if _WIDE in data else data
    if data.startswith(_PVK) or _ARMOUR.search(text) or any(one in text and two in text for one, two in _TOGETHER):
        return message(PRIVATE_KEY)
    if _STORE.search(data):
        return message(KEY_STORE)
    if _KEY.search(data):
        return message(PRIVATE_KEY)
    for match in _BASE64.finditer(text):
        decoded = base64.b64decode(match[0][: len(match[0]) & ~3])
        if _STORE.match(decoded):
            return message(KEY_STORE)
        if _KEY.match(decoded):
            return message(PRIVATE_KEY)
    return None
