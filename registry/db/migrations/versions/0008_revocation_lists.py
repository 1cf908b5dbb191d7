"""certificate revocation lists and the addresses they come from"""

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "revocation_list",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("authority_id", _KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("this_update", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_update", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["certificate_authority.id"], name="fk_revocation_list_authority_id_certificate_authority"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_revocation_list"),
        sa.UniqueConstraint("sha256", name="uq_revocation_list_sha256"),
    )
    op.create_index("ix_revocation_list_authority_id_this_update", "revocation_list", ["authority_id", "this_update"])
    op.create_table(
        "revocation_source",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_revocation_source"),
        sa.UniqueConstraint("url", name="uq_revocation_source_url"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("revocation_source")
    op.drop_index("ix_revocation_list_authority_id_this_update", "revocation_list")
    op.drop_table("revocation_list")
