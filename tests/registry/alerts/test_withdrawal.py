"""What was settled before the mail left is not told; what is found at night waits for the morning."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from registry.accounts.viewer import Viewer
from registry.alerts.compose import compose_digest
from registry.alerts.planning.actions import hold_day
from registry.alerts.scan import policy_of, scan_expiries
from registry.alerts.tables import AcknowledgementRow, ExpiryNoticeRow
from registry.alerts.withdrawal import NOTHING_LEFT, Withdrawal, withdraw_settled
from registry.certificates.tables import CertificatePeriodRow, CertificateStatus
from registry.clock import VIETNAM, local_day
from registry.mail.ledger import list_events, record_event
from registry.mail.outbox import LEASE, claim_mails
from registry.mail.smtp import MailRefused
from registry.mail.tables import MailEventKind, MailRow, MailState
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import as_read, body
from tests.services import Mailbox
from tests.workers.in_process import send_outbox

TODAY = date(2026, 11, 23)


def moment(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def settle(session: Session, how: str, certificate_id: int, mail: MailRow, at: datetime) -> None:
    period = session.exec(
        select(CertificatePeriodRow).where(CertificatePeriodRow.certificate_id == certificate_id)
    ).one()
    if how == "revoked":
        period.status = CertificateStatus.REVOKED
    elif how == "replaced":
        period.is_replaced = True
    else:
        session.add(
            AcknowledgementRow(
                certificate_id=certificate_id,
                mail_id=mail.id or 0,
                recipient=mail.recipient,
                remind_on=in_days(10),
                recorded_at=at,
            )
        )


def only_mail(runtime: Runtime) -> MailRow:
    with runtime.database.read() as uow:
        return uow.session.exec(select(MailRow)).one()


@pytest.mark.parametrize("how", ["revoked", "replaced", "answered"])
def test_what_is_settled_before_the_mail_leaves_is_not_told(runtime: Runtime, how: str) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        first = add_certificate(uow.session, agency, in_days(7), holder="Trần Văn Đức")
        second = add_certificate(uow.session, agency, in_days(7), holder="Lê Thị Hạnh")
    scan_expiries(runtime.database, runtime.settings)
    policy = policy_of(runtime.settings)
    assert withdraw_settled(runtime.database, policy) == Withdrawal()

    with runtime.database.write() as uow:
        settle(uow.session, how, first, only_mail(runtime), uow.now)
    mail = only_mail(runtime)
    with runtime.database.read() as uow:  # even in the moment before it is taken back
        text = as_read(compose_digest(uow, mail, runtime.settings)).text
    assert "Lê Thị Hạnh" in text
    assert "Trần Văn Đức" not in text
    assert withdraw_settled(runtime.database, policy) == Withdrawal(notices=1, mails=0)
    assert withdraw_settled(runtime.database, policy) == Withdrawal()
    with runtime.database.read() as uow:
        notices = uow.session.exec(select(ExpiryNoticeRow).where(ExpiryNoticeRow.mail_id == mail.id)).all()
        events = list_events(uow, [mail.id or 0])[mail.id or 0]
    assert [notice.certificate_id for notice in notices] == [second]
    assert [event.kind for event in events] == [MailEventKind.SHORTENED]
    assert events[0].words.endswith(f"certificate {first}")

    with runtime.database.write() as uow:
        settle(uow.session, how, second, mail, uow.now)
    with runtime.database.read() as uow, pytest.raises(MailRefused):
        compose_digest(uow, mail, runtime.settings)
    assert withdraw_settled(runtime.database, policy) == Withdrawal(notices=1, mails=1)
    mail = only_mail(runtime)
    assert (mail.state, mail.last_reply) == (MailState.CANCELLED, NOTHING_LEFT)
    with runtime.database.write() as uow:
        assert claim_mails(uow) == ()


@contextmanager
def settling(runtime: Runtime, how: str, *certificate_ids: int) -> Iterator[None]:
    """Something is settled in the moment after the mails were claimed, before what they say is loaded."""
    mail = only_mail(runtime)

    def claim(*arguments: Any, **named: Any) -> Any:
        batch = claim_mails(*arguments, **named)
        if batch:
            for key in certificate_ids:
                settle(arguments[0].session, how, key, mail, arguments[0].now)
        return batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("registry.mail.service.claim_mails", claim)
        yield


def recorded(runtime: Runtime) -> tuple[list[int], list[MailEventKind]]:
    """Certificates that were told by the ledger, and what it says of the mail."""
    with runtime.database.read() as uow:
        mail = uow.session.exec(select(MailRow)).one()
        notices = uow.session.exec(select(ExpiryNoticeRow).where(ExpiryNoticeRow.mail_id == mail.id)).all()
        events = list_events(uow, [mail.id or 0])[mail.id or 0]
    return [notice.certificate_id for notice in notices], [event.kind for event in events]


@pytest.mark.parametrize("how", ["revoked", "replaced", "answered"])
def test_what_is_settled_after_the_claim_is_neither_in_the_mail_nor_told_by_the_ledger(
    runtime: Runtime, mailbox: Mailbox, how: str
) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        first = add_certificate(uow.session, agency, in_days(7))
        second = add_certificate(uow.session, agency, in_days(7))
    scan_expiries(runtime.database, runtime.settings)
    with settling(runtime, how, first):
        send_outbox(runtime, smtp_url=mailbox.url)
    (message,) = mailbox.messages
    named = [line.rpartition("/")[2] for line in body(message).splitlines() if "/certificates/" in line]
    assert named == [str(second)]
    assert recorded(runtime) == ([second], [MailEventKind.SHORTENED, MailEventKind.ACCEPTED])


def test_when_all_is_settled_after_the_claim_nothing_leaves_and_a_mistake_is_told_that_day(
    runtime: Runtime, mailbox: Mailbox
) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), in_days(7))
    scan_expiries(runtime.database, runtime.settings)
    with settling(runtime, "revoked", key):
        send_outbox(runtime, smtp_url=mailbox.url)
    assert (mailbox.messages, only_mail(runtime).state) == ([], MailState.CANCELLED)
    assert recorded(runtime) == ([], [MailEventKind.CANCELLED])
    with runtime.database.write() as uow:
        uow.session.exec(select(CertificatePeriodRow)).one().status = CertificateStatus.ACTIVE
    assert scan_expiries(runtime.database, runtime.settings).notices == 1
    send_outbox(runtime, smtp_url=mailbox.url)
    assert (len(mailbox.messages), only_mail(runtime).state) == (1, MailState.SENT)


def test_what_a_server_may_have_taken_stays_told(runtime: Runtime, mailbox: Mailbox, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        first = add_certificate(uow.session, agency, in_days(7))
        second = add_certificate(uow.session, agency, in_days(7))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        assert len(claim_mails(uow)) == 1  # and dies, with the server's answer unread
    clock.advance(LEASE + timedelta(seconds=1))
    with settling(runtime, "answered", first):
        send_outbox(runtime, smtp_url=mailbox.url)
    assert len(mailbox.messages) == 1
    assert recorded(runtime) == ([first, second], [MailEventKind.INTERRUPTED, MailEventKind.ACCEPTED])


@pytest.mark.parametrize("answer", [MailEventKind.ACCEPTED, MailEventKind.DEFERRED])
def test_what_a_web_address_was_told_is_still_taken_back_out_of_the_mail(
    runtime: Runtime, answer: MailEventKind
) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), in_days(7))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        mail = only_mail(runtime)
        record_event(uow, mail.id or 0, answer, channel="Cổng dịch vụ")
        settle(uow.session, "revoked", key, mail, uow.now)
    assert withdraw_settled(runtime.database, policy_of(runtime.settings)) == Withdrawal(notices=1, mails=1)


def test_nothing_is_added_to_a_mail_that_a_server_may_have_taken(
    runtime: Runtime, mailbox: Mailbox, clock: FakeClock
) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        add_certificate(uow.session, agency, in_days(7))
    scan_expiries(runtime.database, runtime.settings)
    mailbox.refuse["syt@tinh.example"] = "451 4.3.0 later"
    send_outbox(runtime, smtp_url=mailbox.url)
    with runtime.database.write() as uow:
        add_certificate(uow.session, agency, in_days(7))
    assert scan_expiries(runtime.database, runtime.settings).notices == 0
    clock.advance(timedelta(days=1))
    assert scan_expiries(runtime.database, runtime.settings).notices == 1


def test_a_revocation_by_mistake_is_told_again_in_the_same_mail(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), in_days(7))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        settle(uow.session, "revoked", key, only_mail(runtime), uow.now)
    withdraw_settled(runtime.database, policy_of(runtime.settings))
    assert only_mail(runtime).state is MailState.CANCELLED
    assert scan_expiries(runtime.database, runtime.settings).notices == 0
    with runtime.database.write() as uow:
        uow.session.exec(select(CertificatePeriodRow)).one().status = CertificateStatus.ACTIVE
    assert scan_expiries(runtime.database, runtime.settings).notices == 1
    assert (only_mail(runtime).state, only_mail(runtime).last_reply) == (MailState.PENDING, None)


def test_an_answer_whose_day_has_come_keeps_nothing_back(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), in_days(60))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        mail = uow.session.exec(select(MailRow)).one()
        mail.state = MailState.SENT
        settle(uow.session, "answered", key, mail, uow.now)
    clock.advance(timedelta(days=10))
    assert scan_expiries(runtime.database, runtime.settings).notices == 1
    assert withdraw_settled(runtime.database, policy_of(runtime.settings)) == Withdrawal()


@pytest.mark.parametrize(
    ("at", "days", "leaves"),
    [
        (moment(23, 4, 30), 7, moment(23, 7, 0)),  # before the office opens
        (moment(23, 12, 0), 7, moment(23, 12, 0)),
        (moment(23, 21, 0), 7, moment(23, 21, 0)),  # its day is today: it does not wait
        (moment(23, 21, 0), 8, moment(24, 7, 0)),  # its day is tomorrow's holiday
        (moment(23, 21, 0), 5, moment(23, 21, 0)),  # late already
    ],
)
def test_mail_found_at_night_waits_for_the_morning_unless_that_is_too_late(
    runtime: Runtime, clock: FakeClock, at: datetime, days: int, leaves: datetime
) -> None:
    clock.at = at.astimezone(UTC)
    with runtime.database.write() as uow:
        add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), in_days(days))
    scan_expiries(runtime.database, runtime.settings)
    mail = only_mail(runtime)
    assert mail.not_before == leaves
    assert mail.day == local_day(mail.not_before)
    clock.at = mail.not_before
    assert scan_expiries(runtime.database, runtime.settings).notices == 0
    assert only_mail(runtime).not_before == leaves


def test_on_a_day_that_is_held_back_new_mail_is_held_too(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), in_days(7))
        hold_day(uow, Viewer.everything(), TODAY, actor="quantri", reason="máy chủ thư đang bảo trì")
    scan_expiries(runtime.database, runtime.settings)
    assert only_mail(runtime).state is MailState.HELD
