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


def _agency_entries(periods: str) -> str:
    """What each of `periods` adds and takes away again, and when: a statement that reads them.

    It is held in [from, until), usable until its `not_after`, and active from its `not_before`.
    """
    whole = f"FROM {periods} WHERE kind IS NOT NULL AND effective_from < effective_until"
    moments = (
        f"""SELECT effective_from AS at, FALSE AS is_after, 1 AS h,
            CASE WHEN status <> 'revoked' AND not_after >= effective_from THEN 1 ELSE 0 END AS u,
            CASE WHEN status = 'active' AND not_after >= effective_from AND not_before <= effective_from
                THEN 1 ELSE 0 END AS a,
            {{columns}} {whole}""",
        f"""SELECT not_before, FALSE, 0, 0, 1, {{columns}} {whole}
            AND status = 'active' AND not_before > effective_from AND not_before < effective_until
            AND not_before <= not_after""",
        f"""SELECT not_after, TRUE, 0, -1,
            CASE WHEN status = 'active' AND not_before <= not_after THEN -1 ELSE 0 END, {{columns}} {whole}
            AND status <> 'revoked' AND not_after >= effective_from AND not_after < effective_until""",
        f"""SELECT effective_until, FALSE, -1,
            CASE WHEN status <> 'revoked' AND not_after >= effective_until THEN -1 ELSE 0 END,
            CASE WHEN status = 'active' AND not_after >= effective_until AND not_before < effective_until
                THEN -1 ELSE 0 END,
            {{columns}} {whole} AND effective_until < {_FOREVER}""",
    )
    columns = "agency_id, named_agency_id, kind, is_replaced, custody, is_weak, generation"
    steps = " UNION ALL ".join(moment.format(columns=columns) for moment in moments)
    return f"""SELECT at, is_after, agency_id, named_agency_id, h AS held, u AS usable, a AS active,
        CASE WHEN kind = 'organisation' THEN a ELSE 0 END AS organisations,
        CASE WHEN is_replaced THEN 0 ELSE a END AS unreplaced,
        CASE WHEN custody = 'lost' THEN a ELSE 0 END AS lost,
        CASE WHEN custody = 'locked' THEN a ELSE 0 END AS locked,
        CASE WHEN is_weak THEN a ELSE 0 END AS weak,
        CASE WHEN generation = 'unknown' THEN a ELSE 0 END AS unknown_ca
        FROM ({steps}) AS steps"""


def _expiry_entries(periods: str, day: str) -> str:
    """The same by the day of the end; that the end has come is left to the reader."""
    whole = f"""FROM {periods} WHERE kind IS NOT NULL AND effective_from < effective_until
        AND status <> 'revoked' AND NOT is_replaced"""
    return f"""SELECT effective_from AS at, {day} AS expires_on, kind, 1 AS unrevoked,
            CASE WHEN status = 'active' AND not_before <= effective_from THEN 1 ELSE 0 END AS begun {whole}
        UNION ALL SELECT not_before, {day}, kind, 0, 1 {whole}
            AND status = 'active' AND not_before > effective_from AND not_before < effective_until
        UNION ALL SELECT effective_until, {day}, kind, -1,
            CASE WHEN status = 'active' AND not_before < effective_until THEN -1 ELSE 0 END {whole}
            AND effective_until < {_FOREVER}"""


def _add(table: str, entries: str, sign: str = "") -> str:
    keys, measures = _TABLES[table]
    signed = ", ".join(f"{sign}{measure}" for measure in measures)
    return (
        f"INSERT INTO {table} (is_sum, {', '.join((*keys, *measures))})"
        f" SELECT FALSE, {', '.join(keys)}, {signed} FROM ({entries}) AS entries"
    )


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
    day = "date(not_after, '+7 hours')" if is_sqlite else "(not_after AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
    op.execute(sa.text(f"CREATE VIEW agency_count_entries AS {_agency_entries('certificate_period')}"))
    op.execute(sa.text(f"CREATE VIEW expiry_count_entries AS {_expiry_entries('certificate_period', day)}"))
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
    for statement in _sqlite_triggers(day) if is_sqlite else _postgresql_triggers(day):
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


def _sqlite_triggers(day: str) -> tuple[str, ...]:
    def add(row: str, sign: str = "") -> str:
        period = f"(SELECT {', '.join(f'{row}.{name} AS {name}' for name in _PERIOD)})"
        entries = {"agency_count": _agency_entries(period), "expiry_count": _expiry_entries(period, day)}
        return "".join(f"{_add(table, each, sign)};\n" for table, each in entries.items())

    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _PERIOD)
    return (
        f"CREATE TRIGGER certificate_period_count_insert AFTER INSERT ON certificate_period BEGIN {add('NEW')} END",
        f"CREATE TRIGGER certificate_period_count_delete AFTER DELETE ON certificate_period BEGIN {add('OLD', '-')} END",
        f"""CREATE TRIGGER certificate_period_count_update AFTER UPDATE ON certificate_period WHEN {changed}
        BEGIN {add("OLD", "-")} {add("NEW")} END""",
    )


def _postgresql_triggers(day: str) -> tuple[str, ...]:
    """For each statement and not for each row: many rows at once are summed up before they are added."""

    def function(event: str, *signs: tuple[str, str]) -> str:
        body = ""
        for table, (keys, measures) in _TABLES.items():
            parts = []
            for rows, sign in signs:
                entries = _agency_entries(rows) if table == "agency_count" else _expiry_entries(rows, day)
                signed = ", ".join(f"{sign}{measure} AS {measure}" for measure in measures)
                parts.append(f"SELECT {', '.join(keys)}, {signed} FROM ({entries}) AS entries")
            groups, sums = ", ".join(keys), ", ".join(f"sum({measure})" for measure in measures)
            some = " OR ".join(f"sum({measure}) <> 0" for measure in measures)
            body += (
                f"INSERT INTO {table} (is_sum, {groups}, {', '.join(measures)}) SELECT FALSE, {groups}, {sums}"
                f" FROM ({' UNION ALL '.join(parts)}) AS steps GROUP BY {groups} HAVING {some};\n"
            )
        name = f"registry_count_{event}"
        return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"

    def trigger(event: str, tables: str) -> str:
        return f"""CREATE TRIGGER certificate_period_count_{event} AFTER {event.upper()} ON certificate_period
        REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION registry_count_{event}()"""

    return (
        function("insert", ("added", "")),
        function("delete", ("removed", "-")),
        function("update", ("removed", "-"), ("added", "")),
        trigger("insert", "NEW TABLE AS added"),
        trigger("delete", "OLD TABLE AS removed"),
        trigger("update", "OLD TABLE AS removed NEW TABLE AS added"),
    )


def downgrade() -> None:
    """Take back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER certificate_period_count_{event}" + ("" if is_sqlite else " ON certificate_period"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION registry_count_{event}")
    for table in _TABLES:
        op.execute(f"DROP VIEW {table}_entries")
        op.drop_table(table)
