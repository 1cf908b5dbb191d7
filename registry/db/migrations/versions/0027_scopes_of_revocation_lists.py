"""for which part of a CA's certificates a revocation list is

The lists themselves are no part of the database: the job that fetches lists fills in what was held before.
"""

import sqlalchemy as sa
from alembic import op


revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("revocation_list", sa.Column("scope", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("revocation_list", "scope")
