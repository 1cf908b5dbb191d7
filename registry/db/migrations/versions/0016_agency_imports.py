"""imports of lists of agencies

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "agency_import",
        sa.Column("id", key, nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", key, nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("effective_at", moment, nullable=False),
        sa.Column("legal_document", sa.String(length=200), nullable=True),
        sa.Column("lists", sa.LargeBinary(), nullable=False),
        sa.Column("preview", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("choice", sa.String(length=30), nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("applied_at", moment, nullable=True),
        sa.Column("applied_count", sa.Integer(), nullable=False),
        sa.Column("undone_at", moment, nullable=True),
        sa.Column("last_event_id", key, nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_agency_import_created_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_import")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("agency_import")
