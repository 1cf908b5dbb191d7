"""what recipients of alerts answer

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "alert_acknowledgement",
        sa.Column("id", key, nullable=False),
        sa.Column("certificate_id", key, nullable=False),
        sa.Column("mail_id", key, nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_alert_acknowledgement_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_alert_acknowledgement_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_acknowledgement")),
    )
    op.create_index(
        op.f("ix_alert_acknowledgement_certificate_id"), "alert_acknowledgement", ["certificate_id"], unique=False
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("alert_acknowledgement")
