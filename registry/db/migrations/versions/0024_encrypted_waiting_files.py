"""files of an import wait encrypted, under a key that the database forgets when they were read

Files that wait while this migration is applied have no key and are read as they are.
"""

import sqlalchemy as sa
from alembic import op


revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("data_import", sa.Column("file_key", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take back. What waits encrypted then has to be handed in again."""
    op.drop_column("data_import", "file_key")
