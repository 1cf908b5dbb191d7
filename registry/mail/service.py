"""The outbox: claiming mails, recording what the server said, and the loop that sends them.

    PENDING ──claim──▶ SENDING ──accepted──▶ SENT
       ▲                  ├──refused──▶ FAILED
       └──deferred────────┘

A sender that dies holds its mails until the lease ends; then another sends them. If the server had accepted one just
before, it goes out a second time with the same Message-ID, which mail systems and people recognise as one; more than
that cannot be known over SMTP. Every outcome is recorded at once, so it is one mail at most.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog

from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.repository import MailRepository
from registry.mail.smtp import MailDeferred, MailError, MailRefused, ServerUnavailable, SMTPSender
from registry.mail.tables import MailRow, MailState

log = structlog.get_logger(__name__)

BATCH = 50
LEASE = timedelta(minutes=10)
BUDGET_SECONDS = 300.0
"""A run ends after this time, far below the lease: what it still holds is given back, and the next run goes on."""
MAX_ATTEMPTS = 12
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
)
"""Waiting times after each deferral, the last one again and again: about a day and a half in all."""
SERVER_DOWN_PAUSE = timedelta(minutes=2)

Compose = Callable[[UnitOfWork, MailRow], EmailMessage]
"""Renders a mail as of the unit of work; raises `MailRefused` when it can never be sent."""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What one run did."""

    sent: int = 0
    deferred: int = 0
    refused: int = 0
    is_server_down: bool = False


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """The right to send one mail until the lease ends."""

    mail_id: int
    lease_until: datetime


def claim_mails(uow: UnitOfWork, *, limit: int = BATCH, lease: timedelta = LEASE) -> tuple[ClaimedMail, ...]:
    """Take mails for sending; each is taken by one sender, however many run. The attempt is counted here."""
    rows = MailRepository(uow.session).find_sendable(uow.now, limit=limit)
    until = uow.now + lease
    for row in rows:
        row.state = MailState.SENDING
        row.lease_until = until
        row.attempts += 1
    return tuple(ClaimedMail(row.id or 0, until) for row in rows)


def record_sent(uow: UnitOfWork, mail: ClaimedMail, reply: str) -> None:
    """The server accepted it. Recorded even if the lease has ended meanwhile: it is true."""
    row = MailRepository(uow.session).find_for_change(mail.mail_id)
    if row is None or row.state is MailState.SENT:
        return
    row.state = MailState.SENT
    row.sent_at = uow.now
    row.lease_until = None
    row.last_reply = reply


def record_refused(uow: UnitOfWork, mail: ClaimedMail, reply: str) -> None:
    """The server will not take it; its words are kept for the person who has to act."""
    if (row := _held(uow, mail)) is not None:
        row.state = MailState.FAILED
        row.lease_until = None
        row.last_reply = reply


def record_deferred(uow: UnitOfWork, mail: ClaimedMail, reply: str) -> None:
    """Try again after a pause that grows; after `MAX_ATTEMPTS` it counts as refused."""
    if (row := _held(uow, mail)) is None:
        return
    row.lease_until = None
    row.last_reply = reply
    if row.attempts >= MAX_ATTEMPTS:
        row.state = MailState.FAILED
        return
    row.state = MailState.PENDING
    row.not_before = uow.now + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]


def give_back(uow: UnitOfWork, mail: ClaimedMail, *, pause: timedelta, reply: str | None) -> None:
    """Put it back untried: the attempt does not count."""
    if (row := _held(uow, mail)) is not None:
        row.state = MailState.PENDING
        row.lease_until = None
        row.attempts -= 1
        row.not_before = uow.now + pause
        row.last_reply = reply or row.last_reply


def _held(uow: UnitOfWork, mail: ClaimedMail) -> MailRow | None:
    row = MailRepository(uow.session).find_for_change(mail.mail_id)
    if row is None or row.state is not MailState.SENDING or row.lease_until != mail.lease_until:
        return None
    return row


def send_outbox(database: Database, sender: SMTPSender, compose: Compose, *, mail_from: str) -> SendOutcome:
    """Send what waits until nothing does, the server is down, or the time of one run is over.

    It is an entry point: no transaction is open while a server is spoken to, and one mail's fault stops no other.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    outcome = SendOutcome()
    while not outcome.is_server_down and time.monotonic() < deadline:
        with database.write() as uow:
            batch = claim_mails(uow)
        if not batch:
            break
        outcome = _send_batch(database, sender, compose, batch, outcome, mail_from=mail_from, deadline=deadline)
    log.info("outbox", sent=outcome.sent, deferred=outcome.deferred, refused=outcome.refused)
    return outcome


def _send_batch(
    database: Database,
    sender: SMTPSender,
    compose: Compose,
    batch: tuple[ClaimedMail, ...],
    outcome: SendOutcome,
    *,
    mail_from: str,
    deadline: float,
) -> SendOutcome:
    waiting: Iterator[ClaimedMail] = iter(batch)
    for mail in waiting:
        if time.monotonic() >= deadline:
            _give_back_all(database, (mail, *waiting), pause=timedelta(0), reply=None)
            return outcome
        try:
            reply = _send_one(database, sender, compose, mail, mail_from=mail_from)
        except ServerUnavailable as error:
            log.warning("mail_server_unavailable", reason=str(error))
            _give_back_all(database, (mail, *waiting), pause=SERVER_DOWN_PAUSE, reply=str(error))
            return replace(outcome, is_server_down=True)
        except MailDeferred as error:
            with database.write() as uow:
                record_deferred(uow, mail, str(error))
            outcome = replace(outcome, deferred=outcome.deferred + 1)
        except MailError as error:
            log.warning("mail_refused", mail_id=mail.mail_id, reason=str(error))
            with database.write() as uow:
                record_refused(uow, mail, str(error))
            outcome = replace(outcome, refused=outcome.refused + 1)
        else:
            with database.write() as uow:
                record_sent(uow, mail, reply)
            outcome = replace(outcome, sent=outcome.sent + 1)
    return outcome


def _send_one(database: Database, sender: SMTPSender, compose: Compose, mail: ClaimedMail, *, mail_from: str) -> str:
    with database.read() as uow:
        row = MailRepository(uow.session).find(mail.mail_id)
        if row is None:
            raise MailRefused("the mail was deleted")
        try:
            message = compose(uow, row)
        except MailError:
            raise
        except Exception as error:
            # A fault in one template or row is not to keep the mail of everybody else waiting behind it.
            log.exception("mail_not_rendered", mail_id=mail.mail_id)
            raise MailRefused(f"it could not be rendered: {type(error).__name__}") from error
        recipient = row.recipient
    return sender.send(message, sender=mail_from, recipient=recipient)


def _give_back_all(database: Database, mails: tuple[ClaimedMail, ...], *, pause: timedelta, reply: str | None) -> None:
    with database.write() as uow:
        for mail in mails:
            give_back(uow, mail, pause=pause, reply=reply)
