"""The expiry digest as a message, rendered from the register at the moment it is sent."""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode

from certs.names import display_name
from registry.alerts.calendar_file import write_calendar
from registry.alerts.digest import EXPIRY_DIGEST, load_digest
from registry.alerts.links import LinkPurpose, MailLink
from registry.alerts.scan import policy_of
from registry.certificates.query import CertificateQuery, CertificateSort, Flag
from registry.db.unit_of_work import UnitOfWork
from registry.mail.message import Attachment, build_message
from registry.mail.rendering import Rendered, render
from registry.mail.smtp import MailRefused
from registry.mail.tables import MailRow
from registry.settings import Settings


def compose_digest(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """Build the message of one digest. Raises `MailRefused` when nothing it was to tell of needs telling any more."""
    values = _load(uow, mail, settings)
    calendar = write_calendar(values["lines"], mail.language, settings, at=uow.now)
    attachments = (Attachment("han-chung-thu.ics", "calendar", calendar),) if calendar else ()
    return build_message(mail, _render(uow, mail, settings, values), settings, at=uow.now, attachments=attachments)


def render_digest(uow: UnitOfWork, mail: MailRow, settings: Settings) -> Rendered:
    """Subject, text and HTML of one digest as of now, for sending and for showing what would be sent."""
    return _render(uow, mail, settings, _load(uow, mail, settings))


def _load(uow: UnitOfWork, mail: MailRow, settings: Settings) -> dict[str, Any]:
    values = load_digest(uow, mail, policy=policy_of(settings))
    if not values["lines"]:
        raise MailRefused("every certificate it was to tell of has been revoked, replaced or answered for meanwhile")
    return values


def _render(uow: UnitOfWork, mail: MailRow, settings: Settings, values: Mapping[str, Any]) -> Rendered:
    return render(
        EXPIRY_DIGEST,
        mail.language,
        {
            **values,
            "recipient_name": display_name(mail.recipient_name),
            "province_name": settings.province_name,
            "public_url": settings.public_url.rstrip("/"),
            "acknowledge_url": MailLink.for_mail(mail, LinkPurpose.ACKNOWLEDGE).url(settings),
            "list_url": _list_url(settings, at=uow.now),
        },
    )


def _list_url(settings: Settings, *, at: datetime) -> str:
    query = CertificateQuery(
        as_of=at,
        expiring_within_days=max(0, policy_of(settings).first_step),
        flags=(Flag.NOT_REPLACED,),
        sort=CertificateSort.EXPIRY,
    )
    return f"{settings.public_url.rstrip('/')}/certificates?{urlencode(query.to_parameters())}"
