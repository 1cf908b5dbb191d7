"""The outbox against a real SMTP server."""

import threading
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from jinja2 import UndefinedError
from sqlmodel import select

from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.control import resend_mail
from registry.mail.ledger import find_possibly_taken, list_events
from registry.mail.message import build_message
from registry.mail.outbox import LEASE, MAX_ATTEMPTS, claim_mails
from registry.mail.pace import Pace
from registry.mail.rendering import Rendered
from registry.mail.service import Envelope, SendOutcome, send_outbox
from registry.mail.smtp import MailServer, SMTPSender
from registry.mail.tables import MailEventKind, MailRow, MailState
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.services import Mailbox

FROM = "chungthuso@tinh.example"


def put(database: Database, *recipients: str, day: int = 23) -> None:
    with database.write() as uow:
        for recipient in recipients:
            uow.session.add(
                MailRow(
                    kind="test",
                    recipient=recipient,
                    recipient_name="Ủy ban nhân dân xã Đồng Kỳ",
                    language="vi",
                    day=date(2026, 11, day),
                    message_id=f"<{uuid4().hex}@tinh.example>",
                    state=MailState.PENDING,
                    not_before=uow.now,
                    created_at=uow.now,
                )
            )


def compose(uow: UnitOfWork, row: MailRow) -> EmailMessage:
    rendered = Rendered(f"Thử {row.recipient}", "Nội dung", "<p>Nội dung</p>")
    return build_message(row, rendered, Settings(), at=uow.now)


def send(
    database: Database,
    url: str,
    by: Callable[[UnitOfWork, MailRow], EmailMessage] = compose,
    *,
    connections: int = 4,
    pace: Pace | None = None,
) -> SendOutcome:
    server = MailServer.parse(url)

    def prepare(uow: UnitOfWork, mails: Sequence[MailRow]) -> Callable[[MailRow], EmailMessage]:
        del mails
        return lambda mail: by(uow, mail)

    return send_outbox(
        database,
        lambda: SMTPSender(server, timeout_seconds=5),
        prepare,
        envelope=Envelope(FROM),
        connections=connections,
        pace=pace,
    )


def rows(database: Database) -> dict[str, MailRow]:
    with database.read() as uow:
        return {row.recipient: row for row in uow.session.exec(select(MailRow))}


def test_every_mail_goes_out_once(database: Database, mailbox: Mailbox) -> None:
    put(database, *(f"a{number}@xa.example" for number in range(120)))
    assert send(database, mailbox.url).sent == 120
    assert send(database, mailbox.url).sent == 0
    assert sorted(mailbox.recipients) == sorted(f"a{number}@xa.example" for number in range(120))
    row = rows(database)["a0@xa.example"]
    assert (row.state, row.attempts, row.last_reply, row.lease_until) == (MailState.SENT, 1, "250 OK", None)
    assert (row.sent_subject, len(str(row.sent_sha256))) == ("Thử a0@xa.example", 64)
    with database.read() as uow:
        (event,) = list_events(uow, [row.id or 0])[row.id or 0]
    assert (event.kind, event.code, event.words, event.actor) == (MailEventKind.ACCEPTED, "250", "250 OK", "")
    message = next(m for m in mailbox.messages if m["To"].addresses[0].addr_spec == "a0@xa.example")
    assert message["Message-ID"] == row.message_id
    assert message["To"].addresses[0].display_name == "Ủy ban nhân dân xã Đồng Kỳ"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.utcoffset() == timedelta(hours=7)


