"""indexes for the oldest that are still valid, and on SQLite for the names of many certificates

By the month of issue with the last end of each, the lists that begin with the oldest issued pass over the years of which
nothing is valid any more. And SQLite finds the names of tens of thousands of certificates, which hold a common word,
without reading their long rows.
"""

from alembic import op


revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_certificate_id_holder_sort", "certificate", ["id", "holder_sort"])
        month = "substr(issued_at, 1, 7)"
    else:
        op.execute("SET LOCAL statement_timeout = 0")
        month = "date_trunc('month', issued_at AT TIME ZONE 'UTC')"
    op.execute(f"CREATE INDEX ix_certificate_period_issue_month ON certificate_period ({month}, not_after)")


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_certificate_period_issue_month", "certificate_period")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_certificate_id_holder_sort", "certificate")
