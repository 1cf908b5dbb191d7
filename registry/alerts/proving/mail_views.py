"""Mails as the ledger tells of them: with everything that happened to each."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.schemas import LedgerMailView
from registry.alerts.superseding import successor_id
from registry.alerts.tables import DayHoldRow
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.mail.ledger import MailEventView, list_events
from registry.mail.tables import MailEventKind, MailRow

_MAIL_FIELDS: Final = set(LedgerMailView.model_fields) - {"events", "superseded_by"}


def mail_views(uow: UnitOfWork, rows: Sequence[MailRow]) -> dict[int, LedgerMailView]:
    """The mails by their identifiers."""
    events = list_events(uow, [key_of(row) for row in rows])
    holds = _holds(uow.session, {row.day for row in rows})
    return {
        key: LedgerMailView(
            **row.model_dump(include=_MAIL_FIELDS),
            superseded_by=successor_id(row),
            events=(*(_held(key, row, hold) for hold in holds if _was_written_held(row, hold)), *events[key]),
        )
        for key, row in ((key_of(row), row) for row in rows)
    }


def _holds(session: Session, days: Collection[date]) -> Sequence[DayHoldRow]:
    return session.exec(select(DayHoldRow).where(col(DayHoldRow.day).in_(sorted(days)))).all()


def _was_written_held(mail: MailRow, hold: DayHoldRow) -> bool:
    """Whether the mail was written while its day was held; one that waited before has the act in its own ledger."""
    return mail.kind == EXPIRY_DIGEST and mail.day == hold.day and hold.recorded_at <= mail.created_at < hold.ended_at


def _held(mail_id: int, mail: MailRow, hold: DayHoldRow) -> MailEventView:
    return MailEventView(
        mail_id=mail_id,
        at=mail.created_at,
        kind=MailEventKind.HELD,
        channel="",
        actor=hold.actor,
        code="",
        words=hold.reason,
    )
