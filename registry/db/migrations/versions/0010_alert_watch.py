"""the watch over the alerts, and what is told beside the expiry of certificates

Expand first, contract in a later release: the code before and after this migration both run against its result.
"""

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.add_column("expiry_scan", sa.Column("canary_found", sa.Boolean(), nullable=True))
    op.add_column("expiry_scan", sa.Column("canary_fault", sa.Text(), nullable=True))
    op.create_table(
        "alert_notice",
        sa.Column("id", key, nullable=False),
        sa.Column("topic", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("step_days", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("recipient_name", sa.String(length=300), nullable=False),
        sa.Column("certificate_id", key, nullable=True),
        sa.Column("agency_id", key, nullable=True),
        sa.Column("mail_id", key, nullable=True),
        sa.Column("recorded_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_alert_notice_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_alert_notice_agency_id_agency")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_alert_notice_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_notice")),
        sa.UniqueConstraint(
            "topic", "subject", "step_days", "recipient", name=op.f("uq_alert_notice_topic_subject_step_days_recipient")
        ),
    )
    for column in ("certificate_id", "agency_id", "mail_id"):
        op.create_index(op.f(f"ix_alert_notice_{column}"), "alert_notice", [column], unique=False)
    op.create_table(
        "alert_baseline",
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alert_baseline")),
    )
    op.create_table(
        "coverage_spell",
        sa.Column("id", key, nullable=False),
        sa.Column("agency_id", key, nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_coverage_spell_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_spell")),
        sa.UniqueConstraint("agency_id", "ended_at", name=op.f("uq_coverage_spell_agency_id_ended_at")),
    )
    op.create_table(
        "alarm_spell",
        sa.Column("id", key, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_spell")),
        sa.UniqueConstraint("kind", "ended_at", name=op.f("uq_alarm_spell_kind_ended_at")),
    )
    op.create_table(
        "alert_watch",
        sa.Column("id", key, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("due_unsent", sa.Integer(), nullable=True),
        sa.Column("oldest_due_at", moment, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_watch")),
    )
    op.create_table(
        "mail_opt_out",
        sa.Column("id", key, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_opt_out")),
        sa.UniqueConstraint("kind", "recipient", name=op.f("uq_mail_opt_out_kind_recipient")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("mail_opt_out")
    op.drop_table("alert_watch")
    op.drop_table("alarm_spell")
    op.drop_table("coverage_spell")
    op.drop_table("alert_baseline")
    op.drop_table("alert_notice")
    op.drop_column("expiry_scan", "canary_fault")
    op.drop_column("expiry_scan", "canary_found")
