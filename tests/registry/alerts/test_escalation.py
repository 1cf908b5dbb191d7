"""Who is told when nobody reacts, when an address is dead, and what the mail says of it."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete, select

from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.compose import compose_digest
from registry.alerts.plan import plan_digests
from registry.alerts.recipients import is_usable
from registry.alerts.scan import fallback_of, policy_of, scan_expiries
from registry.alerts.tables import AcknowledgementRow, AgencyStepsRow, ExpiryNoticeRow, RecipientRole
from registry.certificates.tables import CertificateEventKind, CertificateEventRow, SubscriberKind
from registry.mail.addresses import clear_dead, mark_dead
from registry.mail.tables import AddressFault, MailRow
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import as_read

TODAY = date(2026, 11, 23)
Told = tuple[str, int, int, RecipientRole]


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def told_on(runtime: Runtime, day: date) -> set[Told]:
    """Address, certificate, step and role of what the mails of a day tell."""
    with runtime.database.read() as uow:
        query = (
            select(ExpiryNoticeRow)
            .join(MailRow, MailRow.id == ExpiryNoticeRow.mail_id)  # type: ignore[arg-type]
            .where(MailRow.day == day)
        )
        return {(n.recipient, n.certificate_id, n.step_days, n.role) for n in uow.session.exec(query)}


def scan_days(runtime: Runtime, clock: FakeClock, days: int) -> None:
    for _ in range(days):
        clock.advance(timedelta(days=1))
        scan_expiries(runtime.database, runtime.settings)


@pytest.fixture
def school(runtime: Runtime) -> AgencyPeriodRow:
    with runtime.database.write() as uow:
        department = add_agency(uow.session, "Sở Giáo dục và Đào tạo", "sgd@tinh.example")
        return add_agency(uow.session, "Trường THPT Ngô Sĩ Liên", "nsl@truong.example", parent=department)


def test_agency_and_holder_are_told_then_the_body_above_then_the_province(
    runtime: Runtime, clock: FakeClock, school: AgencyPeriodRow
) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, school, in_days(14), email="Hanh@Truong.example")
    scan_expiries(runtime.database, runtime.settings)
    first = {
        ("nsl@truong.example", key, 14, RecipientRole.AGENCY),
        ("hanh@truong.example", key, 14, RecipientRole.HOLDER),
    }
    assert told_on(runtime, TODAY) == first
    scan_days(runtime, clock, 7)
    # Three working days after Monday, with a holiday on Tuesday, is Friday.
    assert told_on(runtime, in_days(4)) == {("sgd@tinh.example", key, 14, RecipientRole.SUPERIOR)}
    assert {role for _, _, _, role in told_on(runtime, in_days(7))} == {
        RecipientRole.AGENCY,
        RecipientRole.HOLDER,
        RecipientRole.SUPERIOR,
    }
    scan_days(runtime, clock, 5)  # the day before the last is a Sunday, so it is told on Friday
    assert (runtime.settings.administrator_email, key, 1, RecipientRole.ADMINISTRATOR) in told_on(runtime, in_days(11))
    with runtime.database.read() as uow:
        mail = uow.session.exec(select(MailRow).where(MailRow.recipient == "sgd@tinh.example")).first()
        assert mail is not None
        said = as_read(compose_digest(uow, mail, runtime.settings))
    assert "1 chứng thư được báo đến đây vì các thư trước gửi đơn vị phụ trách chưa có phản hồi." in said.text
    assert "Đơn vị phụ trách chưa phản hồi" in said.html


@pytest.mark.parametrize("reaction", ["answer", "event", "none"])
def test_a_reaction_keeps_it_below(runtime: Runtime, clock: FakeClock, school: AgencyPeriodRow, reaction: str) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, school, in_days(30))
    scan_expiries(runtime.database, runtime.settings)
    clock.advance(timedelta(days=10))
    with runtime.database.write() as uow:
        if reaction == "event":
            add_event(uow.session, key, uow.now)
        if reaction == "answer":
            mail = uow.session.exec(select(MailRow)).one()
            uow.session.add(
                AcknowledgementRow(
                    certificate_id=key,
                    mail_id=mail.id,
                    recipient=mail.recipient,
                    remind_on=in_days(15),
                    recorded_at=uow.now,
                )
            )
    scan_days(runtime, clock, 6)
    superior_is_told = ("sgd@tinh.example", key, 14, RecipientRole.SUPERIOR) in told_on(runtime, in_days(16))
    assert superior_is_told is (reaction == "none")
    assert ("nsl@truong.example", key, 14, RecipientRole.AGENCY) in told_on(runtime, in_days(16))


def add_event(session: object, certificate_id: int, at: datetime) -> None:
    session.add(  # type: ignore[attr-defined]
        CertificateEventRow(
            certificate_id=certificate_id,
            kind=CertificateEventKind.LOCKED,
            effective_at=at,
            recorded_at=at,
            actor="canbo",
        )
    )


def test_a_dead_address_escalates_at_once_and_a_mended_one_is_used_again(
    runtime: Runtime, clock: FakeClock, school: AgencyPeriodRow
) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, school, in_days(40), email="hanh@truong.example")
    scan_expiries(runtime.database, runtime.settings)
    assert {email for email, *_ in told_on(runtime, TODAY)} == {"nsl@truong.example", "hanh@truong.example"}
    with runtime.database.write() as uow:
        for address in ("NSL@truong.example", "hanh@truong.example"):
            mark_dead(uow, address, AddressFault.REFUSED, words="550 no such user")
    scan_expiries(runtime.database, runtime.settings)
    assert ("sgd@tinh.example", key, 45, RecipientRole.STAND_IN) in told_on(runtime, TODAY)
    with runtime.database.read() as uow:
        mail = uow.session.exec(select(MailRow).where(MailRow.recipient == "sgd@tinh.example")).one()
        assert (
            "Đơn vị phụ trách chưa có địa chỉ thư dùng được"
            in as_read(compose_digest(uow, mail, runtime.settings)).html
        )
    with runtime.database.write() as uow:
        clear_dead(uow, "nsl@truong.example", actor="quantri", reason="đã sửa hộp thư")
    scan_days(runtime, clock, 10)
    assert told_on(runtime, in_days(10)) == {("nsl@truong.example", key, 30, RecipientRole.AGENCY)}


@pytest.mark.parametrize(
    ("address", "usable"),
    [
        ("a@b", True),
        ("văn.thư@xã.vn", True),
        ("", False),
        ("a", False),
        ("a b@c.example", False),
        ("a@b.example, c@d.example", False),
        ("a@b.example\r\nBcc: x@y.example", False),
        ("<a@b.example>", False),
        ("a" * 250 + "@b.example", False),
    ],
)
def test_what_can_be_an_address(address: str, usable: bool) -> None:  # noqa: FBT001
    assert is_usable(address) is usable


def test_an_address_that_cannot_be_one_counts_as_none(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        department = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        unit = add_agency(uow.session, "Trung tâm", "tt@yte.example; phong@yte.example", parent=department)
        key = add_certificate(uow.session, unit, in_days(7), email="không có")
    scan_expiries(runtime.database, runtime.settings)
    assert told_on(runtime, TODAY) == {("syt@tinh.example", key, 7, RecipientRole.STAND_IN)}


def test_units_follow_the_steps_of_the_body_above(runtime: Runtime, school: AgencyPeriodRow) -> None:
    with runtime.database.write() as uow:
        other = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        own = add_certificate(uow.session, school, in_days(120), kind=SubscriberKind.ORGANISATION)
        usual = add_certificate(uow.session, other, in_days(120))
        for steps in ([200], [120, 10]):
            row = AgencyStepsRow(agency_id=school.parent_id, steps=steps, actor="canbo", recorded_at=uow.now)
            uow.session.add(row)
            uow.session.flush()
    scan_expiries(runtime.database, runtime.settings)
    assert told_on(runtime, TODAY) == {("nsl@truong.example", own, 120, RecipientRole.AGENCY)}
    with runtime.database.write() as uow:
        uow.session.add(AgencyStepsRow(agency_id=school.parent_id, steps=None, actor="canbo", recorded_at=uow.now))
        uow.session.add(AgencyStepsRow(agency_id=other.agency_id, steps=[125], actor="canbo", recorded_at=uow.now))
    scan_expiries(runtime.database, runtime.settings)
    assert {certificate for _, certificate, _, _ in told_on(runtime, TODAY)} == {own, usual}


def test_the_preview_equals_what_is_sent_with_holidays_and_escalation(
    runtime: Runtime, clock: FakeClock, school: AgencyPeriodRow
) -> None:
    start = clock.at
    with runtime.database.write() as uow:
        other = add_agency(uow.session, "UBND xã Chu Điện", None)
        for agency in (school, other):
            for number, days in enumerate((-3, 0, 2, 13, 16, 29, 33, 61, 92)):
                email = f"canbo{number % 3}@xa.example" if number % 2 else None
                add_certificate(uow.session, agency, in_days(days), email=email)

    @given(st.lists(st.integers(0, 6), max_size=2), st.integers(0, 18))
    @settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])
    def check(before: list[int], ahead: int) -> None:
        clock.at = start
        with runtime.database.write() as uow:
            uow.session.exec(delete(ExpiryNoticeRow))
            uow.session.exec(delete(MailRow))
        for pause in before:
            scan_expiries(runtime.database, runtime.settings)
            clock.advance(timedelta(days=pause + 1))
        today = in_days((clock.at - start).days)
        wanted = today + timedelta(days=ahead)
        with runtime.database.read() as uow:
            policy, fallback = policy_of(runtime.settings), fallback_of(runtime.settings)
            plan = plan_digests(uow, policy, day=wanted, fallback=fallback)
        planned = {
            (digest.recipient.email, each.certificate_id, each.due.step, each.role)
            for digest in plan.digests
            for each in digest.certificates
        }
        for _ in range(ahead):
            scan_expiries(runtime.database, runtime.settings)
            clock.advance(timedelta(days=1))
        scan_expiries(runtime.database, runtime.settings)
        assert planned == told_on(runtime, wanted)

    check()
