"""counts that are kept while the register is written, so that pages need not read a million certificates

Two tables hold from when on how many certificates more or fewer count: by agency, and by the day of their end. Triggers
add to them, whoever writes. A later migration that makes SQLite rebuild `certificate_period` has to create its triggers
again.
"""

# ruff: noqa: S608 (every part of the statements stands in this file)

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PERIOD = (
    *("effective_from", "effective_until", "agency_id", "status", "custody", "is_replaced"),
    *("kind", "generation", "named_agency_id", "not_before", "not_after", "is_weak"),
)
"""The columns of a period that decide what it counts for."""
_AGENCY_MEASURES = (
    *("held", "usable", "active", "organisations", "unreplaced", "lost", "locked", "weak", "unknown_ca"),
)
_EXPIRY_MEASURES = ("unrevoked", "begun")
_TABLES = {
    "agency_count": (("at", "is_after", "agency_id", "named_agency_id"), _AGENCY_MEASURES),
    "expiry_count": (("at", "expires_on", "kind"), _EXPIRY_MEASURES),
}
_FOREVER = "'9999-12-31'"


_PERIOD_COUNTS = "kind IS NOT NULL AND effective_from < effective_until"
_ACTIVE = "status = 'active'"
_AGENCY_STEPS = (
    # From when on, whether only after that moment, and by how much it is held, usable and active; and when it is so.
    # It is held in [from, until), usable in it until its `not_after`, and active from its `not_before`.
    (
        *(
            "effective_from",
            "FALSE",
            "1",
            "CASE WHEN status <> 'revoked' AND not_after >= effective_from THEN 1 ELSE 0 END",
        ),
        f"CASE WHEN {_ACTIVE} AND not_after >= effective_from AND not_before <= effective_from THEN 1 ELSE 0 END",
        "TRUE",
    ),
    (
        *("not_before", "FALSE", "0", "0", "1"),
        f"{_ACTIVE} AND not_before > effective_from AND not_before < effective_until AND not_before <= not_after",
    ),
    (
        *("not_after", "TRUE", "0", "-1", f"CASE WHEN {_ACTIVE} AND not_before <= not_after THEN -1 ELSE 0 END"),
        "status <> 'revoked' AND not_after >= effective_from AND not_after < effective_until",
    ),
    (
        *("effective_until", "FALSE", "-1"),
        "CASE WHEN status <> 'revoked' AND not_after >= effective_until THEN -1 ELSE 0 END",
        f"CASE WHEN {_ACTIVE} AND not_after >= effective_until AND not_before < effective_until THEN -1 ELSE 0 END",
        f"effective_until < {_FOREVER}",
    ),
)
_EXPIRY_STEPS = (
    # The same by how much it is unrevoked and begun; that its end has come is left to the reader.
    ("effective_from", "1", f"CASE WHEN {_ACTIVE} AND not_before <= effective_from THEN 1 ELSE 0 END", "TRUE"),
    ("not_before", "0", "1", f"{_ACTIVE} AND not_before > effective_from AND not_before < effective_until"),
    (
        *("effective_until", "-1", f"CASE WHEN {_ACTIVE} AND not_before < effective_until THEN -1 ELSE 0 END"),
        f"effective_until < {_FOREVER}",
    ),
)


def _agency_entries(periods: str, *, is_sqlite: bool) -> str:
    """What each of `periods` adds and takes away again, and when: a statement that reads them."""
    facts = ("agency_id", "named_agency_id", "kind", "is_replaced", "custody", "is_weak", "generation")
    names = ("at", "is_after", "h", "u", "a")
    steps = _steps(periods, _PERIOD_COUNTS, _AGENCY_STEPS, names=names, facts=facts, is_sqlite=is_sqlite)
    return f"""SELECT at, is_after, agency_id, named_agency_id, h AS held, u AS usable, a AS active,
        CASE WHEN kind = 'organisation' THEN a ELSE 0 END AS organisations,
        CASE WHEN is_replaced THEN 0 ELSE a END AS unreplaced,
        CASE WHEN custody = 'lost' THEN a ELSE 0 END AS lost,
        CASE WHEN custody = 'locked' THEN a ELSE 0 END AS locked,
        CASE WHEN is_weak THEN a ELSE 0 END AS weak,
        CASE WHEN generation = 'unknown' THEN a ELSE 0 END AS unknown_ca
        FROM {steps}"""


