"""Several connections to the mail server at once, each in a thread of its own.

**What a crash can double.** The claim of a message is committed before its connection says a word of it, and what the
server answered is committed before that connection begins with its next message. Between the two lies one message for
each connection: if the process dies there after the server accepted it, nobody can know over SMTP that it did, and it is
sent again when the lease ends. So at most one message for each connection goes out twice, each with the Message-ID it had
the first time, by which mail systems and people recognise it as one. Committing before going on costs little, because
the outcomes that several connections have to record at one moment go into one transaction.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.exc import OperationalError

from registry.db.unit_of_work import Database
from registry.mail.outbox import ClaimedMail, Result, record_results
from registry.mail.smtp import MailDeferred, MailError, ServerUnavailable, SMTPSender, status_code
from registry.mail.tables import MailEventKind

log = structlog.get_logger(__name__)

_MAILS_PER_CONNECTION = 10
"""A further connection is opened for every so many messages that wait."""
_WRITES = 5
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ReadyMail:
    """A message that waits for a connection."""

    claim: ClaimedMail
    message: EmailMessage
    sender: str
    recipient: str
    envelope_id: str


class Recorder:
    """Commits results before it returns; those that arrive while one commit runs share the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._condition = threading.Condition()
        self._waiting: list[Result] = []
        self._is_writing = False
        self._accepted = 0
        self._committed = 0
        self._failure: BaseException | None = None
        self.dead_addresses = 0
        """Addresses found dead so far."""

    def record(self, result: Result) -> None:
        """Commit `result`. Raises what the database raised, also to those who shared the transaction."""
        with self._condition:
            self._waiting.append(result)
            self._accepted += 1
            ticket = self._accepted
            self._condition.wait_for(lambda: self._committed >= ticket or self._failure or not self._is_writing)
            if self._failure:
                raise self._failure
            if self._committed >= ticket:
                return
            batch, self._waiting = self._waiting, []
            self._is_writing = True
        try:
            self._write(batch)
        except BaseException as error:
            with self._condition:
                self._failure = error
                self._condition.notify_all()
            raise
        with self._condition:
            self._committed += len(batch)
            self._is_writing = False
            self._condition.notify_all()

    def _write(self, batch: Sequence[Result]) -> None:
        for attempt in range(_WRITES):
            try:
                with self._database.write() as uow:
                    marked = record_results(uow, batch)
            except OperationalError:
                # What servers accepted is lost if it is not written: a database that restarts is waited for a little.
                if attempt + 1 == _WRITES:
                    raise
                log.warning("mail_results_not_recorded_yet", exc_info=True)
                time.sleep(_PAUSE_SECONDS)
            else:
                self.dead_addresses += marked
                return


class Connections:
    """Sends what it is given. One thread hands messages in and asks for the outcome."""

    def __init__(self, connect: Callable[[], SMTPSender], recorder: Recorder, *, most: int, deadline: float) -> None:
        self._connect = connect
        self._recorder = recorder
        self._most = most
        self._deadline = deadline
        self._condition = threading.Condition()
        self._waiting: deque[ReadyMail] = deque()
        self._interrupted: list[ReadyMail] = []
        self._threads: list[threading.Thread] = []
        self._alive = 0
        self._busy = 0
        self._is_closing = False
        self._failure: BaseException | None = None
        self.down_because: str | None = None
        """The server's words when no connection to it is left."""
        self.counts = dict.fromkeys((MailEventKind.ACCEPTED, MailEventKind.DEFERRED, MailEventKind.REFUSED), 0)

    def submit(self, mails: Sequence[ReadyMail]) -> None:
        """Hand messages in, and wait until a connection takes the last of them.

        Preparing more in the meantime would gain nothing: it would take the processor from the connections, of which
        each then waits for its turn after every word of the server.
        """
        with self._condition:
            self._waiting.extend(mails)
            wanted = min(self._most, -(-len(self._waiting) // _MAILS_PER_CONNECTION))
            while not self._is_over() and self._alive < wanted:
                self._alive += 1
                thread = threading.Thread(target=self._run, name=f"smtp-{self._alive}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._condition.notify_all()
            self._condition.wait_for(lambda: not self._waiting or self._is_over())
            self._raise()

    def finish(self) -> tuple[tuple[ClaimedMail, ...], tuple[ClaimedMail, ...]]:
        """Wait for the end of what was handed in.

        Returns what was not tried, and what the server interrupted by closing its service.
        """
        with self._condition:
            self._condition.wait_for(lambda: not (self._waiting or self._busy) or self._is_over())
        self._close()
        self._raise()
        return tuple(mail.claim for mail in self._waiting), tuple(mail.claim for mail in self._interrupted)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        with self._condition:
            self._is_closing = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def _is_over(self) -> bool:
        return (
            self._is_closing
            or self._failure is not None
            or self.down_because is not None
            or time.monotonic() >= self._deadline
        )

    def _raise(self) -> None:
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            with self._connect() as sender:
                while (mail := self._take()) is not None:
                    try:
                        result = _attempt(sender, mail)
                    except ServerUnavailable as error:
                        self._give_up(mail, error)
                        return
                    self._recorder.record(result)
                    with self._condition:
                        self.counts[result.kind] += 1
                        self._busy -= 1
                        # Waking whoever hands in after every mail would take the processor from the connections.
                        if not (self._waiting or self._busy):
                            self._condition.notify_all()
        except BaseException as error:  # noqa: BLE001 - raised again where the messages were handed in
            with self._condition:
                self._failure = error
                self._condition.notify_all()

    def _take(self) -> ReadyMail | None:
        with self._condition:
            self._condition.wait_for(lambda: self._waiting or self._is_over())
            if self._is_over():
                self._condition.notify_all()
                return None
            self._busy += 1
            mail = self._waiting.popleft()
            if not self._waiting:
                self._condition.notify_all()
            return mail

    def _give_up(self, mail: ReadyMail, error: ServerUnavailable) -> None:
        """Leave this connection. The server may only want fewer of them, so it is down when none is left."""
        log.warning("mail_connection_given_up", reason=str(error))
        with self._condition:
            self._busy -= 1
            self._alive -= 1
            self._most -= 1
            if error.code:
                self._interrupted.append(mail)
            else:
                self._waiting.appendleft(mail)
            if not self._alive:
                self.down_because = str(error)
            self._condition.notify_all()


def _attempt(sender: SMTPSender, mail: ReadyMail) -> Result:
    """Raises `ServerUnavailable` when nothing is known of this message."""
    try:
        accepted = sender.send(mail.message, sender=mail.sender, recipient=mail.recipient, envelope_id=mail.envelope_id)
    except ServerUnavailable:
        raise
    except MailError as error:
        kind = MailEventKind.DEFERRED if isinstance(error, MailDeferred) else MailEventKind.REFUSED
        log.warning("mail_not_accepted", mail_id=mail.claim.mail_id, outcome=kind.value, reason=str(error))
        return Result(mail.claim, kind, str(error), error.code)
    return Result(
        mail.claim,
        MailEventKind.ACCEPTED,
        accepted.words,
        status_code(accepted.words),
        subject=str(mail.message["Subject"]),
        sha256=accepted.sha256,
    )
