"""a period may come with the copies from its certificate, so that many are entered at once

`certificate_facts` tells what a period copies. Who enters periods takes them from there; the triggers fill in what comes
without, as they did before: the index entries of such a period are written twice.

Expand first, contract in a later release: the code before this migration runs against its result.
"""

# ruff: noqa: S608 (every part of the statements stands in this file)

from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_COPIES = ("kind", "medium", "generation", "named_agency_id", "issued_at", "not_before", "not_after", "holder_sort")
_WEAK = (
    "(lower(signature_algorithm) LIKE '%sha1%' OR lower(signature_algorithm) LIKE '%md5%'"
    " OR lower(signature_algorithm) LIKE '%md2%' OR key_algorithm = 'DSA'"
    " OR (key_algorithm = 'RSA' AND key_bits BETWEEN 1 AND 2047)"
    " OR (key_algorithm = 'EC' AND key_bits BETWEEN 1 AND 255))"
)
_NAMES = ", ".join((*_COPIES, "is_weak"))


def upgrade() -> None:
    """Apply."""
    op.execute(
        f"CREATE VIEW certificate_facts AS SELECT id AS certificate_id, {', '.join(_COPIES)}, {_WEAK} AS is_weak"
        " FROM certificate"
    )
    _fill_in("certificate_facts", "certificate_id", _NAMES, "WHEN (NEW.kind IS NULL)")


def downgrade() -> None:
    """Take back."""
    _fill_in("certificate", "id", ", ".join((*_COPIES, _WEAK)), "")
    op.execute("DROP VIEW certificate_facts")


def _fill_in(source: str, key: str, values: str, condition: str) -> None:
    """Make the trigger that copies into a new period, in place of the one there is."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER certificate_period_copies")
        op.execute(
            f"""CREATE TRIGGER certificate_period_copies AFTER INSERT ON certificate_period {condition} BEGIN
                UPDATE certificate_period SET ({_NAMES}) =
                    (SELECT {values} FROM {source} WHERE {source}.{key} = NEW.certificate_id)
                WHERE id = NEW.id;
            END"""
        )
        return
    op.execute("DROP TRIGGER certificate_period_copies ON certificate_period")
    targets = ", ".join(f"NEW.{name}" for name in (*_COPIES, "is_weak"))
    op.execute(
        f"""CREATE OR REPLACE FUNCTION registry_fill_copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            SELECT {values} INTO {targets} FROM {source} WHERE {source}.{key} = NEW.certificate_id;
            RETURN NEW;
        END $$"""
    )
    op.execute(
        f"""CREATE TRIGGER certificate_period_copies BEFORE INSERT ON certificate_period
        FOR EACH ROW {condition} EXECUTE FUNCTION registry_fill_copies()"""
    )
