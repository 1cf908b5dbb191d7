"""Jobs of the mail."""

from email.message import EmailMessage

from registry.alerts.kinds import compose_mail
from registry.db.unit_of_work import UnitOfWork
from registry.jobs import SendOutboxJob
from registry.mail import service
from registry.mail.smtp import MailServer, SMTPSender
from registry.mail.tables import MailRow
from workers.resources import Resources


def send_outbox(resources: Resources, job: SendOutboxJob) -> None:
    """Send what waits in the outbox; several may run at once."""
    del job
    settings = resources.settings

    def compose(uow: UnitOfWork, mail: MailRow) -> EmailMessage:
        return compose_mail(uow, mail, settings)

    with SMTPSender(MailServer.parse(settings.smtp_url)) as sender:
        service.send_outbox(resources.runtime.database, sender, compose, mail_from=settings.mail_from)
