"""a register that is quick at a million certificates

Every period carries copies of what its certificate says and people filter and count by, so that counting reads one
index instead of two tables; and three letters anywhere in the search text find a certificate through an index. Triggers
keep both, whoever writes. A later migration that makes SQLite rebuild `certificate` or `certificate_period` has to
create their triggers again.
"""

# ruff: noqa: S608 (every part of the statements stands in this file)

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COPIES = ("kind", "medium", "generation", "named_agency_id", "issued_at", "not_before", "not_after")
_WEAK = (
    "(lower(signature_algorithm) LIKE '%sha1%' OR lower(signature_algorithm) LIKE '%md5%'"
    " OR lower(signature_algorithm) LIKE '%md2%' OR key_algorithm = 'DSA'"
    " OR (key_algorithm = 'RSA' AND key_bits BETWEEN 1 AND 2047)"
    " OR (key_algorithm = 'EC' AND key_bits BETWEEN 1 AND 255))"
)
_NAMES = ", ".join((*_COPIES, "is_weak"))
_VALUES = ", ".join((*_COPIES, _WEAK))
_SOURCES = ", ".join((*_COPIES, "signature_algorithm", "key_algorithm", "key_bits"))


def upgrade() -> None:
    """Apply."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("certificate_period") as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("medium", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("generation", sa.String(length=20), nullable=True))
        batch_op.add_column(
            sa.Column("named_agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("not_after", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("is_weak", sa.Boolean(), nullable=True))
        batch_op.drop_index("ix_certificate_period_agency_id_effective_until")
    op.execute(
        f"UPDATE certificate_period SET ({_NAMES}) ="
        f" (SELECT {_VALUES} FROM certificate WHERE certificate.id = certificate_id)"
    )
    op.create_index(
        "ix_certificate_period_agency_id_facts",
        "certificate_period",
        [
            *("agency_id", "kind", "medium", "generation", "status", "effective_from", "effective_until"),
            *("not_before", "not_after", "issued_at", "is_replaced", "certificate_id"),
        ],
    )
    op.create_index(
        "ix_certificate_period_not_after_facts",
        "certificate_period",
        ["not_after", "kind", "status", "is_replaced", "effective_from", "effective_until", "not_before", "agency_id"],
    )
    op.create_index("ix_certificate_period_custody", "certificate_period", ["custody"])
    op.create_index("ix_certificate_period_generation", "certificate_period", ["generation"])
    op.create_index(
        "ix_certificate_period_is_weak",
        "certificate_period",
        ["is_weak"],
        sqlite_where=sa.text("is_weak = 1"),
        postgresql_where=sa.text("is_weak"),
    )
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(sa.text(statement))


# The search table holds no text, only which certificate has which three letters: what it finds is compared again.
_SQLITE = (
    "CREATE VIRTUAL TABLE certificate_search USING fts5(search, content='', tokenize='trigram', detail='none')",
    "INSERT INTO certificate_search (rowid, search) SELECT id, search FROM certificate",
    """CREATE TRIGGER certificate_search_insert AFTER INSERT ON certificate BEGIN
        INSERT INTO certificate_search (rowid, search) VALUES (NEW.id, NEW.search);
    END""",
    """CREATE TRIGGER certificate_search_delete AFTER DELETE ON certificate BEGIN
        INSERT INTO certificate_search (certificate_search, rowid, search) VALUES ('delete', OLD.id, OLD.search);
    END""",
    """CREATE TRIGGER certificate_search_update AFTER UPDATE OF search ON certificate
    WHEN OLD.search <> NEW.search BEGIN
        INSERT INTO certificate_search (certificate_search, rowid, search) VALUES ('delete', OLD.id, OLD.search);
        INSERT INTO certificate_search (rowid, search) VALUES (NEW.id, NEW.search);
    END""",
    f"""CREATE TRIGGER certificate_period_copies AFTER INSERT ON certificate_period BEGIN
        UPDATE certificate_period SET ({_NAMES}) =
            (SELECT {_VALUES} FROM certificate WHERE certificate.id = NEW.certificate_id)
        WHERE id = NEW.id;
    END""",
    f"""CREATE TRIGGER certificate_copies AFTER UPDATE OF {_SOURCES} ON certificate BEGIN
        UPDATE certificate_period SET ({_NAMES}) = (SELECT {_VALUES} FROM certificate WHERE certificate.id = NEW.id)
        WHERE certificate_id = NEW.id;
    END""",
)

# `pg_trgm` would do the same, but not every operator may create extensions.
_POSTGRESQL = (
    """CREATE FUNCTION registry_trigrams(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT COALESCE(array_agg(DISTINCT substr(value, start, 3)), '{}')
        FROM generate_series(1, length(value) - 2) AS start
    $$""",
    "CREATE INDEX ix_certificate_search_trigrams ON certificate USING gin (registry_trigrams(search))",
    f"""CREATE FUNCTION registry_fill_copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        SELECT {_VALUES} INTO {", ".join(f"NEW.{name}" for name in (*_COPIES, "is_weak"))}
        FROM certificate WHERE certificate.id = NEW.certificate_id;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER certificate_period_copies BEFORE INSERT ON certificate_period
    FOR EACH ROW EXECUTE FUNCTION registry_fill_copies()""",
    f"""CREATE FUNCTION registry_update_copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE certificate_period SET ({_NAMES}) = (SELECT {_VALUES} FROM certificate WHERE certificate.id = NEW.id)
        WHERE certificate_id = NEW.id;
        RETURN NULL;
    END $$""",
    f"""CREATE TRIGGER certificate_copies AFTER UPDATE OF {_SOURCES} ON certificate
    FOR EACH ROW EXECUTE FUNCTION registry_update_copies()""",
)


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("certificate_copies", "certificate_period_copies"):
            op.execute(f"DROP TRIGGER {name}")
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER certificate_search_{name}")
        op.execute("DROP TABLE certificate_search")
    else:
        op.execute("DROP TRIGGER certificate_copies ON certificate")
        op.execute("DROP TRIGGER certificate_period_copies ON certificate_period")
        op.execute("DROP FUNCTION registry_update_copies")
        op.execute("DROP FUNCTION registry_fill_copies")
        op.drop_index("ix_certificate_search_trigrams", "certificate")
        op.execute("DROP FUNCTION registry_trigrams")
    for suffix in ("is_weak", "generation", "custody", "not_after_facts", "agency_id_facts"):
        op.drop_index(f"ix_certificate_period_{suffix}", "certificate_period")
    with op.batch_alter_table("certificate_period") as batch_op:
        for name in (*_COPIES, "is_weak"):
            batch_op.drop_column(name)
        batch_op.create_index("ix_certificate_period_agency_id_effective_until", ["agency_id", "effective_until"])
