"""Samples: the mail that somebody is going to get, sent to the person who asks, clearly marked and never counted.

A sample tells nobody of a certificate: it enters no notice, so what is due stays due. It goes to the address of the
asking person's own account and nowhere else, at most `PER_DAY` times a day, which the outbox's own uniqueness holds:
each sample of a day is a kind of its own. What it says is fixed when it is asked for.
"""

from datetime import date
from html import escape
from typing import Final
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from certs.messages import define, message
from registry.accounts.tables import UserRow
from registry.accounts.viewer import Viewer
from registry.alerts.planning.bodies import MailBody
from registry.alerts.planning.sample_mail import PER_DAY, SAMPLE_KINDS
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput
from registry.jobs import SendOutboxJob
from registry.mail.tables import MailRow, MailState
from registry.settings import Settings

MARK: Final = "THƯ MẪU"

define(
    "alerts.no_own_address",
    vi="Tài khoản của bạn chưa có địa chỉ thư điện tử, nên chưa gửi được thư mẫu. Hãy nhờ quản trị viên bổ sung.",
    en="Your account has no e-mail address, so no sample can be sent. Ask the administrator to add one.",
)
define(
    "alerts.samples_used_up",
    vi="Hôm nay bạn đã nhận {limit} thư mẫu, là số tối đa của một ngày. Hãy xem trước trên trang này.",
    en="You have had {limit} samples today, which is the most in a day. Use the preview on this page.",
)
define(
    "alerts.sample_says",
    vi="{mark}. Thư này chỉ để xem thử: {recipient} sẽ nhận thư như dưới đây vào ngày {day}. Chưa ai được báo gì.",
    en="{mark}. This is for looking at only: {recipient} is going to get the mail below on {day}. Nobody was told.",
)


def own_address(uow: UnitOfWork, viewer: Viewer) -> str | None:
    """The e-mail address of the viewer's own account."""
    if viewer.user_id is None:
        return None
    return uow.session.exec(select(UserRow.email).where(UserRow.id == viewer.user_id)).first()


def request_sample(
    uow: UnitOfWork, viewer: Viewer, settings: Settings, body: MailBody, *, day: date, recipient: str
) -> str:
    """Put a sample of `body` into the outbox, to the viewer's own address, which is returned.

    Raises `InvalidInput` for an account without an address and `Conflict` past the samples of a day.
    """
    address = own_address(uow, viewer)
    if not address:
        raise InvalidInput(message("alerts.no_own_address"), field="sample")
    name = uow.session.get_one(UserRow, viewer.user_id).full_name
    today = local_day(uow.now)
    query = select(MailRow.kind).where(
        MailRow.recipient == address, MailRow.day == today, col(MailRow.kind).in_(SAMPLE_KINDS)
    )
    used = set(uow.session.exec(query))
    for kind in SAMPLE_KINDS:
        if kind in used:
            continue
        try:
            with uow.session.begin_nested():
                row = _row(uow, settings, body, kind=kind, address=address, name=name, day=day, recipient=recipient)
                uow.session.add(row)
        except IntegrityError:  # asked for twice at the same moment
            continue
        uow.enqueue(SendOutboxJob())
        return address
    raise Conflict(message("alerts.samples_used_up", limit=PER_DAY), field="sample")


def mark_sample(body: MailBody, settings: Settings, *, day: date, recipient: str) -> MailBody:
    """The same mail with words on top, in subject, text and HTML, that say that it is a sample."""
    said = message("alerts.sample_says", mark=MARK, recipient=recipient, day=f"{day:%d/%m/%Y}").text(settings.language)
    return MailBody(
        subject=f"[{MARK}] {body.subject}",
        text=f"{said}\n\n{'-' * 40}\n\n{body.text}",
        html=_with_banner(body.html, said),
    )


def _row(
    uow: UnitOfWork,
    settings: Settings,
    body: MailBody,
    *,
    kind: str,
    address: str,
    name: str,
    day: date,
    recipient: str,
) -> MailRow:
    marked = mark_sample(body, settings, day=day, recipient=recipient)
    return MailRow(
        kind=kind,
        recipient=address,
        recipient_name=name,
        language=settings.language,
        day=local_day(uow.now),
        message_id=f"<{uuid4().hex}@{settings.mail_from.rpartition('@')[2]}>",
        context={"subject": marked.subject, "text": marked.text, "html": marked.html},
        state=MailState.PENDING,
        not_before=uow.now,
        created_at=uow.now,
    )


def _with_banner(html: str, said: str) -> str:
    head, tag, rest = html.partition("<main")
    opening, end, inside = rest.partition(">")
    style = "margin:0 0 16px;padding:12px;border:2px solid #7d4b00;background:#fdf0d9;color:#1c2430;font-weight:600"
    return f'{head}{tag}{opening}{end}<p style="{style}">{escape(said)}</p>{inside}'
