"""The loop that empties the outbox: claim, compose, hand over, record."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import structlog

from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.connections import Connections, ReadyMail, Recorder
from registry.mail.outbox import LEASE, ClaimedMail, Result, claim_mails, give_back, record_results
from registry.mail.pace import Pace
from registry.mail.repository import MailRepository
from registry.mail.smtp import MailCancelled, MailDeferred, MailError, SMTPSender
from registry.mail.tables import MailEventKind, MailRow

log = structlog.get_logger(__name__)

BUDGET_SECONDS = LEASE.total_seconds() / 2
"""A run ends after this time, far below the lease: what it still holds is given back, and the next run goes on."""
SERVER_DOWN_PAUSE = timedelta(minutes=2)
_INTERRUPTED_PAUSE = SERVER_DOWN_PAUSE + timedelta(seconds=30)
"""For the message at which the server closed its service: the others go first, should it have been because of it."""

Prepared = Callable[[MailRow], EmailMessage]
"""Makes the message of one of the mails; raises `MailRefused` when it can never be sent. Anything else that it raises
counts as a fault that passes: a worker may be older or newer than the templates, or than who wrote the mail."""
Compose = Callable[[UnitOfWork, Sequence[MailRow]], Prepared]
"""Loads what the mails need, as of the unit of work, in few queries; the result is used while that is open."""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What one run did."""

    sent: int = 0
    deferred: int = 0
    refused: int = 0
    unwritten: int = 0
    """Mails that could not be made this time; they are tried again as if a server had deferred them."""
    dead_addresses: int = 0
    """Addresses found dead: somebody else is to be told."""
    is_server_down: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """The return address of our mail."""

    sender: str
    """`{id}` in it stands for the identity of each message (variable envelope return path)."""

    def sender_of(self, row: MailRow) -> str:
        """Where a server returns this message."""
        return self.sender.replace("{id}", self.identity_of(row))

    @staticmethod
    def identity_of(row: MailRow) -> str:
        """What identifies this message in an envelope: its Message-ID without brackets and domain."""
        return row.message_id.strip("<>").rpartition("@")[0]


def send_outbox(
    database: Database,
    connect: Callable[[], SMTPSender],
    compose: Compose,
    *,
    envelope: Envelope,
    connections: int = 1,
    pace: Pace | None = None,
) -> SendOutcome:
    """Send what waits until nothing does, the server is down, or the time of one run is over.

    It is an entry point: no transaction is open while a server is spoken to, and one mail's fault stops no other.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    refused = unwritten = 0
    recorder = Recorder(database)
    with Connections(connect, recorder, most=connections, deadline=deadline) as sending:
        while sending.down_because is None and time.monotonic() < deadline:
            with database.write() as uow:
                batch = claim_mails(uow, pace=pace)
            if not batch:
                break
            ready, failed = _compose_all(database, compose, batch, envelope)
            if failed:
                refused += sum(result.kind is MailEventKind.REFUSED for result in failed)
                unwritten += sum(result.kind is MailEventKind.UNWRITTEN for result in failed)
                with database.write() as uow:
                    record_results(uow, failed)
            sending.submit(ready)
        untried, interrupted = sending.finish()
    down = sending.down_because
    if untried or interrupted:
        with database.write() as uow:
            give_back(uow, untried, pause=SERVER_DOWN_PAUSE if down else timedelta(0), reply=down)
            give_back(uow, interrupted, pause=_INTERRUPTED_PAUSE, reply=down)
    outcome = SendOutcome(
        sent=sending.counts[MailEventKind.ACCEPTED],
        deferred=sending.counts[MailEventKind.DEFERRED],
        refused=sending.counts[MailEventKind.REFUSED] + refused,
        unwritten=unwritten,
        dead_addresses=recorder.dead_addresses,
        is_server_down=down is not None,
    )
    log.info(
        "outbox",
        sent=outcome.sent,
        deferred=outcome.deferred,
        refused=outcome.refused,
        unwritten=outcome.unwritten,
    )
    return outcome


def _compose_all(
    database: Database, compose: Compose, batch: Sequence[ClaimedMail], envelope: Envelope
) -> tuple[list[ReadyMail], list[Result]]:
    """The messages of a batch, and what became of those that are not to be handed to a server."""
    try:
        return _compose(database, compose, batch, envelope)
    except Exception as error:
        if len(batch) > 1:
            # One row keeps the others from being loaded: each alone, so that it fails alone.
            log.exception("mails_not_loaded")
            parts = [_compose_all(database, compose, (claim,), envelope) for claim in batch]
            return [mail for ready, _ in parts for mail in ready], [each for _, failed in parts for each in failed]
        log.exception("mail_not_loaded", mail_id=batch[0].mail_id)
        return [], [_unwritten(batch[0], error)]


def _unwritten(claim: ClaimedMail, error: Exception) -> Result:
    # The words of an error may hold what does not belong into the ledger: they are in the log.
    return Result(claim, MailEventKind.UNWRITTEN, f"it could not be written: {type(error).__name__}")


def _compose(
    database: Database, compose: Compose, batch: Sequence[ClaimedMail], envelope: Envelope
) -> tuple[list[ReadyMail], list[Result]]:
    ready: list[ReadyMail] = []
    failed: list[Result] = []
    with database.read() as uow:
        rows = MailRepository(uow.session).find_many([claim.mail_id for claim in batch])
        make = compose(uow, tuple(rows.values()))
        for claim in batch:
            row = rows.get(claim.mail_id)
            if row is None:
                continue  # deleted meanwhile: there is nothing to record either
            try:
                message = make(row)
            except MailCancelled as error:
                failed.append(Result(claim, MailEventKind.CANCELLED, str(error)))
            except MailDeferred as error:
                failed.append(Result(claim, MailEventKind.UNWRITTEN, str(error)))
            except MailError as error:
                failed.append(Result(claim, MailEventKind.REFUSED, str(error)))
            except Exception as error:
                # A fault in one template or row is not to keep the mail of everybody else waiting behind it.
                log.exception("mail_not_written", mail_id=claim.mail_id)
                failed.append(_unwritten(claim, error))
            else:
                ready.append(
                    ReadyMail(claim, message, envelope.sender_of(row), row.recipient, envelope.identity_of(row))
                )
    return ready, failed
