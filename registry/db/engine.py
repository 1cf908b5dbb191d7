"""Engines for SQLite and PostgreSQL with the settings that make them safe under several processes."""

from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

WRITES = "registry_writes"
"""Execution option: the transaction is going to write."""

_BUSY_SECONDS: Final = 300
"""How long a writer waits for another on SQLite: longer than the longest import there may be takes to be entered."""
_USUAL_KIBIBYTES: Final = 2000
"""SQLite's own default."""
_ROOM_KIBIBYTES: Final = 96 * 1024
_HAS_ROOM: Final = "registry_has_room"


def create_database_engine(url: str) -> Engine:
    """Build an engine; nothing is connected yet. `url` is SQLite or PostgreSQL (psycopg 3).

    On SQLite a writing transaction takes the write lock at its start (`BEGIN IMMEDIATE`): a transaction that began by
    reading cannot be upgraded once somebody else has written, and would fail at once instead of waiting.
    """
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_pre_ping=True)
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    engine.dialect.statement_compiler = _HintingCompiler
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _end_sqlite)
    return engine


def take_room(connection: Connection) -> None:
    """Let SQLite hold more pages in memory until the connection is given back: for a transaction that writes very much.

    With its usual two megabytes it writes every page of an index many times over. PostgreSQL has one store for all.
    """
    if connection.dialect.name == "sqlite":
        connection.info[_HAS_ROOM] = True
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_ROOM_KIBIBYTES}")


class _HintingCompiler(SQLiteCompiler):
    """Writes hints such as `INDEXED BY …`, which SQLite understands and SQLAlchemy leaves out for it."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        """What follows the name of the table."""
        del table
        return text


def _prepare_postgresql(connection: Any, record: object) -> None:
    del record
    with connection.cursor() as cursor:
        # Compiling a plan takes longer than most of our statements do; a plan made once for all values of a prepared
        # statement suits neither a rare value nor a common one; and a register is read from memory or flash, where a
        # page anywhere costs little more than the next one. What holds a common word among a million certificates fits in
        # so much memory; in the usual four megabytes every letter of it would be compared again.
        cursor.execute(
            "SELECT set_config('jit', 'off', false), set_config('plan_cache_mode', 'force_custom_plan', false),"
            " set_config('random_page_cost', '1.1', false), set_config('work_mem', '32MB', false)"
        )
    connection.commit()


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    # The driver would begin transactions by itself, and only before writes; `_begin_sqlite` does it for all.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _end_sqlite(connection: Any, record: Any) -> None:
    """Roll back what a failed COMMIT left open: SQLAlchemy takes it for ended, SQLite holds its lock until it is."""
    if connection is None:
        return
    if connection.in_transaction:
        connection.rollback()
    if record.info.pop(_HAS_ROOM, False):
        connection.execute(f"PRAGMA cache_size=-{_USUAL_KIBIBYTES}")
