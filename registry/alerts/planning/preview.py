"""One planned mail as it will look: written, composed and taken back, so that the preview is what is then sent."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from certs.messages import define, message
from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.kinds import compose_mail
from registry.alerts.plan import DueBatch, PlannedDigest, plan_digests
from registry.alerts.planning.bodies import MailBody
from registry.alerts.scan import fallback_of, policy_of, record_batch, sending_hours_of
from registry.clock import local_day, start_of_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import InvalidInput, NotFound
from registry.mail.control import send_mail_now
from registry.mail.smtp import MailRefused
from registry.mail.tables import MailRow
from registry.settings import Settings

define(
    "alerts.nothing_planned",
    vi="Theo sổ đăng ký hiện nay, {recipient} không nhận thư nào ngày {day}. Hãy xem lại danh sách của ngày.",
    en="As the register stands, {recipient} gets no mail on {day}. Look at the list of the day again.",
)
define(
    "alerts.not_today",
    vi="Chỉ gửi ngay được thư của hôm nay: thư của ngày sau chưa đến hạn báo.",
    en="Only today's mail can be sent now: what is due later is not due yet.",
)


@dataclass(frozen=True, slots=True)
class PreviewedMail:
    """What one recipient is going to get on a day."""

    digest: PlannedDigest
    body: MailBody


def preview_mail(database: Database, settings: Settings, *, day: date, recipient: str) -> PreviewedMail:
    """Compose the mail that `recipient` gets on `day`, given the register as it is now. Nothing is kept.

    It is an entry point. Raises `NotFound` when nothing is planned. Links that would act in the recipient's name lead
    nowhere in what is returned.
    """
    with database.read() as uow:
        digest = find_planned(uow, settings, day=day, recipient=recipient)
    with database.write() as uow:
        then = UnitOfWork(uow.session, _moment_of(day, uow.now, settings))
        record_batch(then, _batch_of(digest), settings, now=then.now)
        row = _written(then, digest)
        try:
            body = MailBody() if row is None else MailBody.of(compose_mail(then, row, settings))
        except MailRefused:
            body = MailBody()
        uow.session.rollback()
    return PreviewedMail(digest, body)


def send_planned_now(
    database: Database, settings: Settings, *, day: date, recipient: str, actor: str, reason: str
) -> int:
    """Write the mail that `recipient` gets today and let it leave at once, instead of with the scan; return its number.

    It is an entry point. Raises `InvalidInput` without a reason or for another day than today, because what is due
    later is not due yet, and `NotFound` when nothing is planned.
    """
    with database.read() as uow:
        if day != local_day(uow.now):
            raise InvalidInput(message("alerts.not_today"), field="action")
        digest = find_planned(uow, settings, day=day, recipient=recipient)
    with database.write() as uow:
        record_batch(uow, _batch_of(digest), settings, now=uow.now)
        row = _written(uow, digest)
        if row is None or row.id is None:
            raise _nothing_planned(recipient, day)
        send_mail_now(uow, row.id, actor=actor, reason=reason)
        return row.id


def find_planned(uow: UnitOfWork, settings: Settings, *, day: date, recipient: str) -> PlannedDigest:
    """What one recipient is told on one day; raises `NotFound` when that is nothing."""
    plan = plan_digests(uow, policy_of(settings), day=day, fallback=fallback_of(settings))
    for digest in plan.digests:
        if digest.recipient.email == recipient:
            return digest
    raise _nothing_planned(recipient, day)


def _nothing_planned(recipient: str, day: date) -> NotFound:
    return NotFound(message("alerts.nothing_planned", recipient=recipient, day=f"{day:%d/%m/%Y}"))


def _batch_of(digest: PlannedDigest) -> DueBatch:
    return DueBatch(0, tuple((digest.recipient, each) for each in digest.certificates), 0)


def _written(uow: UnitOfWork, digest: PlannedDigest) -> MailRow | None:
    """The mail that tells of the digest, just written."""
    query = (
        select(MailRow)
        .where(MailRow.recipient == digest.recipient.email, MailRow.kind == EXPIRY_DIGEST)
        .order_by(col(MailRow.day).desc())
    )
    return uow.session.exec(query).first()


def _moment_of(day: date, now: datetime, settings: Settings) -> datetime:
    """When the mail of a day leaves: now, or at the opening hour of a day to come."""
    if day <= local_day(now):
        return now
    return sending_hours_of(settings).earliest(start_of_day(day), latest=day)
