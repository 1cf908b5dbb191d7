"""The message as it travels (RFC 5322), built from what was rendered."""

import binascii
import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.utils import encode_rfc2231, format_datetime
from functools import lru_cache
from typing import Any

from certs.names import display_name
from registry.clock import VIETNAM
from registry.mail.addresses import comparable
from registry.mail.headers import BUILDING_POLICY
from registry.mail.rendering import Rendered
from registry.mail.smtp import MailRefused
from registry.mail.tables import MailRow
from registry.settings import Settings


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a message: text in UTF-8, or bytes."""

    name: str
    subtype: str
    """Of the type `text`, or of `application` for bytes."""
    content: str | bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that the HTML of a message shows, as `<img src="cid:…">`."""

    cid: str
    """Its name in the HTML, without the domain: letters, digits and hyphens."""
    content: bytes


def build_message(
    row: MailRow,
    rendered: Rendered,
    settings: Settings,
    *,
    at: datetime,
    attachments: tuple[Attachment, ...] = (),
    pictures: tuple[Picture, ...] = (),
    unsubscribe_url: str | None = None,
) -> EmailMessage:
    """Build the message. Raises `MailRefused` when the recipient's address is none.

    Header values pass through the `email` package, which refuses line breaks, after control characters were made
    visible: names out of certificates cannot add a header. `Auto-Submitted` keeps automatic answers away (RFC 3834);
    Exchange wants to be told in its own way. All messages of one kind to one recipient hang on one common, made-up
    ancestor, so that mail programs show them as one conversation whichever of them were kept. `unsubscribe_url` is for
    mail that the recipient may do without (RFC 2369; with one click where the address is HTTPS, RFC 8058).
    """
    message = EmailMessage(policy=BUILDING_POLICY)
    message["From"] = _sender(settings.province_name, settings.mail_from)
    message["To"] = _address(row.recipient_name, row.recipient)
    domain = settings.mail_from.rpartition("@")[2]
    message["Subject"] = _field("Subject", display_name(rendered.subject))
    message["Date"] = _field("Date", format_datetime(at.astimezone(VIETNAM)))
    message["Message-ID"] = row.message_id
    message["References"] = message["In-Reply-To"] = _ancestor(row, domain)
    message["Auto-Submitted"] = _field("Auto-Submitted", "auto-generated")
    message["X-Auto-Response-Suppress"] = _field("X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN")
    message["List-Id"] = _field("List-Id", f"<{row.kind.replace('_', '-')}.{domain}>")
    if unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        if unsubscribe_url.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = _field("Content-Language", row.language)
    message["MIME-Version"] = _field("MIME-Version", "1.0")
    html = _text("html", rendered.html)
    if pictures:
        html = _multipart("related", html, *map(_shown, pictures))
    body = _multipart("alternative", _text("plain", rendered.text), html)
    if attachments:
        body = _multipart("mixed", body, *map(_attached, attachments))
    message["Content-Type"] = body["Content-Type"]
    message.set_payload(body.get_payload())
    return message


def _ancestor(row: MailRow, domain: str) -> str:
    thread = hashlib.sha256(f"{row.kind}\n{comparable(row.recipient)}".encode()).hexdigest()[:32]
    return f"<thread.{thread}@{domain}>"


# The parts are put together by hand, with headers that are parsed once for all messages: ten thousand mails have fifty
# thousand parts, and the library's way takes longer for them than everything else that is done for a mail.


@lru_cache(maxsize=8)
def _sender(name: str, address: str) -> Any:
    return BUILDING_POLICY.header_factory("From", Address(display_name(name), addr_spec=address))


@lru_cache(maxsize=256)
def _field(name: str, value: str) -> Any:
    return BUILDING_POLICY.header_factory(name, value)


def _part(content_type: str, encoding: str | None, payload: Any) -> MIMEPart:
    part = MIMEPart(policy=BUILDING_POLICY)
    part["Content-Type"] = _field("Content-Type", content_type)
    if encoding is not None:
        part["Content-Transfer-Encoding"] = _field("Content-Transfer-Encoding", encoding)
    part.set_payload(payload)
    return part


def _multipart(subtype: str, *parts: MIMEPart) -> MIMEPart:
    # Every part is quoted-printable or base64, in neither of which "=_" can stand (RFC 2045, 6.7).
    return _part(f'multipart/{subtype}; boundary="=_{subtype}_of_the_register"', None, list(parts))


def _text(subtype: str, content: str) -> MIMEPart:
    lines = "".join(f"{line}\n" for line in content.splitlines())
    encoded = binascii.b2a_qp(lines.encode(), quotetabs=False, istext=True).decode("ascii")
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", encoded)


def _attached(attachment: Attachment) -> MIMEPart:
    if isinstance(attachment.content, str):
        content, content_type = attachment.content.encode(), f'text/{attachment.subtype}; charset="utf-8"'
    else:
        content, content_type = attachment.content, f"application/{attachment.subtype}"
    part = _part(content_type, "base64", _base64(content))
    is_plain = attachment.name.isascii() and not set(attachment.name) & set('"\\\r\n')
    name = f'filename="{attachment.name}"' if is_plain else f"filename*={encode_rfc2231(attachment.name, 'utf-8')}"
    part["Content-Disposition"] = _field("Content-Disposition", f"attachment; {name}")
    return part


def _shown(picture: Picture) -> MIMEPart:
    part = _part("image/png", "base64", _base64(picture.content))
    part["Content-ID"] = f"<{picture.cid}>"
    part["Content-Disposition"] = f'inline; filename="{picture.cid}.png"'
    return part


def _base64(content: bytes) -> str:
    lines = (binascii.b2a_base64(content[start : start + 57]) for start in range(0, len(content), 57))
    return b"".join(lines).decode("ascii")


def _address(name: str, address: str) -> Address:
    user, at, domain = address.rpartition("@")
    is_plain = not any(character.isspace() or unicodedata.category(character) == "Cc" for character in address)
    if not (user and at and domain and is_plain) or set(address) & set('<>(),;:"[]\\'):
        raise MailRefused("the recipient's address is not an e-mail address")
    # Given in parts, because the parser of whole addresses does not know those of RFC 6531 (beyond ASCII).
    return Address(display_name(name), username=user, domain=domain)