def test_ten_senders_at_once_send_each_mail_once(database: Database, mailbox: Mailbox) -> None:
    put(database, *(f"a{number}@xa.example" for number in range(130)))
    senders = [threading.Thread(target=send, args=(database, mailbox.url)) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(mailbox.recipients) == sorted(f"a{number}@xa.example" for number in range(130))
    assert {row.state for row in rows(database).values()} == {MailState.SENT}


def test_one_refused_recipient_stops_no_other_and_the_words_are_kept(database: Database, mailbox: Mailbox) -> None:
    put(database, "a@xa.example", "gone@xa.example", "z@xa.example")
    mailbox.refuse["gone@xa.example"] = "550 5.1.1 no such user here"
    assert send(database, mailbox.url) == SendOutcome(sent=2, refused=1, dead_addresses=1)
    row = rows(database)["gone@xa.example"]
    assert (row.state, row.last_reply) == (MailState.FAILED, "550 5.1.1 no such user here")
    assert send(database, mailbox.url) == SendOutcome()

    del mailbox.refuse["gone@xa.example"]
    with database.write() as uow:
        resend_mail(uow, row.id or 0, actor="test", reason="the mailbox was made")
    assert send(database, mailbox.url).sent == 1


def test_a_deferred_mail_is_tried_later_and_given_up_at_last(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "full@xa.example")
    mailbox.refuse["full@xa.example"] = "452 4.2.2 mailbox full"
    assert send(database, mailbox.url).deferred == 1
    assert send(database, mailbox.url).deferred == 0
    row = rows(database)["full@xa.example"]
    assert (row.state, row.attempts) == (MailState.PENDING, 1)
    assert row.not_before == clock.at + timedelta(minutes=1)
    for _ in range(MAX_ATTEMPTS - 1):
        clock.advance(timedelta(hours=7))
        assert send(database, mailbox.url).deferred == 1
    assert rows(database)["full@xa.example"].state is MailState.FAILED


def test_a_server_that_is_down_costs_no_attempt(database: Database, mailbox: Mailbox, clock: FakeClock) -> None:
    put(database, "a@xa.example", "b@xa.example")
    assert send(database, "smtp://127.0.0.1:1").is_server_down
    for row in rows(database).values():
        assert (row.state, row.attempts) == (MailState.PENDING, 0)
        assert "127.0.0.1:1" in str(row.last_reply)
    assert send(database, mailbox.url).sent == 0
    clock.advance(timedelta(minutes=3))
    assert send(database, mailbox.url).sent == 2


def test_a_server_that_closes_its_service_costs_no_attempt(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "a@xa.example")
    mailbox.refuse["a@xa.example"] = "421 4.3.2 shutting down"
    assert send(database, mailbox.url).is_server_down
    assert rows(database)["a@xa.example"].attempts == 0
    mailbox.refuse.clear()
    clock.advance(timedelta(minutes=3))
    assert send(database, mailbox.url).sent == 1


def test_a_sender_that_died_is_relieved_when_its_lease_ends(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "a@xa.example")
    with database.write() as uow:
        assert len(claim_mails(uow)) == 1
    assert send(database, mailbox.url).sent == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert send(database, mailbox.url).sent == 1
    assert rows(database)["a@xa.example"].attempts == 2


def test_a_crash_between_accepted_and_recorded_repeats_the_same_message_once(
    database: Database, mailbox: Mailbox, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, "a@xa.example")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("registry.mail.connections.record_results", _die)
        send(database, mailbox.url)
    clock.advance(LEASE + timedelta(seconds=1))
    assert send(database, mailbox.url).sent == 1
    clock.advance(LEASE + timedelta(days=1))
    assert send(database, mailbox.url).sent == 0
    assert len({message["Message-ID"] for message in mailbox.messages}) == 1
    assert len(mailbox.messages) == 2


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_mail_that_cannot_be_rendered_does_not_hold_up_the_others(database: Database, mailbox: Mailbox) -> None:
    put(database, "bad@xa.example", "good@xa.example")

    def fail_for_one(uow: UnitOfWork, row: MailRow) -> EmailMessage:
        if row.recipient == "bad@xa.example":
            raise KeyError("lines")
        return compose(uow, row)

    assert send(database, mailbox.url, fail_for_one) == SendOutcome(sent=1, unwritten=1)
    row = rows(database)["bad@xa.example"]
    assert (row.state, row.last_reply) == (MailState.PENDING, "it could not be written: KeyError")


UNWRITTEN = (MailEventKind.UNWRITTEN, "it could not be written: UndefinedError")


def fail(uow: UnitOfWork, row: MailRow) -> EmailMessage:
    raise UndefinedError("'lines' is undefined")


def events(database: Database, recipient: str) -> list[tuple[MailEventKind, str]]:
    key = rows(database)[recipient].id or 0
    with database.read() as uow:
        return [(event.kind, event.words) for event in list_events(uow, [key])[key]]


def test_a_mail_that_could_not_be_written_leaves_when_it_can_be(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    put(database, "a@xa.example")
    assert send(database, mailbox.url, fail).unwritten == 1
    row = rows(database)["a@xa.example"]
    assert (row.state, row.not_before) == (MailState.PENDING, clock.at + timedelta(minutes=1))
    with database.read() as uow:
        assert find_possibly_taken(uow, [row.id or 0]) == set()
    clock.advance(timedelta(minutes=1))
    assert send(database, mailbox.url).sent == 1
    assert events(database, "a@xa.example") == [UNWRITTEN, (MailEventKind.ACCEPTED, "250 OK")]


def test_a_mail_that_can_never_be_written_is_given_up(database: Database, mailbox: Mailbox, clock: FakeClock) -> None:
    put(database, "a@xa.example")
    for _ in range(MAX_ATTEMPTS):
        assert send(database, mailbox.url, fail).unwritten == 1
        clock.advance(timedelta(hours=7))
    assert rows(database)["a@xa.example"].state is MailState.FAILED
    assert events(database, "a@xa.example") == [UNWRITTEN] * MAX_ATTEMPTS
    assert send(database, mailbox.url) == SendOutcome()


def test_an_address_that_is_none_fails_alone(database: Database, mailbox: Mailbox) -> None:
    put(database, "không phải địa chỉ", "a@xa.example\r\nBcc: b@xa.example", "good@xa.example")
    assert send(database, mailbox.url) == SendOutcome(sent=1, refused=2)
    assert mailbox.recipients == ["good@xa.example"]


def test_an_address_beyond_ascii_arrives(database: Database, mailbox: Mailbox) -> None:
    put(database, "đồngkỳ@xa.example")
    assert send(database, mailbox.url).sent == 1
    assert mailbox.recipients == ["đồngkỳ@xa.example"]


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_a_mail_server_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        MailServer.parse(url)


def test_the_address_of_a_mail_server() -> None:
    assert MailServer.parse("smtps://so%40tinh:p%3Aw@mail.example") == MailServer(
        "mail.example", 465, "tls", "so@tinh", "p:w"
    )
    assert MailServer.parse("smtp+starttls://mail.example").port == 587
    assert "p:w" not in repr(MailServer.parse("smtps://so%40tinh:p%3Aw@mail.example"))
