"""How quick the register is to read: pages of the web application over a register of any size.

    python -m tests.benchmarks register_reading [--certificates N] [--database URL] [--repeat N]

Each request goes through the whole application in this process, without a network. A database that holds certificates
already is measured as it is. Times are milliseconds; the floor is the page `/healthz` of the same run. Nothing is asserted.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import logging
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import structlog
from sqlalchemy import text

from registry.accounts.tables import Role
from registry.db.migrations import migrate
from registry.runtime import Runtime
from registry.settings import Settings
from tests.benchmarks._large_register import NOW, fill
from tests.factories.clients import signed_in_client
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks register_reading")
    parser.add_argument("--certificates", type=int, default=100_000)
    parser.add_argument("--database", help="URL of a database to use and to keep; default: SQLite, thrown away")
    parser.add_argument("--repeat", type=int, default=20)
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(data_dir=directory, database_url=options.database or "", redis_url="")
        runtime = Runtime.build(settings, clock=FakeClock(NOW), queue=RecordingQueue())
        stack.callback(runtime.close)
        engine = runtime.database.engine
        migrate(engine)
        with engine.connect() as connection:
            present = connection.execute(text("SELECT max(id) FROM certificate")).scalar() or 0
        if not present:
            fill(engine, options.certificates)
        measure(runtime, present or options.certificates, options.repeat)


def measure(runtime, certificates, repeat):
    with runtime.database.engine.connect() as connection:
        connection.execute(text("DELETE FROM user_session"))
        connection.execute(text("DELETE FROM user_account"))
        connection.commit()
        choice = random.Random(1)
        keys = [choice.randrange(1, certificates + 1) for _ in range(repeat)]
        known = [
            tuple(
                connection.execute(
                    text("SELECT serial, device_number, sha256, holder FROM certificate WHERE id = :id"), {"id": key}
                ).one()
            )
            for key in keys
        ]
    client = signed_in_client(runtime, Role.ADMINISTRATOR)
    print(f"{certificates} certificates, {runtime.database.engine.dialect.name}, {repeat} requests each")
    print(f"{'page':34}{'p50':>9}{'p95':>9}{'floors':>9}")
    floor = None
    for name, paths in pages(keys, known, repeat).items():
        times = sorted(timed(client, path) for path in paths)
        middle, late = statistics.median(times), times[min(len(times) - 1, round(len(times) * 0.95))]
        floor = floor or middle
        print(f"{name:34}{middle:9.1f}{late:9.1f}{late / floor:9.1f}", flush=True)


def timed(client, path):
    begin = time.perf_counter()
    answer = client.get(path, follow_redirects=False)
    elapsed = (time.perf_counter() - begin) * 1000
    assert answer.status_code in (200, 303), (path, answer.status_code)
    return elapsed


def pages(keys, known, repeat):
    def every(path):
        return [path] * repeat

    def listed(parameters):
        return every(f"/certificates?{parameters}")

    def searched(words):
        return [f"/certificates?q={word}" for word in words]

    few = max(2, repeat // 4)
    return {
        "floor": every("/healthz"),
        "list": every("/certificates"),
        "list by expiry, latest first": listed("sort=-not_after"),
        "list of a past day": listed("as_of=2020-06-30"),
        "filter: active": listed("status=active"),
        "filter: revoked": listed("status=revoked"),
        "filter: suspended (none)": listed("status=suspended"),
        "filter: level commune": listed("level=commune"),
        "filter: level district, active": listed("level=district&status=active"),
        "filter: agency": [f"/certificates?agency={30 + key % 3000}" for key in keys],
        "filter: agency with large subtree": listed("agency=1"),
        "filter: kind and medium": listed("kind=device&medium=sim"),
        "filter: generation": listed("generation=public"),
        "filter: expiring within 30 days": listed("expiring=30&sort=not_after"),
        "filter: issued between": listed("issued_from=2024-03-01&issued_until=2024-03-31"),
        "filter: weak": listed("flag=weak"),
        "filter: names an ended body": listed("flag=names_ended_body&status=active"),
        "search: serial number": searched(serial[4:16] for serial, _, _, _ in known),
        "search: device number": searched(device for _, device, _, _ in known),
        "search: fingerprint": searched(sha256 for _, _, sha256, _ in known),
        "search: full name": searched(holder for _, _, _, holder in known),
        "search: common word": listed("q=nguyen"),
        "search: nothing found": listed("q=khongcoai"),
        "search box": [f"/search?q={device}" for _, device, _, _ in known],
        "certificate": [f"/certificates/{key}" for key in keys],
        "agency": [f"/agencies/{30 + key % 3000}" for key in keys],
        "agency tree": every("/agencies")[:few],
        "home": every("/")[:few],
        "report of today": every("/api/v1/reports/issuance")[:few],
        "report of a past day": every("/api/v1/reports/issuance?as_of=2019-12-31")[:few],
    }
