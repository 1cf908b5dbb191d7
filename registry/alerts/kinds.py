"""Which module makes each kind of mail: a new kind is its module, its templates and one line here."""

from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from types import MappingProxyType
from typing import Final

from registry.alerts.compose import compose_digest
from registry.alerts.digest import EXPIRY_DIGEST
from registry.db.unit_of_work import UnitOfWork
from registry.mail.smtp import MailRefused
from registry.mail.tables import MailRow
from registry.settings import Settings

Composer = Callable[[UnitOfWork, MailRow, Settings], EmailMessage]
"""Makes a message as of the unit of work; raises `MailRefused` when it can never be sent."""

COMPOSERS: Final[Mapping[str, Composer]] = MappingProxyType({EXPIRY_DIGEST: compose_digest})
"""By `MailRow.kind`. A test holds that each has its templates."""


def compose_mail(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """Make the message of one mail of the outbox. Raises `MailRefused`, also for a kind that there is not."""
    if mail.kind not in COMPOSERS:
        raise MailRefused(f"there is no such kind of mail: {mail.kind}")
    return COMPOSERS[mail.kind](uow, mail, settings)


def prepare_mails(uow: UnitOfWork, mails: Sequence[MailRow], settings: Settings) -> Callable[[MailRow], EmailMessage]:
    """Load what these mails tell of, and return what makes the message of each of them as `compose_mail` does."""
    del mails
    return lambda mail: compose_mail(uow, mail, settings)
