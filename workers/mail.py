"""Jobs of the mail."""

from registry.alerts.kinds import prepare_mails
from registry.jobs import SendOutboxJob
from registry.mail import service
from registry.mail.pace import Pace
from registry.mail.smtp import MailServer, SMTPSender
from workers.resources import Resources


def send_outbox(resources: Resources, job: SendOutboxJob) -> None:
    """Send what waits in the outbox; several may run at once."""
    del job
    settings = resources.settings
    server = MailServer.parse(settings.smtp_url)
    service.send_outbox(
        resources.runtime.database,
        lambda: SMTPSender(server),
        lambda uow, mails: prepare_mails(uow, mails, settings),
        envelope=service.Envelope(settings.envelope_from),
        connections=settings.smtp_connections,
        pace=Pace.of(settings),
    )
