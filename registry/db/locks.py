"""Locks of PostgreSQL that are wider than a row; held until the transaction ends. SQLite has one writer anyway."""

from enum import IntEnum

from sqlalchemy import Connection, text


class Lock(IntEnum):
    """What is done by one transaction at a time, and the number of its lock."""

    REGISTER = 0x1A70
    """Changing many certificates at once: two such changes would lock each other's rows for ever."""
    AGENCIES = 0x1A71
    """Changing the tree of agencies by an import."""
    MIGRATION = 0x5265_6769


def hold(connection: Connection, lock: Lock) -> None:
    """Wait until nobody else does this, and keep others out until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({lock:d})"))
