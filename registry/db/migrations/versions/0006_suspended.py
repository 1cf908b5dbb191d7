"""an index for the few certificates that are suspended

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    suspended = sa.text("status = 'suspended'")
    op.create_index(
        "ix_certificate_period_suspended",
        "certificate_period",
        ["not_after"],
        sqlite_where=suspended,
        postgresql_where=suspended,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_certificate_period_suspended", "certificate_period")
