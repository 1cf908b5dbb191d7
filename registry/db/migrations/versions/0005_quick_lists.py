"""indexes for lists by kind, by day of issue, and of certificates that name a body that has ended

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_certificate_kind_holder_sort_id", "certificate", ["kind", "holder_sort", "id"])
    op.create_index(
        "ix_certificate_period_named_agency_id_facts",
        "certificate_period",
        ["named_agency_id", "not_after", "status", "is_replaced", "effective_from", "effective_until"],
    )
    op.create_index(
        "ix_certificate_period_issued_at_facts",
        "certificate_period",
        ["issued_at", "effective_from", "effective_until", "kind", "status", "agency_id"],
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_certificate_period_issued_at_facts", "certificate_period")
    op.drop_index("ix_certificate_period_named_agency_id_facts", "certificate_period")
    op.drop_index("ix_certificate_kind_holder_sort_id", "certificate")
