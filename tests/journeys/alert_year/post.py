"""A real mail server with moods, and the mails that it took."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services import smtp_port

_CERTIFICATE = re.compile(r"/certificates/(\d+)\s")


@dataclass(frozen=True)
class Arrival:
    """A message that the server took."""

    recipient: str
    content: bytes

    @property
    def message(self) -> Message:
        return message_from_bytes(self.content)

    @property
    def text(self) -> str:
        part = next(part for part in self.message.walk() if part.get_content_type() == "text/plain")
        return cast("bytes", part.get_payload(decode=True)).decode()

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def certificates(self) -> list[int]:
        """What it tells of, in its order."""
        return [int(key) for key in _CERTIFICATE.findall(self.text)]


@dataclass
class PostOffice:
    """Takes mail unless it is told otherwise."""

    port: int = 0
    arrived: list[Arrival] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What it says to a recipient instead of taking the mail."""
    hang_up_after: set[str] = field(default_factory=set)
    """Recipients at whose message it breaks the connection without an answer, once each, after it took the message."""
    victim: BaseProcess | None = None
    kill_at: int = 0
    """At so many messages it kills `victim` instead of answering it."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (recipient,) = envelope.rcpt_tos
        if self.victim is not None and self.kill_at <= 0:
            return "451 4.3.0 whoever is speaking is dead"
        self.arrived.append(Arrival(recipient, cast("bytes", envelope.content)))
        self.kill_at -= 1
        if self.victim is not None and self.kill_at <= 0:
            os.kill(self.victim.pid or 0, signal.SIGKILL)
            # The journey waits for the process itself: of two who ask how it ended, one would not be told.
            wait([self.victim.sentinel])
        if recipient in self.hang_up_after:
            self.hang_up_after.remove(recipient)
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 OK"


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """A server on a free port of the loopback interface."""
    office = PostOffice()
    with smtp_port(office) as office.port:
        yield office