def _expiry_entries(periods: str, *, is_sqlite: bool) -> str:
    """The same by the day of the end in Viet Nam."""
    day = "date(not_after, '+7 hours')" if is_sqlite else "(not_after AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
    counts = f"{_PERIOD_COUNTS} AND status <> 'revoked' AND NOT is_replaced"
    names = ("at", "unrevoked", "begun")
    steps = _steps(periods, counts, _EXPIRY_STEPS, names=names, facts=("not_after", "kind"), is_sqlite=is_sqlite)
    return f"SELECT at, {day} AS expires_on, kind, unrevoked, begun FROM {steps}"


def _steps(
    periods: str,
    counts: str,
    steps: tuple[tuple[str, ...], ...],
    *,
    names: tuple[str, ...],
    facts: tuple[str, ...],
    is_sqlite: bool,
) -> str:
    """The steps of the periods that count, as a table of `names` and `facts`."""
    if is_sqlite:
        parts = []
        for *values, happens in steps:
            columns = ", ".join(f"{value} AS {name}" for value, name in zip(values, names, strict=True))
            parts.append(f"SELECT {columns}, {', '.join(facts)} FROM {periods} WHERE {counts} AND {happens}")
        return f"({' UNION ALL '.join(parts)}) AS steps"
    rows = ", ".join(f"({', '.join(step)})" for step in steps)
    return (
        f"{periods} CROSS JOIN LATERAL (VALUES {rows}) AS steps ({', '.join(names)}, happens)"
        f" WHERE happens AND {counts}"
    )


def _add(table: str, entries: str, sign: str = "") -> str:
    keys, measures = _TABLES[table]
    signed = ", ".join(f"{sign}{measure}" for measure in measures)
    return (
        f"INSERT INTO {table} (is_sum, {', '.join((*keys, *measures))})"
        f" SELECT FALSE, {', '.join(keys)}, {signed} FROM ({entries}) AS entries"
    )


_ENTRIES = {"agency_count": _agency_entries, "expiry_count": _expiry_entries}


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "agency_count",
        sa.Column("id", key, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_after", sa.Boolean(), nullable=False),
        sa.Column("is_sum", sa.Boolean(), nullable=False),
        sa.Column("agency_id", key, nullable=False),
        sa.Column("named_agency_id", key, nullable=False),
        *(sa.Column(measure, sa.Integer(), nullable=False) for measure in _AGENCY_MEASURES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_count")),
    )
    op.create_table(
        "expiry_count",
        sa.Column("id", key, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sum", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        *(sa.Column(measure, sa.Integer(), nullable=False) for measure in _EXPIRY_MEASURES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expiry_count")),
    )
    # What can be read by the name of a view can be counted anew, too.
    for table, entries in _ENTRIES.items():
        op.execute(sa.text(f"CREATE VIEW {table}_entries AS {entries('certificate_period', is_sqlite=is_sqlite)}"))
    for table in _TABLES:
        _sum_up(table, is_sqlite=is_sqlite)
    op.create_index("ix_agency_count_at", "agency_count", ["at"])
    op.create_index(
        "ix_agency_count_is_sum",
        "agency_count",
        ["at"],
        sqlite_where=sa.text("is_sum = 1"),
        postgresql_where=sa.text("is_sum"),
    )
    op.create_index("ix_expiry_count_expires_on_at", "expiry_count", ["expires_on", "at"])
    for statement in _sqlite_triggers() if is_sqlite else _postgresql_triggers():
        op.execute(sa.text(statement))


