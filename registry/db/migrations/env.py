"""Run by Alembic for every migration command."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text
from sqlmodel.sql.sqltypes import AutoString

from registry.db.engine import WRITES
from registry.db.locks import Lock, hold
from registry.db.tables import metadata
from registry.db.types import EnumText, UTCDateTime


def _render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as plain SQLAlchemy ones, so that old migrations do not depend on today's code."""
    del autogen
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, EnumText):
        return "sa.String(length=30)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def _is_ours(item: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:  # noqa: FBT001 (Alembic)
    """Leave out of comparisons what only migrations know: the index that text is searched by."""
    del item, kind, reflected, compared
    return not (name or "").startswith(("certificate_search", "ix_certificate_search_trigrams"))


def _run(connection: Connection) -> None:
    hold(connection, Lock.MIGRATION)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '4s'"))
        connection.execute(text("SET LOCAL statement_timeout = '60s'"))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render_item,
        include_object=_is_ours,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


# One transaction for the run: on SQLite `BEGIN IMMEDIATE` keeps other processes out, on PostgreSQL the advisory lock.
with context.config.attributes["engine"].execution_options(**{WRITES: True}).begin() as _connection:
    _run(_connection)
