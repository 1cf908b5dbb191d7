"""Column types and the base of all tables."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

# SQLite gives automatic keys to INTEGER PRIMARY KEY only.
KeyInteger = BigInteger().with_variant(Integer(), "sqlite")


# Keys made by `certs.text.sort_key`, and paths: compared by code point whatever the server's locale is, also in indexes.
CodePointText = Text().with_variant(Text(collation="C"), "postgresql")


class Table(SQLModel):
    """Base of every table. Assignments are validated too: rows are never a way round the checks of their types."""

    model_config = {"validate_assignment": True}


class _Keyed(Protocol):
    id: int | None


def key_of(row: _Keyed) -> int:
    """The key that the database gave the row; raises `ValueError` before it is stored."""
    if row.id is None:
        raise ValueError(f"{type(row).__name__} is not stored yet")
    return row.id


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database. A naive value raises `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite keeps no zone, so it gets the naive UTC value."""
        moment = None if value is None else _in_utc(value)
        return moment.replace(tzinfo=None) if moment is not None and dialect.name == "sqlite" else moment

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """The same for SQLite in one step and not in three: an import writes a million times."""
        return _as_sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC time whatever the database keeps."""
        del dialect
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _as_sqlite_text(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).isoformat(" ", "microseconds")[:_LENGTH_WITHOUT_ZONE]


_LENGTH_WITHOUT_ZONE = len("2026-11-23 05:00:00.000000")


class EnumText(TypeDecorator[StrEnum]):
    """A `StrEnum` as its value in a text column: a new member needs no migration, and SQL reads as words."""

    impl = String(30)
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Refuse what is not a member with `ValueError`."""
        del dialect
        return None if value is None else self.members(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        """Return the member."""
        del dialect
        return None if value is None else self.members(value)