def _sum_up(table: str, *, is_sqlite: bool) -> None:
    """Count what there is: sums of everything until yesterday, and each step from then on."""
    keys, measures = _TABLES[table]
    horizon = (
        "strftime('%Y-%m-%d 00:00:00.000000', 'now', '-1 day')" if is_sqlite else "(current_date - 1)::timestamptz"
    )
    groups = ", ".join(key for key in keys if key not in ("at", "is_after"))
    sums = ", ".join(f"sum({measure})" for measure in measures)
    some = " OR ".join(f"sum({measure}) <> 0" for measure in measures)
    columns = ", ".join(("is_sum", *keys, *measures))
    at = f"TRUE, {horizon}" + (", FALSE" if "is_after" in keys else "")
    op.execute(
        sa.text(
            f"INSERT INTO {table} ({columns}) SELECT {at}, {groups}, {sums} FROM {table}_entries"
            f" WHERE at < {horizon} GROUP BY {groups} HAVING {some}"
        )
    )
    op.execute(sa.text(_add(table, f"SELECT * FROM {table}_entries WHERE at >= {horizon}")))


def _sqlite_triggers() -> tuple[str, ...]:
    def trigger(name: str, event: str, row: str, sign: str, condition: str) -> str:
        period = f"(SELECT {', '.join(f'{row}.{column} AS {column}' for column in _PERIOD)})"
        body = "".join(
            f"{_add(table, entries(period, is_sqlite=True), sign)};\n" for table, entries in _ENTRIES.items()
        )
        # A new period has its facts from its certificate only when it is changed to them.
        return f"""CREATE TRIGGER certificate_period_count_{name} AFTER {event} ON certificate_period
        WHEN {row}.kind IS NOT NULL {condition} BEGIN {body} END"""

    changed = f"AND ({' OR '.join(f'OLD.{name} IS NOT NEW.{name}' for name in _PERIOD)})"
    return (
        trigger("insert", "INSERT", "NEW", "", ""),
        trigger("delete", "DELETE", "OLD", "-", ""),
        trigger("update_from", "UPDATE", "OLD", "-", changed),
        trigger("update_to", "UPDATE", "NEW", "", changed),
    )


def _postgresql_triggers() -> tuple[str, ...]:
    """For each statement and not for each row: many rows at once are read in one go."""

    def add(rows: str, sign: str) -> str:
        return "".join(f"{_add(table, entries(rows, is_sqlite=False), sign)};\n" for table, entries in _ENTRIES.items())

    def change() -> str:
        # What a change leaves as it was comes to nothing.
        body = ""
        for table, entries in _ENTRIES.items():
            keys, measures = _TABLES[table]
            groups, names = ", ".join(keys), ", ".join(measures)
            taken = ", ".join(f"-{measure}" for measure in measures)
            sums = ", ".join(f"sum({measure})" for measure in measures)
            some = " OR ".join(f"sum({measure}) <> 0" for measure in measures)
            body += (
                f"INSERT INTO {table} (is_sum, {groups}, {names}) SELECT FALSE, {groups}, {sums} FROM ("
                f"SELECT {groups}, {names} FROM ({entries('added', is_sqlite=False)}) AS come UNION ALL"
                f" SELECT {groups}, {taken} FROM ({entries('removed', is_sqlite=False)}) AS gone"
                f") AS steps GROUP BY {groups} HAVING {some};\n"
            )
        return body

    def function(event: str, body: str) -> str:
        return (
            f"CREATE FUNCTION registry_count_{event}() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN {body} RETURN NULL; END $$"
        )

    def trigger(event: str, tables: str) -> str:
        return f"""CREATE TRIGGER certificate_period_count_{event} AFTER {event.upper()} ON certificate_period
        REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION registry_count_{event}()"""

    return (
        function("insert", add("added", "")),
        function("delete", add("removed", "-")),
        function("update", change()),
        trigger("insert", "NEW TABLE AS added"),
        trigger("delete", "OLD TABLE AS removed"),
        trigger("update", "OLD TABLE AS removed NEW TABLE AS added"),
    )


def downgrade() -> None:
    """Take back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        for event in ("insert", "delete", "update_from", "update_to"):
            op.execute(f"DROP TRIGGER certificate_period_count_{event}")
    else:
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER certificate_period_count_{event} ON certificate_period")
            op.execute(f"DROP FUNCTION registry_count_{event}")
    for table in _TABLES:
        op.execute(f"DROP VIEW {table}_entries")
        op.drop_table(table)
