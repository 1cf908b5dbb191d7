"""groups of three letters are cut in less than half the time on PostgreSQL

The same groups as before, each as often as it occurs, so that the index over them stays as it is: the index and the
comparison of arrays look at each once. Letters are taken apart once, instead of being counted anew for each group.
"""

from alembic import op


revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE OR REPLACE FUNCTION registry_trigrams(value text)
            RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
                SELECT COALESCE(array_agg(one || two || three), '{}')
                FROM (SELECT string_to_array(E'\\n' || value, NULL)) AS given (letters),
                unnest(letters, letters[2:], letters[3:]) AS groups (one, two, three)
                WHERE three IS NOT NULL
            $$"""
        )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE OR REPLACE FUNCTION registry_trigrams(value text)
            RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
                SELECT COALESCE(array_agg(DISTINCT substr(whole, start, 3)), '{}')
                FROM (SELECT E'\\n' || value) AS given (whole), generate_series(1, length(whole) - 2) AS start
            $$"""
        )
