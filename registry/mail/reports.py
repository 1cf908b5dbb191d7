"""Reports that mail servers send back: delivery status (RFC 3464, 6522) and complaints (RFC 5965).

What comes here was sent by strangers. Reading it is bounded in size and depth, proves nothing about who wrote it, and
either gives a `ReturnReport` or raises `UnreadableReport`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Final

from certs.names import display_name
from registry.mail.addresses import comparable
from registry.mail.headers import read_field
from registry.mail.tables import MailEventKind

MAXIMUM_BYTES: Final = 1024 * 1024
"""Of one report; the fields that matter come first, and what returns a whole long message is cut off behind them."""

_MAXIMUM_PARTS: Final = 40
_PARTS: Final = re.compile(rb"boundary|message\s*/", re.IGNORECASE)
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{3,190}>")
_RETURNED_TYPES: Final = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
_STATUS_TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ACTIONS: Final = {
    "failed": MailEventKind.BOUNCED,
    "delayed": MailEventKind.DELAYED,
    "delivered": MailEventKind.DELIVERED,
    "relayed": MailEventKind.DELIVERED,
    "expanded": MailEventKind.DELIVERED,
}
_GRAVITY: Final = (MailEventKind.DELIVERED, MailEventKind.DELAYED, MailEventKind.BOUNCED)
_ADDRESSED_TO: Final = ("To", "Delivered-To", "X-Original-To", "Envelope-To")


class UnreadableReport(Exception):
    """It is no report, or one that is broken past understanding."""


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """What a server reports of one message. Claims of whoever wrote it."""

    kind: MailEventKind
    """`BOUNCED`, `DELAYED`, `DELIVERED` or `COMPLAINED`."""
    code: str
    """Status code of RFC 3463; empty when none was given."""
    words: str
    """The server's, on one line, with control characters made visible."""
    recipients: frozenset[str]
    """The addresses that the report speaks of, comparable; empty when it names none."""
    message_ids: tuple[str, ...]
    """Message-IDs of the message that the report returns, with their brackets."""
    envelope_ids: tuple[str, ...]
    """Envelope identifiers of RFC 3461."""
    addressed_to: tuple[str, ...]
    """Where the report itself was sent, for return addresses that differ for each message."""


def parse_report(raw: bytes) -> ReturnReport:
    """Read a report. Raises `UnreadableReport` for anything else, whatever bytes they are."""
    if len(_PARTS.findall(raw[:MAXIMUM_BYTES])) > _MAXIMUM_PARTS:
        raise UnreadableReport("more parts inside each other than any report has")
    try:
        message = message_from_bytes(raw[:MAXIMUM_BYTES], policy=compat32)
        report = _read(message)
    except UnreadableReport:
        raise
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # The library's parser takes anything, but its accessors stumble over fields that are broken in their own ways.
        raise UnreadableReport(f"{type(error).__name__}: {error}") from error
    if report is None:
        raise UnreadableReport("neither a delivery status nor a feedback report is in it")
    return report


def _read(message: Message) -> ReturnReport | None:
    blocks: list[Mapping[str, str]] = []
    feedback: list[Mapping[str, str]] = []
    returned: list[Mapping[str, str]] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in _STATUS_TYPES:
            blocks.extend(_blocks(part))
        elif kind == "message/feedback-report":
            feedback.extend(_blocks(part))
        elif kind in _RETURNED_TYPES:
            returned.extend(_blocks(part))
    addressed_to = tuple(address for _, address in getaddresses(_all(message, _ADDRESSED_TO)) if address)[:20]
    if feedback:
        return _complaint(feedback, returned, addressed_to)
    return _status(blocks, returned, addressed_to) if blocks else None


def _parts(message: Message) -> Iterator[Message]:
    """The parts of the report itself; what stands in a returned message is not said by the report."""
    payload = message.get_payload()
    if message.get_content_maintype() != "multipart" or not isinstance(payload, list):
        yield message
        return
    for part in payload:
        if isinstance(part, Message):
            yield from _parts(part)


