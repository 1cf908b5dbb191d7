"""indexes of the periods in every order of the lists, with all that people filter by; two letters are enough to search

Lists read the periods alone, so that these carry the order of names too and the certificates' own indexes of their order
go. `certificate_period_copies` and `certificate_copies` are made anew; what the migration that made them first says of
rebuilding the tables holds for these.

The index of three letters reads each text as if it began with a line of its own: so the two first letters of every word
are three, with what stands before them.

Expand first, contract in a later release: the code before this migration runs against its result, but slowly.
"""

# ruff: noqa: S608 (every part of the statements stands in this file)

import sqlalchemy as sa
from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COPIES = ("kind", "medium", "generation", "named_agency_id", "issued_at", "not_before", "not_after")
_WEAK = (
    "(lower(signature_algorithm) LIKE '%sha1%' OR lower(signature_algorithm) LIKE '%md5%'"
    " OR lower(signature_algorithm) LIKE '%md2%' OR key_algorithm = 'DSA'"
    " OR (key_algorithm = 'RSA' AND key_bits BETWEEN 1 AND 2047)"
    " OR (key_algorithm = 'EC' AND key_bits BETWEEN 1 AND 255))"
)
_FACTS = (
    *("agency_id", "medium", "generation", "status", "is_replaced"),
    *("effective_from", "effective_until", "not_before"),
)
_AGENCY_FACTS = (
    *("agency_id", "kind", "medium", "generation", "status", "effective_from", "effective_until"),
    *("not_before", "not_after", "issued_at", "is_replaced", "certificate_id"),
)
_NEW = {
    "holder_sort_facts": ("holder_sort", "certificate_id", *_FACTS, "kind", "not_after"),
    "kind_facts": ("kind", "holder_sort", "certificate_id", *_FACTS, "not_after"),
    "not_after_facts": ("not_after", "certificate_id", *_FACTS, "kind"),
    "issued_at_facts": ("issued_at", "certificate_id", *_FACTS, "kind", "not_after"),
    "medium_facts": (
        *("medium", "kind", "status", "generation", "is_replaced", "not_after", "effective_from", "effective_until"),
        *("not_before", "agency_id", "certificate_id", "holder_sort"),
    ),
    "agency_id_facts": (*_AGENCY_FACTS, "holder_sort"),
}
_OLD = {
    "agency_id_facts": _AGENCY_FACTS,
    "not_after_facts": (
        *("not_after", "kind", "status", "is_replaced", "effective_from", "effective_until", "not_before"),
        "agency_id",
    ),
    "issued_at_facts": ("issued_at", "effective_from", "effective_until", "kind", "status", "agency_id"),
    "generation": ("generation",),
}
_OLD_ORDERS = {
    "not_after_id": ("not_after", "id"),
    "issued_at_id": ("issued_at", "id"),
    "holder_sort_id": ("holder_sort", "id"),
    "kind_holder_sort_id": ("kind", "holder_sort", "id"),
}


