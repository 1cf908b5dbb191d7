"""Processor time of this process and of the database server that works for it: a busy machine does not change it."""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import text


class ProcessorClock:
    """Seconds of processor time so far. Of a PostgreSQL server on another machine nothing can be told: see `is_whole`.

    Workers that PostgreSQL starts for one statement are gone before they could be asked.
    """

    def __init__(self, engine):
        self.is_whole = True
        self._connection = None
        if engine.dialect.name == "postgresql":
            self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            own = self._connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            name = Path(f"/proc/{own}/comm")
            self.is_whole = name.exists() and "postgres" in name.read_text()

    def now(self):
        return time.process_time() + (self._of_server() if self._connection is not None and self.is_whole else 0.0)

    def close(self):
        if self._connection is not None:
            self._connection.close()

    def _of_server(self):
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        found = self._connection.execute(text(f"SELECT pid FROM pg_stat_activity WHERE {others}"))
        files = (Path(f"/proc/{pid}/schedstat") for pid in found.scalars())
        return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1e9


def describe_database(engine):
    """The database and its version, with what it may keep in memory."""
    if engine.dialect.name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with engine.connect() as connection:
        version, buffers = (
            connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("server_version", "shared_buffers")
        )
    return f"PostgreSQL {version.split()[0]}, shared_buffers {buffers}"
