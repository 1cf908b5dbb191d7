"""What happens when things break, with the worker as a real process."""

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from registry.alerts.scan import scan_expiries
from registry.clock import SystemClock, local_day
from registry.db.migrations import migrate
from registry.jobs import ScanExpiriesJob, SendOutboxJob, SweepVerificationsJob, ValidateDocumentJob
from registry.mail.tables import MailRow, MailState
from registry.queue import connect_redis
from registry.runtime import Runtime
from registry.settings import Settings
from registry.verifications.service import Upload, submit_documents
from registry.verifications.tables import VerificationRow, VerificationState
from registry.verifications.waiting import wait_until_finished
from tests.conftest import _new_postgresql_database
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.services import Mailbox, redis_server
from tests.workers.processes import running_worker

PDF = b"%PDF-1.7 and nothing more"


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of its own, so that no job of another test is in it."""
    with redis_server(tmp_path_factory.mktemp("r")) as url:
        yield url


@pytest.fixture
def database_url(postgresql: str) -> str:
    """The database on which work really happens at once; SQLite lets one writer in at a time, see the services' tests."""
    return _new_postgresql_database(postgresql)


@pytest.fixture
def real(tmp_path: Path, database_url: str, redis: str, mailbox: Mailbox) -> Iterator[Runtime]:
    """A runtime as in production: the system's clock, Celery over Redis, SMTP."""
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        redis_url=redis,
        smtp_url=mailbox.url,
        verification_seconds=1.5,
        # The clock is the system's, and these tests run at night too.
        alert_sending_opens=time(0),
        alert_sending_closes=time(23, 59, 59, 999999),
    )
    runtime = Runtime.build(settings)
    migrate(runtime.database.engine)
    yield runtime
    runtime.close()


def submit(runtime: Runtime, content: bytes = PDF) -> str:
    with runtime.database.write() as uow:
        (key,) = submit_documents(uow, runtime.blobs, [Upload("a.pdf", [content])], limit=10_000_000, user_id=None)
    return key


def finish(runtime: Runtime, *keys: str) -> list[VerificationRow]:
    assert wait_until_finished(runtime.database, runtime.wakeups, keys, seconds=120)
    with runtime.database.read() as uow:
        return [uow.session.get_one(VerificationRow, key) for key in keys]


def lose_the_queue(runtime: Runtime) -> None:
    client = connect_redis(runtime.settings.resolved_redis_url)
    client.flushall()
    client.close()


def end_leases(runtime: Runtime) -> None:
    """As if the time of every lease were over."""
    with runtime.database.write() as uow:
        for row in uow.session.exec(select(VerificationRow)):
            if row.lease_until is not None:
                row.lease_until = uow.now - timedelta(seconds=1)


def test_what_an_emptied_redis_lost_is_found_by_the_sweep(real: Runtime) -> None:
    lost = submit(real)
    lose_the_queue(real)
    end_leases(real)
    with running_worker(real.settings):
        real.queue.send(SweepVerificationsJob())
        (row,) = finish(real, lost)
    assert (row.state, row.conclusion) == (VerificationState.DONE, "unreadable")


def test_the_same_message_twice_at_once_gives_one_report(real: Runtime) -> None:
    key = submit(real)
    for _ in range(5):
        real.queue.send(ValidateDocumentJob(verification_id=key))
    with running_worker(real.settings, "--queues", "documents"):
        (row,) = finish(real, key)
        behind = submit(real)
        finish(real, behind)
    assert (row.state, row.attempts) == (VerificationState.DONE, 1)


def test_a_document_that_always_kills_its_judge_is_refused_and_others_are_judged(real: Runtime) -> None:
    killer = submit(real)
    with real.database.read() as uow:
        path = real.blobs.path(uow.session.get_one(VerificationRow, killer).sha256)
    # Whoever opens it waits for ever, which is as bad as any document can be.
    path.unlink()
    os.mkfifo(path)
    with running_worker(real.settings):
        honest = submit(real, b"%PDF-1.7 another one")
        (fine,) = finish(real, honest)
        (refused,) = finish(real, killer)
    assert fine.state is VerificationState.DONE
    assert (refused.state, refused.attempts, refused.conclusion) == (VerificationState.REFUSED, 3, "unreadable")


