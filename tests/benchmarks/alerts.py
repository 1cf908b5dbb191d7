"""Alerts at the size of a nation: how long a scan takes and what memory it needs, and how fast the digests leave.

    python -m tests.benchmarks alerts [--certificates N] [--mails N] [--connections N]... [--repeat N] [--database URL]...

Both on SQLite and on a PostgreSQL server started for it, with registers that are made and thrown away. Each run is a
process of its own; p50 is the median of the runs, CPU their median processor time with that of the database server. The
floors are the query for the same candidates with the bare driver and the same finished messages sent by `smtplib`, in
the same run. A register of a million takes minutes to make; `--database` scans one as it is instead (no mails) and
FORGETS what was told before. Nothing is asserted.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import psycopg

from registry.settings import Settings
from tests.benchmarks._alert_mails import measure_mails, smtp_process
from tests.benchmarks._alert_scan import measure_scans
from tests.benchmarks.verdict import describe_machine
from tests.services import postgresql_server


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks alerts")
    parser.add_argument("--certificates", type=int, default=100_000, help="0: no scans")
    parser.add_argument("--mails", type=int, default=10_000, help="0: no mails")
    parser.add_argument("--connections", type=int, action="append", help="may be given several times; default: 4")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--database", action="append", default=[], help="URL of a register; may be given several times")
    options = parser.parse_args(arguments)
    print(describe_machine())
    packages = ("sqlalchemy", "sqlmodel", "psycopg", "holidays", "aiosmtpd")
    print(", ".join(f"{name} {version(name)}" for name in packages), "\n")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))

        def settings_of(name, url):
            folder = directory / name
            folder.mkdir(exist_ok=True)
            return Settings(data_dir=folder, database_url=url, redis_url="")

        if options.database:
            for number, url in enumerate(options.database):
                measure_scans(settings_of(f"given{number}", url), options.certificates, options.repeat)
            return
        server = stack.enter_context(postgresql_server(directory / "server"))
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE mails")
        mails_url = server.replace("/postgres?", "/mails?", 1)
        if options.certificates:
            for name, url in (("scans", ""), ("scans-postgresql", server)):
                measure_scans(settings_of(name, url), options.certificates, options.repeat)
        if options.mails:
            port = stack.enter_context(smtp_process())
            for name, url in (("mails", ""), ("mails-postgresql", mails_url)):
                settings = settings_of(name, url)
                measure_mails(
                    settings,
                    options.mails,
                    connections=options.connections or [4],
                    repeat=options.repeat,
                    port=port,
                    directory=directory,
                )
