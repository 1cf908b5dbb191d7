"""the index of letters tells the first word of a holder's name from all else

Those who have a common family name stand together in the order of names: what has to be looked for beside them are the
others alone. PostgreSQL marks the groups of letters that the first word has, SQLite's index has that word once more in
capitals.

Expand first, contract in a later release: the code before this migration runs against its result, but slowly on
PostgreSQL.
"""

# ruff: noqa: S608 (every part of the statements stands in this file)

import sqlalchemy as sa
from alembic import op


revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ON_ITS_OWN = "char(10) || {row}.search"
_WITH_FIRST_WORD = (
    "char(10) || {row}.search || char(10)"
    " || upper(substr({row}.search, 1, instr(replace({row}.search, char(10), ' ') || ' ', ' ') - 1))"
)
_TRIGGERS = ("certificate_search_insert", "certificate_search_delete", "certificate_search_update")


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        _index_sqlite("trigram case_sensitive 1", _WITH_FIRST_WORD)
        return
    _take_time()
    op.execute(
        # A loop, because a query inside a function takes longer to begin than all the letters of a certificate.
        """CREATE FUNCTION registry_marked_groups(value text)
        RETURNS int[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
        DECLARE
            bytes bytea := convert_to(value, 'UTF8');
            first bytea := convert_to(substring(value FROM '^[^ \\n]*'), 'UTF8');
            mark int := 1 << 24;
            latest int := ascii(E'\\n');
            groups int[] := '{}';
        BEGIN
            FOR i IN 0 .. length(bytes) - 1 LOOP
                latest := ((latest << 8) | get_byte(bytes, i)) & x'ffffff'::int;
                IF i > 0 THEN
                    groups := groups || latest;
                END IF;
            END LOOP;
            -- Two letters are found by what stands before them: a space or a new line.
            IF length(first) > 1 THEN
                latest := (get_byte(first, 0) << 8) | get_byte(first, 1);
                groups := array_replace(groups, latest | (32 << 16), latest | (32 << 16) | mark);
                groups := array_replace(groups, latest | (10 << 16), latest | (10 << 16) | mark);
            END IF;
            FOR i IN 2 .. length(first) - 1 LOOP
                latest := ((latest << 8) | get_byte(first, i)) & x'ffffff'::int;
                groups := array_replace(groups, latest, latest | mark);
            END LOOP;
            RETURN groups;
        END $$"""
    )
    op.execute("CREATE INDEX ix_certificate_marked_groups ON certificate USING gin (registry_marked_groups(search))")
    op.drop_index("ix_certificate_letter_groups", "certificate")
    op.execute("DROP FUNCTION registry_letter_groups")


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "sqlite":
        _index_sqlite("trigram", _ON_ITS_OWN)
        return
    _take_time()
    op.drop_index("ix_certificate_marked_groups", "certificate")
    op.execute("DROP FUNCTION registry_marked_groups")
    op.execute(
        """CREATE FUNCTION registry_letter_groups(value text)
        RETURNS int[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
        DECLARE
            bytes bytea := convert_to(value, 'UTF8');
            latest int := ascii(E'\\n');
            groups int[] := '{}';
        BEGIN
            FOR i IN 0 .. length(bytes) - 1 LOOP
                latest := ((latest << 8) | get_byte(bytes, i)) & x'ffffff'::int;
                IF i > 0 THEN
                    groups := groups || latest;
                END IF;
            END LOOP;
            RETURN groups;
        END $$"""
    )
    op.execute("CREATE INDEX ix_certificate_letter_groups ON certificate USING gin (registry_letter_groups(search))")


def _take_time() -> None:
    """A million certificates are indexed anew: half a minute."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("SET LOCAL maintenance_work_mem = '256MB'")


def _index_sqlite(tokenizer: str, indexed: str) -> None:
    """Make the index of letters anew of what `indexed` says of a row."""
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP TABLE certificate_search")
    op.execute(
        f"CREATE VIRTUAL TABLE certificate_search USING fts5(search, content='', tokenize='{tokenizer}', detail='none')"
    )
    forget = (
        "INSERT INTO certificate_search (certificate_search, rowid, search)"
        f" VALUES ('delete', OLD.id, {indexed.format(row='OLD')});"
    )
    remember = f"INSERT INTO certificate_search (rowid, search) VALUES (NEW.id, {indexed.format(row='NEW')});"
    every = indexed.format(row="certificate")
    for statement in (
        f"INSERT INTO certificate_search (rowid, search) SELECT id, {every} FROM certificate",
        f"CREATE TRIGGER certificate_search_insert AFTER INSERT ON certificate BEGIN {remember} END",
        f"CREATE TRIGGER certificate_search_delete AFTER DELETE ON certificate BEGIN {forget} END",
        f"""CREATE TRIGGER certificate_search_update AFTER UPDATE OF search ON certificate
        WHEN OLD.search <> NEW.search BEGIN {forget} {remember} END""",
    ):
        op.execute(sa.text(statement))
