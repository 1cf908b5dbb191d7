"""Header fields in other than ASCII (RFC 2047), written so that every reader gets the same words back.

The folding of the standard library's newer policies loses or adds a space where a long Vietnamese text is divided into
encoded words, and their reader adds one between neighbouring words of a name. Its older `email.header` does neither, and
reads what is written here; to write, it takes as long as the rest of a message.
"""

import re
from base64 import b64encode
from email.errors import MessageError
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader, HeaderRegistry
from email.policy import EmailPolicy, default
from functools import lru_cache
from typing import Any

_VERBATIM = frozenset({"list-unsubscribe", "message-id", "references", "in-reply-to", "list-id"})
"""Fields of addresses in angle brackets, which the library would divide or encode where they are long."""
_ENCODED_LINE = 76
"""Characters of a line with encoded words (RFC 2047, 2)."""
_LEAST_OCTETS = 12
"""With room for fewer, a new line is begun."""
_WORDS = re.compile(r"[!-~]+(?: [!-~]+)*", re.ASCII)
"""Words with one space between two of them."""


class _SparingRegistry(HeaderRegistry):
    """Makes the class of each kind of field once: the library makes one for every field of every message."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        key = name.lower()
        if key not in self.registry:
            key = ""  # all others are of one class
        if key not in self._made:
            self._made[key] = super().__getitem__(name)
        return self._made[key]


BUILDING_POLICY = default.clone(header_factory=_SparingRegistry())
"""How our messages are put together, before `MAIL_POLICY` writes them."""


class MailPolicy(EmailPolicy):
    """How our messages are written: lines end in CRLF, and a field that needs encoding is encoded as a whole."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Fold one field into lines; with `utf8` set the text stays as it is (RFC 6532)."""
        text = str(value)
        if text.isascii() and (_stays_verbatim(name, text) or self._fits_as_it_is(name, text, value)):
            return f"{name}: {text}{self.linesep}".encode("ascii")
        if self.utf8 or text.isascii():
            return super().fold_binary(name, value)
        if not isinstance(value, AddressHeader):
            return _encode(name, ((text, ""),), self.linesep)
        last = len(value.addresses) - 1
        return _encode(
            name,
            tuple(
                (address.display_name, f"<{address.addr_spec}>" + ("," if index < last else ""))
                for index, address in enumerate(value.addresses)
            ),
            self.linesep,
        )

    def _fits_as_it_is(self, name: str, text: str, value: Any) -> bool:
        """Whether the library, which takes its time over every field, would write just this."""
        return (
            len(name) + 2 + len(text) <= (self.max_line_length or 0)
            and "=?" not in text
            and _WORDS.fullmatch(text) is not None
            and not isinstance(value, AddressHeader)
            and not getattr(value, "defects", ())
        )


def _stays_verbatim(name: str, text: str) -> bool:
    return name.lower() in _VERBATIM and "\n" not in text and "\r" not in text


@lru_cache(maxsize=256)
def _encode(name: str, pieces: tuple[tuple[str, str], ...], linesep: str) -> bytes:
    """A field of words to encode, each followed by what stays as it is; thousands of messages share some of them."""
    lines = [f"{name}:"]
    for words, rest in pieces:
        octets, start = words.encode("utf-8", "replace"), 0
        while start < len(octets):
            room = (_ENCODED_LINE - len(lines[-1]) - len(" =?utf-8?b??=")) // 4 * 3
            if room < _LEAST_OCTETS:
                lines.append("")
                continue
            end = start + room
            while end < len(octets) and octets[end] & 0b1100_0000 == 0b1000_0000:  # within a letter (RFC 3629)
                end -= 1
            lines[-1] += f" =?utf-8?b?{b64encode(octets[start:end]).decode('ascii')}?="
            start = end
        if rest:
            if len(lines[-1]) + 1 + len(rest) > _ENCODED_LINE:
                lines.append("")
            lines[-1] += f" {rest}"
    return f"{linesep.join(lines)}{linesep}".encode("ascii")


MAIL_POLICY = MailPolicy(linesep="\r\n")


def read_field(raw: str) -> str:
    """The text of a field as it stood in a message. Never raises: what cannot be decoded stays as it is."""
    try:
        return str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        return raw
