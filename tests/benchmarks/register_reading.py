"""How quick the register is to read: pages of the web application over a register of any size.

    python -m tests.benchmarks register_reading [--certificates N] [--database URL]... [--repeat N] [--only NAME]

Each request goes through the whole application in this process, without a network: times are those at the server, from its
coming to the last byte of the answer, or to the first of a file. Without a database, one on SQLite and
one on PostgreSQL are made and thrown away; one that holds certificates already is measured as it is. Times are
milliseconds; `busy` is processor time, of this process and of PostgreSQL's where it runs on this machine, which other work
on the machine does not change as it does the elapsed time. The floors are the page `/healthz` and what the bare database
takes, measured in the same run; `floors` are times their processor time: of the page, and for reports of one pass over
one index. What is later than it should be for one request in twenty is marked. Nothing is asserted. What does not grow
with the register shows beside a run with a tenth of it.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import gc
import logging
import math
import os
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import structlog
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from certs.text import fold
from registry.accounts.tables import Role
from registry.certificates.query import CertificateSort
from registry.certificates.tables import CertificateRow
from registry.db.migrations import migrate
from registry.paging import encode_cursor
from registry.runtime import Runtime
from registry.settings import Settings
from tests.benchmarks._large_register import NOW, fill
from tests.benchmarks._processor_time import ProcessorClock, describe_database
from tests.benchmarks.verdict import describe_machine
from tests.factories.clients import signed_in_client
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.services import postgresql_server

PASS = "raw: one pass over an index"
FLOORS = {
    "raw: a certificate by its key": "SELECT * FROM certificate WHERE id = 1",
    "raw: fifty by an order": (
        "SELECT * FROM certificate WHERE id IN"
        " (SELECT certificate_id FROM certificate_period ORDER BY holder_sort, certificate_id LIMIT 50)"
    ),
    PASS: "SELECT sum(agency_id) FROM certificate_period",
}


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks register_reading")
    parser.add_argument("--certificates", type=int, default=100_000)
    parser.add_argument("--database", action="append", help="URL of a database to use and to keep")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--only", default="", help="measure the pages whose name holds this")
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(describe_machine())
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = options.database or ["", stack.enter_context(postgresql_server(directory / "server"))]
        for url in urls:
            measure(directory, url, options)


def measure(directory, url, options):
    settings = Settings(data_dir=directory, database_url=url, redis_url="")
    runtime = Runtime.build(settings, clock=FakeClock(NOW), queue=RecordingQueue())
    try:
        engine = runtime.database.engine
        migrate(engine)
        with engine.connect() as connection:
            present = connection.execute(text("SELECT max(id) FROM certificate")).scalar() or 0
        if not present:
            fill(engine, options.certificates)
        show(runtime, present or options.certificates, options)
    finally:
        runtime.close()


def show(runtime, certificates, options):
    repeat, engine = options.repeat, runtime.database.engine
    choice = random.Random(1)
    keys = [choice.randrange(1, certificates + 1) for _ in range(repeat)]
    with engine.connect() as connection:
        connection.execute(text("DELETE FROM user_session"))
        connection.execute(text("DELETE FROM user_account"))
        connection.commit()
        sought = text("SELECT serial, device_number, sha256, holder, email FROM certificate WHERE id = :id")
        known = [tuple(connection.execute(sought, {"id": key}).one()) for key in keys]
    signed_in = signed_in_client(runtime, Role.ADMINISTRATOR)
    client = TestClient(
        AtServer(signed_in.app), base_url=signed_in.base_url, cookies=signed_in.cookies, headers=signed_in.headers
    )
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    print(f"\n{certificates:,} certificates, {describe_database(engine)}, up to {repeat} requests each, {load}")
    clock = ProcessorClock(engine)
    if not clock.is_whole:
        print("The processor time of the database server is not known here: `busy` is that of the application alone.")
    # As `registry serve` does, before whose pages nobody waits for garbage of the start either.
    gc.freeze()
    print(f"{'page':48}{'best':>9}{'p50':>9}{'p95':>9}{'busy':>9}{'floors':>9}{'target':>9}")
    timed(client, clock, "/healthz")
    of_page = row("floor: /healthz", [timed(client, clock, "/healthz") for _ in range(repeat)])
    floors = {name: row(name, [queried(engine, clock, sql) for _ in range(repeat)]) for name, sql in FLOORS.items()}
    for name, paths in pages(runtime, keys, known, repeat).items():
        if options.only not in name:
            continue
        # Once before, for what is read from the disk, and compiled, only once.
        timed(client, clock, paths[0])
        is_report = name.startswith("report")
        target = 2000 if is_report else 200 if name in ("home", "agency tree") else 50
        row(name, [timed(client, clock, path) for path in paths], floors[PASS] if is_report else of_page, target)
    clock.close()


def row(name, measured, floor=None, target=None):
    """Print a line; return the processor time."""
    elapsed, busy = (sorted(each) for each in zip(*measured, strict=True))
    late, processor = elapsed[math.ceil(len(elapsed) * 0.95) - 1], statistics.median(busy)
    times = (elapsed[0], statistics.median(elapsed), late, processor)
    ends = "" if floor is None else f"{processor / floor:9.1f}{target:9}{' *' if late > target else ''}"
    print(f"{name:48}" + "".join(f"{each:9.1f}" for each in times) + ends, flush=True)
    return processor


def queried(engine, clock, sql):
    with engine.connect() as connection:
        begin, busy = time.perf_counter(), clock.now()
        connection.execute(text(sql)).all()
        elapsed = time.perf_counter() - begin
        return elapsed * 1000, (clock.now() - busy) * 1000


class AtServer:
    """The application, with the seconds that its last answer took until the first and the last byte of the body."""

    def __init__(self, application):
        self.application = application
        self.until_first = self.until_last = 0.0

    async def __call__(self, scope, receive, send):
        begin, is_first = time.perf_counter(), True

        async def noting(event):
            nonlocal is_first
            if event["type"] == "http.response.body":
                self.until_last = time.perf_counter() - begin
                if is_first:
                    self.until_first, is_first = self.until_last, False
            await send(event)

        await self.application(scope, receive, noting)


def timed(client, clock, path):
    """Elapsed and processor time of a request, in milliseconds."""
    busy = clock.now()
    if ".csv" in path:
        # What counts is how soon it begins; the rest is as long as the list.
        with client.stream("GET", path) as answer:
            next(answer.iter_bytes())
            elapsed = client.app.until_first
    else:
        answer = client.get(path, follow_redirects=False)
        elapsed = client.app.until_last
    busy = clock.now() - busy
    assert answer.status_code in (200, 303), (path, answer.status_code)
    return elapsed * 1000, busy * 1000


def cursor_at(runtime, sort, place):
    """The cursor of the page that begins behind so many rows of the whole register."""
    column = sort.removeprefix("-")
    way = "DESC" if sort.startswith("-") else "ASC"
    table = CertificateRow.__table__
    value = table.c["holder_sort" if column == "holder" else column]
    order = [value.desc(), table.c.id.desc()] if way == "DESC" else [value, table.c.id]
    with runtime.database.engine.connect() as connection:
        row = connection.execute(select(value, table.c.id).order_by(*order).limit(1).offset(place)).one()
    return encode_cursor(sort, row[0] if isinstance(row[0], str) else row[0].isoformat(), row[1])


def pages(runtime, keys, known, repeat):
    def every(path):
        return [path] * repeat

    def listed(parameters):
        return every(f"/certificates?{parameters}")

    def searched(words, more=""):
        return [f"/certificates?{urlencode({'q': word})}{more}" for word in words]

    few = max(3, repeat // 4)
    middle = len(keys) and max(keys) // 2
    return {
        "list": every("/certificates"),
        **{f"list by {sort}": listed(f"sort={sort}") for sort in CertificateSort},
        **{
            f"list by {sort}, page in the middle": listed(f"sort={sort}&cursor={cursor_at(runtime, sort, middle)}")
            for sort in ("holder", "-not_after")
        },
        "list, page 2": listed(f"cursor={cursor_at(runtime, 'holder', 49)}"),
        "list of a past day": listed("as_of=2020-06-30"),
        "list of a past day, newest first": listed("as_of=2016-12-31&sort=-issued_at"),
        "active": listed("status=active"),
        **{f"active by {sort}": listed(f"status=active&sort={sort}") for sort in CertificateSort},
        "active on a past day, by expiry": listed("status=active&as_of=2018-12-31&sort=not_after"),
        "revoked": listed("status=revoked"),
        "revoked, newest first": listed("status=revoked&sort=-issued_at"),
        "suspended (none)": listed("status=suspended"),
        "expired, last ended first": listed("status=expired&sort=-not_after"),
        "level commune": listed("level=commune"),
        "level commune, organisations": listed("level=commune&kind=organisation"),
        "level school, active organisations": listed("level=school&kind=organisation&status=active"),
        "level subordinate, public CA": listed("level=subordinate&generation=public"),
        "level district, active": listed("level=district&status=active"),
        "of one agency": [f"/certificates?agency={30 + key % 3000}" for key in keys],
        "agency with large subtree": listed("agency=1"),
        "department with subtree": [f"/certificates?agency={2 + key % 25}" for key in keys],
        "department with subtree, active persons": [
            f"/certificates?agency={2 + key % 25}&kind=person&status=active" for key in keys
        ],
        "organisations": listed("kind=organisation"),
        "active organisations": listed("kind=organisation&status=active"),
        "kind and medium": listed("kind=device&medium=sim"),
        "kind and medium, newest first": listed("kind=device&medium=sim&sort=-issued_at"),
        "medium central, active, by expiry": listed("medium=central&status=active&sort=not_after"),
        "medium and generation, both rare": listed("medium=unknown&generation=unknown"),
        "public CA": listed("generation=public"),
        "first generation, active": listed("generation=G1&status=active"),
        "expiring within 30 days": listed("expiring=30&sort=not_after"),
        "expiring within 30 days, by name": listed("expiring=30"),
        "expiring within 90 days, organisations, level": listed("expiring=90&kind=organisation&level=school"),
        "expiring in a month, by name": listed("expires_from=2027-03-01&expires_until=2027-03-31"),
        "issued in a month": listed("issued_from=2024-03-01&issued_until=2024-03-31"),
        "issued in a year, newest first, active": listed(
            "issued_from=2024-01-01&issued_until=2024-12-31&status=active&sort=-issued_at"
        ),
        "weak": listed("flag=weak"),
        "weak, active, by expiry": listed("flag=weak&status=active&sort=not_after"),
        "names an ended body": listed("flag=names_ended_body&status=active"),
        "unknown CA": listed("flag=unknown_ca"),
        "replaced": listed("flag=replaced"),
        "lost": listed("custody=lost&status=active"),
        "renewed in a year": listed("event=renewed&event_from=2024-01-01&event_until=2024-12-31"),
        "revoked in a year": listed("event=revoked&event_from=2024-01-01&event_until=2024-12-31"),
        "search: serial number": searched(serial[4:16] for serial, *_ in known),
        "search: serial number with colons": searched(
            ":".join(serial[at : at + 2] for at in range(0, 30, 2)) for serial, *_ in known
        ),
        "search: device number": searched(device for _, device, *_ in known),
        "search: fingerprint": searched(sha256 for _, _, sha256, *_ in known),
        "search: e-mail": searched(email or serial for serial, *_, email in known),
        "search: full name": searched(holder for _, _, _, holder, _ in known),
        "search: full name without diacritics": searched(fold(holder) for _, _, _, holder, _ in known),
        "search: full name, active": searched((holder for _, _, _, holder, _ in known), "&status=active"),
        "search: family name": listed("q=nguyen"),
        "search: family name, active, by expiry": listed("q=nguyen&status=active&sort=not_after"),
        "search: family name, active": listed("q=nguyen&status=active"),
        "search: family name, revoked": listed("q=nguyen&status=revoked"),
        "search: family name, last first": listed("q=nguyen&sort=-holder"),
        "search: family name and middle name": listed("q=tran+thi"),
        "search: given name": listed("q=huong"),
        "search: end of a family name": listed("q=yen"),
        "search: words of most agencies": listed("q=truong+tieu+hoc"),
        "search: what all have": listed("q=bac+giang"),
        "search: two letters": listed("q=le"),
        "search: two rare letters": listed("q=zq"),
        "search: common and short words": listed("q=le+thi+an"),
        "search: nothing found": listed("q=khongcoai"),
        "search: in a department": [f"/certificates?q=hai&agency={2 + key % 25}" for key in keys],
        "search box": [f"/search?q={device}" for _, device, *_ in known],
        "search box: family name": every("/search?q=nguyen"),
        "JSON list": every("/api/v1/certificates?status=active"),
        "CSV, first bytes": every("/certificates.csv?status=active")[:few],
        "certificate": [f"/certificates/{key}" for key in keys],
        "agency": [f"/agencies/{30 + key % 3000}" for key in keys],
        "agency tree": every("/agencies")[:few],
        "home": every("/")[:few],
        "report of today": every("/api/v1/reports/issuance")[:few],
        "report of a past day": every("/api/v1/reports/issuance?as_of=2019-12-31")[:few],
    }
