"""test events for web addresses

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("webhook", sa.Column("test_requested_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("webhook", sa.Column("test_answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("webhook", sa.Column("test_code", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("webhook", sa.Column("test_words", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take back."""
    for name in ("test_words", "test_code", "test_answered_at", "test_requested_at"):
        op.drop_column("webhook", name)
