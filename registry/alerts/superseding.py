"""What waits for one recipient from several days leaves as one mail: the newest takes over what the others were to tell.

    PENDING (older) ──a mail server answers again──▶ SUPERSEDED, its notices with the newest

Nobody is helped by one mail for each day without a mail server, all at one moment. The newest tells what is still true of
all of them as it stands then, of each certificate the most urgent step; of those that left nothing changes. A mail that a
sender has tried stays what it is: a server may have taken it, and what cannot be written is not to keep back the rest.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from registry.alerts.coverage import COVERAGE_DIGEST
from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.lapses import LAPSE_DIGEST
from registry.alerts.revocations import REVOCATION_DIGEST
from registry.alerts.tables import AlertNoticeRow, ExpiryNoticeRow
from registry.alerts.watch import ALARM_KINDS, ALL_CLEAR_KINDS
from registry.clock import local_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.ledger import find_possibly_taken, record_event
from registry.mail.tables import MailEventKind, MailRow, MailState

_KINDS: Final = (
    EXPIRY_DIGEST,
    LAPSE_DIGEST,
    REVOCATION_DIGEST,
    COVERAGE_DIGEST,
    *ALARM_KINDS,
    *ALL_CLEAR_KINDS,
)
"""Made from the register of the moment, and notices where they have any: the newest can say it all. A weekly summary
tells of its own week."""
_SUCCESSOR: Final = "superseded_by"


def has_overdue(database: Database) -> bool:
    """Whether something waits for one recipient from several days."""
    with database.read() as uow:
        return bool(_find_overdue(uow))


def supersede_overdue(database: Database) -> int:
    """Let the newest mail take over what the older ones were to tell, and return how many do not leave any more.

    An entry point; run before sending, and only when a server answers: until then each day's mail shows how long it has
    been waiting.
    """
    with database.read() as uow:
        overdue = _find_overdue(uow)
    superseded = 0
    for recipient, kind in overdue:
        with database.write() as uow:
            superseded += _supersede(uow, recipient, kind)
    return superseded


def find_successor(uow: UnitOfWork, mail: MailRow) -> MailRow:
    """The mail that tells what `mail` was to tell: itself, unless it was superseded."""
    while mail.state is MailState.SUPERSEDED:
        mail = uow.session.get_one(MailRow, successor_id(mail))
    return mail


def successor_id(mail: MailRow) -> int | None:
    """The mail that took over what a superseded one was to tell; None of any other."""
    return mail.context.get(_SUCCESSOR)


def _find_overdue(uow: UnitOfWork) -> Sequence[tuple[str, str]]:
    """Recipients and kinds with several such mails, in an order that is the same for all who lock them."""
    query = (
        select(MailRow.recipient, MailRow.kind)
        .where(*_is_untried(uow), col(MailRow.kind).in_(_KINDS))
        .group_by(col(MailRow.recipient), col(MailRow.kind))
        .having(func.count() > 1)
        .order_by(col(MailRow.recipient), col(MailRow.kind))
    )
    return uow.session.exec(query).all()


def _is_untried(uow: UnitOfWork) -> tuple[ColumnElement[bool], ...]:
    """What waits of today and before. Mail of a day to come has its own time."""
    return (
        col(MailRow.state) == MailState.PENDING,
        col(MailRow.attempts) == 0,
        col(MailRow.day) <= local_day(uow.now),
    )


def _supersede(uow: UnitOfWork, recipient: str, kind: str) -> int:
    query = (
        select(MailRow)
        .where(*_is_untried(uow), MailRow.recipient == recipient, MailRow.kind == kind)
        .order_by(col(MailRow.day))
        .with_for_update()
    )
    waiting = uow.session.exec(query).all()
    # One that came back and is to be sent again has no attempt on its account, and is known to its recipient all the same.
    taken = find_possibly_taken(uow, [mail.id or 0 for mail in waiting])
    mails = [mail for mail in waiting if mail.id not in taken]
    if len(mails) < 2:  # another sender was here meanwhile
        return 0
    *older, newest = mails
    newest_id = newest.id or 0
    _hand_over(uow, [mail.id or 0 for mail in older], newest_id)
    for mail in older:
        mail.state = MailState.SUPERSEDED
        mail.context = {**mail.context, _SUCCESSOR: newest_id}
        record_event(uow, mail.id or 0, MailEventKind.SUPERSEDED, words=_named(newest))
        record_event(uow, newest_id, MailEventKind.TOOK_OVER, words=_named(mail))
    return len(older)


def _hand_over(uow: UnitOfWork, older: Sequence[int], newest: int) -> None:
    for table in (ExpiryNoticeRow, AlertNoticeRow):
        uow.session.execute(update(table).where(col(table.mail_id).in_(older)).values(mail_id=newest))
    # As in a scan after an outage: the steps passed on the way to the most urgent one need no mail.
    more_urgent = aliased(ExpiryNoticeRow)
    is_passed = (
        select(more_urgent.id)
        .where(
            more_urgent.mail_id == newest,
            more_urgent.certificate_id == ExpiryNoticeRow.certificate_id,
            more_urgent.step_days < ExpiryNoticeRow.step_days,
        )
        .exists()
    )
    passed = update(ExpiryNoticeRow).where(col(ExpiryNoticeRow.mail_id) == newest, is_passed)
    uow.session.execute(passed.values(mail_id=None))


def _named(mail: MailRow) -> str:
    return f"#{mail.id} · {mail.day:%d/%m/%Y}"
