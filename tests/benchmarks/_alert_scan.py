"""The scan over a register of any size: the first one, which finds all that is due, one after an outage, one for nothing."""

# ruff: noqa: T201 - a benchmark prints

from datetime import date, timedelta

from sqlalchemy import text, update

from registry.alerts.plan import iter_due
from registry.alerts.scan import fallback_of, policy_of, scan_expiries
from registry.clock import end_of_day, local_day, start_of_day
from registry.db.migrations import migrate
from registry.mail.tables import MailRow, MailState
from tests.benchmarks._alert_runs import build, in_process, measured, repeated, show, show_head
from tests.benchmarks._large_register import NOW, fill
from tests.benchmarks._processor_time import describe_database

OUTAGE = timedelta(days=5)
FLOOR = """
SELECT c.id, p.not_after, p.agency_id, c.kind, c.holder, c.email
FROM certificate_period p JOIN certificate c ON c.id = p.certificate_id
WHERE p.not_after >= {0} AND p.not_after <= {1} AND p.effective_from <= {2} AND p.effective_until > {2}
AND p.status <> 'revoked' AND NOT p.is_replaced
ORDER BY p.not_after, p.certificate_id
"""


def measure_scans(settings, certificates, repeat):
    """Fill the database if it is empty, scan it, print what each scan took. What was told before is forgotten."""
    runtime = build(settings, NOW)
    engine = runtime.database.engine
    migrate(engine)
    with engine.connect() as connection:
        present = connection.execute(text("SELECT count(*) FROM (SELECT 1 FROM certificate LIMIT 1) AS one")).scalar()
    if not present:
        fill(engine, certificates)
    with engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM certificate")).scalar()
    print(f"Scans of {count:,} certificates, {describe_database(engine)}")
    show_head("examined", "notices", "mails")

    def afresh():
        forget(runtime)
        engine.dispose()

    afresh()
    floor = repeated(repeat, read_candidates, settings, NOW - OUTAGE)
    show("floor: the query, bare driver", floor)
    first = repeated(repeat, scan, settings, NOW - OUTAGE, before=afresh)
    show("first scan, all of it is due", first)
    with runtime.database.write() as uow:
        uow.session.execute(update(MailRow).values(state=MailState.SENT))
    engine.dispose()
    show(f"scan after {OUTAGE.days} days without", in_process(scan, settings, NOW))
    show("scan again, nothing is new", in_process(scan, settings, NOW + timedelta(hours=1)))
    afresh()
    # Four times as much is due, so what it needs of memory shows whether that matters.
    wide = settings.model_copy(update={"alert_steps_days": (4 * max(settings.alert_steps_days), 30, 7)})
    show("first scan, four times the days ahead", in_process(scan, wide, NOW - OUTAGE))
    afresh()
    runtime.close()
    print(f"first scan / floor: {first.elapsed / floor.elapsed:.1f}\n")


def forget(runtime):
    with runtime.database.write() as uow:
        for table in ("alert_acknowledgement", "expiry_notice", "mail_event", "mail", "expiry_scan"):
            uow.session.execute(text(f"DELETE FROM {table}"))


def scan(settings, at):
    runtime = build(settings, at)
    # What is loaded once in the life of a worker is no memory of the scan: one over no certificate comes first.
    nothing = date(1990, 1, 1)
    with runtime.database.read() as uow:
        for _ in iter_due(
            uow, policy_of(settings), day=local_day(at), fallback=fallback_of(settings), window=(nothing, nothing)
        ):
            raise AssertionError("no certificate expires that early")

    def work():
        outcome = scan_expiries(runtime.database, settings)
        return {name: getattr(outcome, name) for name in ("examined", "notices", "mails")}

    return measured(work, runtime.database.engine)


def read_candidates(settings, at):
    engine = build(settings, at).database.engine
    first, last = policy_of(settings).window(local_day(at))
    bounds = (start_of_day(first), end_of_day(last), at)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        bounds = tuple(bound.replace(tzinfo=None).isoformat(" ", "microseconds") for bound in bounds)
    query = FLOOR.format(*(("?1", "?2", "?3") if is_sqlite else ("%(a)s", "%(b)s", "%(c)s")))
    raw = engine.raw_connection()

    def read():
        cursor = raw.cursor()
        cursor.execute(query, bounds if is_sqlite else dict(zip("abc", bounds, strict=True)))
        while cursor.fetchmany(1000):
            pass

    return measured(read, engine)
