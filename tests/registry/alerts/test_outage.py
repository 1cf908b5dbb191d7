"""Days without a working mail server: the watch sees it, and when the server is back each recipient gets one mail."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from registry.alerts.canary import scan_with_canary
from registry.alerts.revocations import tell_revocations
from registry.alerts.scan import scan_expiries
from registry.alerts.tables import AlarmKind, ExpiryNoticeRow
from registry.alerts.watch import watch_alerts
from registry.mail.control import hold_mail, resend_mail
from registry.mail.ledger import list_events
from registry.mail.tables import MailEventKind, MailRow, MailState
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import at_once, body, revoke
from tests.services import Mailbox
from tests.workers.in_process import send_outbox

TODAY = date(2026, 11, 23)
NOBODY_LISTENS = "smtp://127.0.0.1:1"
AGENCY = "chu@xa.example"


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def add_expiring(runtime: Runtime, *days: int, email: str = AGENCY) -> list[int]:
    """Certificates of one agency that expire in so many days."""
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", email)
        return [add_certificate(uow.session, agency, in_days(each)) for each in days]


def live_without_a_server(runtime: Runtime, clock: FakeClock, *, days: int) -> None:
    for _ in range(days):
        scan_expiries(runtime.database, runtime.settings)
        send_outbox(runtime, smtp_url=NOBODY_LISTENS)
        clock.advance(timedelta(days=1))


def mails_to(runtime: Runtime, recipient: str, *, kind: str = "expiry_digest") -> list[MailRow]:
    with runtime.database.read() as uow:
        query = select(MailRow).where(MailRow.recipient == recipient, MailRow.kind == kind)
        return list(uow.session.exec(query.order_by(col(MailRow.day))))


def certificates_in(mailbox: Mailbox, recipient: str) -> list[list[int]]:
    """The certificates that each mail to a recipient tells of."""
    return [
        [int(line.rpartition("/")[2]) for line in body(message).splitlines() if "/certificates/" in line]
        for message in mailbox.messages
        if message["To"].addresses[0].addr_spec == recipient
    ]


def test_a_mail_server_that_is_down_for_a_day_is_an_alarm(runtime: Runtime, clock: FakeClock) -> None:
    watch_alerts(runtime.database, runtime.settings)
    add_expiring(runtime, 7)
    scan_with_canary(runtime.database, runtime.settings)
    for _ in range(27):
        send_outbox(runtime, smtp_url=NOBODY_LISTENS)
        clock.advance(timedelta(hours=1))
        scan_with_canary(runtime.database, runtime.settings)
    assert AlarmKind.DUE_UNSENT in watch_alerts(runtime.database, runtime.settings).conditions


def test_the_newest_mail_tells_what_all_days_without_a_server_had_to_tell(
    runtime: Runtime, mailbox: Mailbox, clock: FakeClock
) -> None:
    first, second, third, settled = add_expiring(runtime, 7, 9, 18, 14)
    (other,) = add_expiring(runtime, 14, email="khac@xa.example")
    live_without_a_server(runtime, clock, days=3)
    assert {mail.state for mail in mails_to(runtime, AGENCY)} == {MailState.PENDING}
    with runtime.database.write() as uow:
        revoke(uow, settled)
    live_without_a_server(runtime, clock, days=2)
    scan_expiries(runtime.database, runtime.settings)
    send_outbox(runtime, smtp_url=mailbox.url)

    assert certificates_in(mailbox, AGENCY) == [[first, second, third]]
    assert certificates_in(mailbox, "khac@xa.example") == [[other]]
    *older, newest = mails_to(runtime, AGENCY)
    assert newest.state is MailState.SENT
    assert {mail.state for mail in older} == {MailState.SUPERSEDED}
    with runtime.database.read() as uow:
        ledger = list_events(uow, [mail.id or 0 for mail in (*older, newest)])
        notices = uow.session.exec(
            select(ExpiryNoticeRow).where(
                ExpiryNoticeRow.recipient == AGENCY, col(ExpiryNoticeRow.mail_id).is_not(None)
            )
        ).all()
    for mail in older:
        last = ledger[mail.id or 0][-1]
        assert (last.kind, last.words) == (MailEventKind.SUPERSEDED, f"#{newest.id} · {newest.day:%d/%m/%Y}")
    assert [event.kind for event in ledger[newest.id or 0]] == [MailEventKind.TOOK_OVER] * len(older) + [
        MailEventKind.ACCEPTED
    ]
    assert {(notice.certificate_id, notice.step_days) for notice in notices} == {
        (first, 1),
        (second, 7),
        (third, 14),
    }
    assert {notice.mail_id for notice in notices} == {newest.id}
    assert scan_expiries(runtime.database, runtime.settings).notices == 0


def test_revocations_of_several_days_and_alarms_are_one_mail_too(
    runtime: Runtime, mailbox: Mailbox, clock: FakeClock
) -> None:
    first, second = add_expiring(runtime, 300, 300)
    watch_alerts(runtime.database, runtime.settings)
    tell_revocations(runtime.database, runtime.settings)
    for key in (first, second):
        with runtime.database.write() as uow:
            revoke(uow, key)
        tell_revocations(runtime.database, runtime.settings)
        send_outbox(runtime, smtp_url=NOBODY_LISTENS)
        clock.advance(timedelta(hours=25))
        watch_alerts(runtime.database, runtime.settings)
    clock.advance(timedelta(hours=25))
    watch_alerts(runtime.database, runtime.settings)
    send_outbox(runtime, smtp_url=mailbox.url)
    assert [sorted(keys) for keys in certificates_in(mailbox, AGENCY)] == [[first, second]]
    administrator = runtime.settings.administrator_email
    alarms = mails_to(runtime, administrator, kind="alarm_due_unsent")
    assert [mail.state for mail in alarms] == [MailState.SUPERSEDED, MailState.SENT]


def test_a_mail_that_was_tried_or_that_a_person_holds_stays_what_it_is(
    runtime: Runtime, mailbox: Mailbox, clock: FakeClock
) -> None:
    first, second = add_expiring(runtime, 7, 9)
    _, later = add_expiring(runtime, 7, 9, email="giu@xa.example")
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        hold_mail(uow, mails_to(runtime, "giu@xa.example")[0].id or 0, actor="lan", reason="asked by phone")
    mailbox.refuse[AGENCY] = "451 4.3.0 try again later"
    send_outbox(runtime, smtp_url=mailbox.url)
    mailbox.refuse.clear()
    clock.advance(timedelta(days=2))
    scan_expiries(runtime.database, runtime.settings)
    send_outbox(runtime, smtp_url=mailbox.url)
    assert sorted(certificates_in(mailbox, AGENCY)) == [[first, second], [second]]
    assert certificates_in(mailbox, "giu@xa.example") == [[later]]
    assert [mail.state for mail in mails_to(runtime, "giu@xa.example")] == [MailState.HELD, MailState.SENT]


@pytest.mark.parametrize("senders", [1, 4])
def test_however_many_send_when_the_server_is_back_each_gets_one(
    runtime: Runtime, mailbox: Mailbox, clock: FakeClock, senders: int
) -> None:
    for number in range(12):
        add_expiring(runtime, 7, 8, 9, email=f"xa{number}@xa.example")
    live_without_a_server(runtime, clock, days=3)
    at_once(senders, lambda: send_outbox(runtime, smtp_url=mailbox.url))
    recipients = [each for each in mailbox.recipients if each.startswith("xa")]
    assert sorted(recipients) == sorted(f"xa{number}@xa.example" for number in range(12))


def test_a_mail_that_came_back_and_is_sent_again_stays_what_it_is(
    runtime: Runtime, mailbox: Mailbox, clock: FakeClock
) -> None:
    """Its recipient may have read it: what it told stays told by it."""
    first, second = add_expiring(runtime, 7, 9)
    scan_expiries(runtime.database, runtime.settings)
    send_outbox(runtime, smtp_url=mailbox.url)
    (older,) = mails_to(runtime, AGENCY)
    with runtime.database.write() as uow:
        uow.session.get_one(MailRow, older.id).state = MailState.BOUNCED
    clock.advance(timedelta(days=2))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        resend_mail(uow, older.id or 0, actor="lan", reason="the mailbox was made")
    send_outbox(runtime, smtp_url=mailbox.url)
    assert {mail.state for mail in mails_to(runtime, AGENCY)} == {MailState.SENT}
    assert sorted(certificates_in(mailbox, AGENCY)) == [[first, second], [first, second], [second]]
