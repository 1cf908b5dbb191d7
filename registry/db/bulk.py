"""Writing many rows at once, several times as fast as one by one through the mapped classes.

SQLite takes hundreds of rows in one statement, whose triggers then share what they prepare for each statement; the
driver of PostgreSQL reads the parameters of such a statement slowly and copies rows quickly.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

_MOST_PARAMETERS: Final = 32_000
"""SQLite takes 32,766 in a statement."""
_WORTH_COPYING: Final = 20
"""Fewer rows than these are sent in a statement."""


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, which all give the same columns as the first. Raises what the database raises for a wrong one."""
    if not rows:
        return
    connection = session.connection()
    names = tuple(rows[0])
    if connection.dialect.name != "postgresql":
        _insert_in_statements(connection, table, names, rows)
    elif len(rows) < _WORTH_COPYING:
        connection.execute(postgresql.insert(table), list(rows))
    else:
        _copy(connection, table, table.name, names, rows)


def insert_new_rows(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], returning: Sequence[str]
) -> list[Sequence[Any]]:
    """Insert the rows that break no unique constraint, and return columns of these alone, in no certain order.

    The constraints decide who was first when two do it at once. All rows give the same columns as the first.
    """
    if not rows:
        return []
    connection = session.connection()
    names = tuple(rows[0])
    if connection.dialect.name != "postgresql":
        return _insert_in_statements(connection, table, names, rows, returning)
    wanted = [table.c[name] for name in returning]
    if len(rows) < _WORTH_COPYING:
        statement = postgresql.insert(table).values(list(rows)).on_conflict_do_nothing().returning(*wanted)
        return list(connection.execute(statement))
    # COPY itself stops at the first conflict.
    incoming = f"incoming_{table.name}"
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} ON COMMIT DROP AS SELECT * FROM {table.name} WITH NO DATA"  # noqa: S608 (our own names)
    )
    connection.exec_driver_sql(f"TRUNCATE {incoming}")
    _copy(connection, table, incoming, names, rows)
    columns = _listed(connection, names)
    return list(
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {incoming}"  # noqa: S608 (our own names)
            f" ON CONFLICT DO NOTHING RETURNING {_listed(connection, returning)}"
        )
    )


def update_rows(session: Session, table: Table, changes: Sequence[Mapping[str, Any]]) -> None:
    """Change rows; each change has the `id` and the same columns as the first."""
    if not changes:
        return
    names = [name for name in changes[0] if name != "id"]
    # Below the mapped class, which would send one statement for each row.
    session.connection().execute(
        update(table).where(table.c.id == bindparam("key")).values({name: bindparam(name) for name in names}),
        [{("key" if name == "id" else name): value for name, value in change.items()} for change in changes],
    )


def _insert_in_statements(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
    returning: Sequence[str] = (),
) -> list[Sequence[Any]]:
    most = _MOST_PARAMETERS // len(names)
    beginning = f"INSERT INTO {table.name} ({_listed(connection, names)}) VALUES "  # noqa: S608 (our own names)
    ending = f" ON CONFLICT DO NOTHING RETURNING {_listed(connection, returning)}" if returning else ""
    found: list[Sequence[Any]] = []
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        statement = beginning + _places(len(names), len(part)) + ending
        result = connection.exec_driver_sql(
            statement, tuple(chain.from_iterable(_stored(connection, table, names, part)))
        )
        if returning:
            found.extend(result)
    return found


@lru_cache(maxsize=32)
def _places(columns: int, rows: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


def _listed(connection: Connection, names: Sequence[str]) -> str:
    return ", ".join(map(connection.dialect.identifier_preparer.quote, names))


def _copy(
    connection: Connection, table: Table, target: str, names: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> None:
    # What checks the foreign keys of each row is planned once. Our connections plan anew every time, which suits lists.
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = 'auto'")
    driver: Any = connection.connection
    statement = f"COPY {target} ({_listed(connection, names)}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in _stored(connection, table, names, rows):
                copy.write_row(row)
    except psycopg.Error as error:
        # Told as SQLAlchemy tells the errors of every other statement.
        raise DBAPIError.instance(statement, None, error, psycopg.Error, dialect=connection.dialect) from error


def _stored(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    """The values as the driver takes them, converted column by column."""
    columns: list[Iterable[Any]] = []
    for name in names:
        convert = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        values = [row[name] for row in rows]
        columns.append(map(convert, values) if convert is not None else values)
    return zip(*columns, strict=True)
