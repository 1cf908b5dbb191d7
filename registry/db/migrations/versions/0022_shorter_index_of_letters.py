"""the index of letters is cut and written in half the time: shorter texts, and numbers as its keys on PostgreSQL

Fingerprints leave the text that people search by, but for their first sixteen digits: they filled a third of the index
with groups that tell nothing apart. PostgreSQL's index holds a number for each three bytes instead of a text.

Expand first, contract in a later release: the code before this migration runs against its result, but slowly on
PostgreSQL, and finds fingerprints by their beginnings only.
"""

# ruff: noqa: S608 (every part of the statements stands in this file)

import sqlalchemy as sa
from alembic import op


revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    shorten = "replace(search, sha256, substr(sha256, 1, 16))"
    if op.get_bind().dialect.name == "sqlite":
        _change_sqlite(shorten)
        return
    _take_time()
    op.drop_index("ix_certificate_search_trigrams", "certificate")
    op.execute(f"UPDATE certificate SET search = {shorten} WHERE sha256 IS NOT NULL")
    op.execute(
        # A loop, because a query inside a function takes longer to begin than all the letters of a certificate.
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


def downgrade() -> None:
    """Take back."""
    lengthen = "replace(search, substr(sha256, 1, 16), sha256)"
    if op.get_bind().dialect.name == "sqlite":
        _change_sqlite(lengthen)
        return
    _take_time()
    op.drop_index("ix_certificate_letter_groups", "certificate")
    op.execute("DROP FUNCTION registry_letter_groups")
    op.execute(f"UPDATE certificate SET search = {lengthen} WHERE sha256 IS NOT NULL")
    op.execute("CREATE INDEX ix_certificate_search_trigrams ON certificate USING gin (registry_trigrams(search))")


def _take_time() -> None:
    """A million certificates are written and indexed anew: minutes, in which nobody else can work anyway."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("SET LOCAL maintenance_work_mem = '256MB'")


def _change_sqlite(search: str) -> None:
    """Change the texts and fill the index of letters anew: its table cannot forget a text that it is not given."""
    triggers = {
        name: op.get_bind().scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
        for name in ("certificate_search_insert", "certificate_search_delete", "certificate_search_update")
    }
    for name in triggers:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("INSERT INTO certificate_search (certificate_search) VALUES ('delete-all')")
    op.execute(f"UPDATE certificate SET search = {search} WHERE sha256 IS NOT NULL")
    op.execute("INSERT INTO certificate_search (rowid, search) SELECT id, char(10) || search FROM certificate")
    for statement in triggers.values():
        op.execute(sa.text(statement))
