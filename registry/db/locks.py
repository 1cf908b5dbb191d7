"""Locks that are wider than a row."""

from typing import Final

from sqlalchemy import text
from sqlmodel import Session

_REGISTER: Final = 0x1A70


def lock_register(session: Session) -> None:
    """Wait until nobody else changes many certificates at once, and keep others out until the transaction ends.

    Two of them would lock each other's rows for ever. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_REGISTER})"))
