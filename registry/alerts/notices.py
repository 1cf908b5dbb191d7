"""Telling somebody of something once: entered when it is found, mailed in one digest for a recipient and day.

A matter is entered for all its recipients in one transaction, so that who is told does not depend on which scan looked.
The mail of a day is written in a second step; what is found after it waits for the next day's. Both steps are unique in
the database, so running them twice, at once, or half and again, gives the same mails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from registry.alerts.recipients import Recipient
from registry.alerts.tables import AlertBaselineRow, AlertNoticeRow, NoticeTopic
from registry.batches import batches
from registry.clock import local_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.jobs import SendOutboxJob
from registry.mail.tables import MailRow, MailState
from registry.settings import Settings

MAILS_PER_TRANSACTION: Final = 50
"""Small enough that other writers are not kept waiting on SQLite."""


@dataclass(frozen=True, slots=True)
class Notice:
    """That one recipient is to be told of one matter."""

    subject: str
    recipient: Recipient
    step_days: int = 0
    certificate_id: int | None = None
    agency_id: int | None = None


def enter_notices(uow: UnitOfWork, topic: NoticeTopic, notices: Sequence[Notice]) -> int:
    """Enter what nobody entered before; return how many that were."""
    added = 0
    for batch in batches(notices):
        values = [
            AlertNoticeRow(
                topic=topic,
                subject=notice.subject,
                step_days=notice.step_days,
                recipient=notice.recipient.email,
                recipient_name=notice.recipient.name,
                certificate_id=notice.certificate_id,
                agency_id=notice.agency_id,
                recorded_at=uow.now,
            ).model_dump(exclude={"id"})
            for notice in batch
        ]
        statement = insert_once(uow.session, AlertNoticeRow).values(values).returning(col(AlertNoticeRow.id))
        added += len(uow.session.execute(statement).all())
    return added


def find_entered(uow: UnitOfWork, topic: NoticeTopic, subjects: Sequence[str]) -> dict[str, set[int]]:
    """The steps on record for those of the subjects that were entered, whoever was told."""
    found: dict[str, set[int]] = {}
    for batch in batches(subjects):
        query = select(AlertNoticeRow.subject, AlertNoticeRow.step_days).where(
            AlertNoticeRow.topic == topic, col(AlertNoticeRow.subject).in_(batch)
        )
        for subject, step in uow.session.exec(query):
            found.setdefault(subject, set()).add(step)
    return found


def write_mails(database: Database, settings: Settings, topic: NoticeTopic, kind: str) -> int:
    """Give what waits to the mail of the day of each recipient, where there is none yet; return how many mails.

    It is an entry point: it opens its own units of work.
    """
    with database.read() as uow:
        waiting = _find_waiting(uow, topic)
    written = 0
    for batch in batches(waiting, MAILS_PER_TRANSACTION):
        with database.write() as uow:
            for recipient in batch:
                written += _write_mail(uow, settings, topic, kind, recipient)
            if written:
                uow.enqueue(SendOutboxJob())
    return written


def _find_waiting(uow: UnitOfWork, topic: NoticeTopic) -> list[Recipient]:
    query = (
        select(AlertNoticeRow.recipient, AlertNoticeRow.recipient_name)
        .where(AlertNoticeRow.topic == topic, col(AlertNoticeRow.mail_id).is_(None))
        .order_by(AlertNoticeRow.recipient, col(AlertNoticeRow.id).desc())
    )
    # Of several names at one address the one entered first greets.
    return [Recipient(email, name) for email, name in dict(uow.session.exec(query).all()).items()]


def _write_mail(uow: UnitOfWork, settings: Settings, topic: NoticeTopic, kind: str, recipient: Recipient) -> bool:
    mail_id = put_mail_once(uow, settings, kind=kind, recipient=recipient)
    if mail_id is None:
        return False
    given = uow.session.execute(
        update(AlertNoticeRow)
        .where(
            col(AlertNoticeRow.topic) == topic,
            col(AlertNoticeRow.recipient) == recipient.email,
            col(AlertNoticeRow.mail_id).is_(None),
        )
        .values(mail_id=mail_id)
        .returning(col(AlertNoticeRow.id))
    ).all()
    if not given:  # another run gave them to the mail of the day before, a moment ago
        uow.session.execute(delete(MailRow).where(col(MailRow.id) == mail_id))
    return bool(given)


def put_mail_once(
    uow: UnitOfWork, settings: Settings, *, kind: str, recipient: Recipient, day: date | None = None
) -> int | None:
    """Put the mail of this kind and day (default: today) into the outbox; None when the recipient has it already."""
    row = MailRow(
        kind=kind,
        recipient=recipient.email,
        recipient_name=recipient.name,
        language=settings.language,
        day=day or local_day(uow.now),
        message_id=f"<{uuid4().hex}@{settings.mail_from.rpartition('@')[2]}>",
        state=MailState.PENDING,
        not_before=uow.now,
        created_at=uow.now,
    )
    statement = insert_once(uow.session, MailRow).values(**row.model_dump(exclude={"id"})).returning(col(MailRow.id))
    return uow.session.execute(statement).scalar_one_or_none()


def find_mail_notices(uow: UnitOfWork, mail_id: int) -> Sequence[AlertNoticeRow]:
    """What one mail is to tell of, in the order in which it was entered."""
    query = select(AlertNoticeRow).where(AlertNoticeRow.mail_id == mail_id).order_by(col(AlertNoticeRow.id))
    return uow.session.exec(query).all()


def first_look(uow: UnitOfWork, name: str) -> AlertBaselineRow:
    """When `name` was looked at for the first time, which is now if it never was; `at` is then `uow.now`."""
    uow.session.execute(insert_once(uow.session, AlertBaselineRow).values(name=name, at=uow.now))
    return uow.session.get_one(AlertBaselineRow, name)


def insert_once(session: Session, table: type) -> "postgresql.Insert | sqlite.Insert":
    """An insert that leaves out the rows whose unique key is taken."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()
