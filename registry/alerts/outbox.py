"""The expiry digests in the outbox: one for a recipient and day, open to further notices until it leaves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from sqlalchemy import ARRAY, and_, bindparam, delete, func, not_, update
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.recipients import Recipient
from registry.alerts.tables import DayHoldRow, ExpiryNoticeRow, RecipientRole
from registry.batches import batches
from registry.clock import FOREVER
from registry.mail.tables import MailRow, MailState
from registry.settings import Settings

OPEN_STATES: Final = (MailState.PENDING, MailState.HELD, MailState.CANCELLED)
"""Nothing of it has left, as far as is known."""
_IS_OPEN: Final = and_(col(MailRow.state).in_(OPEN_STATES), col(MailRow.attempts) == 0)
"""Notices can be added. A server that was offered it may have taken it, and it is sent again as the same message: what
was added then would not be read by those who got it the first time."""


@dataclass(frozen=True, slots=True)
class OpenDigest:
    """A digest that notices can be added to, locked until the transaction ends."""

    mail_id: int
    is_new: bool


class NewNotice(NamedTuple):
    """The columns of an `ExpiryNoticeRow` that is to be written."""

    certificate_id: int
    recipient: str
    step_days: int
    mail_id: int | None
    role: RecipientRole
    recorded_at: datetime


class DigestOutbox:
    """Rows of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find_closed(self, addresses: Collection[str], *, day: date) -> set[str]:
        """Those of the addresses whose digest of `day` has left, or failed, so that nothing can be added to it."""
        closed: set[str] = set()
        for batch in batches(sorted(addresses)):
            query = select(MailRow.recipient).where(
                col(MailRow.recipient).in_(batch),
                MailRow.day == day,
                MailRow.kind == EXPIRY_DIGEST,
                not_(_IS_OPEN),
            )
            closed.update(self._session.exec(query))
        return closed

    def open_digests(
        self, recipients: Iterable[Recipient], *, day: date, settings: Settings, hold_until: datetime, at: datetime
    ) -> dict[str, OpenDigest]:
        """The digest of `day` of each recipient by address, written where there is none; those that left are missing.

        It does not leave before `hold_until` unless `release` lets it. On a day that a person holds back it is held.
        """
        # Two bodies may share an address: one mail, named after the first by name.
        by_name = sorted(recipients, key=lambda recipient: recipient.name, reverse=True)
        names = {recipient.email: recipient.name for recipient in by_name}
        common = MailRow(
            kind=EXPIRY_DIGEST,
            recipient="",
            recipient_name="",
            language=settings.language,
            day=day,
            message_id="",
            state=MailState.HELD if self._is_held(day) else MailState.PENDING,
            not_before=hold_until,
            created_at=at,
        ).model_dump(exclude={"id", "recipient", "recipient_name", "message_id"})
        domain = settings.mail_from.rpartition("@")[2]
        rows = [
            {"recipient": email, "recipient_name": names[email], "message_id": f"<{uuid4().hex}@{domain}>"}
            for email in sorted(names)
        ]
        new = set(self._insert_once(MailRow, rows, common, returned="id"))
        found: dict[str, OpenDigest] = {}
        for batch in batches(sorted(names)):
            query = (
                select(MailRow.id, MailRow.recipient)
                .where(
                    col(MailRow.recipient).in_(batch),
                    MailRow.day == day,
                    MailRow.kind == EXPIRY_DIGEST,
                    _IS_OPEN,
                )
                .order_by(col(MailRow.recipient))
                .with_for_update()
            )
            found |= {email: OpenDigest(key or 0, key in new) for key, email in self._session.exec(query)}
        return found

    def add_notices_once(self, notices: Sequence[NewNotice]) -> list[int]:
        """Record the notices that nobody recorded yet; return for each of those its mail, 0 for none."""
        # Plain values: a scan writes them by the hundred thousand, and to build a row of each would take most of its time.
        values = [notice._asdict() for notice in notices]
        return [mail_id or 0 for mail_id in self._insert_once(ExpiryNoticeRow, values, {}, returned="mail_id")]

    def reopen(self, mail_ids: Collection[int], *, hold_until: datetime) -> None:
        """Have digests that notices were added to wait for the end of the scan, and revive those that were cancelled."""
        for batch in batches(sorted(mail_ids)):
            mails = update(MailRow).where(col(MailRow.id).in_(batch))
            self._session.execute(
                mails.where(col(MailRow.state) == MailState.CANCELLED).values(state=MailState.PENDING, last_reply=None)
            )
            self._session.execute(mails.where(col(MailRow.attempts) == 0).values(not_before=hold_until))

    def delete(self, mail_ids: Collection[int]) -> None:
        """Take digests out of the outbox again, in the transaction that put them there."""
        for batch in batches(sorted(mail_ids)):
            self._session.execute(delete(MailRow).where(col(MailRow.id).in_(batch)))

    def release(self, day: date, *, now: datetime, at: datetime) -> None:
        """Let the digests of `day` that wait at `now`, and that no server has been offered, leave from `at` on."""
        self._session.execute(
            update(MailRow)
            .where(
                col(MailRow.state).in_((MailState.PENDING, MailState.HELD)),
                col(MailRow.not_before) > now,
                col(MailRow.kind) == EXPIRY_DIGEST,
                col(MailRow.day) == day,
                col(MailRow.attempts) == 0,
            )
            .values(not_before=at)
        )

    def _is_held(self, day: date) -> bool:
        query = select(DayHoldRow.id).where(DayHoldRow.day == day, col(DayHoldRow.ended_at) == FOREVER)
        return self._session.exec(query).first() is not None

    def _insert_once(
        self,
        row: type[MailRow | ExpiryNoticeRow],
        values: list[dict[str, Any]],
        common: dict[str, Any],
        *,
        returned: str,
    ) -> list[int | None]:
        """Insert the rows that are not there yet, each with the `common` values too; return a column of those."""
        if not values:
            return []
        table = SQLModel.metadata.tables[str(row.__tablename__)]
        if self._session.get_bind().dialect.name == "sqlite":
            insert = sqlite.insert(table).on_conflict_do_nothing().returning(table.c[returned])
            return list(self._session.execute(insert, [{**common, **each} for each in values]).scalars())
        # One array for each column: the driver reads every statement for its parameters, and with some for each row that
        # takes several times as long as all the rest of a scan.
        arrays = [
            bindparam(f"all_{name}", [each[name] for each in values], ARRAY(table.c[name].type)) for name in values[0]
        ]
        rows = func.unnest(*arrays).table_valued(*values[0]).render_derived()
        fixed = [bindparam(f"the_{name}", value, table.c[name].type) for name, value in common.items()]
        several = (
            postgresql.insert(table)
            .from_select([*values[0], *common], select_columns(*rows.c, *fixed))
            .on_conflict_do_nothing()
            .returning(table.c[returned])
        )
        return list(self._session.execute(several).scalars())
