"""What waits for one recipient from several days leaves as one mail: the newest takes over what the others were to tell.

    PENDING (older) ──a mail server answers again──▶ SUPERSEDED, its notices with the newest

Nobody is helped by one mail for each day without a mail server, all at one moment. The newest tells what is still true of
all of them as it stands then, of each certificate the most urgent step; of those that left nothing changes. A mail that a
sender has tried stays what it is: a server may have taken it, and what cannot be written is not to keep back the rest.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from registry.alerts.coverage import COVERAGE_DIGEST
from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.lapses import LAPSE_DIGEST
from registry.alerts.revocations import REVOCATION_DIGEST
from registry.alerts.tables import AlertNoticeRow, ExpiryNoticeRow
from registry.alerts.watch import ALARM_KINDS, ALL_CLEAR_KINDS
from registry.batches import batches
from registry.clock import local_day
from registry.db.types import key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.ledger import find_possibly_taken, record_events
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
RECIPIENTS_PER_TRANSACTION: Final = 50
"""Small enough that other writers are not kept waiting on SQLite."""


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
    for recipients in batches(overdue, RECIPIENTS_PER_TRANSACTION):
        with database.write() as uow:
            superseded += _supersede(uow, recipients)
    return superseded


def find_successor(uow: UnitOfWork, mail: MailRow) -> MailRow:
    """The mail that tells what `mail` was to tell: itself, unless it was superseded."""
    while mail.state is MailState.SUPERSEDED:
        mail = uow.session.get_one(MailRow, successor_id(mail))
    return mail


def successor_id(mail: MailRow) -> int | None:
    """The mail that took over what a superseded one was to tell; None of any other."""
    return mail.context.get(_SUCCESSOR)


def _find_overdue(uow: UnitOfWork) -> Sequence[str]:
    """Recipients with several such mails of one kind."""
    query = (
        select(MailRow.recipient)
        .where(*_is_untried(uow))
        .group_by(col(MailRow.recipient), col(MailRow.kind))
        .having(func.count() > 1)
        .order_by(col(MailRow.recipient))
        .distinct()
    )
    return uow.session.exec(query).all()


def _is_untried(uow: UnitOfWork) -> tuple[ColumnElement[bool], ...]:
    """What waits of today and before. Mail of a day to come has its own time."""
    return (
        col(MailRow.state) == MailState.PENDING,
        col(MailRow.attempts) == 0,
        col(MailRow.day) <= local_day(uow.now),
        col(MailRow.kind).in_(_KINDS),
    )


def _supersede(uow: UnitOfWork, recipients: Sequence[str]) -> int:
    query = (
        select(MailRow)
        .where(*_is_untried(uow), col(MailRow.recipient).in_(recipients))
        # In one order for all who lock them, so that none wait in a circle.
        .order_by(col(MailRow.recipient), col(MailRow.kind), col(MailRow.day))
        .with_for_update()
    )
    waiting = uow.session.exec(query).all()
    # One that came back and is to be sent again has no attempt on its account, and is known to its recipient all the same.
    taken = find_possibly_taken(uow, [key_of(mail) for mail in waiting])
    pairs: list[tuple[MailRow, MailRow]] = []
    untaken = (mail for mail in waiting if mail.id not in taken)
    for _, mails in groupby(untaken, lambda mail: (mail.recipient, mail.kind)):
        *older, newest = mails
        pairs += [(mail, newest) for mail in older]
    if not pairs:  # another sender was here meanwhile
        return 0
    _hand_over(uow, {key_of(mail): key_of(successor) for mail, successor in pairs})
    for mail, successor in pairs:
        mail.state = MailState.SUPERSEDED
        mail.context = {**mail.context, _SUCCESSOR: successor.id}
    superseded = [(key_of(mail), MailEventKind.SUPERSEDED, "", _named(successor)) for mail, successor in pairs]
    took_over = [(key_of(successor), MailEventKind.TOOK_OVER, "", _named(mail)) for mail, successor in pairs]
    record_events(uow, [*superseded, *took_over])
    return len(pairs)


def _hand_over(uow: UnitOfWork, successors: Mapping[int, int]) -> None:
    connection = uow.session.connection()
    for table in (ExpiryNoticeRow, AlertNoticeRow):
        given = update(table).where(col(table.mail_id) == bindparam("older")).values(mail_id=bindparam("newest"))
        connection.execute(given, [{"older": older, "newest": newest} for older, newest in successors.items()])
    # As in a scan after an outage: the steps passed on the way to the most urgent one need no mail.
    more_urgent = aliased(ExpiryNoticeRow)
    is_passed = (
        select(more_urgent.id)
        .where(
            more_urgent.mail_id == ExpiryNoticeRow.mail_id,
            more_urgent.certificate_id == ExpiryNoticeRow.certificate_id,
            more_urgent.step_days < ExpiryNoticeRow.step_days,
        )
        .exists()
    )
    newest = sorted(set(successors.values()))
    connection.execute(
        update(ExpiryNoticeRow).where(col(ExpiryNoticeRow.mail_id).in_(newest), is_passed).values(mail_id=None)
    )


def _named(mail: MailRow) -> str:
    return f"#{mail.id} · {mail.day:%d/%m/%Y}"
