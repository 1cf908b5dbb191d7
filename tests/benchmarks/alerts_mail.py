"""How fast digests leave: composed, handed to a local SMTP server, and each answer recorded before the next mail.

    python -m tests.benchmarks alerts_mail [--mails N] [--postgresql] [--connections N]...

The server is aiosmtpd in a process of its own. The floor is `smtplib` sending the same finished messages to the same
server over one connection in the same run, with nothing composed and nothing recorded. Nothing is asserted.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import gc
import logging
import multiprocessing
import resource
import smtplib
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import structlog
from sqlalchemy import insert, text, update
from sqlmodel import col, select

from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.kinds import prepare_mails
from registry.alerts.tables import ExpiryNoticeRow, RecipientRole
from registry.db.migrations import migrate
from registry.mail.headers import MAIL_POLICY
from registry.mail.service import Envelope, send_outbox
from registry.mail.smtp import MailServer, SMTPSender
from registry.mail.tables import MailEventRow, MailRow, MailState
from registry.runtime import Runtime
from registry.settings import Settings
from tests.benchmarks.verdict import describe_machine
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.services import _FreePortController, postgresql_server

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
AGENCIES = 500
CERTIFICATES_OF_ONE = 3


class Counting:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        return "250 2.0.0 OK"


def serve(port, stop):
    controller = _FreePortController(Counting(), hostname="127.0.0.1", port=0)
    controller.start()
    port.send(controller.port)
    stop.recv()
    controller.stop()


@contextmanager
def smtp_process() -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    port, ours = context.Pipe(duplex=False)
    stop, stopping = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(ours, stop))
    process.start()
    try:
        yield port.recv()
    finally:
        stopping.send(None)
        process.join()


def fill(runtime, mails):
    """Digests to `mails` recipients, each about three certificates of one of some hundred agencies."""
    certificates = []
    with runtime.database.write() as uow:
        for number in range(AGENCIES):
            agency = add_agency(uow.session, f"Ủy ban nhân dân xã Đồng Kỳ {number}", f"x{number}@bacgiang.example")
            keys = [
                add_certificate(uow.session, agency, TODAY + timedelta(days=(number + 29 * each) % 90))
                for each in range(CERTIFICATES_OF_ONE)
            ]
            certificates.append(keys)
    with runtime.database.write() as uow:
        for start in range(0, mails, 1000):
            uow.session.execute(
                insert(MailRow),
                [
                    MailRow(
                        id=number + 1,
                        kind=EXPIRY_DIGEST,
                        recipient=f"vanthu{number}@d{number % 97}.bacgiang.example",
                        recipient_name=f"Ủy ban nhân dân xã Đồng Kỳ {number}",
                        language="vi",
                        day=TODAY,
                        message_id=f"<{number:032x}@tinh.example>",
                        state=MailState.PENDING,
                        not_before=AT,
                        created_at=AT,
                    ).model_dump()
                    for number in range(start, min(start + 1000, mails))
                ],
            )
            uow.session.execute(
                insert(ExpiryNoticeRow),
                [
                    {
                        "certificate_id": key,
                        "recipient": f"vanthu{number}@d{number % 97}.bacgiang.example",
                        "step_days": 90,
                        "mail_id": number + 1,
                        "recorded_at": AT,
                        "role": RecipientRole.AGENCY,
                    }
                    for number in range(start, min(start + 1000, mails))
                    for key in certificates[number % AGENCIES]
                ],
            )


def build(settings):
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return Runtime.build(settings, clock=FakeClock(AT), queue=RecordingQueue())


def send_all(settings, port, connections, results):
    """Everything a worker does, in a process of its own."""
    runtime = build(settings)
    gc.collect()
    before = memory()
    server = MailServer.parse(f"smtp://127.0.0.1:{port}")
    began, processor = time.perf_counter(), time.process_time()
    outcome = send_outbox(
        runtime.database,
        lambda: SMTPSender(server),
        lambda uow, mails: prepare_mails(uow, mails, settings),
        envelope=Envelope(settings.envelope_from),
        connections=connections,
    )
    elapsed, processor = time.perf_counter() - began, time.process_time() - processor
    results.send((outcome.sent, elapsed, processor, before, memory()))
    runtime.close()


def compose_all(settings, mails, path):
    """The finished messages, for the floor."""
    runtime = build(settings)
    with runtime.database.read() as uow, path.open("wb") as file:
        for start in range(0, mails, 100):
            rows = uow.session.exec(select(MailRow).where(col(MailRow.id).in_(range(start + 1, start + 101)))).all()
            make = prepare_mails(uow, rows, settings)
            for row in rows:
                content = make(row).as_bytes(policy=MAIL_POLICY)
                file.write(f"{row.recipient} {len(content)}\n".encode() + content)
    runtime.close()


def send_floor(port, path):
    began, processor, size, count = time.perf_counter(), time.process_time(), 0, 0
    with smtplib.SMTP("127.0.0.1", port) as connection, path.open("rb") as file:
        while line := file.readline():
            recipient, length = line.decode().split()
            content = file.read(int(length))
            connection.sendmail("chungthuso@tinh.example", [recipient], content)
            size += len(content)
            count += 1
    return time.perf_counter() - began, time.process_time() - processor, size / count


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(settings, mails, connections, port, directory):
    runtime = build(settings)
    engine = runtime.database.engine
    migrate(engine)
    fill(runtime, mails)
    print(f"{engine.dialect.name} {'.'.join(map(str, engine.dialect.server_version_info))}, {mails:,} digests")
    print(f"{'':34}{'elapsed s':>10}{'CPU s':>8}{'mails/s':>9}{'MiB before':>12}{'peak':>7}")
    path = directory / "messages"
    compose_all(settings, mails, path)
    floor, processor, size = send_floor(port, path)
    print(f"{'floor: smtplib, finished messages':34}{floor:10.1f}{processor:8.1f}{mails / floor:9.0f}")
    context = multiprocessing.get_context("spawn")
    for number in connections:
        with runtime.database.write() as uow:
            uow.session.execute(update(MailRow).values(state=MailState.PENDING, attempts=0, sent_at=None))
            uow.session.execute(text(f"DELETE FROM {MailEventRow.__tablename__}"))
        engine.dispose()
        results, ours = context.Pipe(duplex=False)
        process = context.Process(target=send_all, args=(settings, port, number, ours))
        process.start()
        sent, elapsed, processor, before, peak = results.recv()
        process.join()
        assert sent == mails
        title = f"the outbox, {number} connection{'s' if number > 1 else ''}"
        print(f"{title:34}{elapsed:10.1f}{processor:8.1f}{mails / elapsed:9.0f}{before:12}{peak:7}", flush=True)
    print(f"a message has {size / 1024:.1f} KiB on average\n")
    runtime.close()


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks alerts_mail")
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--postgresql", action="store_true", help="also on a PostgreSQL server started for it")
    parser.add_argument("--connections", type=int, action="append", help="may be given several times; default: 1 and 4")
    options = parser.parse_args(arguments)
    print(describe_machine())
    print(", ".join(f"{name} {version(name)}" for name in ("sqlalchemy", "sqlmodel", "psycopg", "aiosmtpd")), "\n")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = stack.enter_context(smtp_process())
        urls = [""]
        if options.postgresql:
            urls.append(stack.enter_context(postgresql_server(directory / "server")))
        for number, url in enumerate(urls):
            settings = Settings(data_dir=directory / str(number), database_url=url, redis_url="")
            measure(settings, options.mails, options.connections or [1, 4], port, directory)


if __name__ == "__main__":
    main(None)
