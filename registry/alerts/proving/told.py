"""Of which certificates mails told, while whom they were the certificates of, and what was answered."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.schemas import AcknowledgementView, ToldCertificateView
from registry.alerts.tables import AcknowledgementRow, AlertNoticeRow, ExpiryNoticeRow
from registry.batches import batches
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork

NOTICES: Final[tuple[Any, ...]] = (ExpiryNoticeRow, AlertNoticeRow)
"""What was told of certificates: of their expiry, and of anything else."""


def mails_about(responsible: ColumnElement[bool]) -> tuple[Select[tuple[int | None]], ...]:
    """The mails that told of certificates which were the agency's at the time, of their expiry or of anything else."""
    return tuple(
        sql_select(table.mail_id)
        .join(CertificatePeriodRow, _was_period(table))
        .where(responsible, table.mail_id.is_not(None))
        for table in NOTICES
    )


def find_told(
    session: Session, mail_ids: Sequence[int], responsible: ColumnElement[bool]
) -> dict[int, list[ToldCertificateView]]:
    """For each mail the agency's certificates that it told of, the most urgent first."""
    told: dict[int, list[ToldCertificateView]] = {mail_id: [] for mail_id in mail_ids}
    for table in NOTICES:
        query = (
            sql_select(table, CertificateRow)
            .join(CertificateRow, col(CertificateRow.id) == table.certificate_id)
            .join(CertificatePeriodRow, _was_period(table))
            .where(table.mail_id.in_(mail_ids), responsible)
            .order_by(col(CertificateRow.not_after), col(CertificateRow.id))
        )
        for notice, certificate in session.execute(query):
            told[notice.mail_id].append(
                ToldCertificateView(
                    certificate_id=certificate.id,
                    holder=certificate.holder,
                    serial=certificate.serial,
                    not_after=certificate.not_after,
                    topic=getattr(notice, "topic", None),
                    step_days=notice.step_days,
                )
            )
    return told


def find_answers(uow: UnitOfWork, certificate_ids: Collection[int]) -> tuple[AcknowledgementView, ...]:
    """What was answered about the certificates, newest first."""
    found: list[AcknowledgementRow] = []
    for batch in batches(list(certificate_ids)):
        found += uow.session.exec(
            select(AcknowledgementRow).where(col(AcknowledgementRow.certificate_id).in_(batch))
        ).all()
    found.sort(key=key_of, reverse=True)
    return tuple(AcknowledgementView.model_validate(row, from_attributes=True) for row in found)


def agencies_below(path: str, uow: UnitOfWork) -> SelectOfScalar[int]:
    """The agencies of a subtree, as it is now."""
    return select(AgencyPeriodRow.agency_id).where(
        col(AgencyPeriodRow.effective_from) <= uow.now,
        col(AgencyPeriodRow.effective_until) > uow.now,
        col(AgencyPeriodRow.path).startswith(path, autoescape=True),
    )


def _was_period(notices: Any) -> ColumnElement[bool]:
    """Which agency was responsible when the notice was recorded."""
    return and_(
        col(CertificatePeriodRow.certificate_id) == notices.certificate_id,
        col(CertificatePeriodRow.effective_from) <= notices.recorded_at,
        col(CertificatePeriodRow.effective_until) > notices.recorded_at,
    )
