"""What the mails of every kind share: who is greeted, who writes, where the register is."""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from certs.names import display_name
from registry.db.unit_of_work import UnitOfWork
from registry.mail.message import Picture, build_message
from registry.mail.rendering import Rendered, render
from registry.mail.tables import MailRow
from registry.settings import Settings


def render_letter(
    mail: MailRow, settings: Settings, values: Mapping[str, Any], *, template: str | None = None
) -> Rendered:
    """Subject, text and HTML from the templates of the mail's kind, or from `template`."""
    shared = {
        "recipient_name": display_name(mail.recipient_name),
        "province_name": settings.province_name,
        "public_url": settings.public_url.rstrip("/"),
    }
    return render(template or mail.kind, mail.language, {**values, **shared})


def build_letter(
    uow: UnitOfWork,
    mail: MailRow,
    settings: Settings,
    values: Mapping[str, Any],
    *,
    template: str | None = None,
    pictures: tuple[Picture, ...] = (),
    unsubscribe_url: str | None = None,
) -> EmailMessage:
    """The message as it travels; `unsubscribe_url` for mail that the recipient may do without."""
    rendered = render_letter(mail, settings, values, template=template)
    return build_message(mail, rendered, settings, at=uow.now, pictures=pictures, unsubscribe_url=unsubscribe_url)
