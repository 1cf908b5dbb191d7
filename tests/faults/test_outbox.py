"""The outbox when mail servers, senders and clocks fail: nothing is lost, and nothing goes out as two messages."""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from registry.db.unit_of_work import Database
from registry.mail.ledger import list_events
from registry.mail.outbox import LEASE, MAX_ATTEMPTS, claim_mails
from registry.mail.pace import Pace
from registry.mail.service import SendOutcome
from registry.mail.tables import MailEventKind, MailRow, MailState
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.faults.test_mail_servers import converse, scripted
from tests.registry.mail.test_sending import put, rows, send
from tests.services import Mailbox, smtp_port

HOUR = timedelta(hours=1)


@dataclass
class FaultyMailbox(Mailbox):
    """A real server that can be told what to do wrong."""

    hang_up_after: set[str] = field(default_factory=set)
    """Recipients at whose message it breaks the connection, once each, after it took the message."""
    kill_at: int = 0
    """At this many messages it kills `victim` and says nothing to it."""
    victim: BaseProcess | None = None
    killed: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.killed and self.victim is not None and not wait([self.victim.sentinel], timeout=0):
            return "451 4.3.0 whoever is speaking is about to die"
        answer = await super().handle_DATA(server, session, envelope)
        (recipient,) = envelope.rcpt_tos
        if self.victim is not None and not self.killed and len(self.messages) >= self.kill_at:
            self.killed = True
            os.kill(self.victim.pid or 0, signal.SIGKILL)
            # The test waits for the process itself: of two who ask how it ended, one would not be told.
            wait([self.victim.sentinel])
        if recipient in self.hang_up_after:
            self.hang_up_after.remove(recipient)
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return answer

    def copies(self) -> Counter[str]:
        """How many times each message arrived."""
        return Counter(str(message["Message-ID"]) for message in self.messages)


@pytest.fixture
def faulty() -> Iterator[FaultyMailbox]:
    with faulty_server() as mailbox:
        yield mailbox


@contextmanager
def faulty_server() -> Iterator[FaultyMailbox]:
    mailbox = FaultyMailbox()
    with smtp_port(mailbox) as mailbox.port:
        yield mailbox


def addresses(count: int, domain: str = "xa.example") -> list[str]:
    return [f"a{number}@{domain}" for number in range(count)]


def kinds(database: Database, mail: MailRow) -> list[MailEventKind]:
    with database.read() as uow:
        return [event.kind for event in list_events(uow, [mail.id or 0])[mail.id or 0]]


def test_a_server_that_is_down_for_a_day_loses_nothing(database: Database, mailbox: Mailbox, clock: FakeClock) -> None:
    put(database, *addresses(25))
    for _ in range(24):
        assert send(database, "smtp://127.0.0.1:1") == SendOutcome(is_server_down=True)
        clock.advance(HOUR)
    assert send(database, mailbox.url).sent == 25
    assert sorted(mailbox.recipients) == sorted(addresses(25))
    assert {(row.state, row.attempts) for row in rows(database).values()} == {(MailState.SENT, 1)}


def test_a_mixture_of_answers_ends_for_every_mail_as_it_should(
    database: Database, faulty: FaultyMailbox, clock: FakeClock
) -> None:
    put(database, *addresses(40))
    gone, full, broken = addresses(40)[:5], addresses(40)[5:10], addresses(40)[10:15]
    faulty.refuse = dict.fromkeys(gone, "550 5.1.1 no such user") | dict.fromkeys(full, "452 4.2.2 mailbox full")
    faulty.hang_up_after = set(broken)
    first = send(database, faulty.url)
    assert (first.sent, first.deferred, first.refused, first.dead_addresses) == (25, 10, 5, 5)
    faulty.refuse = dict.fromkeys(gone, "550 5.1.1 no such user")
    clock.advance(HOUR)
    assert send(database, faulty.url).sent == 10
    clock.advance(timedelta(days=3))
    assert send(database, faulty.url) == SendOutcome()
    states = {address: row.state for address, row in rows(database).items()}
    assert {states[address] for address in gone} == {MailState.FAILED}
    assert {states[address] for address in addresses(40)[5:]} == {MailState.SENT}
    # What the server took and then broke off arrives a second time, as the same message; nothing else does.
    ids = {address: row.message_id for address, row in rows(database).items()}
    assert faulty.copies() == Counter({ids[address]: 1 + (address in broken) for address in addresses(40)[5:]})
    assert kinds(database, rows(database)[broken[0]]) == [MailEventKind.DEFERRED, MailEventKind.ACCEPTED]
    assert kinds(database, rows(database)[gone[0]]) == [MailEventKind.REFUSED]


def send_in_child(settings: Settings, url: str, clock: FakeClock) -> None:
    """What a worker does, in a process that can be killed."""
    runtime = Runtime.build(settings, clock=clock, queue=RecordingQueue())
    send(runtime.database, url, connections=4)


