"""sheets that tell the history of certificates

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("import_sheet", sa.Column("kind", sa.String(length=30), nullable=False, server_default="list"))


def downgrade() -> None:
    """Take back."""
    op.drop_column("import_sheet", "kind")
