"""Queries of the outbox."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from registry.db.types import key_of
from registry.mail.tables import MailRow, MailState


class MailRepository:
    """Rows of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find_sendable(self, now: datetime, *, limit: int) -> Sequence[MailRow]:
        """Mails whose turn it is, the longest waiting first, locked; those another sender has in hand are left out.

        PostgreSQL skips rows that another transaction holds; SQLite lets only one writing transaction in at a time.
        """
        query = (
            select(MailRow)
            .where(
                or_(
                    and_(col(MailRow.state) == MailState.PENDING, col(MailRow.not_before) <= now),
                    and_(col(MailRow.state) == MailState.SENDING, col(MailRow.lease_until) < now),
                )
            )
            .order_by(col(MailRow.not_before), col(MailRow.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return self._session.exec(query).all()

    def find_for_change(self, mail_id: int) -> MailRow | None:
        """One mail, locked until the transaction ends."""
        return self._session.exec(select(MailRow).where(MailRow.id == mail_id).with_for_update()).first()

    def find_many_for_change(self, mail_ids: Collection[int]) -> dict[int, MailRow]:
        """Some mails, locked until the transaction ends; in one order for all, so that none wait in a circle."""
        query = select(MailRow).where(col(MailRow.id).in_(mail_ids)).order_by(col(MailRow.id)).with_for_update()
        return {key_of(row): row for row in self._session.exec(query)}

    def find_states_for_change(self, mail_ids: Collection[int]) -> dict[int, MailState]:
        """The states of some mails, locked as by `find_many_for_change`."""
        query = (
            select(MailRow.id, MailRow.state)
            .where(col(MailRow.id).in_(mail_ids))
            .order_by(col(MailRow.id))
            .with_for_update()
        )
        return {mail_id or 0: MailState(state) for mail_id, state in self._session.exec(query)}

    def find_many(self, mail_ids: Collection[int]) -> dict[int, MailRow]:
        """Some mails by their identifiers."""
        return {key_of(row): row for row in self._session.exec(select(MailRow).where(col(MailRow.id).in_(mail_ids)))}

    def find(self, mail_id: int) -> MailRow | None:
        """One mail, or None."""
        return self._session.get(MailRow, mail_id)

    def count_by_state(self) -> dict[MailState, int]:
        """How many mails are in each state."""
        query = select(MailRow.state, func.count()).group_by(col(MailRow.state))
        return {MailState(state): count for state, count in self._session.exec(query)}

    def find_last_sent(self) -> datetime | None:
        """When a server last accepted a mail."""
        return self._session.exec(select(func.max(MailRow.sent_at))).one()
