"""What a mail says, to be looked at: made by the same code that makes it when it is sent.

Whoever looks is not the recipient: the links that act in the recipient's name lose their proof here.
"""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from registry.alerts.kinds import compose_mail
from registry.db.unit_of_work import UnitOfWork
from registry.errors import not_found
from registry.mail.repository import MailRepository
from registry.mail.smtp import MailError
from registry.settings import Settings

_PROOF: Final = re.compile(r"(?<=[?&;]token=)[\w.%-]+")
_NO_PROOF: Final = "xem-truoc"


@dataclass(frozen=True, slots=True)
class MailBody:
    """Subject, text and HTML; all empty when there is nothing to be said any more."""

    subject: str = ""
    text: str = ""
    html: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.html or self.text)

    @classmethod
    def of(cls, message: EmailMessage) -> "MailBody":
        """The readable parts of a message."""
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        return cls(
            subject=str(message["Subject"]),
            text=_PROOF.sub(_NO_PROOF, text.get_content()) if text else "",
            html=_PROOF.sub(_NO_PROOF, html.get_content()) if html else "",
        )


def mail_body(uow: UnitOfWork, mail_id: int, settings: Settings) -> MailBody:
    """What a mail of the outbox says, given the register of this moment. Raises `NotFound` when there is no such mail.

    Empty when the mail would not be sent any more, because everything it was to tell of has been dealt with, or not by
    this version of the program.
    """
    row = MailRepository(uow.session).find(mail_id)
    if row is None:
        raise not_found(f"#{mail_id}")
    try:
        return MailBody.of(compose_mail(uow, row, settings))
    except MailError:
        return MailBody()
