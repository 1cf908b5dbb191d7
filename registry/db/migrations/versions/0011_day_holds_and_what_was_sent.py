"""days whose mail is held back; what a mail said when it left

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "alert_day_hold",
        sa.Column("id", key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_day_hold")),
        sa.UniqueConstraint("day", "ended_at", name=op.f("uq_alert_day_hold_day_ended_at")),
    )
    op.add_column("mail", sa.Column("sent_subject", sa.Text(), nullable=True))
    op.add_column("mail", sa.Column("sent_sha256", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("mail", "sent_sha256")
    op.drop_column("mail", "sent_subject")
    op.drop_table("alert_day_hold")