def test_a_worker_killed_in_mid_job_is_relieved_by_another(real: Runtime) -> None:
    key = submit(real)
    with real.database.read() as uow:
        path = real.blobs.path(uow.session.get_one(VerificationRow, key).sha256)
    content = path.read_bytes()
    path.unlink()
    os.mkfifo(path)
    # The judge opens the pipe for reading: from then on the worker is in the middle of its job.
    with running_worker(real.settings) as worker, path.open("wb"):
        worker.kill()
    path.unlink()
    path.write_bytes(content)
    end_leases(real)
    with running_worker(real.settings):
        real.queue.send(SweepVerificationsJob())
        (row,) = finish(real, key)
    assert (row.state, row.attempts) == (VerificationState.DONE, 2)


def test_a_worker_asked_to_end_finishes_what_it_has_in_hand(real: Runtime) -> None:
    with running_worker(real.settings) as worker:
        key = submit(real)
        finish(real, key)
        assert worker.stop() == 0
    with real.database.read() as uow:
        assert uow.session.get_one(VerificationRow, key).state is VerificationState.DONE


def test_ten_scans_and_ten_senders_tell_everybody_once(real: Runtime, mailbox: Mailbox) -> None:
    today = local_day(SystemClock().now())
    with real.database.write() as uow:
        for number in range(40):
            agency = add_agency(uow.session, f"Xã {number}", f"x{number}@xa.example")
            add_certificate(uow.session, agency, today + timedelta(days=number))
    for _ in range(10):
        real.queue.send(ScanExpiriesJob())
    with running_worker(real.settings, "--concurrency", "4"):
        for _ in range(10):
            real.queue.send(SendOutboxJob())
        mailbox.wait_for(40, timeout=120)
    assert sorted(mailbox.recipients) == sorted(f"x{number}@xa.example" for number in range(40))
    with real.database.read() as uow:
        assert {mail.state for mail in uow.session.exec(select(MailRow))} == {MailState.SENT}


def test_a_command_line_scan_and_a_job_do_not_double(real: Runtime, mailbox: Mailbox) -> None:
    today: date = local_day(SystemClock().now())
    with real.database.write() as uow:
        add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), today)
    scan_expiries(real.database, real.settings)
    with running_worker(real.settings):
        real.queue.send(ScanExpiriesJob())
        mailbox.wait_for(1, timeout=120)
        key = submit(real)
        finish(real, key)
    assert mailbox.recipients == ["syt@tinh.example"]


def test_an_emptied_redis_loses_no_mail_and_doubles_none(real: Runtime, mailbox: Mailbox) -> None:
    today = local_day(SystemClock().now())
    with real.database.write() as uow:
        for number in range(20):
            add_certificate(uow.session, add_agency(uow.session, f"Xã {number}", f"x{number}@xa.example"), today)
    real.queue.send(ScanExpiriesJob())
    lose_the_queue(real)
    scan_expiries(real.database, real.settings)  # its word to the sender is lost too
    lose_the_queue(real)
    with running_worker(real.settings):
        # The next turn of the clock, which two schedulers send because their lock was lost as well.
        for job in (ScanExpiriesJob(), SendOutboxJob()) * 2:
            real.queue.send(job)
        mailbox.wait_for(20, timeout=120)
        lose_the_queue(real)
        real.queue.send(SendOutboxJob())
    assert sorted(mailbox.recipients) == sorted(f"x{number}@xa.example" for number in range(20))


def test_no_judge_outlives_its_worker(real: Runtime) -> None:
    with running_worker(real.settings) as worker:
        finish(real, submit(real))
        family = descendants(worker.pid)
        assert family
        worker.kill()
    for pid in family:
        wait_for_end(pid)


def descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found, waiting = [], [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found


def wait_for_end(pid: int) -> None:
    """Wait for a process that is not a child of ours."""
    import select as polling

    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = polling.select([descriptor], [], [], 60)
        if not ready:
            os.kill(pid, signal.SIGKILL)
        assert ready, f"process {pid} outlived its worker"
    finally:
        os.close(descriptor)
