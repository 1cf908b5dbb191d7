"""Jobs of the mail."""

import time
from typing import Final

import structlog

from registry.alerts.kinds import prepare_mails
from registry.alerts.scan import policy_of
from registry.alerts.superseding import has_overdue, supersede_overdue
from registry.alerts.withdrawal import withdraw_settled, withdraw_unsaid
from registry.jobs import ReadReturnedMailJob, ScanExpiriesJob, SendOutboxJob
from registry.mail import service
from registry.mail.imap import MailboxAddress, ReturnMailbox
from registry.mail.pace import Pace
from registry.mail.returned import record_returned
from registry.mail.smtp import MailServer, ServerUnavailable, SMTPSender
from workers.resources import Resources

log = structlog.get_logger(__name__)

_MESSAGES: Final = 1000
_SECONDS: Final = 240.0
"""Bounds of one look into the mailbox; the next one goes on."""


def send_outbox(resources: Resources, job: SendOutboxJob) -> None:
    """Send what waits in the outbox; several may run at once.

    What was settled since it was written is left out, and what waits for one recipient from several days is one mail.
    """
    del job
    settings = resources.settings
    database = resources.runtime.database
    withdraw_settled(database, policy_of(settings))
    server = MailServer.parse(settings.smtp_url)
    if has_overdue(database) and _answers(server):
        supersede_overdue(database)
    outcome = service.send_outbox(
        database,
        lambda: SMTPSender(server),
        lambda uow, mails: prepare_mails(
            uow, mails, settings, on_loaded=lambda digests: withdraw_unsaid(database, digests)
        ),
        envelope=service.Envelope(settings.envelope_from),
        connections=settings.smtp_connections,
        pace=Pace.of(settings),
    )
    if outcome.dead_addresses:
        _tell_others(resources)


def _answers(server: MailServer) -> bool:
    with SMTPSender(server) as sender:
        try:
            sender.check()
        except ServerUnavailable:
            return False
    return True


def read_returned_mail(resources: Resources, job: ReadReturnedMailJob) -> None:
    """Work what arrived in the mailbox of undeliverable mail; without one there is nothing to do.

    A message is marked as read after what it says was committed. Several may read at once, and one may die in between:
    each message is worked once. Raises `MailboxUnavailable`.
    """
    del job
    settings = resources.settings
    url = settings.bounce_imap_url.get_secret_value()
    if not url:
        return
    deadline = time.monotonic() + _SECONDS
    worked = marked = 0
    with ReturnMailbox(MailboxAddress.parse(url)) as mailbox:
        for uid, content in mailbox.find_unread(limit=_MESSAGES):
            with resources.runtime.database.write() as uow:
                returned = record_returned(uow, content, settings)
            mailbox.mark_read(uid)
            worked += returned.is_new
            marked += returned.marked
            if time.monotonic() >= deadline:
                break
    log.info("returned_mail", worked=worked, dead_addresses=marked)
    if marked:
        _tell_others(resources)


def _tell_others(resources: Resources) -> None:
    """Somebody was not reached: the scan finds out who is to be told instead. It finds that out by itself an hour later."""
    with resources.runtime.database.write() as uow:
        uow.enqueue(ScanExpiriesJob())
