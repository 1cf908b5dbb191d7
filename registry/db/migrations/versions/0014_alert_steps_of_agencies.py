"""steps of agencies, why somebody is told, what a scan leaves for the next day

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "agency_alert_steps",
        sa.Column("id", key, nullable=False),
        sa.Column("agency_id", key, nullable=False),
        sa.Column("steps", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_alert_steps_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_alert_steps")),
    )
    op.create_index(op.f("ix_agency_alert_steps_agency_id"), "agency_alert_steps", ["agency_id"], unique=False)
    op.add_column("expiry_notice", sa.Column("role", sa.String(length=30), server_default="agency", nullable=False))
    op.add_column("expiry_scan", sa.Column("waiting", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take back."""
    op.drop_column("expiry_scan", "waiting")
    op.drop_column("expiry_notice", "role")
    op.drop_table("agency_alert_steps")
