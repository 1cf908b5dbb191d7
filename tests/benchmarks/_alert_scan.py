"""The scan over a register of any size: the first one, which finds all that is due, one after an outage, one for nothing."""

# ruff: noqa: T201 - a benchmark prints

import gc
import logging
import multiprocessing
import resource
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import text, update

from registry.alerts.plan import iter_due
from registry.alerts.scan import fallback_of, policy_of, scan_expiries
from registry.clock import end_of_day, local_day, start_of_day
from registry.db.migrations import migrate
from registry.mail.tables import MailRow, MailState
from registry.runtime import Runtime
from registry.settings import Settings
from tests.benchmarks._large_register import NOW, fill
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue

OUTAGE = timedelta(days=5)
FLOOR = """
SELECT c.id, p.not_after, p.agency_id, c.kind, c.holder, c.email
FROM certificate_period p JOIN certificate c ON c.id = p.certificate_id
WHERE p.not_after >= {0} AND p.not_after <= {1} AND p.effective_from <= {2} AND p.effective_until > {2}
AND p.status <> 'revoked' AND NOT p.is_replaced
ORDER BY p.not_after, p.certificate_id
"""


@dataclass(frozen=True)
class Measured:
    """One piece of work in a process of its own."""

    elapsed: float
    processor: float
    """Of this process; a database server's own time shows in `elapsed`."""
    memory_before: int
    memory_peak: int
    """MiB."""
    examined: int = 0
    notices: int = 0
    mails: int = 0


def measure_scans(settings: Settings, certificates: int) -> None:
    """Fill the database if it is empty, scan it, print what each scan took. What was told before is forgotten."""
    runtime = build(settings, NOW)
    engine = runtime.database.engine
    migrate(engine)
    with engine.connect() as connection:
        present = connection.execute(text("SELECT count(*) FROM (SELECT 1 FROM certificate LIMIT 1) AS one")).scalar()
    if not present:
        fill(engine, certificates)
    forget(runtime)
    print(f"{engine.dialect.name} {'.'.join(map(str, engine.dialect.server_version_info))}, ", end="")
    with engine.connect() as connection:
        print(f"{connection.execute(text('SELECT count(*) FROM certificate')).scalar():,} certificates")
    engine.dispose()
    print(
        f"{'':34}{'elapsed s':>10}{'CPU s':>8}{'MiB before':>12}{'peak':>7}{'examined':>10}{'notices':>9}{'mails':>8}"
    )
    floor = in_process(read_candidates, settings, NOW - OUTAGE)
    show("floor: the query, bare driver", floor)
    first = in_process(scan, settings, NOW - OUTAGE)
    show("first scan, all of it is due", first)
    with runtime.database.write() as uow:
        uow.session.execute(update(MailRow).values(state=MailState.SENT))
    engine.dispose()
    show(f"scan after {OUTAGE.days} days without", in_process(scan, settings, NOW))
    show("scan again, nothing is new", in_process(scan, settings, NOW + timedelta(hours=1)))
    print(f"first scan / floor: {first.elapsed / floor.elapsed:.1f}\n")


def build(settings: Settings, at: datetime) -> Runtime:
    return Runtime.build(settings, clock=FakeClock(at), queue=RecordingQueue())


def forget(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        for table in ("alert_acknowledgement", "expiry_notice", "mail_event", "mail", "expiry_scan"):
            uow.session.execute(text(f"DELETE FROM {table}"))


def in_process(work, settings: Settings, at: datetime) -> Measured:
    """Do it in a fresh process, so that the peak of its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (settings, at))


def scan(settings: Settings, at: datetime) -> Measured:
    runtime = build(settings, at)
    # What is loaded once in the life of a worker is no memory of the scan: one over no certificate comes first.
    nothing = date(1990, 1, 1)
    with runtime.database.read() as uow:
        for _ in iter_due(
            uow, policy_of(settings), day=local_day(at), fallback=fallback_of(settings), window=(nothing, nothing)
        ):
            raise AssertionError("no certificate expires that early")
    return measured(lambda: scan_expiries(runtime.database, settings))


def read_candidates(settings: Settings, at: datetime) -> Measured:
    engine = build(settings, at).database.engine
    first, last = policy_of(settings).window(local_day(at))
    bounds = (start_of_day(first), end_of_day(last), at)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        bounds = tuple(bound.replace(tzinfo=None).isoformat(" ", "microseconds") for bound in bounds)
    query = FLOOR.format(*(("?1", "?2", "?3") if is_sqlite else ("%(a)s", "%(b)s", "%(c)s")))
    raw = engine.raw_connection()

    def read() -> None:
        cursor = raw.cursor()
        cursor.execute(query, bounds if is_sqlite else dict(zip("abc", bounds, strict=True)))
        while cursor.fetchmany(1000):
            pass

    return measured(read)


def measured(work) -> Measured:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.collect()
    before = memory()
    processor, elapsed = time.process_time(), time.perf_counter()
    outcome = work()
    processor, elapsed = time.process_time() - processor, time.perf_counter() - elapsed
    counts = {name: getattr(outcome, name, 0) for name in ("examined", "notices", "mails")}
    return Measured(elapsed, processor, before, memory(), **counts)


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def show(name: str, done: Measured) -> None:
    counts = f"{done.examined:>10,}{done.notices:>9,}{done.mails:>8,}" if done.examined else ""
    print(
        f"{name:34}{done.elapsed:>10.2f}{done.processor:>8.2f}{done.memory_before:>12}{done.memory_peak:>7}{counts}",
        flush=True,
    )
