"""the ledger of mail, dead addresses, returned messages, the pace of sending

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "mail_event",
        sa.Column("id", key, nullable=False),
        sa.Column("mail_id", key, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_event_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_event")),
    )
    op.create_index(op.f("ix_mail_event_mail_id"), "mail_event", ["mail_id"], unique=False)
    op.create_table(
        "dead_address",
        sa.Column("id", key, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("mail_id", key, nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.String(length=100), nullable=False),
        sa.Column("cleared_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_dead_address_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_address")),
    )
    op.create_index(
        "uq_dead_address_open",
        "dead_address",
        ["address"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "returned_message",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("mail_id", key, nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_returned_message_mail_id_mail")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_returned_message")),
    )
    op.create_index(op.f("ix_returned_message_received_at"), "returned_message", ["received_at"], unique=False)
    op.create_table(
        "mail_allowance",
        sa.Column("scope", sa.String(length=254), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "minute", name=op.f("pk_mail_allowance")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("mail_allowance")
    op.drop_table("returned_message")
    op.drop_table("dead_address")
    op.drop_table("mail_event")
