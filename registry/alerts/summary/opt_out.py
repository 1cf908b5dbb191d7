"""Doing without a kind of mail that nobody has to have, by the signed link of such a mail; and having it again."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete
from sqlmodel import col, select

from certs.messages import message
from registry.alerts.links import LinkPurpose, MailLink
from registry.alerts.notices import insert_once
from registry.db.unit_of_work import UnitOfWork
from registry.errors import NotFound
from registry.mail.addresses import comparable
from registry.mail.repository import MailRepository
from registry.mail.tables import MailOptOutRow
from registry.settings import Settings

WEEKLY_SUMMARY: Final = "weekly_summary"
OPTIONAL_KINDS: Final = frozenset({WEEKLY_SUMMARY})
"""All other mail tells somebody what has to be done and cannot be declined."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whether one address wants one kind of optional mail."""

    kind: str
    recipient: str
    is_wanted: bool


def find_subscription(uow: UnitOfWork, token: str, settings: Settings) -> Subscription:
    """What the link of a mail is about; raises `NotFound` for a link that is none, and for mail that is not optional."""
    link = MailLink.verify(token, LinkPurpose.UNSUBSCRIBE, settings, at=uow.now)
    mail = MailRepository(uow.session).find(link.mail_id)
    if mail is None or mail.kind not in OPTIONAL_KINDS:
        raise NotFound(message("alerts.link_unknown"))
    return Subscription(mail.kind, mail.recipient, is_wanted(uow, mail.kind, mail.recipient))


def is_wanted(uow: UnitOfWork, kind: str, recipient: str) -> bool:
    """Whether the address has not declined this kind of mail."""
    query = select(MailOptOutRow.id).where(MailOptOutRow.kind == kind, MailOptOutRow.recipient == comparable(recipient))
    return uow.session.exec(query).first() is None


def decline(uow: UnitOfWork, subscription: Subscription) -> None:
    """Send no more mail of this kind to the address; a second time changes nothing."""
    values = {
        "kind": subscription.kind,
        "recipient": comparable(subscription.recipient),
        "recorded_at": uow.now,
    }
    uow.session.execute(insert_once(uow.session, MailOptOutRow).values(**values))


def subscribe(uow: UnitOfWork, subscription: Subscription) -> None:
    """Send mail of this kind to the address again."""
    uow.session.execute(
        delete(MailOptOutRow).where(
            col(MailOptOutRow.kind) == subscription.kind,
            col(MailOptOutRow.recipient) == comparable(subscription.recipient),
        )
    )
