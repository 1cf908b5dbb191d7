"""Mail servers that behave badly, each a real socket with a script."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage

import pytest

from registry.db.unit_of_work import Database
from registry.mail.smtp import MailDeferred, MailServer, ServerUnavailable, SMTPSender
from registry.mail.tables import MailState
from tests.fakes.clock import FakeClock
from tests.registry.mail.test_sending import put, rows, send
from tests.services import Mailbox

Script = Callable[[socket.socket, "list[str]"], None]


class ScriptedServer:
    """Answers each connection by a script, and remembers the lines it was sent."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._script(connection, self.lines)
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@contextmanager
def scripted(script: Script) -> Iterator[ScriptedServer]:
    server = ScriptedServer(script)
    try:
        yield server
    finally:
        server.close()


def converse(
    connection: socket.socket, lines: list[str], *, drop_at: str = "", messages: int = 100, pause: float = 0
) -> None:
    """A plain SMTP conversation that ends without a word at the command `drop_at`, or after some messages.

    It takes so many seconds (`pause`) to answer for a message.
    """
    reader = connection.makefile("rb")
    connection.sendall(b"220 scripted\r\n")
    for raw in reader:
        line = raw.decode().strip()
        lines.append(line)
        verb = line[:4].upper()
        if verb == drop_at:
            return
        if verb == "DATA":
            connection.sendall(b"354 go on\r\n")
            for body in reader:
                if body == b".\r\n":
                    break
            lines.append("<message>")
            if drop_at == "ACCEPTED":
                return
            threading.Event().wait(pause)
            connection.sendall(b"250 taken\r\n")
            messages -= 1
            if messages == 0:
                return
        elif verb == "QUIT":
            connection.sendall(b"221 bye\r\n")
            return
        else:
            connection.sendall(b"250 fine\r\n")


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["To"] = "a@xa.example"
    mail.set_content("text")
    return mail


def test_a_connection_dropped_after_the_message_is_tried_again_with_the_same_identity(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "a@xa.example", "b@xa.example")
    with scripted(lambda connection, lines: converse(connection, lines, drop_at="ACCEPTED")) as server:
        outcome = send(database, server.url)
        assert server.lines.count("<message>") == 2
    assert (outcome.deferred, outcome.is_server_down) == (2, False)
    before = {key: row.message_id for key, row in rows(database).items()}
    clock.advance(timedelta(minutes=2))
    assert send(database, mailbox.url).sent == 2
    after = rows(database)
    assert {key: row.message_id for key, row in after.items()} == before
    assert {row.state for row in after.values()} == {MailState.SENT}


def test_a_server_that_ends_the_connection_between_mails_gets_the_next_on_a_new_one(database: Database) -> None:
    put(database, "a@xa.example", "b@xa.example", "c@xa.example")
    with scripted(lambda connection, lines: converse(connection, lines, messages=1)) as server:
        assert send(database, server.url).sent == 3


def test_a_server_that_says_nothing_is_given_up() -> None:
    release = threading.Event()
    with scripted(lambda connection, lines: release.wait(30) and None) as server:
        with SMTPSender(MailServer.parse(server.url), timeout_seconds=0.3) as sender, pytest.raises(ServerUnavailable):
            sender.send(message(), sender="x@tinh.example", recipient="a@xa.example")
        release.set()


def test_a_server_that_hangs_up_in_the_middle_defers_the_mail() -> None:
    with (
        scripted(lambda connection, lines: converse(connection, lines, drop_at="RCPT")) as server,
        SMTPSender(MailServer.parse(server.url), timeout_seconds=5) as sender,
        pytest.raises(MailDeferred),
    ):
        sender.send(message(), sender="x@tinh.example", recipient="a@xa.example")


def test_mail_never_goes_in_clear_where_tls_is_asked_for() -> None:
    with scripted(converse) as server:
        url = server.url.replace("smtp://", "smtp+starttls://")
        with SMTPSender(MailServer.parse(url), timeout_seconds=5) as sender, pytest.raises(ServerUnavailable):
            sender.send(message(), sender="x@tinh.example", recipient="a@xa.example")
        assert not [line for line in server.lines if line.startswith(("MAIL", "AUTH"))]


def test_a_server_with_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from tests.pki.authority import root

    authority = root("127.0.0.1")
    pem = tmp_path / "server.pem"
    key = authority.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(key + authority.certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def speak(connection: socket.socket, lines: list[str]) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            converse(secured, lines)

    with scripted(speak) as server:
        url = server.url.replace("smtp://", "smtps://")
        with SMTPSender(MailServer.parse(url), timeout_seconds=5) as sender, pytest.raises(ServerUnavailable):
            sender.send(message(), sender="x@tinh.example", recipient="a@xa.example")
        assert server.lines == []
