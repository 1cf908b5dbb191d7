"""one change for many certificates, previewed and recorded as a unit

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "bulk_change",
        sa.Column("id", key, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", key, nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_claimed", sa.Boolean(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_bulk_change_created_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
        sa.UniqueConstraint("created_by", "token", name=op.f("uq_bulk_change_created_by_token")),
    )
    op.create_index("ix_bulk_change_state_created_at", "bulk_change", ["state", "created_at"])
    op.create_table(
        "bulk_change_item",
        sa.Column("id", key, nullable=False),
        sa.Column("bulk_change_id", key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("certificate_id", key, nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("difference", sa.JSON(), nullable=True),
        sa.Column("last_event_id", key, nullable=True),
        sa.Column("event_id", key, nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk_change_id"], ["bulk_change.id"], name=op.f("fk_bulk_change_item_bulk_change_id_bulk_change")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change_item")),
        sa.UniqueConstraint("bulk_change_id", "position", name=op.f("uq_bulk_change_item_bulk_change_id_position")),
    )
    op.create_index(
        "ix_bulk_change_item_bulk_change_id_outcome_position",
        "bulk_change_item",
        ["bulk_change_id", "outcome", "position"],
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("bulk_change_item")
    op.drop_table("bulk_change")
