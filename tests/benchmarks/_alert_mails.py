"""How fast digests leave: composed, handed to a local SMTP server, and each answer recorded before the next mail.

The server is aiosmtpd in a process of its own. The floor is `smtplib` sending the same finished messages to the same
server over as many connections in the same run, with nothing composed and nothing recorded.
"""

# ruff: noqa: T201 - a benchmark prints

import multiprocessing
import random
import smtplib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.kinds import prepare_mails
from registry.alerts.tables import ExpiryNoticeRow, RecipientRole
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.clock import local_day
from registry.db.migrations import migrate
from registry.mail.headers import MAIL_POLICY
from registry.mail.service import Envelope, send_outbox
from registry.mail.smtp import MailServer, SMTPSender
from registry.mail.tables import MailRow, MailState
from tests.benchmarks._alert_runs import build, measured, repeated, show, show_head
from tests.benchmarks._large_register import BATCH, NOW, agency_rows, certificate_rows, write
from tests.benchmarks._processor_time import describe_database
from tests.factories.certificates import make_der
from tests.services import smtp_port

MOST_ROWS = 8
"""Certificates of one digest: from one to so many, as digests of agencies and of holders have them."""


class Counting:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        return "250 2.0.0 OK"


def serve(port, stop):
    with smtp_port(Counting()) as number:
        port.send(number)
        stop.recv()


@contextmanager
def smtp_process():
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


def measure_mails(settings, mails, *, connections, repeat, port, directory):
    """Fill the empty database behind `settings`, send what is in its outbox, print what that took."""
    runtime = build(settings, NOW)
    engine = runtime.database.engine
    migrate(engine)
    fill(engine, mails)
    path = directory / "messages"
    size = compose_all(settings, mails, path)
    print(f"{mails:,} digests of {size / mails / 1024:.1f} KiB on average, {describe_database(engine)}")
    show_head("mails", "mails/s")

    def afresh():
        with runtime.database.write() as uow:
            uow.session.execute(text("UPDATE mail SET state = 'pending', attempts = 0, sent_at = NULL"))
            uow.session.execute(text("DELETE FROM mail_event"))
        engine.dispose()

    for number in connections:
        over = f"{number} connection{'s' if number > 1 else ''}"
        floor = repeated(repeat, send_floor, port, path, number)
        show(f"floor: smtplib, finished, {over}", floor)
        sent = repeated(repeat, send_all, settings, port, number, before=afresh)
        if sent.counts["sent"] != mails:
            raise SystemExit(f"{sent.counts['sent']:,} of {mails:,} mails were sent")
        show(f"the outbox, {over}", sent)
        print(f"the outbox / floor, {over}: {sent.elapsed / floor.elapsed:.1f}")
    runtime.close()
    print()


def fill(engine, mails):
    """Certificates that expire from a week ago to in ninety days, and digests that tell of some of them each."""
    numbers = random.Random(2026)
    agencies, periods = agency_rows(numbers)
    write(engine, AgencyRow, agencies)
    write(engine, AgencyPeriodRow, periods)
    der = make_der()
    subjects = [(row["agency_id"], row["name"], row["level"]) for row in periods]
    certificates = 2 * mails
    for start in range(1, certificates + 1, BATCH):
        rows = []
        for key in range(start, min(start + BATCH, certificates + 1)):
            columns, (period, *_), _ = certificate_rows(key, numbers, subjects, der)
            columns["not_after"] = NOW + timedelta(hours=numbers.randrange(-7 * 24, 90 * 24))
            rows.append((columns, {**period, "effective_until": periods[0]["effective_until"]}))
        write(engine, CertificateRow, [columns for columns, _ in rows])
        write(engine, CertificatePeriodRow, [period for _, period in rows])
    day = local_day(NOW)
    common = MailRow(
        kind=EXPIRY_DIGEST,
        recipient="",
        recipient_name="",
        language="vi",
        day=day,
        message_id="",
        state=MailState.PENDING,
        not_before=NOW,
        created_at=NOW,
    ).model_dump()
    for start in range(1, mails + 1, BATCH):
        written, notices = [], []
        for key in range(start, min(start + BATCH, mails + 1)):
            recipient = f"vanthu{key}@d{key % 97}.bacgiang.example"
            name = subjects[key % len(subjects)][1]
            identity = {"id": key, "recipient": recipient, "recipient_name": name}
            written.append({**common, **identity, "message_id": f"<{key:032x}@tinh.example>"})
            notices += [
                {
                    "certificate_id": (2 * key + each) % certificates + 1,
                    "recipient": recipient,
                    "step_days": 90,
                    "mail_id": key,
                    "recorded_at": NOW,
                    "role": RecipientRole.AGENCY,
                }
                for each in range(numbers.randint(1, MOST_ROWS))
            ]
        write(engine, MailRow, written)
        write(engine, ExpiryNoticeRow, notices)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def compose_all(settings, mails, path):
    """The finished messages, for the floor; returns how many bytes they have."""
    runtime = build(settings, NOW)
    size = 0
    with runtime.database.read() as uow, path.open("wb") as file:
        for start in range(1, mails + 1, 100):
            rows = uow.session.exec(select(MailRow).where(col(MailRow.id).between(start, start + 99))).all()
            make = prepare_mails(uow, rows, settings)
            for row in rows:
                content = make(row).as_bytes(policy=MAIL_POLICY)
                file.write(f"{row.recipient} {len(content)}\n".encode() + content)
                size += len(content)
    runtime.close()
    return size


def send_floor(port, path, connections):
    finished = []
    with path.open("rb") as file:
        while line := file.readline():
            recipient, length = line.decode().split()
            finished.append((recipient, file.read(int(length))))

    def send(part):
        with smtplib.SMTP("127.0.0.1", port) as connection:
            for recipient, content in part:
                connection.sendmail("chungthuso@tinh.example", [recipient], content)

    def work():
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(send, [finished[start::connections] for start in range(connections)]))

    return with_rate(measured(work), len(finished))


def send_all(settings, port, connections):
    """Everything a worker does."""
    runtime = build(settings, NOW)
    server = MailServer.parse(f"smtp://127.0.0.1:{port}")

    def work():
        outcome = send_outbox(
            runtime.database,
            lambda: SMTPSender(server),
            lambda uow, mails: prepare_mails(uow, mails, settings),
            envelope=Envelope(settings.envelope_from),
            connections=connections,
        )
        return {"sent": outcome.sent}

    run = measured(work, runtime.database.engine)
    return with_rate(run, run.counts["sent"])


def with_rate(run, sent):
    run.counts.update(sent=sent, rate=round(sent / run.elapsed))
    return run