def upgrade() -> None:
    """Apply."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _take_time(is_sqlite=is_sqlite)
    for name in _OLD:
        op.drop_index(f"ix_certificate_period_{name}", "certificate_period")
    kind = sa.Text() if is_sqlite else sa.Text(collation="C")
    op.add_column("certificate_period", sa.Column("holder_sort", kind, nullable=True))
    # The counts do not depend on the new column: their triggers need not run for every row.
    if not is_sqlite:
        op.execute("ALTER TABLE certificate_period DISABLE TRIGGER certificate_period_count_update")
    op.execute(
        "UPDATE certificate_period SET holder_sort ="
        " (SELECT holder_sort FROM certificate WHERE certificate.id = certificate_id)"
    )
    if not is_sqlite:
        op.execute("ALTER TABLE certificate_period ENABLE TRIGGER certificate_period_count_update")
    for name, columns in _NEW.items():
        op.create_index(f"ix_certificate_period_{name}", "certificate_period", columns)
    for name in _OLD_ORDERS:
        op.drop_index(f"ix_certificate_{name}", "certificate")
    _copy((*_COPIES, "holder_sort"), is_sqlite=is_sqlite)
    if is_sqlite:
        _search_sqlite("char(10) || ")
    else:
        _search_postgresql("E'\\n' || ")


def _take_time(*, is_sqlite: bool) -> None:
    """A million certificates are written and indexed anew: minutes, in which nobody else can work anyway."""
    if not is_sqlite:
        op.execute("SET LOCAL statement_timeout = 0")
        op.execute("SET LOCAL maintenance_work_mem = '256MB'")


def _search_sqlite(before: str) -> None:
    """Fill the index of letters anew, of the text with `before` in front of it."""
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER certificate_search_{name}")
    op.execute("DROP TABLE certificate_search")
    forget = (
        "INSERT INTO certificate_search (certificate_search, rowid, search)"
        f" VALUES ('delete', OLD.id, {before}OLD.search);"
    )
    remember = f"INSERT INTO certificate_search (rowid, search) VALUES (NEW.id, {before}NEW.search);"
    for statement in (
        "CREATE VIRTUAL TABLE certificate_search USING fts5(search, content='', tokenize='trigram', detail='none')",
        f"INSERT INTO certificate_search (rowid, search) SELECT id, {before}search FROM certificate",
        f"CREATE TRIGGER certificate_search_insert AFTER INSERT ON certificate BEGIN {remember} END",
        f"CREATE TRIGGER certificate_search_delete AFTER DELETE ON certificate BEGIN {forget} END",
        f"""CREATE TRIGGER certificate_search_update AFTER UPDATE OF search ON certificate
        WHEN OLD.search <> NEW.search BEGIN {forget} {remember} END""",
    ):
        op.execute(statement)


def _search_postgresql(before: str) -> None:
    """The same."""
    op.drop_index("ix_certificate_search_trigrams", "certificate")
    op.execute(
        f"""CREATE OR REPLACE FUNCTION registry_trigrams(value text)
        RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT COALESCE(array_agg(DISTINCT substr(whole, start, 3)), '{{}}')
            FROM (SELECT {before}value) AS given (whole), generate_series(1, length(whole) - 2) AS start
        $$"""
    )
    op.execute("CREATE INDEX ix_certificate_search_trigrams ON certificate USING gin (registry_trigrams(search))")


def _copy(copies: tuple[str, ...], *, is_sqlite: bool) -> None:
    """Make the triggers that keep the copies, in place of those there are."""
    names, values = ", ".join((*copies, "is_weak")), ", ".join((*copies, _WEAK))
    sources = ", ".join((*copies, "signature_algorithm", "key_algorithm", "key_bits"))
    update = (
        f"UPDATE certificate_period SET ({names}) = (SELECT {values} FROM certificate WHERE certificate.id = NEW.id)"
        " WHERE certificate_id = NEW.id"
    )
    if is_sqlite:
        op.execute("DROP TRIGGER certificate_period_copies")
        op.execute("DROP TRIGGER certificate_copies")
        op.execute(
            f"""CREATE TRIGGER certificate_period_copies AFTER INSERT ON certificate_period BEGIN
                UPDATE certificate_period SET ({names}) =
                    (SELECT {values} FROM certificate WHERE certificate.id = NEW.certificate_id)
                WHERE id = NEW.id;
            END"""
        )
        op.execute(f"CREATE TRIGGER certificate_copies AFTER UPDATE OF {sources} ON certificate BEGIN {update}; END")
        return
    op.execute("DROP TRIGGER certificate_copies ON certificate")
    op.execute(
        f"""CREATE OR REPLACE FUNCTION registry_fill_copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            SELECT {values} INTO {", ".join(f"NEW.{name}" for name in (*copies, "is_weak"))}
            FROM certificate WHERE certificate.id = NEW.certificate_id;
            RETURN NEW;
        END $$"""
    )
    op.execute(
        f"""CREATE OR REPLACE FUNCTION registry_update_copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            {update};
            RETURN NULL;
        END $$"""
    )
    op.execute(
        f"""CREATE TRIGGER certificate_copies AFTER UPDATE OF {sources} ON certificate
        FOR EACH ROW EXECUTE FUNCTION registry_update_copies()"""
    )


def downgrade() -> None:
    """Take back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _take_time(is_sqlite=is_sqlite)
    if is_sqlite:
        _search_sqlite("")
    else:
        _search_postgresql("")
    _copy(_COPIES, is_sqlite=is_sqlite)
    for name, columns in _OLD_ORDERS.items():
        op.create_index(f"ix_certificate_{name}", "certificate", columns)
    for name in _NEW:
        op.drop_index(f"ix_certificate_period_{name}", "certificate_period")
    op.drop_column("certificate_period", "holder_sort")
    for name, columns in _OLD.items():
        op.create_index(f"ix_certificate_period_{name}", "certificate_period", columns)
