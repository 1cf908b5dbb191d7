"""What a person does with one message of the outbox: hold it, let it go, hurry it, have it tried again.

Each is entered in the ledger with who did it and why. Each raises `NotFound` for a message that is not there, `Conflict`
when its state does not allow it, and `InvalidInput` without a reason. The caller has made sure that the person may.
"""

from certs.messages import define, message
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, not_found
from registry.jobs import SendOutboxJob
from registry.mail.ledger import record_event, require_reason
from registry.mail.repository import MailRepository
from registry.mail.tables import MailEventKind, MailRow, MailState

define(
    "mail.not_waiting",
    vi="Thư này không còn chờ gửi (đang gửi, đã gửi hoặc bị từ chối). Hãy tải lại trang để xem tình trạng mới nhất.",
    en="This mail is not waiting any more (it is being sent, was sent or was refused). Reload the page.",
)
define(
    "mail.not_held",
    vi="Thư này không bị giữ lại. Hãy tải lại trang để xem tình trạng mới nhất.",
    en="This mail is not held. Reload the page.",
)
define(
    "mail.not_failed",
    vi="Chỉ gửi lại được thư bị từ chối hoặc bị trả lại. Hãy tải lại trang để xem tình trạng mới nhất.",
    en="Only a mail that was refused or came back can be sent again. Reload the page.",
)


def hold_mail(uow: UnitOfWork, mail_id: int, *, actor: str, reason: str) -> None:
    """Keep back a message that waits."""
    why = require_reason(reason)
    row = _take(uow, mail_id, frozenset({MailState.PENDING}), "mail.not_waiting")
    row.state = MailState.HELD
    record_event(uow, mail_id, MailEventKind.HELD, actor=actor, words=why)


def release_mail(uow: UnitOfWork, mail_id: int, *, actor: str, reason: str) -> None:
    """Let a held message leave at its time, or at once when that is over."""
    why = require_reason(reason)
    row = _take(uow, mail_id, frozenset({MailState.HELD}), "mail.not_held")
    row.state = MailState.PENDING
    record_event(uow, mail_id, MailEventKind.RELEASED, actor=actor, words=why)
    uow.enqueue(SendOutboxJob())


def send_mail_now(uow: UnitOfWork, mail_id: int, *, actor: str, reason: str) -> None:
    """Let a message that waits or is held leave at once."""
    why = require_reason(reason)
    row = _take(uow, mail_id, frozenset({MailState.PENDING, MailState.HELD}), "mail.not_waiting")
    row.state = MailState.PENDING
    row.not_before = uow.now
    record_event(uow, mail_id, MailEventKind.HURRIED, actor=actor, words=why)
    uow.enqueue(SendOutboxJob())


def resend_mail(uow: UnitOfWork, mail_id: int, *, actor: str, reason: str) -> None:
    """Have a message tried again that was refused or came back, with all its attempts before it."""
    why = require_reason(reason)
    row = _take(uow, mail_id, frozenset({MailState.FAILED, MailState.BOUNCED}), "mail.not_failed")
    row.state = MailState.PENDING
    row.attempts, row.last_reply = 0, None
    row.not_before = uow.now
    record_event(uow, mail_id, MailEventKind.RESENT, actor=actor, words=why)
    uow.enqueue(SendOutboxJob())


def _take(uow: UnitOfWork, mail_id: int, allowed: frozenset[MailState], refusal: str) -> MailRow:
    row = MailRepository(uow.session).find_for_change(mail_id)
    if row is None:
        raise not_found(f"#{mail_id}")
    if row.state not in allowed:
        raise Conflict(message(refusal))
    return row
