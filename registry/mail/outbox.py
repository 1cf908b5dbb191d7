"""The outbox: claiming messages, and recording what became of them.

    PENDING ──claim──▶ SENDING ──accepted──▶ SENT ──came back──▶ BOUNCED
       ▲                  ├──refused──▶ FAILED
       │                  ├──nothing left to tell──▶ CANCELLED
       └──deferred────────┘

What could not be written is deferred like what a server did not take.

A claim is committed before a server hears of a message: it counts the attempt and gives the right to send until the
lease ends. A sender that dies holds its messages until then; then another sends them, and the ledger says that the first
one was interrupted.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.mail.addresses import mark_dead
from registry.mail.ledger import record_event, record_events
from registry.mail.pace import Pace, forget_past_minutes
from registry.mail.repository import MailRepository
from registry.mail.tables import AddressFault, MailEventKind, MailEventRow, MailRow, MailState

BATCH = 100
LEASE = timedelta(minutes=10)
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
FAILURES_IN_A_ROW = 3
"""Messages to one address that fail one after the other until nothing more is expected to arrive there."""

_CLOSED = frozenset({MailState.SENT, MailState.BOUNCED})
_CLOSE_ACCEPTED = (
    update(MailRow)
    .where(col(MailRow.id) == bindparam("mail_id"))
    .values(
        state=MailState.SENT,
        sent_at=bindparam("at"),
        lease_until=None,
        last_reply=bindparam("words"),
        sent_subject=bindparam("subject"),
        sent_sha256=bindparam("digest"),
    )
)
_PAGES = 20
_NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Status codes (RFC 3463, RFC 7505) that speak of the address itself, whatever is sent to it."""


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """The right to send one mail until the lease ends."""

    mail_id: int
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one attempt, and the words for the ledger.

    One of `ACCEPTED`, `DEFERRED`, `REFUSED`, `UNWRITTEN` and `CANCELLED`.
    """

    mail: ClaimedMail
    kind: MailEventKind
    words: str
    code: str = ""
    """Status code of the server; empty when it was not the server that spoke."""
    subject: str | None = None
    sha256: str | None = None
    """Of the bytes that a server accepted."""


def speaks_of_the_address(code: str) -> bool:
    """Whether a status code says that the address leads nowhere, whatever is sent to it.

    Not so a full mailbox, a policy, or a refusal without a reason: an address counts as dead because of those only when
    they come several times in a row, since they may be about us or about that one day.
    """
    return code in _NO_SUCH_MAILBOX


def claim_mails(
    uow: UnitOfWork, *, limit: int = BATCH, lease: timedelta = LEASE, pace: Pace | None = None
) -> tuple[ClaimedMail, ...]:
    """Take mails for sending; each is taken by one sender, however many run. The attempt is counted here."""
    pace = pace or Pace()
    repository = MailRepository(uow.session)
    for _ in range(_PAGES):
        room = pace.room(uow, limit=limit)
        if not room:
            return ()
        found = repository.find_sendable(uow.now, limit=room)
        if not found:
            return ()
        rows = pace.admit(uow, _without_hopeless(uow, found))
        if rows:
            break
    else:
        return ()
    forget_past_minutes(uow)
    until = uow.now + lease
    for row in rows:
        row.state = MailState.SENDING
        row.lease_until = until
        row.attempts += 1
    return tuple(ClaimedMail(key_of(row), until) for row in rows)


def _without_hopeless(uow: UnitOfWork, rows: Sequence[MailRow]) -> Sequence[MailRow]:
    """Enter in the ledger which attempts were interrupted; give up what ends its sender every time."""
    hopeful = []
    for row in rows:
        if row.state is MailState.SENDING:
            record_event(uow, key_of(row), MailEventKind.INTERRUPTED, at=row.lease_until)
            if row.attempts >= MAX_ATTEMPTS:
                row.state, row.lease_until = MailState.FAILED, None
                row.last_reply = f"the sender was interrupted; given up after {row.attempts} attempts"
                record_event(uow, key_of(row), MailEventKind.REFUSED, words=row.last_reply)
                continue
            row.state, row.lease_until = MailState.PENDING, None
        hopeful.append(row)
    return hopeful


def record_results(uow: UnitOfWork, results: Sequence[Result]) -> int:
    """Record what became of some attempts; return how many addresses were found dead by it.

    That a server accepted a message is recorded even if the lease has ended meanwhile: it is true. Anything else counts
    only while the lease holds.
    """
    repository = MailRepository(uow.session)
    states = repository.find_states_for_change([result.mail.mail_id for result in results])
    accepted = [result for result in results if result.kind is MailEventKind.ACCEPTED and result.mail.mail_id in states]
    failed = [result for result in results if result.kind is not MailEventKind.ACCEPTED]
    if accepted:
        record_events(uow, [(result.mail.mail_id, result.kind, result.code, result.words) for result in accepted])
        _close_accepted(uow, [result for result in accepted if states[result.mail.mail_id] not in _CLOSED])
    rows = repository.find_many_for_change([result.mail.mail_id for result in failed]) if failed else {}
    marked = 0
    for result in failed:
        row = rows.get(result.mail.mail_id)
        if row is not None and row.state is MailState.SENDING and row.lease_until == result.mail.lease_until:
            marked += _record_failure(uow, row, result)
    return marked


def _close_accepted(uow: UnitOfWork, results: Sequence[Result]) -> None:
    # As statements, not through rows: this happens once for each of ten thousand mails, between two words to a server.
    if results:
        uow.session.connection().execute(
            _CLOSE_ACCEPTED,
            [
                {
                    "mail_id": result.mail.mail_id,
                    "at": uow.now,
                    "words": result.words,
                    "subject": result.subject,
                    "digest": result.sha256,
                }
                for result in results
            ],
        )


def _record_failure(uow: UnitOfWork, row: MailRow, result: Result) -> bool:
    """Whether the address was found dead by it."""
    row.lease_until = None
    row.last_reply = result.words
    if result.kind is MailEventKind.CANCELLED:
        row.state = MailState.CANCELLED
        row.attempts -= 1  # no server was offered it
        _record(uow, row, MailEventKind.CANCELLED, result)
        return False
    if result.kind is not MailEventKind.REFUSED and row.attempts < MAX_ATTEMPTS:
        row.state = MailState.PENDING
        row.not_before = uow.now + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
        _record(uow, row, result.kind, result)
        return False
    row.state = MailState.FAILED
    if result.kind is MailEventKind.UNWRITTEN:
        _record(uow, row, MailEventKind.UNWRITTEN, result)
        return False
    _record(uow, row, MailEventKind.REFUSED, result)
    if speaks_of_the_address(result.code):
        return mark_dead(uow, row.recipient, AddressFault.REFUSED, code=result.code, words=result.words, mail_id=row.id)
    return bool(result.code) and mark_if_failing(uow, row, code=result.code, words=result.words)


def mark_if_failing(uow: UnitOfWork, row: MailRow, *, code: str, words: str) -> bool:
    """Mark the address when as many messages to it as `FAILURES_IN_A_ROW` failed, `row` the latest of them.

    A message counts as failed when a server would not take it or gave it back, not when it could not be written.
    """
    uow.session.flush()
    latest = uow.session.exec(
        select(MailRow.id, MailRow.state)
        .where(
            MailRow.recipient == row.recipient,
            col(MailRow.state).in_([MailState.SENT, MailState.FAILED, MailState.BOUNCED]),
        )
        .order_by(col(MailRow.id).desc())
        .limit(FAILURES_IN_A_ROW)
    ).all()
    if len(latest) < FAILURES_IN_A_ROW or any(state is MailState.SENT for _, state in latest):
        return False
    told = uow.session.exec(
        select(MailEventRow.mail_id).where(
            col(MailEventRow.mail_id).in_([mail_id for mail_id, _ in latest]),
            col(MailEventRow.kind).in_([MailEventKind.REFUSED, MailEventKind.BOUNCED]),
            MailEventRow.channel == "",
            MailEventRow.code != "",
        )
    )
    if len(set(told)) < FAILURES_IN_A_ROW:
        return False
    return mark_dead(uow, row.recipient, AddressFault.BOUNCED_REPEATEDLY, code=code, words=words, mail_id=row.id)


def _record(uow: UnitOfWork, row: MailRow, kind: MailEventKind, result: Result) -> None:
    record_event(uow, key_of(row), kind, code=result.code, words=result.words)


def give_back(uow: UnitOfWork, mails: Collection[ClaimedMail], *, pause: timedelta, reply: str | None = None) -> None:
    """Put mails back untried: the attempt does not count. Without a pause they keep their places in the queue."""
    rows = MailRepository(uow.session).find_many_for_change([mail.mail_id for mail in mails])
    for mail in mails:
        row = rows.get(mail.mail_id)
        if row is not None and row.state is MailState.SENDING and row.lease_until == mail.lease_until:
            row.state = MailState.PENDING
            row.lease_until = None
            row.attempts -= 1
            if pause:
                row.not_before = uow.now + pause
            row.last_reply = reply or row.last_reply
