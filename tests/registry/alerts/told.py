"""What tests of the alerts ask of the outbox: which mails there are, and how one reads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email.message import EmailMessage

from sqlmodel import col, select

from registry.accounts.viewer import Viewer
from registry.alerts.kinds import compose_mail
from registry.certificates.changes import revoke_certificate
from registry.certificates.steps import Change
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.rendering import Rendered
from registry.mail.tables import MailRow
from registry.runtime import Runtime


def told(database: Database, kind: str) -> list[tuple[str, date]]:
    """Recipient and day of every mail of a kind, in the order in which they were written."""
    with database.read() as uow:
        mails = uow.session.exec(select(MailRow).where(MailRow.kind == kind).order_by(col(MailRow.id)))
        return [(mail.recipient, mail.day) for mail in mails]


def read_mail(runtime: Runtime, kind: str, recipient: str, *, language: str = "vi") -> EmailMessage:
    """The latest mail of a kind to a recipient as it would be sent now."""
    with runtime.database.read() as uow:
        query = select(MailRow).where(MailRow.kind == kind, MailRow.recipient == recipient)
        mail = uow.session.exec(query.order_by(col(MailRow.id).desc())).first()
        assert mail is not None, f"no {kind} to {recipient}"
        mail.language = language
        return compose_mail(uow, mail, runtime.settings)


def as_read(message: EmailMessage) -> Rendered:
    """Subject, text and HTML of a message."""
    return Rendered(str(message["Subject"]), body(message), body(message, "html"))


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def revoke(uow: UnitOfWork, certificate_id: int, *, days_ago: float = 0, reason: str = "cessationOfOperation") -> None:
    change = Change(effective_at=uow.now - timedelta(days=days_ago), actor="test")
    revoke_certificate(uow, Viewer.everything(), certificate_id, reason=reason, change=change)


def at_once(count: int, act: Callable[[], object]) -> None:
    """Do it in so many threads that begin together; what one of them raises is raised here."""
    together = threading.Barrier(count)

    def begin(_: int) -> None:
        together.wait()
        act()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(begin, range(count)))
