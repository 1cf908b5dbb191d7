"""Alerts at the size of a nation: how long a scan takes and what memory it needs.

    python -m tests.benchmarks alerts [--certificates N] [--database URL]... [--postgresql]

Each scan runs in a process of its own. The floor is the query for the same candidates with the bare driver, in the same
run. `--database` takes a register as it is and FORGETS what was told before; without it one is made and thrown away, on
SQLite, or on a PostgreSQL server started for it. Nothing is asserted.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from registry.settings import Settings
from tests.benchmarks._alert_scan import measure_scans
from tests.benchmarks.verdict import describe_machine
from tests.services import postgresql_server


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks alerts")
    parser.add_argument("--certificates", type=int, default=100_000)
    parser.add_argument("--database", action="append", default=[], help="URL of a register; may be given several times")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server started for it")
    options = parser.parse_args(arguments)
    print(describe_machine())
    print(", ".join(f"{name} {version(name)}" for name in ("sqlalchemy", "sqlmodel", "psycopg", "holidays")), "\n")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = list(options.database)
        if options.postgresql:
            urls.append(stack.enter_context(postgresql_server(directory / "server")))
        for number, url in enumerate(urls or [""]):
            settings = Settings(data_dir=directory / str(number), database_url=url, redis_url="")
            settings.data_dir.mkdir(exist_ok=True)
            measure_scans(settings, options.certificates)
