"""The expiry digest as a message, rendered from the register at the moment it is sent."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import urlencode

from registry.alerts.attached_list import NAME as LIST_NAME
from registry.alerts.attached_list import SUBTYPE as LIST_SUBTYPE
from registry.alerts.attached_list import write_list
from registry.alerts.calendar_file import write_calendar
from registry.alerts.digest import Digest, load_digests
from registry.alerts.letters import render_letter
from registry.alerts.links import LinkPurpose, MailLink
from registry.alerts.rules import AlertPolicy
from registry.alerts.scan import policy_of
from registry.alerts.withdrawal import NOTHING_LEFT
from registry.certificates.query import CertificateQuery, CertificateSort, Flag
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.mail.message import Attachment, build_message
from registry.mail.smtp import MailCancelled
from registry.mail.tables import MailRow
from registry.settings import Settings


def compose_digest(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """Build the message of one digest. Raises `MailCancelled` when nothing it was to tell of needs telling any more."""
    return prepare_digests(uow, [mail], settings)(mail)


def prepare_digests(
    uow: UnitOfWork,
    mails: Sequence[MailRow],
    settings: Settings,
    *,
    on_loaded: Callable[[Mapping[int, Digest]], object] | None = None,
) -> Callable[[MailRow], EmailMessage]:
    """Load what these digests say, and return what builds the message of each of them as `compose_digest` does.

    `on_loaded` is told by mail what they say, before the first of them is built.
    """
    policy = policy_of(settings)
    digests = load_digests(uow, mails, policy=policy)
    if on_loaded is not None:
        on_loaded(digests)
    list_url = _list_url(settings, policy, at=uow.now)

    def compose(mail: MailRow) -> EmailMessage:
        digest = digests[key_of(mail)]
        if not digest.lines:
            raise MailCancelled(NOTHING_LEFT)
        acknowledge_url = MailLink.for_mail(mail, LinkPurpose.ACKNOWLEDGE).url(settings)
        values = {**digest.values(), "acknowledge_url": acknowledge_url, "list_url": list_url}
        attachments = []
        if calendar := write_calendar(digest.lines, mail.language, settings, at=uow.now):
            attachments.append(Attachment("han-chung-thu.ics", "calendar", calendar))
        if len(digest.told) > len(digest.lines):
            workbook = write_list(uow, digest, mail.language, policy=policy)
            attachments.append(Attachment(LIST_NAME, LIST_SUBTYPE, workbook))
        rendered = render_letter(mail, settings, values)
        return build_message(mail, rendered, settings, at=uow.now, attachments=tuple(attachments))

    return compose


def _list_url(settings: Settings, policy: AlertPolicy, *, at: datetime) -> str:
    query = CertificateQuery(
        as_of=at,
        expiring_within_days=max(0, policy.first_step),
        flags=(Flag.NOT_REPLACED,),
        sort=CertificateSort.EXPIRY,
    )
    return f"{settings.public_url.rstrip('/')}/certificates?{urlencode(query.to_parameters())}"
