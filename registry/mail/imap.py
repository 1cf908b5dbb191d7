"""The mailbox to which undeliverable mail is returned, over IMAP (RFC 9051 and its predecessors).

Nothing is ever deleted from it: a message that was worked is marked as read, so people who look see all that came.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from registry.mail.reports import MAXIMUM_BYTES

_SECURITY: Final = {"imap": (143, "none"), "imap+starttls": (143, "starttls"), "imaps": (993, "tls")}
_UID: Final = re.compile(rb"[0-9]{1,10}")


class MailboxUnavailable(Exception):
    """The mailbox cannot be read; the text says why, for the operator, without the password."""


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """Where the mailbox is."""

    host: str
    port: int
    security: str
    """`none`, `starttls` or `tls`; with the latter two the server's certificate is checked."""
    user: str
    password: str = field(repr=False)
    folder: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `imaps://user:password@host[:port]/folder`; raises `ValueError`."""
        parts = urlsplit(url)
        if parts.scheme not in _SECURITY or not parts.hostname or not parts.username:
            raise ValueError("the mailbox is given as imaps:// or imap+starttls://user:password@host[:port][/folder]")
        port, security = _SECURITY[parts.scheme]
        return cls(
            host=parts.hostname,
            port=parts.port or port,
            security=security,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )


class ReturnMailbox:
    """The opened mailbox; to be used in a `with` statement, whose entry raises `MailboxUnavailable`."""

    def __init__(self, address: MailboxAddress, *, timeout_seconds: float = 30) -> None:
        self._address = address
        self._timeout = timeout_seconds
        self._connection: imaplib.IMAP4 | None = None

    def __enter__(self) -> Self:
        address = self._address
        try:
            context = ssl.create_default_context()
            if address.security == "tls":
                self._connection = imaplib.IMAP4_SSL(
                    address.host, address.port, ssl_context=context, timeout=self._timeout
                )
            else:
                self._connection = imaplib.IMAP4(address.host, address.port, timeout=self._timeout)
            if address.security == "starttls":
                self._connection.starttls(ssl_context=context)
            self._connection.login(address.user, address.password)
            self._expect(self._connection.select(_quoted(address.folder)))
        except (OSError, imaplib.IMAP4.error) as error:
            self.__exit__(None, None, None)
            raise self._unavailable(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                self._connection.logout()
            with suppress(OSError):
                self._connection.shutdown()  # also when the server did not take leave
            self._connection = None

    def find_unread(self, *, limit: int) -> Iterator[tuple[str, bytes]]:
        """Unread messages, the oldest first: the identifier and at most the first `MAXIMUM_BYTES` of each.

        Reading does not mark them. Raises `MailboxUnavailable`.
        """
        try:
            found = self._expect(self._opened.uid("SEARCH", "UNSEEN", "UNDELETED"))
            for uid in _UID.findall(b" ".join(line for line in found if isinstance(line, bytes)))[:limit]:
                name = uid.decode("ascii")
                answer = self._expect(self._opened.uid("FETCH", name, f"(BODY.PEEK[]<0.{MAXIMUM_BYTES}>)"))
                content = next((part[1] for part in answer if isinstance(part, tuple)), None)
                if content is not None:  # else somebody has deleted it meanwhile
                    yield name, content
        except (OSError, imaplib.IMAP4.error) as error:
            raise self._unavailable(error) from error

    def mark_read(self, uid: str) -> None:
        """Have a message not be found again. Raises `MailboxUnavailable`."""
        try:
            self._expect(self._opened.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
        except (OSError, imaplib.IMAP4.error) as error:
            raise self._unavailable(error) from error

    @property
    def _opened(self) -> imaplib.IMAP4:
        if self._connection is None:
            raise imaplib.IMAP4.error("the mailbox is not open")
        return self._connection

    @staticmethod
    def _expect(answer: tuple[str, list[Any]]) -> list[Any]:
        state, data = answer
        if state != "OK":
            raise imaplib.IMAP4.error(f"{state} {data!r:.200}")
        return data

    def _unavailable(self, error: Exception) -> MailboxUnavailable:
        return MailboxUnavailable(f"{self._address.host}:{self._address.port}: {error}")


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
