"""What a person does with one message of the outbox, and what the ledger says of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from registry.db.unit_of_work import Database
from registry.errors import Conflict, InvalidInput, NotFound
from registry.jobs import SendOutboxJob
from registry.mail.control import hold_mail, release_mail, resend_mail, send_mail_now
from registry.mail.ledger import list_events
from registry.mail.tables import MailEventKind, MailState
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.registry.mail.test_sending import put, rows, send
from tests.services import Mailbox

Act = Callable[..., None]


def act(database: Database, what: Act, mail_id: int, reason: str = "asked by phone") -> None:
    with database.write() as uow:
        what(uow, mail_id, actor="lan", reason=reason)


def told(database: Database, mail_id: int) -> list[tuple[MailEventKind, str, str]]:
    with database.read() as uow:
        return [(event.kind, event.actor, event.words) for event in list_events(uow, [mail_id])[mail_id]]


def test_a_held_mail_waits_for_a_person(
    database: Database, mailbox: Mailbox, clock: FakeClock, queue: RecordingQueue
) -> None:
    put(database, "a@xa.example")
    mail_id = rows(database)["a@xa.example"].id or 0
    act(database, hold_mail, mail_id)
    clock.advance(timedelta(days=40))
    assert send(database, mailbox.url).sent == 0
    act(database, release_mail, mail_id, "the list was put right")
    assert queue.take() == [SendOutboxJob()]
    assert send(database, mailbox.url).sent == 1
    assert told(database, mail_id)[:2] == [
        (MailEventKind.HELD, "lan", "asked by phone"),
        (MailEventKind.RELEASED, "lan", "the list was put right"),
    ]


def test_a_mail_can_leave_before_its_time(database: Database, mailbox: Mailbox, clock: FakeClock) -> None:
    put(database, "a@xa.example")
    with database.write() as uow:
        mail = rows(database)["a@xa.example"]
        mail.not_before = uow.now + timedelta(days=3)
        uow.session.merge(mail)
    assert send(database, mailbox.url).sent == 0
    act(database, send_mail_now, mail.id or 0)
    assert send(database, mailbox.url).sent == 1
    assert told(database, mail.id or 0)[0][0] is MailEventKind.HURRIED


@pytest.mark.parametrize("what", [hold_mail, release_mail, send_mail_now, resend_mail])
def test_nothing_is_done_to_a_mail_that_was_sent(database: Database, mailbox: Mailbox, what: Act) -> None:
    put(database, "a@xa.example")
    assert send(database, mailbox.url).sent == 1
    mail_id = rows(database)["a@xa.example"].id or 0
    with pytest.raises(Conflict):
        act(database, what, mail_id)
    assert rows(database)["a@xa.example"].state is MailState.SENT
    with pytest.raises(NotFound):
        act(database, what, 999_999)
    with pytest.raises(InvalidInput):
        act(database, what, mail_id, " ")
