"""The ledger: what happened to each message, in the order in which it became known."""

from collections.abc import Collection
from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import and_, insert, or_
from sqlmodel import col, select

from certs.messages import define, message
from registry.batches import batches
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.mail.tables import MailEventKind, MailEventRow
from registry.views import View

define(
    "mail.reason_missing",
    vi="Hãy ghi lý do, để người xem sổ gửi thư sau này hiểu.",
    en="Give a reason, so that whoever reads the ledger later understands.",
)


class MailEventView(View):
    """One thing that happened to a message."""

    mail_id: int
    at: AwareDatetime
    kind: MailEventKind
    channel: str
    """Name of the web address it was also told to; empty: the mail itself."""
    actor: str
    """Who did it; empty: the sender or a mail server."""
    code: str
    words: str
    """The server's words, or the person's reason."""


def require_reason(reason: str) -> str:
    """What a person gave as the reason, trimmed; raises `InvalidInput` when it is nothing."""
    if not reason.strip():
        raise InvalidInput(message("mail.reason_missing"), field="reason")
    return reason.strip()


def record_event(
    uow: UnitOfWork,
    mail_id: int,
    kind: MailEventKind,
    *,
    channel: str = "",
    actor: str = "",
    code: str = "",
    words: str = "",
    at: datetime | None = None,
) -> None:
    """Add to the ledger of a message; `at` when it happened before it became known."""
    uow.session.add(
        MailEventRow(
            mail_id=mail_id,
            at=at or uow.now,
            kind=kind,
            channel=channel[:120],
            actor=actor[:100],
            code=code[:20],
            words=words[:2000],
        )
    )


def record_events(uow: UnitOfWork, events: Collection[tuple[int, MailEventKind, str, str]]) -> None:
    """Add one entry, of now and by the sender or a mail server, for each mail, kind, code and words."""
    uow.session.connection().execute(
        insert(MailEventRow),
        [
            {
                "mail_id": mail_id,
                "at": uow.now,
                "kind": kind,
                "channel": "",
                "actor": "",
                "code": code[:20],
                "words": words[:2000],
            }
            for mail_id, kind, code, words in events
        ],
    )


def list_events(uow: UnitOfWork, mail_ids: Collection[int]) -> dict[int, tuple[MailEventView, ...]]:
    """The ledger of each of the messages, the earliest entry first; messages without an entry have an empty one."""
    found: dict[int, list[MailEventView]] = {mail_id: [] for mail_id in mail_ids}
    for batch in batches(sorted(found)):
        query = select(MailEventRow).where(col(MailEventRow.mail_id).in_(batch)).order_by(col(MailEventRow.id))
        for row in uow.session.exec(query):
            found[row.mail_id].append(MailEventView.model_validate(row, from_attributes=True))
    return {mail_id: tuple(events) for mail_id, events in found.items()}


def find_possibly_taken(uow: UnitOfWork, mail_ids: Collection[int]) -> set[int]:
    """Those of the messages that a mail server may have taken in one of the attempts on record, whatever became of it.

    It took them for sure, or the sender or the connection ended before the server had answered. What a web address took
    is another matter: the mail has not left by it.
    """
    unanswered = and_(col(MailEventRow.kind) == MailEventKind.DEFERRED, col(MailEventRow.code) == "")
    taken = col(MailEventRow.kind).in_([MailEventKind.ACCEPTED, MailEventKind.INTERRUPTED])
    found: set[int] = set()
    for batch in batches(sorted(mail_ids)):
        query = select(MailEventRow.mail_id).where(
            col(MailEventRow.mail_id).in_(batch), MailEventRow.channel == "", or_(taken, unanswered)
        )
        found.update(uow.session.exec(query))
    return found
