"""Handing messages to a mail server (RFC 5321), and telling apart what its answers mean for the next step.

MailError
├─ ServerUnavailable   no conversation came about: nothing is known of the message, and it is not its fault
├─ MailDeferred        try this message again later (4yz, or the connection broke in the middle of it)
└─ MailRefused         do not try again (5yz, or an address that is none)
"""

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from registry.mail.headers import MAIL_POLICY

_OK = 250
_SECURITY = {"smtp": (25, "none"), "smtp+starttls": (587, "starttls"), "smtps": (465, "tls")}


class MailError(Exception):
    """A message was not accepted; the text is the server's words or says what happened instead."""


class ServerUnavailable(MailError):
    """The server cannot be reached, does not let us in, or closes its service."""


class MailDeferred(MailError):
    """The server did not take this message now."""


class MailRefused(MailError):
    """The server will not take this message."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and how mail is handed in."""

    host: str
    port: int
    security: str
    """`none`, `starttls` or `tls`; with the latter two the server's certificate is checked."""
    user: str | None
    password: str | None = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`; raises `ValueError`."""
        parts = urlsplit(url)
        if parts.scheme not in _SECURITY or not parts.hostname:
            raise ValueError("the mail server is given as smtp://, smtp+starttls:// or smtps://host[:port]")
        port, security = _SECURITY[parts.scheme]
        return cls(
            host=parts.hostname,
            port=parts.port or port,
            security=security,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class SMTPSender:
    """One connection to the server, opened at the first message and again when it broke. Not for several threads."""

    def __init__(self, server: MailServer, *, timeout_seconds: float = 30) -> None:
        self._server = server
        self._timeout = timeout_seconds
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, *, sender: str, recipient: str) -> str:
        """Hand the message in and return the server's words; raises a `MailError`.

        Returning means that the server took responsibility for it, not that anybody will read it.
        """
        self._drop_if_closed()
        connection = self._connect()
        try:
            return self._converse(connection, message, sender, recipient)
        except MailError:
            self._reset(connection)
            raise
        except smtplib.SMTPResponseException as error:
            self._reset(connection)
            self._expect((error.smtp_code, _answer(error)))
            raise MailDeferred(_words(error)) from error
        except OSError as error:  # `smtplib.SMTPException` is one too
            self._drop()
            raise MailDeferred(f"the connection broke: {_words(error)}") from error

    def check(self) -> None:
        """Connect and sign in, and no more; raises `ServerUnavailable`."""
        self._drop_if_closed()
        self._connect()

    def _drop_if_closed(self) -> None:
        """Notice that the server ended the connection between two messages, as servers do after some number of them."""
        if self._connection is None:
            return
        try:
            alive = self._connection.noop()[0] == _OK
        except (smtplib.SMTPException, OSError):
            alive = False
        if not alive:
            self._drop()

    def _converse(self, connection: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str) -> str:
        options = []
        policy = MAIL_POLICY
        if not recipient.isascii():
            if not connection.has_extn("smtputf8"):
                raise MailRefused("the mail server does not take addresses with other than ASCII letters (SMTPUTF8)")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
            policy = MAIL_POLICY.clone(utf8=True)
        self._expect(connection.mail(sender, options))
        self._expect(connection.rcpt(recipient))
        return self._expect(connection.data(message.as_bytes(policy=policy)))

    @staticmethod
    def _expect(answer: tuple[int, bytes]) -> str:
        code, words = answer
        text = f"{code} {words.decode('utf-8', 'replace')}"
        if code == 421:  # RFC 5321, 3.8: the server closes the channel, whatever was asked
            raise ServerUnavailable(text)
        if code >= 500:
            raise MailRefused(text)
        if code >= 400 or code < 200:
            raise MailDeferred(text)
        return text

    def _connect(self) -> smtplib.SMTP:
        if self._connection is not None:
            return self._connection
        server = self._server
        try:
            context = ssl.create_default_context()
            connection: smtplib.SMTP
            if server.security == "tls":
                connection = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
            else:
                connection = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise ServerUnavailable(f"{server.host}:{server.port}: {_words(error)}") from error
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if server.user is not None:
                connection.login(server.user, server.password or "")
        except (OSError, smtplib.SMTPException) as error:
            connection.close()
            raise ServerUnavailable(f"{server.host}:{server.port}: {_words(error)}") from error
        self._connection = connection
        return connection

    def _reset(self, connection: smtplib.SMTP) -> None:
        """Make the connection ready for the next message, or give it up."""
        try:
            if connection.rset()[0] != _OK:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Take leave of the server."""
        if self._connection is None:
            return
        try:
            self._connection.quit()
        except (smtplib.SMTPException, OSError):
            self._connection.close()
        self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _answer(error: smtplib.SMTPResponseException) -> bytes:
    answer = error.smtp_error
    return answer if isinstance(answer, bytes) else answer.encode()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_answer(error).decode('utf-8', 'replace')}"
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    return str(error) or type(error).__name__
