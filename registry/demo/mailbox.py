"""The demo's mailbox: an SMTP server that keeps every mail as a file, and the reading of those files."""

import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

from registry.clock import Clock
from registry.mail.headers import read_field

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

_NAME = re.compile(r"(\d{8}T\d{12}Z)-[a-z0-9_]{8}\.eml")
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail as its recipient would see it."""

    name: str
    """Identifies it in this mailbox."""
    received_at: datetime
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    """All headers in their order."""


class Mailbox:
    """A directory of mails, one file each; any number of processes may read while one writes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, content: bytes, *, at: datetime) -> str:
        """Keep a mail and return its name; a reader sees the whole file or none."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._directory, prefix="incoming-", delete=False) as file:
            file.write(content)
        incoming = Path(file.name)
        name = f"{at.astimezone(UTC).strftime(_STAMP)}-{incoming.name.removeprefix('incoming-')}.eml"
        incoming.rename(self._directory / name)
        return name

    def find(self, *, limit: int = 100) -> tuple[ReceivedMail, ...]:
        """The latest mails, newest first."""
        names = sorted((name for name in self._names() if _NAME.fullmatch(name)), reverse=True)
        return tuple(mail for name in names[:limit] if (mail := self.get(name)) is not None)

    def get(self, name: str) -> ReceivedMail | None:
        """One mail, or None when there is none of that name."""
        matched = _NAME.fullmatch(name)
        if matched is None:
            return None
        try:
            content = (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None
        message = message_from_bytes(content, policy=default)
        headers = tuple((key, read_field(value)) for key, value in message.raw_items())
        fields = {key.lower(): value for key, value in headers}
        return ReceivedMail(
            name=name,
            received_at=datetime.strptime(matched.group(1), _STAMP).replace(tzinfo=UTC),
            sender=fields.get("from", ""),
            recipient=fields.get("to", ""),
            subject=fields.get("subject", ""),
            text=_part(message, "plain"),
            html=_part(message, "html"),
            headers=headers,
        )

    def _names(self) -> list[str]:
        try:
            return os.listdir(self._directory)  # noqa: PTH208 - names are all that is wanted
        except FileNotFoundError:
            return []


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    if body is None:
        return ""
    content = body.get_content()
    return content if isinstance(content, str) else ""


class KeepingHandler:
    """What the SMTP server does with a mail: it accepts everything and keeps it."""

    def __init__(self, mailbox: Mailbox, clock: Clock) -> None:
        self._mailbox = mailbox
        self._clock = clock

    async def handle_DATA(self, server: "SMTP", session: "Session", envelope: "Envelope") -> str:  # noqa: N802 - named by aiosmtpd
        """Keep one mail, then say so."""
        del server, session
        content = envelope.content
        if not isinstance(content, bytes):
            return "554 5.6.0 no content"
        self._mailbox.keep(content, at=self._clock.now())
        return "250 2.0.0 kept in the demo's mailbox"
