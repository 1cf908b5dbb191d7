"""The message as it travels (RFC 5322), built from what was rendered."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from certs.names import display_name
from registry.clock import VIETNAM
from registry.mail.rendering import Rendered
from registry.mail.smtp import MailRefused
from registry.mail.tables import MailRow
from registry.settings import Settings


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that travels with a message, in UTF-8."""

    name: str
    subtype: str
    """Of the type `text`."""
    content: str


def build_message(
    row: MailRow,
    rendered: Rendered,
    settings: Settings,
    *,
    at: datetime,
    attachments: tuple[Attachment, ...] = (),
) -> EmailMessage:
    """Build the message. Raises `MailRefused` when the recipient's address is none.

    Header values pass through the `email` package, which refuses line breaks, after control characters were made
    visible: names out of certificates cannot add a header. `Auto-Submitted` keeps automatic answers away (RFC 3834).
    """
    message = EmailMessage()
    message["From"] = Address(display_name(settings.province_name), addr_spec=settings.mail_from)
    message["To"] = _address(row.recipient_name, row.recipient)
    domain = settings.mail_from.rpartition("@")[2]
    message["Subject"] = display_name(rendered.subject)
    message["Date"] = format_datetime(at.astimezone(VIETNAM))
    message["Message-ID"] = row.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = f"<{row.kind.replace('_', '-')}.{domain}>"
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    for attachment in attachments:
        message.add_attachment(attachment.content, subtype=attachment.subtype, filename=attachment.name, cte="base64")
    # Set last: the library moves the `Content-` fields it finds into the first part.
    message["Content-Language"] = row.language
    return message


def _address(name: str, address: str) -> Address:
    user, at, domain = address.rpartition("@")
    is_plain = not any(character.isspace() or unicodedata.category(character) == "Cc" for character in address)
    if not (user and at and domain and is_plain) or set(address) & set('<>(),;:"[]\\'):
        raise MailRefused("the recipient's address is not an e-mail address")
    # Given in parts, because the parser of whole addresses does not know those of RFC 6531 (beyond ASCII).
    return Address(display_name(name), username=user, domain=domain)
