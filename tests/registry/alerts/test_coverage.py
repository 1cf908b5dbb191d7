"""An agency left without a valid organisation certificate is told of once a spell, and a register's past in one list."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, delete, select

from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.coverage import COVERAGE_DIGEST, tell_coverage
from registry.alerts.tables import AlertBaselineRow, AlertNoticeRow, CoverageSpellRow
from registry.certificates.tables import CertificatePeriodRow, CertificateRow, SubscriberKind
from registry.clock import FOREVER, local_day
from registry.db.unit_of_work import UnitOfWork
from registry.mail.smtp import MailCancelled
from registry.mail.tables import MailRow
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import at_once, body, read_mail, revoke, told

TODAY = date(2026, 11, 23)
ADMINISTRATORS = "chungthuso@tinh.example"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def add_seal(uow: UnitOfWork, agency: AgencyPeriodRow, expires: date, *, registered: datetime | None = None) -> int:
    key = add_certificate(uow.session, agency, expires, holder=agency.name, kind=SubscriberKind.ORGANISATION)
    if registered is not None:
        uow.session.get_one(CertificateRow, key).registered_at = registered
        uow.session.flush()
    return key


def run(runtime: Runtime) -> int:
    return tell_coverage(runtime.database, runtime.settings)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_agency_superior_and_administrators_are_told_once(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        department = add_agency(uow.session, "Sở Giáo dục và Đào tạo", "sgd@tinh.example")
        add_seal(uow, department, in_days(900))
        school = add_agency(uow.session, "Trường THPT Ngô Sĩ Liên", "nsl@tinh.example", parent=department)
        add_seal(uow, school, in_days(2))
        add_agency(uow.session, "Trường chưa từng có", "moi@tinh.example", parent=department)
    assert run(runtime) == 0
    clock.advance(timedelta(days=4))
    for _ in range(3):
        run(runtime)
        clock.advance(timedelta(days=1))
    day = in_days(4)
    expected = [(ADMINISTRATORS, day), ("nsl@tinh.example", day), ("sgd@tinh.example", day)]
    assert sorted(told(runtime.database, COVERAGE_DIGEST)) == expected
    message = read_mail(runtime, COVERAGE_DIGEST, "sgd@tinh.example")
    assert message["Subject"] == "Trường THPT Ngô Sĩ Liên không còn chứng thư tổ chức có hiệu lực"
    for kind in ("plain", "html"):
        assert "mẫu 02" in body(message, kind)
        assert "thứ Tư, 25/11/2026 17:03 +07:00" in body(message, kind)
        assert "Trường chưa từng có" not in body(message, kind)
    assert "Since Wednesday" in body(read_mail(runtime, COVERAGE_DIGEST, "sgd@tinh.example", language="en"))


def test_covered_and_uncovered_anew_is_told_again_also_when_nobody_looked(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", "chu@xa.example")
        seal = add_seal(uow, agency, in_days(900))
    run(runtime)
    clock.advance(timedelta(days=1))
    with runtime.database.write() as uow:
        revoke(uow, seal)
    assert run(runtime) == 1
    clock.advance(timedelta(days=1))
    with runtime.database.write() as uow:
        second = add_seal(uow, agency, in_days(900), registered=uow.now)
    with pytest.raises(MailCancelled):  # the mail had not left, and is not needed any more
        run(runtime)
        read_mail(runtime, COVERAGE_DIGEST, "chu@xa.example")
    clock.advance(timedelta(days=1))
    with runtime.database.write() as uow:
        revoke(uow, second)
    assert run(runtime) == 1
    clock.advance(timedelta(days=1))
    with runtime.database.write() as uow:  # from here on nobody looks
        third = add_seal(uow, agency, in_days(900), registered=uow.now)
    clock.advance(timedelta(days=1))
    with runtime.database.write() as uow:
        revoke(uow, third)
    clock.advance(timedelta(days=1))
    assert run(runtime) == 1
    days = [day for who, day in told(runtime.database, COVERAGE_DIGEST) if who == "chu@xa.example"]
    assert days == [in_days(1), in_days(3), in_days(6)]


def test_the_first_run_and_imported_history_are_one_list_for_the_administrators(
    runtime: Runtime, clock: FakeClock
) -> None:
    with runtime.database.write() as uow:
        for number in range(60):
            agency = add_agency(uow.session, f"Xã {number}", f"{number}@xa.example")
            add_seal(uow, agency, in_days(-1 - 10 * number))
    assert run(runtime) == 60
    assert told(runtime.database, COVERAGE_DIGEST) == [(ADMINISTRATORS, TODAY)]
    text = body(read_mail(runtime, COVERAGE_DIGEST, ADMINISTRATORS))
    assert "60 cơ quan" in text
    assert "… và 10 cơ quan khác." in text
    clock.advance(timedelta(days=1))
    with runtime.database.write() as uow:
        for number in range(5):
            agency = add_agency(uow.session, f"Nhập {number}", f"nhap{number}@xa.example")
            add_seal(uow, agency, in_days(-3), registered=uow.now)
    assert run(runtime) == 5
    assert told(runtime.database, COVERAGE_DIGEST)[1:] == [(ADMINISTRATORS, in_days(1))]


@SQLITE
def test_an_agency_that_ended_is_nobodys_trouble(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", "chu@xa.example", until=clock.at + timedelta(days=3))
        add_seal(uow, agency, in_days(1))
    run(runtime)
    clock.advance(timedelta(days=2))
    assert run(runtime) == 1
    clock.advance(timedelta(days=2))
    assert run(runtime) == 0
    with runtime.database.read() as uow:
        assert uow.session.exec(select(CoverageSpellRow)).one().ended_at < FOREVER


@SQLITE
def test_any_pattern_of_runs_tells_what_lasts_once(runtime: Runtime, clock: FakeClock) -> None:
    """Certificates come and go; whenever somebody looks, each time without one is told once, at the first look."""
    start = clock.at
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", "chu@xa.example")
        add_seal(uow, agency, in_days(-200), registered=start - timedelta(days=900))

    @given(
        st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["issue", "revoke", "look", "look twice"])), max_size=9)
    )
    @settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
    def check(turns: list[tuple[int, str]]) -> None:
        clock.at = start
        with runtime.database.write() as uow:
            for table in (AlertNoticeRow, AlertBaselineRow, CoverageSpellRow, MailRow):
                uow.session.exec(delete(table))
            # What an earlier example issued is not to have been issued.
            for row in uow.session.exec(select(CertificatePeriodRow)):
                row.agency_id = other.agency_id
            add_seal(uow, agency, in_days(900), registered=start - timedelta(days=9))
        run(runtime)
        held: list[int] = [newest(runtime)]
        is_told = False
        expected: list[date] = []
        for days, what in turns:
            clock.advance(timedelta(days=days))
            if what == "issue":
                with runtime.database.write() as uow:
                    held.append(add_seal(uow, agency, in_days(900), registered=uow.now))
                is_told = False
            elif what == "revoke":
                with runtime.database.write() as uow:
                    for key in held:
                        revoke(uow, key)
                held.clear()
            else:
                for _ in range(1 + (what == "look twice")):
                    run(runtime)
                if not held and not is_told:
                    expected.append(local_day(clock.at))
                    is_told = True
        days_told = [day for who, day in told(runtime.database, COVERAGE_DIGEST) if who == "chu@xa.example"]
        assert days_told == expected

    with runtime.database.write() as uow:
        other = add_agency(uow.session, "Nơi khác", None, until=start - timedelta(days=1))
    check()


def newest(runtime: Runtime) -> int:
    with runtime.database.read() as uow:
        found = uow.session.exec(select(CertificateRow.id).order_by(col(CertificateRow.id).desc())).first()
        assert found is not None
        return found


def test_ten_runs_at_once_begin_one_spell(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        for number in range(10):
            add_seal(uow, add_agency(uow.session, f"Xã {number}", f"{number}@xa.example"), in_days(1))
    run(runtime)
    clock.advance(timedelta(days=3))
    at_once(10, lambda: run(runtime))
    expected = [(f"{number}@xa.example", in_days(3)) for number in range(10)]
    assert sorted(told(runtime.database, COVERAGE_DIGEST)) == sorted([*expected, (ADMINISTRATORS, in_days(3))])
    with runtime.database.read() as uow:
        assert len(uow.session.exec(select(CoverageSpellRow)).all()) == 10
