"""How many messages may leave in a minute, in all and to one domain, counted over all senders in the database.

Minutes are those of the clock. What does not fit into this minute is moved to one of the next, so that a domain with
much to get does not stand in the way of the others. The counts are rows of the database rather than keys in Redis:
they are written in the transaction that claims, so a claim that is rolled back costs nothing, and an emptied Redis
does not let everything go at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from registry.db.unit_of_work import UnitOfWork
from registry.mail.addresses import comparable
from registry.mail.tables import MailAllowanceRow, MailRow
from registry.settings import Settings

_MINUTE = timedelta(minutes=1)
_KEPT = timedelta(hours=2)
_EVERYBODY = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a minute; 0: as many as the server takes."""

    in_all: int = 0
    to_one_domain: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "Pace":
        """The pace that the settings describe."""
        return cls(settings.mails_per_minute, settings.mails_per_minute_and_domain)

    def room(self, uow: UnitOfWork, *, limit: int) -> int:
        """How many of at most `limit` messages may still leave in this minute, whomever they go to."""
        if not self.in_all:
            return limit
        return max(0, min(limit, self.in_all - _locked(uow.session, _EVERYBODY, _minute(uow.now)).used))

    def admit(self, uow: UnitOfWork, rows: Sequence[MailRow]) -> Sequence[MailRow]:
        """Those of the rows that may leave now, counted as left; the time of the others is moved to a later minute."""
        minute = _minute(uow.now)
        admitted = rows
        if self.to_one_domain:
            admitted = []
            by_domain: dict[str, list[MailRow]] = {}
            for row in rows:
                by_domain.setdefault(comparable(row.recipient).rpartition("@")[2], []).append(row)
            for domain in sorted(by_domain):  # in one order for all senders, so that none waits for another in a circle
                admitted.extend(self._admit_domain(uow.session, domain, by_domain[domain], minute))
        if self.in_all and admitted:
            _locked(uow.session, _EVERYBODY, minute).used += len(admitted)
        return admitted

    def _admit_domain(
        self, session: Session, domain: str, rows: Sequence[MailRow], minute: datetime
    ) -> Sequence[MailRow]:
        allowance = _locked(session, domain, minute)
        room = max(0, self.to_one_domain - allowance.used)
        for index, row in enumerate(rows[room:]):
            row.not_before = minute + _MINUTE * (1 + index // self.to_one_domain)
        allowance.used += len(rows[:room])
        return rows[:room]


def forget_past_minutes(uow: UnitOfWork) -> None:
    """Delete counts that matter no more."""
    uow.session.execute(delete(MailAllowanceRow).where(col(MailAllowanceRow.minute) < uow.now - _KEPT))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _locked(session: Session, scope: str, minute: datetime) -> MailAllowanceRow:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"scope": scope, "minute": minute, "used": 0}
    session.execute(insert(MailAllowanceRow).values(**values).on_conflict_do_nothing())
    query = select(MailAllowanceRow).where(MailAllowanceRow.scope == scope, MailAllowanceRow.minute == minute)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one()
