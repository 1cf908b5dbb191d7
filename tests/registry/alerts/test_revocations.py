"""A revocation is told to the agency and the holder, once, and history to nobody."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete, select

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.planning.mails import MailQuery, count_mails, find_mails
from registry.alerts.revocations import REVOCATION_DIGEST, tell_revocations
from registry.alerts.tables import AlertBaselineRow, AlertNoticeRow
from registry.certificates.tables import (
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateStatus,
    Custody,
    SubscriberKind,
)
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.mail.addresses import mark_dead
from registry.mail.smtp import MailCancelled
from registry.mail.tables import AddressFault, MailRow
from registry.paging import PageRequest
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import at_once, body, read_mail, revoke, told

TODAY = date(2026, 11, 23)
LATER = TODAY + timedelta(days=900)


def begin(runtime: Runtime) -> None:
    """The first run, from which on revocations are news."""
    assert tell_revocations(runtime.database, runtime.settings) == 0


@pytest.fixture
def agency(runtime: Runtime) -> AgencyPeriodRow:
    with runtime.database.write() as uow:
        return add_agency(uow.session, "UBND xã Chu Điện", "Chu@xa.example")


def test_agency_and_holder_are_told_once_with_what_to_do(
    runtime: Runtime, agency: AgencyPeriodRow, clock: FakeClock
) -> None:
    begin(runtime)
    clock.advance(timedelta(hours=1))
    with runtime.database.write() as uow:
        lan = add_certificate(uow.session, agency, LATER, holder="Nguyễn Thị Lan", email="Lan@xa.example")
        seal = add_certificate(uow.session, agency, LATER, holder="UBND xã Chu Điện", kind=SubscriberKind.ORGANISATION)
        revoke(uow, lan, days_ago=2, reason="keyCompromise")
        revoke(uow, seal)
    for _ in range(3):
        tell_revocations(runtime.database, runtime.settings)
        clock.advance(timedelta(hours=20))
    assert sorted(told(runtime.database, REVOCATION_DIGEST)) == [("chu@xa.example", TODAY), ("lan@xa.example", TODAY)]
    whole, own = (read_mail(runtime, REVOCATION_DIGEST, who) for who in ("chu@xa.example", "lan@xa.example"))
    assert "2 chứng thư" in whole["Subject"]
    assert "Nguyễn Thị Lan" in own["Subject"]
    for kind in ("plain", "html"):
        assert all(
            word in body(whole, kind)
            for word in ("lộ khóa", "nộp lại thiết bị", "mẫu 01", "mẫu 02", "trước thời điểm thu hồi", "tệp gốc")
        )
        assert "mẫu 02" not in body(own, kind)
    english = read_mail(runtime, REVOCATION_DIGEST, "chu@xa.example", language="en")
    assert "return the device" in body(english)
    assert "key exposed" in body(english, "html")


def test_a_holder_at_whose_address_nothing_arrives_is_not_written_to(
    runtime: Runtime, agency: AgencyPeriodRow, clock: FakeClock
) -> None:
    begin(runtime)
    clock.advance(timedelta(hours=1))
    with runtime.database.write() as uow:
        mark_dead(uow, "Lan@xa.example", AddressFault.BOUNCED)
        for email in ("lan@xa.example", "không có"):
            revoke(uow, add_certificate(uow.session, agency, LATER, email=email))
    tell_revocations(runtime.database, runtime.settings)
    assert told(runtime.database, REVOCATION_DIGEST) == [("chu@xa.example", TODAY)]


def test_a_mail_about_revocations_is_listed_with_its_certificates_also_to_the_officer_of_their_agency(
    runtime: Runtime, agency: AgencyPeriodRow
) -> None:
    begin(runtime)
    with runtime.database.write() as uow:
        other = add_agency(uow.session, "UBND xã Bảo Sơn", "baoson@xa.example")
        for responsible, count in ((agency, 2), (other, 1)):
            for _ in range(count):
                revoke(uow, add_certificate(uow.session, responsible, LATER))
    tell_revocations(runtime.database, runtime.settings)
    officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=agency.path)
    for viewer, listed in (
        (Viewer.everything(), {"chu@xa.example": 2, "baoson@xa.example": 1}),
        (officer, {"chu@xa.example": 2}),
    ):
        with runtime.database.read() as uow:
            mails = find_mails(uow, viewer, MailQuery(), PageRequest()).items
            assert {mail.recipient: mail.certificates for mail in mails} == listed
            assert count_mails(uow, viewer, MailQuery()) == len(listed)


def test_history_is_told_to_nobody(runtime: Runtime, agency: AgencyPeriodRow, clock: FakeClock) -> None:
    """Neither what stood in the register before the first run, nor what is entered of the past afterwards."""
    with runtime.database.write() as uow:
        old = add_certificate(uow.session, agency, LATER)
        fresh = add_certificate(uow.session, agency, LATER, holder="Trần Văn Mới")
        revoke(uow, old, days_ago=30)
    clock.advance(timedelta(days=10))
    with runtime.database.write() as uow:
        revoke(uow, fresh, days_ago=3)
    assert tell_revocations(runtime.database, runtime.settings) == 1
    assert "Trần Văn Mới" in body(read_mail(runtime, REVOCATION_DIGEST, "chu@xa.example"))
    clock.advance(timedelta(days=1))
    with runtime.database.write() as uow:
        for number in range(5):
            imported = add_certificate(uow.session, agency, LATER, holder=f"Đã nghỉ {number}")
            revoke(uow, imported, days_ago=8 + 40 * number)
    assert tell_revocations(runtime.database, runtime.settings) == 0


def test_what_takes_effect_later_is_told_then(runtime: Runtime, agency: AgencyPeriodRow, clock: FakeClock) -> None:
    begin(runtime)
    with runtime.database.write() as uow:
        revoke(uow, add_certificate(uow.session, agency, LATER), days_ago=-3)
    assert tell_revocations(runtime.database, runtime.settings) == 0
    clock.advance(timedelta(days=3, hours=1))
    assert tell_revocations(runtime.database, runtime.settings) == 1


def test_the_second_of_a_day_waits_for_the_next_mail(
    runtime: Runtime, agency: AgencyPeriodRow, clock: FakeClock
) -> None:
    begin(runtime)
    for holder in ("Nguyễn Văn Một", "Nguyễn Văn Hai"):
        with runtime.database.write() as uow:
            revoke(uow, add_certificate(uow.session, agency, LATER, holder=holder))
        tell_revocations(runtime.database, runtime.settings)
    assert told(runtime.database, REVOCATION_DIGEST) == [("chu@xa.example", TODAY)]
    # Whoever moves in between is not told of what the old address is told of.
    with runtime.database.write() as uow:
        agency.email = "moi@xa.example"
        uow.session.add(agency)
    clock.advance(timedelta(days=1))
    tell_revocations(runtime.database, runtime.settings)
    assert told(runtime.database, REVOCATION_DIGEST) == [
        ("chu@xa.example", TODAY),
        ("chu@xa.example", TODAY + timedelta(days=1)),
    ]
    assert "Nguyễn Văn Hai" in body(read_mail(runtime, REVOCATION_DIGEST, "chu@xa.example"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_revocation_that_was_taken_back_is_not_told(runtime: Runtime, agency: AgencyPeriodRow) -> None:
    begin(runtime)
    with runtime.database.write() as uow:
        certificate = add_certificate(uow.session, agency, LATER)
        revoke(uow, certificate)
    tell_revocations(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        for period in uow.session.exec(select(CertificatePeriodRow)):
            period.status = CertificateStatus.ACTIVE
    with pytest.raises(MailCancelled):
        read_mail(runtime, REVOCATION_DIGEST, "chu@xa.example")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_device_that_is_back_or_lost_is_not_asked_for(runtime: Runtime, agency: AgencyPeriodRow) -> None:
    begin(runtime)
    with runtime.database.write() as uow:
        certificate = add_certificate(uow.session, agency, LATER)
        revoke(uow, certificate)
        for period in uow.session.exec(select(CertificatePeriodRow)):
            period.custody, period.is_replaced = Custody.LOST, True
    tell_revocations(runtime.database, runtime.settings)
    text = body(read_mail(runtime, REVOCATION_DIGEST, "chu@xa.example"))
    assert "nộp lại thiết bị" not in text
    assert "không cần đề nghị cấp mới" in text


def add_revoked(uow: UnitOfWork, agency: AgencyPeriodRow) -> None:
    revoke(uow, add_certificate(uow.session, agency, LATER))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_pattern_of_runs_tells_each_revocation_once(runtime: Runtime, clock: FakeClock) -> None:
    """Days without a run, doubled runs, a clock that steps back: the same revocations, each at its first run."""
    start = clock.at
    with runtime.database.write() as uow:
        agencies = [add_agency(uow.session, f"Xã {number}", f"{number}@xa.example") for number in range(3)]

    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 9), st.booleans()), max_size=10))
    @settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
    def check(turns: list[tuple[int, int, bool]]) -> None:
        clock.at = start
        with runtime.database.write() as uow:
            for table in (AlertNoticeRow, AlertBaselineRow, MailRow, CertificateEventRow):
                uow.session.exec(delete(table))
        begin(runtime)
        waiting: dict[str, int] = {}
        expected: list[tuple[str, date]] = []
        day = 0
        for number, days, runs in turns:
            day = max(0, min(30, day + days))
            clock.at = start + timedelta(days=day, hours=1)
            with runtime.database.write() as uow:
                add_revoked(uow, agencies[number])
            waiting[f"{number}@xa.example"] = waiting.get(f"{number}@xa.example", 0) + 1
            if runs:
                tell_revocations(runtime.database, runtime.settings)
                tell_revocations(runtime.database, runtime.settings)
                today = local_day(clock.at)
                for address in sorted(waiting):
                    if (address, today) not in expected:
                        expected.append((address, today))
                        del waiting[address]
        # What was entered at a moment that the clock went back behind takes effect when that moment comes again.
        clock.at = start + timedelta(days=31)
        tell_revocations(runtime.database, runtime.settings)
        with runtime.database.read() as uow:
            notices = uow.session.exec(select(AlertNoticeRow)).all()
        assert len(notices) == len(turns)
        assert len({notice.subject for notice in notices}) == len(turns)
        assert all(notice.mail_id is not None for notice in notices)
        mails = told(runtime.database, REVOCATION_DIGEST)
        assert len(set(mails)) == len(mails)
        if all(days >= 0 for _, days, _ in turns):
            expected += [(address, local_day(clock.at)) for address in sorted(waiting)]
            assert sorted(mails) == sorted(expected)

    check()


def test_ten_runs_at_once_tell_once(runtime: Runtime) -> None:
    begin(runtime)
    with runtime.database.write() as uow:
        for number in range(20):
            agency = add_agency(uow.session, f"Xã {number}", f"{number}@xa.example")
            add_revoked(uow, agency)
    at_once(10, lambda: tell_revocations(runtime.database, runtime.settings))
    assert sorted(told(runtime.database, REVOCATION_DIGEST)) == sorted((f"{n}@xa.example", TODAY) for n in range(20))
    with runtime.database.read() as uow:
        assert all(notice.mail_id is not None for notice in uow.session.exec(select(AlertNoticeRow)))
