"""People, passwords and sessions in the register."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.accounts.errors import MalformedUser, SignInFailed, TooManyAttempts, WeakPassword
from registry.accounts.passwords import hash_password, is_password
from registry.accounts.service import (
    find_signed_in,
    record_disabled,
    record_password,
    record_session,
    submit_user,
    verify_password,
    withdraw_session,
)
from registry.accounts.tables import Role
from registry.accounts.throttle import SignInThrottle
from registry.agencies.schemas import AgencySubmission
from registry.agencies.succession import merge_agencies
from registry.agencies.tables import AgencyLevel
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import Conflict, NotFound
from tests.factories.agencies import EVERYTHING, agency_change, make_agency
from tests.fakes.clock import FakeClock

PASSWORD = "mật khẩu dài để thử"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def add(uow: UnitOfWork, username: str = "lan", **more: object) -> None:
    submit_user(uow, username=username, full_name="Lan", password=PASSWORD, **{"role": Role.AUDITOR} | more)


def test_only_the_right_password_proves_who_somebody_is(database: Database) -> None:
    with database.write() as uow:
        add(uow)
    with database.read() as uow:
        assert verify_password(uow, username="lan", password=PASSWORD) == 1
        for username, password in (("lan", PASSWORD.upper()), ("lan", ""), ("khongai", PASSWORD)):
            with pytest.raises(SignInFailed):
                verify_password(uow, username=username, password=password)


def test_passwords_are_kept_as_argon2id_and_each_differs() -> None:
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first.startswith("$argon2id$")
    assert first != second
    assert is_password(PASSWORD, first)
    assert not is_password(PASSWORD, None)
    assert not is_password(PASSWORD, "not a hash")
    assert not is_password("x" * 5000, first)
    with pytest.raises(WeakPassword):
        hash_password("ngắn")


@pytest.mark.parametrize("username", ["", "a", "Lan", "lan nguyen", "lan\0", "đinh", "x" * 61])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_names_that_people_mistake_are_refused(database: Database, username: str) -> None:
    with pytest.raises(MalformedUser), database.write() as uow:
        add(uow, username)


def test_a_user_name_belongs_to_one_person(database: Database) -> None:
    with database.write() as uow:
        add(uow)
        with pytest.raises(Conflict):
            add(uow)
        add(uow, "minh")  # the unit of work goes on


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_officers_have_an_agency_and_others_have_none(database: Database) -> None:
    with pytest.raises(MalformedUser), database.write() as uow:
        add(uow, role=Role.OFFICER)
    with pytest.raises(MalformedUser), database.write() as uow:
        add(uow, agency_id=make_agency(uow))


def test_a_session_carries_the_rights_of_the_moment(database: Database, clock: FakeClock) -> None:
    with database.write() as uow:
        above = make_agency(uow, "Sở Y tế", level=AgencyLevel.PROVINCE)
        agency = make_agency(uow, "Bệnh viện", level=AgencyLevel.SUBORDINATE, parent_id=above)
        add(uow, role=Role.OFFICER, agency_id=agency)
        token = record_session(uow, user_id=1, lifetime=timedelta(hours=1))
        other = record_session(uow, user_id=1, lifetime=timedelta(hours=1))
        assert token != other
    with database.read() as uow:
        found = find_signed_in(uow, token)
        assert found is not None
        assert (found.viewer.role, found.viewer.agency_path) == (Role.OFFICER, f"/{above}/{agency}/")
        assert find_signed_in(uow, token[:-1]) is None
    with database.write() as uow:
        withdraw_session(uow, token)
    with database.read() as uow:
        assert find_signed_in(uow, token) is None
        assert find_signed_in(uow, other) is not None
    clock.advance(timedelta(hours=1))
    with database.read() as uow:
        assert find_signed_in(uow, other) is None


def test_an_officer_of_a_body_that_ended_keeps_its_last_place(database: Database, clock: FakeClock) -> None:
    with database.write() as uow:
        agencies = [make_agency(uow, name, level=AgencyLevel.PROVINCE) for name in ("Sở Tài chính", "Sở Kế hoạch")]
        add(uow, role=Role.OFFICER, agency_id=agencies[0])
        token = record_session(uow, user_id=1, lifetime=timedelta(hours=1))
        successor = AgencySubmission(code="H02.99", name="Sở Tài chính", level=AgencyLevel.PROVINCE)
        merge_agencies(uow, EVERYTHING, tuple(agencies), successor, agency_change(clock.now() - timedelta(days=1)))
    with database.read() as uow:
        found = find_signed_in(uow, token)
        assert found is not None
        assert found.viewer.agency_path == f"/{agencies[0]}/"


def test_a_new_password_and_a_ban_end_open_sessions(database: Database) -> None:
    with database.write() as uow:
        add(uow)
        token = record_session(uow, user_id=1, lifetime=timedelta(hours=1))
    with database.write() as uow:
        record_password(uow, username="lan", password="một mật khẩu khác")
    with database.read() as uow:
        assert find_signed_in(uow, token) is None
        assert verify_password(uow, username="lan", password="một mật khẩu khác") == 1
    with database.write() as uow:
        record_disabled(uow, username="lan", is_disabled=True)
        with pytest.raises(SignInFailed):
            verify_password(uow, username="lan", password="một mật khẩu khác")
        with pytest.raises(NotFound):
            record_disabled(uow, username="khongai", is_disabled=True)


def test_the_throttle_counts_pairs_and_addresses() -> None:
    throttle = SignInThrottle()
    for _ in range(8):
        throttle.check("lan", "10.0.0.1", NOW)
        throttle.record_failure("lan", "10.0.0.1", NOW)
    with pytest.raises(TooManyAttempts) as refused:
        throttle.check("lan", "10.0.0.1", NOW + timedelta(minutes=10))
    assert refused.value.retry_seconds == 5 * 60
    throttle.check("lan", "10.0.0.2", NOW)  # the person is not locked out elsewhere
    throttle.check("lan", "10.0.0.1", NOW + timedelta(minutes=15))
    throttle.record_success("lan", "10.0.0.1")
    throttle.check("lan", "10.0.0.1", NOW)
    for number in range(60):
        throttle.record_failure(f"user{number}", "10.0.0.3", NOW)
    with pytest.raises(TooManyAttempts):
        throttle.check("somebody", "10.0.0.3", NOW)


def test_the_throttle_remembers_within_bounds() -> None:
    throttle = SignInThrottle()
    for number in range(12_000):
        throttle.record_failure("x", str(number), NOW)
    assert len(throttle._failures) <= 10_000