def _status(
    blocks: list[Mapping[str, str]], returned: list[Mapping[str, str]], addressed_to: tuple[str, ...]
) -> ReturnReport | None:
    """The gravest of what is said of the recipients; our messages have one, but a list or alias may stand behind it."""
    told = [(kind, block) for block in blocks if (kind := _ACTIONS.get(block.get("action", "").strip().lower()))]
    if not told:
        return None
    kind = max((kind for kind, _ in told), key=_GRAVITY.index)
    chosen = [block for told_kind, block in told if told_kind is kind]
    words = _words(chosen[0].get("diagnostic-code", "").partition(";")[2] or chosen[0].get("diagnostic-code", ""))
    return ReturnReport(
        kind=kind,
        code=_code(chosen[0].get("status", ""), words),
        words=words,
        recipients=_recipients(chosen),
        message_ids=_message_ids(returned),
        envelope_ids=_values(blocks, "original-envelope-id"),
        addressed_to=addressed_to,
    )


def _complaint(
    feedback: list[Mapping[str, str]], returned: list[Mapping[str, str]], addressed_to: tuple[str, ...]
) -> ReturnReport:
    kinds = _values(feedback, "feedback-type")
    return ReturnReport(
        kind=MailEventKind.COMPLAINED,
        code="",
        words=_words(" ".join((*kinds, *_values(feedback, "user-agent")))),
        recipients=frozenset(comparable(value.strip("<> ")) for value in _values(feedback, "original-rcpt-to")),
        message_ids=_message_ids(returned),
        envelope_ids=_values(feedback, "original-envelope-id"),
        addressed_to=addressed_to,
    )


def _blocks(part: Message) -> Iterator[Mapping[str, str]]:
    """The groups of fields in a part, as far as the library has divided it and further."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for inner in payload:
            if isinstance(inner, Message):
                yield _fields(inner)
                if not inner.is_multipart() and part.get_content_type() not in _RETURNED_TYPES:
                    yield from _text_blocks(str(inner.get_payload() or ""))
        return
    decoded = part.get_payload(decode=True)
    yield from _text_blocks(decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload or ""))


def _text_blocks(text: str) -> Iterator[Mapping[str, str]]:
    for block in re.split(r"\r?\n[ \t]*\r?\n", text, maxsplit=50)[:50]:
        if block.strip():
            yield _fields(HeaderParser(policy=compat32).parsestr(block.lstrip("\r\n")))


def _fields(message: Message) -> Mapping[str, str]:
    """The first field of each name, by its name in small letters."""
    fields: dict[str, str] = {}
    for name, value in message.items():
        fields.setdefault(name.lower(), str(value))
    return fields


def _all(message: Message, names: tuple[str, ...]) -> list[str]:
    return [str(value) for name in names for value in message.get_all(name, [])][:50]


def _values(blocks: list[Mapping[str, str]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for block in blocks if (value := block.get(name, "").strip())))[:20]


def _message_ids(returned: list[Mapping[str, str]]) -> tuple[str, ...]:
    found = (_MESSAGE_ID.search(value) for value in _values(returned, "message-id"))
    return tuple(dict.fromkeys(matched.group() for matched in found if matched))


def _recipients(blocks: list[Mapping[str, str]]) -> frozenset[str]:
    named = (*_values(blocks, "final-recipient"), *_values(blocks, "original-recipient"))
    return frozenset(comparable(value.partition(";")[2].strip().strip("<>")) for value in named if ";" in value)


def _code(status: str, words: str) -> str:
    """The status, or the one in the server's words where that says more (`5.0.0` says nothing)."""
    given = _STATUS.search(status)
    spoken = _STATUS.search(words)
    if given is None or (given.group(1).endswith(".0.0") and spoken is not None):
        given = spoken or given
    return given.group(1) if given else ""


def _words(text: str) -> str:
    text = read_field(text).encode("utf-8", "replace").decode("utf-8")
    return display_name(" ".join(text.split()))[:1000]
