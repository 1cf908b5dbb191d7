"""Header fields in other than ASCII (RFC 2047), written so that every reader gets the same words back.

The folding of the standard library's newer policies loses or adds a space where a long Vietnamese text is divided into
encoded words, and their reader adds one between neighbouring words of a name. Its older `email.header` does neither.
"""

from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.headerregistry import AddressHeader, HeaderRegistry
from email.policy import EmailPolicy, default
from typing import Any

_VERBATIM = frozenset({"list-unsubscribe", "message-id", "references", "in-reply-to", "list-id"})
"""Fields of addresses in angle brackets, which the library would divide or encode where they are long."""


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
        if name.lower() in _VERBATIM and text.isascii() and "\n" not in text and "\r" not in text:
            return f"{name}: {text}{self.linesep}".encode("ascii")
        if self.utf8 or text.isascii():
            return super().fold_binary(name, value)
        field = Header(header_name=name, maxlinelen=self.max_line_length or 78)
        if isinstance(value, AddressHeader):
            for index, address in enumerate(value.addresses):
                field.append(address.display_name, "utf-8")
                field.append(f"<{address.addr_spec}>" + ("," if index + 1 < len(value.addresses) else ""), "us-ascii")
        else:
            field.append(text, "utf-8")
        return f"{name}: {field.encode(linesep=self.linesep)}{self.linesep}".encode("ascii")


MAIL_POLICY = MailPolicy(linesep="\r\n")


def read_field(raw: str) -> str:
    """The text of a field as it stood in a message. Never raises: what cannot be decoded stays as it is."""
    try:
        return str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        return raw