@pytest.mark.parametrize("kill_at", [1, 30])
def test_a_sender_killed_in_the_middle_doubles_one_message_for_each_connection_at_most(
    runtime: Runtime, faulty: FaultyMailbox, clock: FakeClock, kill_at: int
) -> None:
    database = runtime.database
    put(database, *addresses(60))
    process = multiprocessing.get_context("spawn").Process(
        target=send_in_child, args=(runtime.settings, faulty.url, clock)
    )
    faulty.kill_at, faulty.victim = kill_at, process
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert send(database, faulty.url).sent == 0  # the dead sender's time is not over
    clock.advance(LEASE + timedelta(seconds=1))
    faulty.victim = None
    send(database, faulty.url)
    assert {row.state for row in rows(database).values()} == {MailState.SENT}
    copies = faulty.copies()
    assert set(copies) == {row.message_id for row in rows(database).values()}
    assert max(copies.values()) <= 2
    doubled = [address for address, row in rows(database).items() if copies[row.message_id] == 2]
    assert 1 <= len(doubled) <= 4
    for address in doubled:
        assert kinds(database, rows(database)[address]) == [MailEventKind.INTERRUPTED, MailEventKind.ACCEPTED]


def test_a_clock_that_goes_back_an_hour_doubles_nothing(database: Database, mailbox: Mailbox, clock: FakeClock) -> None:
    put(database, *addresses(10))
    mailbox.refuse = dict.fromkeys(addresses(10)[:3], "451 4.3.0 later")
    assert send(database, mailbox.url).sent == 7
    mailbox.refuse.clear()
    clock.advance(-HOUR)
    assert send(database, mailbox.url).sent == 0
    clock.advance(HOUR + timedelta(minutes=2))
    assert send(database, mailbox.url).sent == 3
    assert sorted(mailbox.recipients) == sorted(addresses(10))


def test_no_tls_where_it_is_asked_for_keeps_all_mail_and_says_why(database: Database, mailbox: Mailbox) -> None:
    put(database, *addresses(15))
    assert send(database, mailbox.url.replace("smtp://", "smtp+starttls://")).is_server_down
    assert mailbox.messages == []
    assert {(row.state, row.attempts) for row in rows(database).values()} == {(MailState.PENDING, 0)}
    assert all("STARTTLS" in str(row.last_reply) for row in rows(database).values())


def test_a_server_that_wants_one_connection_only_gets_everything_over_it(database: Database) -> None:
    put(database, *addresses(40))
    turn = iter(range(1000))

    def one_at_a_time(connection: object, lines: list[str]) -> None:
        if next(turn) > 0:
            connection.sendall(b"421 4.7.0 too many connections\r\n")  # type: ignore[attr-defined]
            return
        converse(connection, lines)  # type: ignore[arg-type]

    with scripted(one_at_a_time) as server:
        assert send(database, server.url, connections=4) == SendOutcome(sent=40)


def test_a_mail_at_which_the_server_closes_does_not_keep_the_others_waiting(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "poison@xa.example", *addresses(20))
    mailbox.refuse["poison@xa.example"] = "421 4.3.2 I do not like this one"
    for _ in range(3):
        send(database, mailbox.url, connections=1)
        clock.advance(timedelta(minutes=2))
    assert sorted(mailbox.recipients) == sorted(addresses(20))
    assert rows(database)["poison@xa.example"].state is MailState.PENDING


def test_no_more_leaves_in_a_minute_than_is_allowed_whoever_sends(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, *addresses(25))
    pace = Pace(in_all=10)
    sent = []
    for _ in range(4):
        sent.append(send(database, mailbox.url, pace=pace).sent + send(database, mailbox.url, pace=pace).sent)
        clock.advance(timedelta(minutes=1))
    assert sent == [10, 10, 5, 0]
    assert sorted(mailbox.recipients) == sorted(addresses(25))


def test_a_domain_with_much_to_get_does_not_stand_in_the_way_of_others(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, *addresses(250, "big.example"))
    put(database, *addresses(5, "small.example"))
    pace = Pace(to_one_domain=20)
    assert send(database, mailbox.url, pace=pace).sent == 25
    assert sum(address.endswith("small.example") for address in mailbox.recipients) == 5
    for _ in range(20):
        clock.advance(timedelta(minutes=1))
        assert send(database, mailbox.url, pace=pace).sent <= 20
    assert Counter(mailbox.recipients).most_common(1)[0][1] == 1
    assert len(mailbox.recipients) == 255
    assert {row.attempts for row in rows(database).values()} == {1}


def test_a_mail_that_ends_its_sender_every_time_is_given_up(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "deadly@xa.example")
    for _ in range(MAX_ATTEMPTS):
        with database.write() as uow:
            assert len(claim_mails(uow)) == 1
        clock.advance(LEASE + timedelta(seconds=1))
    assert send(database, mailbox.url) == SendOutcome()
    row = rows(database)["deadly@xa.example"]
    assert row.state is MailState.FAILED
    assert kinds(database, row).count(MailEventKind.INTERRUPTED) == MAX_ATTEMPTS
