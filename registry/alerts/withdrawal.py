"""Taking back what was written and has not left: a certificate that was revoked, replaced or answered meanwhile.

A notice that is taken back counts as never told, so its step is told again should the revocation turn out a mistake.
Nothing is taken back of a mail that a server may have taken already, in an attempt whose end is not known: whoever got
it was told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_
from sqlmodel import Session, col, select

from registry.alerts.digest import Digest, find_told
from registry.alerts.outbox import OPEN_STATES
from registry.alerts.rules import AlertPolicy
from registry.alerts.tables import AcknowledgementRow, ExpiryNoticeRow
from registry.certificates.tables import CertificatePeriodRow, CertificateStatus
from registry.clock import local_day
from registry.db.types import key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.ledger import find_possibly_taken, record_event
from registry.mail.tables import MailEventKind, MailRow, MailState

NOTHING_LEFT = "every certificate it was to tell of has been revoked, replaced or answered for meanwhile"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was taken back."""

    notices: int = 0
    mails: int = 0
    """Cancelled, because nothing was left to tell."""


def withdraw_settled(database: Database, policy: AlertPolicy) -> Withdrawal:
    """Take back what is settled out of the digests that are about to leave. An entry point; run before sending.

    What is settled in the moments between this and the sending `withdraw_unsaid` takes back.
    """
    with database.read() as uow:
        mail_ids = _find_touched(uow.session, uow.now)
    done = Withdrawal()
    for mail_id in mail_ids:
        with database.write() as uow:
            notices, is_cancelled = _withdraw(uow, mail_id, policy)
        done = Withdrawal(done.notices + notices, done.mails + is_cancelled)
    return done


def withdraw_unsaid(database: Database, digests: Mapping[int, Digest]) -> int:
    """Take back what claimed digests do not mention, because it was settled since they were claimed; return how much.

    An entry point, run with what was loaded and before the first of the digests is handed to a server: what the ledger
    then says was told is what stands in the mail.
    """
    if not digests:
        return 0
    with database.read() as uow:
        unsaid = _find_unsaid(uow, digests)
    for mail_id, notices in unsaid.items():
        with database.write() as uow:
            _take_back(uow, mail_id, notices, is_shortened=bool(digests[mail_id].told))
    return sum(len(notices) for notices in unsaid.values())


def _find_unsaid(uow: UnitOfWork, digests: Mapping[int, Digest]) -> dict[int, dict[int, int]]:
    """By mail the notices, each with its certificate."""
    unsaid: dict[int, dict[int, int]] = {}
    query = select(ExpiryNoticeRow.id, ExpiryNoticeRow.mail_id, ExpiryNoticeRow.certificate_id)
    for notice_id, mail_id, certificate_id in uow.session.exec(query.where(col(ExpiryNoticeRow.mail_id).in_(digests))):
        if mail_id and certificate_id not in digests[mail_id].told:
            unsaid.setdefault(mail_id, {})[notice_id or 0] = certificate_id
    taken = find_possibly_taken(uow, unsaid)
    return {mail_id: notices for mail_id, notices in unsaid.items() if mail_id not in taken}


def _find_touched(session: Session, at: datetime) -> Sequence[int]:
    """The digests in the outbox with a certificate that may be settled, without looking at the others."""
    settled = or_(
        col(CertificatePeriodRow.status) == CertificateStatus.REVOKED,
        col(CertificatePeriodRow.is_replaced),
        col(AcknowledgementRow.id).is_not(None),
    )
    query = (
        select(MailRow.id)
        .join(ExpiryNoticeRow, col(ExpiryNoticeRow.mail_id) == col(MailRow.id))
        .join(CertificatePeriodRow, col(CertificatePeriodRow.certificate_id) == col(ExpiryNoticeRow.certificate_id))
        .outerjoin(
            AcknowledgementRow,
            and_(
                col(AcknowledgementRow.certificate_id) == col(ExpiryNoticeRow.certificate_id),
                col(AcknowledgementRow.remind_on) > local_day(at),
            ),
        )
        .where(
            col(MailRow.state).in_((MailState.PENDING, MailState.HELD)),
            col(CertificatePeriodRow.effective_from) <= at,
            col(CertificatePeriodRow.effective_until) > at,
            settled,
        )
        .distinct()
        .order_by(col(MailRow.id))
    )
    return [key or 0 for key in session.exec(query)]


def _withdraw(uow: UnitOfWork, mail_id: int, policy: AlertPolicy) -> tuple[int, bool]:
    query = select(MailRow).where(MailRow.id == mail_id, col(MailRow.state).in_(OPEN_STATES)).with_for_update()
    mail = uow.session.exec(query).first()
    if mail is None or find_possibly_taken(uow, [mail_id]):  # it is being sent this moment, or may have been
        return 0, False
    told = find_told(uow, mail_id, policy=policy)
    notices = uow.session.exec(select(ExpiryNoticeRow).where(ExpiryNoticeRow.mail_id == mail_id)).all()
    settled = {key_of(notice): notice.certificate_id for notice in notices if notice.certificate_id not in told}
    if not settled:
        return 0, False
    _take_back(uow, mail_id, settled, is_shortened=bool(told))
    if not told:
        mail.state, mail.last_reply = MailState.CANCELLED, NOTHING_LEFT
        record_event(uow, mail_id, MailEventKind.CANCELLED, words=NOTHING_LEFT)
    return len(settled), not told


def _take_back(uow: UnitOfWork, mail_id: int, notices: Mapping[int, int], *, is_shortened: bool) -> None:
    uow.session.execute(delete(ExpiryNoticeRow).where(col(ExpiryNoticeRow.id).in_(notices)))
    if is_shortened:
        numbers = ", ".join(sorted({str(certificate_id) for certificate_id in notices.values()}))
        words = f"revoked, replaced or answered for meanwhile: certificate {numbers}"
        record_event(uow, mail_id, MailEventKind.SHORTENED, words=words)
