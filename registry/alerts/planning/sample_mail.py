"""The message of a sample, made from what was fixed when it was asked for."""

from email.message import EmailMessage
from typing import Final

from registry.db.unit_of_work import UnitOfWork
from registry.mail.message import build_message
from registry.mail.rendering import Rendered
from registry.mail.tables import MailRow
from registry.settings import Settings

PER_DAY: Final = 10
"""Samples that one person gets in a day at most."""
SAMPLE: Final = "sample"
SAMPLE_KINDS: Final = tuple(f"{SAMPLE}_{number}" for number in range(1, PER_DAY + 1))
"""The first, second, … sample of a day; the outbox takes each kind once for an address and day."""


def compose_sample(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """Build the message of one sample."""
    rendered = Rendered(mail.context["subject"], mail.context["text"], mail.context["html"])
    return build_message(mail, rendered, settings, at=uow.now)
