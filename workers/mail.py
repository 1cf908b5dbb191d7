"""Jobs of the mail."""

from collections.abc import Callable, Mapping
from email.message import EmailMessage
from types import MappingProxyType

from registry.alerts.compose import compose_digest
from registry.alerts.digest import EXPIRY_DIGEST
from registry.db.unit_of_work import UnitOfWork
from registry.jobs import SendOutboxJob
from registry.mail import service
from registry.mail.smtp import MailRefused, MailServer, SMTPSender
from registry.mail.tables import MailRow
from registry.settings import Settings
from workers.resources import Resources

COMPOSERS: Mapping[str, Callable[[UnitOfWork, MailRow, Settings], EmailMessage]] = MappingProxyType(
    {EXPIRY_DIGEST: compose_digest}
)
"""How each kind of mail is made. A test holds that each has its templates."""


def send_outbox(resources: Resources, job: SendOutboxJob) -> None:
    """Send what waits in the outbox; several may run at once."""
    del job
    settings = resources.settings

    def compose(uow: UnitOfWork, mail: MailRow) -> EmailMessage:
        if mail.kind not in COMPOSERS:
            raise MailRefused(f"there is no such kind of mail: {mail.kind}")
        return COMPOSERS[mail.kind](uow, mail, settings)

    with SMTPSender(MailServer.parse(settings.smtp_url)) as sender:
        service.send_outbox(resources.runtime.database, sender, compose, mail_from=settings.mail_from)
