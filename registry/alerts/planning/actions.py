"""What a person does with the mails of the alerts: hold one or a whole day, let it go, hurry it, send it again.

Only an administrator may, because a mail that is held back is somebody who is not told. Every act is entered in the
ledger of each mail that it touches, with who did it and why.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func
from sqlmodel import col, select

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.alerts.planning.sample_mail import SAMPLE_KINDS
from registry.alerts.schemas import DayHoldView, LedgerMailView
from registry.alerts.tables import DayHoldRow
from registry.batches import batches
from registry.clock import FOREVER, local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput, NotPermitted
from registry.mail.control import hold_mail, release_mail, resend_mail, send_mail_now
from registry.mail.ledger import require_reason
from registry.mail.tables import MailEventKind, MailEventRow, MailRow, MailState

HOLD_AHEAD_DAYS: Final = 366
"""A day further ahead is nobody's to hold yet."""

define(
    "alerts.administrator_only",
    vi="Chỉ quản trị viên của tỉnh được giữ, thả hoặc gửi lại thư. Hãy liên hệ quản trị viên.",
    en="Only an administrator of the province may hold, release or resend mail. Ask one.",
)
define(
    "alerts.day_held",
    vi="Thư của ngày {day} đã được giữ lại từ trước.",
    en="The mail of {day} is held already.",
)
define(
    "alerts.day_not_held",
    vi="Thư của ngày {day} không bị giữ lại.",
    en="The mail of {day} is not held.",
)
define(
    "alerts.hold_day",
    vi="Chỉ giữ được thư của hôm nay ({first}) đến ngày {last}.",
    en="Mail can be held for the days from today ({first}) to {last}.",
)


class MailAction(StrEnum):
    """What a person can do with one mail."""

    SEND_NOW = "send_now"
    """Let it leave at once."""
    HOLD = "hold"
    RELEASE = "release"
    """Let it leave at its time."""
    RESEND = "resend"
    """Try it again after it was refused or came back."""


_ACTS: Final[dict[MailAction, Callable[..., None]]] = {
    MailAction.SEND_NOW: send_mail_now,
    MailAction.HOLD: hold_mail,
    MailAction.RELEASE: release_mail,
    MailAction.RESEND: resend_mail,
}
_OFFERED: Final[dict[MailState, tuple[MailAction, ...]]] = {
    MailState.PENDING: (MailAction.SEND_NOW, MailAction.HOLD),
    MailState.HELD: (MailAction.RELEASE, MailAction.SEND_NOW),
    MailState.FAILED: (MailAction.RESEND,),
    MailState.BOUNCED: (MailAction.RESEND,),
}


def offered_actions(viewer: Viewer, mail: LedgerMailView) -> tuple[MailAction, ...]:
    """What the viewer can do with a mail as it stands."""
    return _OFFERED.get(mail.state, ()) if viewer.is_administrator else ()


def act_on_mail(uow: UnitOfWork, viewer: Viewer, mail_id: int, action: MailAction, *, actor: str, reason: str) -> None:
    """Do it. Raises `NotPermitted`, and what `registry.mail.control` raises."""
    require_mail_rights(viewer)
    _ACTS[action](uow, mail_id, actor=actor, reason=reason)


def require_mail_rights(viewer: Viewer) -> None:
    """Raise `NotPermitted` for whoever may not decide about mails."""
    if not viewer.is_administrator:
        raise NotPermitted(message("alerts.administrator_only"))


def find_day_hold(uow: UnitOfWork, day: date) -> DayHoldView | None:
    """Who holds the mail of a day and why; None when nobody does."""
    row = _open_hold(uow, day)
    return DayHoldView.model_validate(row, from_attributes=True) if row else None


def list_day_holds(uow: UnitOfWork) -> tuple[DayHoldView, ...]:
    """The days that are held now, the earliest first."""
    query = select(DayHoldRow).where(col(DayHoldRow.ended_at) == FOREVER).order_by(col(DayHoldRow.day))
    return tuple(DayHoldView.model_validate(row, from_attributes=True) for row in uow.session.exec(query))


def hold_day(uow: UnitOfWork, viewer: Viewer, day: date, *, actor: str, reason: str) -> int:
    """Keep back the mail of a day: what waits, and what is written for it until it is let go. Returns how many wait.

    Raises `NotPermitted`, `InvalidInput` without a reason or for a day that is over or too far ahead, and `Conflict`
    when the day is held already.
    """
    require_mail_rights(viewer)
    why = require_reason(reason)
    today = local_day(uow.now)
    if not today <= day <= today + timedelta(days=HOLD_AHEAD_DAYS):
        last = today + timedelta(days=HOLD_AHEAD_DAYS)
        raise InvalidInput(message("alerts.hold_day", first=f"{today:%d/%m/%Y}", last=f"{last:%d/%m/%Y}"), field="day")
    if _open_hold(uow, day) is not None:
        raise Conflict(message("alerts.day_held", day=f"{day:%d/%m/%Y}"))
    uow.session.add(DayHoldRow(day=day, reason=why, actor=actor, recorded_at=uow.now, ended_at=FOREVER))
    waiting = _mails(uow, day, MailState.PENDING)
    for mail_id in waiting:
        hold_mail(uow, mail_id, actor=actor, reason=why)
    uow.session.flush()
    return len(waiting)


def release_day(uow: UnitOfWork, viewer: Viewer, day: date, *, actor: str, reason: str) -> int:
    """Let the mail that was held with its day go, and return how many leave.

    What a person holds one by one stays: somebody had a reason for that mail. Raises `NotPermitted`, `InvalidInput`,
    `Conflict`.
    """
    require_mail_rights(viewer)
    why = require_reason(reason)
    row = _open_hold(uow, day)
    if row is None:
        raise Conflict(message("alerts.day_not_held", day=f"{day:%d/%m/%Y}"))
    row.ended_at, row.ended_by = uow.now, actor
    held = _mails(uow, day, MailState.HELD)
    one_by_one = _held_one_by_one(uow, held, row)
    leaving = [mail_id for mail_id in held if mail_id not in one_by_one]
    for mail_id in leaving:
        release_mail(uow, mail_id, actor=actor, reason=why)
    return len(leaving)


def _held_one_by_one(uow: UnitOfWork, mail_ids: Sequence[int], hold: DayHoldRow) -> set[int]:
    """Those of the held mails of the day that another act holds: the latest in their ledger is not the hold's.

    What was written while the day was held has no such entry of its own.
    """
    kept: set[int] = set()
    for batch in batches(mail_ids):
        latest = (
            select(func.max(MailEventRow.id))
            .where(col(MailEventRow.mail_id).in_(batch), MailEventRow.kind == MailEventKind.HELD)
            .group_by(col(MailEventRow.mail_id))
        )
        query = select(MailEventRow.mail_id).where(
            col(MailEventRow.id).in_(latest), col(MailEventRow.at) != hold.recorded_at
        )
        kept.update(uow.session.exec(query))
    return kept


def _open_hold(uow: UnitOfWork, day: date) -> DayHoldRow | None:
    query = select(DayHoldRow).where(DayHoldRow.day == day, col(DayHoldRow.ended_at) == FOREVER)
    return uow.session.exec(query).first()


def _mails(uow: UnitOfWork, day: date, state: MailState) -> list[int]:
    query = (
        select(MailRow.id)
        .where(MailRow.day == day, MailRow.state == state, col(MailRow.kind).not_in(SAMPLE_KINDS))
        .order_by(col(MailRow.id))
    )
    return [key for key in uow.session.exec(query) if key is not None]
