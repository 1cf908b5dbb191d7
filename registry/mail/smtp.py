"""Handing messages to a mail server (RFC 5321), and telling apart what its answers mean for the next step.

MailError
├─ ServerUnavailable   no conversation came about: nothing is known of the message, and it is not its fault
├─ MailDeferred        try this message again later (4yz, the connection broke in the middle of it, or a program of
│                      another version has to write it)
└─ MailRefused         do not try again (5yz, or an address that is none)
   └─ MailCancelled    never offered to a server: there is nothing left to tell
"""

import hashlib
import re
import select
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


_STATUS = re.compile(r"(\d{3})(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?", re.ASCII)
_ENVELOPE_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


def status_code(words: str) -> str:
    """The status code of RFC 3463 at the beginning of a server's answer, else its three digits; empty without either."""
    matched = _STATUS.match(words)
    return "" if matched is None else matched.group(2) or matched.group(1)


class MailError(Exception):
    """A message was not accepted; the text is the server's words or says what happened instead."""

    code: str = ""
    """As `status_code` reads it from the server's words; empty when they are not the server's."""


class ServerUnavailable(MailError):
    """The server cannot be reached, does not let us in, or closes its service."""


class MailDeferred(MailError):
    """This message could not be handed over, or not even written, now."""


class MailRefused(MailError):
    """The server will not take this message."""


class MailCancelled(MailRefused):
    """It is not offered to a server: nothing it was to tell of needs telling any more."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A server took responsibility for a message."""

    words: str
    sha256: str
    """Of the bytes that were handed over."""


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

    def send(self, message: EmailMessage, *, sender: str, recipient: str, envelope_id: str = "") -> Accepted:
        """Hand the message in; raises a `MailError`.

        Returning means that the server took responsibility for it, not that anybody will read it. A server that knows
        delivery status notifications (RFC 3461) gets `envelope_id`, which comes back in its reports.
        """
        is_fresh = self._connection is None
        if not is_fresh and _has_news(self._connection):
            # Between two messages a server says nothing: it has ended the connection, or is about to.
            self._drop()
            is_fresh = True
        try:
            return self._converse(self._connect(), message, sender, recipient, envelope_id)
        except _EndedMeanwhile as error:
            # Nothing of the message was said yet, so saying it on a new connection cannot double it.
            self._drop()
            if is_fresh:
                raise MailDeferred(f"the connection broke: {error}") from error
        return self._converse(self._connect(), message, sender, recipient, envelope_id)

    def check(self) -> None:
        """Connect and sign in, and no more; raises `ServerUnavailable`."""
        if self._connection is not None and _has_news(self._connection):
            self._drop()
        self._connect()

    def _converse(
        self, connection: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str, envelope_id: str
    ) -> Accepted:
        try:
            return self._hand_over(connection, message, sender, recipient, envelope_id)
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

    def _hand_over(
        self, connection: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str, envelope_id: str
    ) -> Accepted:
        options = []
        policy = MAIL_POLICY
        if not recipient.isascii():
            if not connection.has_extn("smtputf8"):
                raise MailRefused("the mail server does not take addresses with other than ASCII letters (SMTPUTF8)")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
            policy = MAIL_POLICY.clone(utf8=True)
        if connection.has_extn("dsn") and _ENVELOPE_ID.fullmatch(envelope_id):
            options += ["RET=HDRS", f"ENVID={envelope_id}"]
        content = message.as_bytes(policy=policy)
        try:
            answer = connection.mail(sender, options)
        except (smtplib.SMTPServerDisconnected, ConnectionError) as error:
            raise _EndedMeanwhile(_words(error)) from error
        self._expect(answer)
        self._expect(connection.rcpt(recipient))
        words = self._expect(connection.data(content))
        return Accepted(words, hashlib.sha256(content).hexdigest())

    @staticmethod
    def _expect(answer: tuple[int, bytes]) -> str:
        code, words = answer
        text = f"{code} {words.decode('utf-8', 'replace')}"
        if 200 <= code < 400:
            return text
        kind: type[MailError] = MailRefused if code >= 500 else MailDeferred
        if code == 421:  # RFC 5321, 3.8: the server closes the channel, whatever was asked
            kind = ServerUnavailable
        error = kind(text)
        error.code = status_code(text)
        raise error

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


class _EndedMeanwhile(Exception):
    """The server had ended the connection before anything of the message was said."""


def _has_news(connection: smtplib.SMTP | None) -> bool:
    """Whether the server said something, or hung up, while nothing was asked of it. Costs no round trip."""
    if connection is None or connection.sock is None:
        return True
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _answer(error: smtplib.SMTPResponseException) -> bytes:
    answer = error.smtp_error
    return answer if isinstance(answer, bytes) else answer.encode()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_answer(error).decode('utf-8', 'replace')}"
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    return str(error) or type(error).__name__
