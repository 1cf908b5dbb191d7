"""The alerts when processes are killed at any moment, the queue is emptied and the mail server is slow: real processes."""

import multiprocessing
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from registry.alerts.plan import plan_digests
from registry.alerts.scan import fallback_of, policy_of, scan_expiries
from registry.alerts.tables import ExpiryNoticeRow
from registry.db.unit_of_work import Database
from registry.mail import service
from registry.mail.outbox import LEASE
from registry.mail.service import Envelope, send_outbox
from registry.mail.smtp import MailServer, SMTPSender
from registry.mail.tables import MailRow, MailState
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.faults.test_mail_servers import converse, scripted
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.mail.test_sending import FROM, compose, put, rows
from tests.services import Mailbox
from tests.workers.in_process import send_outbox as run_sending

AGENCIES = 40
KILLS = 5
"""Processes that are killed one after the other before one may finish."""
TODAY = date(2026, 11, 23)


def fill(runtime: Runtime, today: date) -> None:
    """Agencies that have two certificates each, one in its last week and one in its last month."""
    with runtime.database.write() as uow:
        for number in range(AGENCIES):
            agency = add_agency(uow.session, f"Xã {number}", f"x{number}@xa.example")
            add_certificate(uow.session, agency, today + timedelta(days=number % 7))
            add_certificate(uow.session, agency, today + timedelta(days=10 + number % 20))


def in_a_process_that_is_killed(job: str, settings: Settings, clock: FakeClock, statements: int) -> None:
    """Do the job; before so many statements of the database the process is killed, as by the system."""
    left = [statements]
    lock = threading.Lock()

    def count(*_: object) -> None:
        with lock:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    runtime = Runtime.build(settings, clock=clock, queue=RecordingQueue())
    event.listen(runtime.database.engine, "before_cursor_execute", count)
    event.listen(runtime.database.engine, "commit", count)
    do(job, runtime)


def do(job: str, runtime: Runtime) -> None:
    if job == "scan":
        # Many small pieces, so that there are many places to be killed at.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("registry.alerts.repository.BATCH", 7)
            scan_expiries(runtime.database, runtime.settings)
    else:
        run_sending(runtime)


def kill(job: str, runtime: Runtime, clock: FakeClock, statements: int) -> bool:
    """Whether the job was killed before it was done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # what takes long is imported once
    process = context.Process(target=in_a_process_that_is_killed, args=(job, runtime.settings, clock, statements))
    process.start()
    process.join(120)
    assert process.exitcode in (-signal.SIGKILL, 0)
    return process.exitcode != 0


@pytest.fixture
def sending(runtime: Runtime, mailbox: Mailbox) -> Iterator[Runtime]:
    """A runtime that sends to the mailbox."""
    settings = runtime.settings.model_copy(update={"smtp_url": mailbox.url})
    runtime = Runtime.build(settings, clock=runtime.clock, queue=runtime.queue)
    yield runtime
    runtime.close()


def told(database: Database) -> set[tuple[int, str, int]]:
    with database.read() as uow:
        notices = uow.session.exec(select(ExpiryNoticeRow).where(col(ExpiryNoticeRow.mail_id).is_not(None))).all()
    found = {(notice.certificate_id, notice.recipient, notice.step_days) for notice in notices}
    assert len(found) == len(notices)
    return found


def test_scans_and_senders_killed_anywhere_lose_nothing_and_double_what_was_in_hand_at_most(
    sending: Runtime, mailbox: Mailbox, clock: FakeClock
) -> None:
    random = Random(20261123)
    fill(sending, TODAY)
    settings, database = sending.settings, sending.database
    with database.read() as uow:
        plan = plan_digests(uow, policy_of(settings), day=TODAY, fallback=fallback_of(settings))
    due = {(each.certificate_id, d.recipient.email, each.due.step) for d in plan.digests for each in d.certificates}
    assert len(due) == 2 * AGENCIES

    for _ in range(KILLS):
        assert kill("scan", sending, clock, random.randint(1, 60))
    do("scan", sending)
    assert told(database) == due

    killed = 0
    for _ in range(KILLS):
        killed += kill("send", sending, clock, random.randint(1, 60))
        clock.advance(LEASE + timedelta(seconds=1))
    do("send", sending)

    with database.read() as uow:
        mails = uow.session.exec(select(MailRow)).all()
    assert {mail.state for mail in mails} == {MailState.SENT}
    copies = Counter(str(message["Message-ID"]) for message in mailbox.messages)
    assert copies.keys() == {mail.message_id for mail in mails}
    assert killed > 1
    assert sum(copies.values()) - len(copies) <= killed * settings.smtp_connections
    assert told(database) == due
    do("scan", sending)
    do("send", sending)
    assert sum(copies.values()) == len(mailbox.messages)


def send(database: Database, url: str, *, connections: int, timeout: float) -> service.SendOutcome:
    return send_outbox(
        database,
        lambda: SMTPSender(MailServer.parse(url), timeout_seconds=timeout),
        lambda uow, _: lambda mail: compose(uow, mail),
        envelope=Envelope(FROM),
        connections=connections,
    )


def test_a_server_too_slow_for_one_run_gets_the_rest_in_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BUDGET_SECONDS", 0.5)
    put(database, *(f"a{number}@xa.example" for number in range(6)))
    with scripted(lambda connection, lines: converse(connection, lines, pause=0.2)) as server:
        runs = 0
        while any(row.state is not MailState.SENT for row in rows(database).values()):
            send(database, server.url, connections=1, timeout=5)
            runs += 1
        assert server.lines.count("<message>") == 6
    assert runs > 1
    assert {row.attempts for row in rows(database).values()} == {1}


def test_an_answer_that_comes_too_late_doubles_that_message_alone(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "a@xa.example", "b@xa.example")
    release = threading.Event()

    def hesitate(connection: socket.socket, lines: list[str]) -> None:
        converse(connection, lines, drop_at="ACCEPTED")
        release.wait(30)

    with scripted(hesitate) as server:
        outcome = send(database, server.url, connections=1, timeout=0.5)
        release.set()
        assert server.lines.count("<message>") == 1
    assert outcome.sent == 0
    before = {key: row.message_id for key, row in rows(database).items()}
    clock.advance(timedelta(minutes=5))
    assert send(database, mailbox.url, connections=1, timeout=5).sent == 2
    assert {str(message["Message-ID"]) for message in mailbox.messages} == set(before.values())
