"""What comes back after a server accepted a message, by mailbox and over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import select

from registry.db.unit_of_work import Database
from registry.jobs import ReadReturnedMailJob, ScanExpiriesJob
from registry.mail.addresses import find_dead, list_dead
from registry.mail.control import resend_mail
from registry.mail.imap import MailboxAddress, MailboxUnavailable
from registry.mail.ledger import list_events
from registry.mail.returned import KEPT, Returned, record_returned
from registry.mail.service import Envelope
from registry.mail.tables import (
    AddressFault,
    MailEventKind,
    MailRow,
    MailState,
    ReturnedMessageRow,
    ReturnedOutcome,
)
from registry.runtime import Runtime
from registry.settings import Settings
from registry.signed_requests import HEADER, TOLERANCE, sign
from registry.web.app import create_app
from tests.fakes.clock import FakeClock
from tests.fakes.imap import FakeIMAP, imap_server
from tests.fakes.queue import RecordingQueue
from tests.registry.mail.returned import COMPLAINT, ENVELOPE_ONLY, POSTFIX, SHAPES, report
from tests.registry.mail.test_sending import put, rows, send
from tests.services import Mailbox
from workers.mail import read_returned_mail
from workers.resources import Resources

TO = "gone@xa.example"
SECRET = "s" * 40
NEW = Returned(ReturnedOutcome.MATCHED, is_new=True, marked=False)


@pytest.fixture
def sent(database: Database, mailbox: Mailbox) -> MailRow:
    """A mail that a server accepted."""
    put(database, TO, "other@xa.example")
    assert send(database, mailbox.url).sent == 2
    return rows(database)[TO]


def come_back(database: Database, raw: bytes, settings: Settings | None = None) -> Returned:
    with database.write() as uow:
        return record_returned(uow, raw, settings or Settings())


def events(database: Database, mail: MailRow) -> list[tuple[MailEventKind, str]]:
    with database.read() as uow:
        return [(event.kind, event.code) for event in list_events(uow, [mail.id or 0])[mail.id or 0]]


def dead(database: Database) -> set[str]:
    with database.read() as uow:
        return find_dead(uow, [TO, "other@xa.example"])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_bounce_for_good_marks_the_address_and_is_told_in_the_ledger(
    database: Database, sent: MailRow, shape: str
) -> None:
    raw = report(SHAPES[shape], message_id=sent.message_id, recipient=TO.upper())
    assert come_back(database, raw) == replace(NEW, marked=True)
    mail = rows(database)[TO]
    assert (mail.state, mail.last_reply) == (MailState.BOUNCED, "550 5.1.1 no such user here")
    assert events(database, mail)[-1] == (MailEventKind.BOUNCED, "5.1.1")
    with database.read() as uow:
        (address,) = list_dead(uow)
    assert (address.address, address.fault, address.code, address.mail_id) == (
        TO,
        AddressFault.BOUNCED,
        "5.1.1",
        sent.id,
    )


def test_the_same_report_counts_once(database: Database, sent: MailRow) -> None:
    raw = report(POSTFIX, message_id=sent.message_id, recipient=TO)
    come_back(database, raw)
    before = events(database, sent)
    assert come_back(database, raw) == Returned(ReturnedOutcome.MATCHED, is_new=False, marked=False)
    assert events(database, sent) == before


def test_a_forged_report_changes_nothing_and_is_counted(database: Database, sent: MailRow) -> None:
    forged = report(POSTFIX, message_id="<ffffffffffffffffffffffffffffffff@tinh.example>", recipient=TO)
    assert come_back(database, forged).outcome is ReturnedOutcome.UNMATCHED
    assert come_back(database, b"Subject: hello\r\n\r\nhello").outcome is ReturnedOutcome.UNREADABLE
    assert rows(database)[TO].state is MailState.SENT
    assert dead(database) == set()
    with database.read() as uow:
        assert sorted(row.outcome for row in uow.session.exec(select(ReturnedMessageRow))) == [
            ReturnedOutcome.UNMATCHED,
            ReturnedOutcome.UNREADABLE,
        ]


def test_a_delay_is_only_told(database: Database, sent: MailRow) -> None:
    raw = report(
        POSTFIX, message_id=sent.message_id, recipient=TO, action="delayed", status="4.4.1", answer="timed out"
    )
    assert come_back(database, raw) == NEW
    assert rows(database)[TO].state is MailState.SENT
    assert events(database, sent)[-1] == (MailEventKind.DELAYED, "4.4.1")


def test_a_complaint_marks_the_address(database: Database, sent: MailRow) -> None:
    assert come_back(database, report(COMPLAINT, message_id=sent.message_id, recipient=TO)).marked
    assert rows(database)[TO].state is MailState.SENT
    assert dead(database) == {TO}


def test_a_full_mailbox_marks_the_address_only_when_it_stays_full(
    database: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    for turn in range(1, 4):
        put(database, TO, day=turn)
        assert send(database, mailbox.url).sent == 1
        with database.read() as uow:
            mail = uow.session.exec(select(MailRow).order_by(MailRow.id.desc())).first()  # type: ignore[union-attr]
        assert mail is not None
        raw = report(POSTFIX, message_id=mail.message_id, recipient=TO, status="5.2.2", answer="552 5.2.2 full")
        assert come_back(database, raw).marked is (turn == 3)
        clock.advance(timedelta(days=1))
    assert dead(database) == {TO}


def test_one_that_arrives_in_between_begins_the_count_anew(database: Database, mailbox: Mailbox) -> None:
    for turn, is_returned in enumerate((True, True, False, True, True), start=1):
        put(database, TO, day=turn)
        assert send(database, mailbox.url).sent == 1
        with database.read() as uow:
            mail = uow.session.exec(select(MailRow).order_by(MailRow.id.desc())).first()  # type: ignore[union-attr]
        assert mail is not None
        if is_returned:
            raw = report(POSTFIX, message_id=mail.message_id, recipient=TO, status="5.2.2", answer="552 5.2.2 full")
            assert not come_back(database, raw).marked
    assert dead(database) == set()


def test_a_bounce_from_behind_the_recipient_does_not_mark_at_once(database: Database, sent: MailRow) -> None:
    raw = report(POSTFIX, message_id=sent.message_id, recipient="private@elsewhere.example")
    assert not come_back(database, raw).marked
    assert rows(database)[TO].state is MailState.BOUNCED


def test_a_report_is_recognised_by_its_envelope_or_by_where_it_was_sent(database: Database, sent: MailRow) -> None:
    assert come_back(database, report(ENVELOPE_ONLY, message_id=sent.message_id, recipient=TO)).marked
    other = rows(database)["other@xa.example"]
    settings = Settings(bounce_address="bounces+{id}@tinh.example")
    assert Envelope(settings.envelope_from).sender_of(other) == f"bounces+{Envelope.identity_of(other)}@tinh.example"
    raw = report(
        POSTFIX,
        message_id="<unknown@tinh.example>",
        recipient="other@xa.example",
        return_to=Envelope(settings.envelope_from).sender_of(other),
    )
    assert come_back(database, raw).outcome is ReturnedOutcome.UNMATCHED
    assert come_back(database, raw + b"\r\n", settings).marked


def test_what_came_back_can_be_sent_again(database: Database, sent: MailRow, mailbox: Mailbox) -> None:
    come_back(database, report(POSTFIX, message_id=sent.message_id, recipient=TO))
    with database.write() as uow:
        resend_mail(uow, sent.id or 0, actor="lan", reason="the mailbox was made")
    assert send(database, mailbox.url).sent == 1
    assert rows(database)[TO].state is MailState.SENT


def test_what_was_worked_is_forgotten_in_the_end(database: Database, sent: MailRow, clock: FakeClock) -> None:
    come_back(database, b"one")
    clock.advance(KEPT + timedelta(days=1))
    come_back(database, b"two")
    with database.read() as uow:
        assert len(uow.session.exec(select(ReturnedMessageRow)).all()) == 1


@pytest.fixture
def imap() -> Iterator[FakeIMAP]:
    with imap_server() as server:
        yield server


class _Resources(Resources):
    """Resources around a runtime of the test."""

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(settings)
        self._given = runtime

    @property
    def runtime(self) -> Runtime:
        return self._given


def read(runtime: Runtime, imap: FakeIMAP) -> None:
    settings = runtime.settings.model_copy(update={"bounce_imap_url": SecretStr(imap.url)})
    read_returned_mail(_Resources(runtime, settings), ReadReturnedMailJob())


def test_the_mailbox_is_read_once_and_nothing_is_deleted(
    runtime: Runtime, sent: MailRow, imap: FakeIMAP, queue: RecordingQueue
) -> None:
    queue.take()
    imap.put(report(POSTFIX, message_id=sent.message_id, recipient=TO))
    imap.put(b"Subject: spam\r\n\r\n")
    read(runtime, imap)
    assert imap.seen == {1, 2}
    assert dead(runtime.database) == {TO}
    assert queue.take() == [ScanExpiriesJob()]  # somebody else is told without waiting for the hour
    imap.commands.clear()
    read(runtime, imap)
    assert not [command for command in imap.commands if "FETCH" in command]
    assert queue.take() == []


def test_a_reader_that_dies_before_it_marks_a_message_changes_nothing_twice(
    runtime: Runtime, sent: MailRow, imap: FakeIMAP
) -> None:
    imap.put(report(POSTFIX, message_id=sent.message_id, recipient=TO))
    imap.hang_up_at = "STORE"
    with pytest.raises(MailboxUnavailable):
        read(runtime, imap)
    before = events(runtime.database, sent)
    assert before[-1] == (MailEventKind.BOUNCED, "5.1.1")
    imap.hang_up_at = ""
    read(runtime, imap)
    assert imap.seen == {1}
    assert events(runtime.database, sent) == before


def test_a_mailbox_that_cannot_be_opened_is_said_without_the_password(runtime: Runtime, imap: FakeIMAP) -> None:
    imap.hang_up_at = "LOGIN"
    with pytest.raises(MailboxUnavailable) as refused:
        read(runtime, imap)
    assert str(imap.port) in str(refused.value)
    assert 'p"w' not in str(refused.value)


def test_the_address_of_a_mailbox() -> None:
    assert MailboxAddress.parse("imaps://so%40tinh:p%3Aw@mail.example/Tr%E1%BA%A3%20v%E1%BB%81") == MailboxAddress(
        "mail.example", 993, "tls", "so@tinh", "p:w", "Trả về"
    )
    assert "p:w" not in repr(MailboxAddress.parse("imap://so:p%3Aw@mail.example"))
    for url in ("imap://mail.example", "smtp://a:b@mail.example", "imaps://"):
        with pytest.raises(ValueError, match="imaps://"):
            MailboxAddress.parse(url)


@pytest.fixture
def client(runtime: Runtime) -> TestClient:
    settings = runtime.settings.model_copy(update={"bounce_webhook_secret": SecretStr(SECRET)})
    return TestClient(create_app(replace(runtime, settings=settings)))


def hand_in(client: TestClient, raw: bytes, signature: str) -> tuple[int, dict[str, object]]:
    headers = {HEADER: signature, "Content-Type": "message/rfc822"}
    response = client.post("/api/v1/mail/returned", content=raw, headers=headers)
    return response.status_code, response.json()


def test_a_mail_server_hands_in_what_came_back(
    client: TestClient, runtime: Runtime, sent: MailRow, clock: FakeClock, queue: RecordingQueue
) -> None:
    queue.take()
    raw = report(POSTFIX, message_id=sent.message_id, recipient=TO)
    signature = sign(SECRET, raw, at=clock.now())
    assert hand_in(client, raw, signature) == (202, {"outcome": "matched", "is_new": True})
    assert queue.take() == [ScanExpiriesJob()]
    assert hand_in(client, raw, signature) == (202, {"outcome": "matched", "is_new": False})
    assert dead(runtime.database) == {TO}


@pytest.mark.parametrize("fault", ["missing", "forged", "other body", "late", "early"])
def test_what_is_not_signed_now_with_the_secret_changes_nothing(
    client: TestClient, runtime: Runtime, sent: MailRow, clock: FakeClock, fault: str
) -> None:
    raw = report(POSTFIX, message_id=sent.message_id, recipient=TO)
    moved = timedelta(seconds=1) + TOLERANCE
    signature = {
        "missing": "",
        "forged": sign("x" * 40, raw, at=clock.now()),
        "other body": sign(SECRET, raw + b" ", at=clock.now()),
        "late": sign(SECRET, raw, at=clock.now() - moved),
        "early": sign(SECRET, raw, at=clock.now() + moved),
    }[fault]
    assert hand_in(client, raw, signature)[0] == 401
    assert dead(runtime.database) == set()
    with runtime.database.read() as uow:
        assert uow.session.exec(select(ReturnedMessageRow)).all() == []


def test_a_body_past_the_bound_is_refused(client: TestClient, clock: FakeClock) -> None:
    raw = b"x" * (1024 * 1024 + 1)
    assert hand_in(client, raw, sign(SECRET, raw, at=clock.now()))[0] == 413
