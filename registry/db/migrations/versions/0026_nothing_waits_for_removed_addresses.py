"""what waits for web addresses that were removed is dropped

Removing an address drops it since; addresses that were removed before left what waited for them as it was.
"""

from alembic import op


revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute(
        "UPDATE webhook_delivery SET state = 'dropped', lease_until = NULL"
        " WHERE state IN ('pending', 'sending')"
        " AND webhook_id IN (SELECT id FROM webhook WHERE ended_at IS NOT NULL)"
    )


def downgrade() -> None:
    """Take back: nothing, because nobody is told of what was dropped in any version."""
