from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.alerts.workdays import SendingHours, WorkCalendar
from registry.clock import VIETNAM, local_day

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
HOURS = SendingHours(time(7), time(20))


@pytest.mark.parametrize(
    ("day", "is_workday"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2027, 2, 5), False),  # the eve of Tết
        (date(2027, 2, 9), False),  # its fourth day
        (date(2027, 2, 11), True),
        (date(2026, 4, 27), False),  # the Monday for the Hùng Kings' day on a Sunday
        (date(2026, 8, 31), False),  # swapped
        (date(2026, 8, 22), True),  # for this Saturday
    ],
)
def test_weekends_holidays_and_swaps(day: date, is_workday: bool) -> None:  # noqa: FBT001
    assert WorkCalendar().is_workday(day) is is_workday


def test_settings_have_the_last_word() -> None:
    calendar = WorkCalendar.of(
        days_off=[date(2027, 2, 11), date(2027, 2, 12)],
        days_worked=[date(2027, 2, 20), date(2027, 2, 12)],
        works_every_day=False,
    )
    assert [calendar.is_workday(date(2027, 2, day)) for day in (11, 12, 20, 21)] == [False, True, True, False]
    assert WorkCalendar(works_every_day=True).is_workday(date(2027, 2, 6))


def test_before_tet_the_last_working_day_is_far_back() -> None:
    assert WorkCalendar().last_workday_until(date(2027, 2, 10)) == date(2027, 2, 3)
    assert WorkCalendar().next_workday(date(2027, 2, 3)) == date(2027, 2, 11)


def test_a_calendar_without_working_days_moves_nothing() -> None:
    calendar = WorkCalendar(days_off=frozenset(date(2026, 1, 1) + timedelta(days=each) for each in range(365)))
    assert calendar.last_workday_until(date(2026, 6, 1)) == date(2026, 6, 1)
    assert calendar.next_workday(date(2026, 6, 1)) == date(2026, 6, 2)


@given(days)
@settings(deadline=None, max_examples=300)
def test_working_days_before_and_after(day: date) -> None:
    calendar = WorkCalendar()
    before, after = calendar.last_workday_until(day), calendar.next_workday(day)
    assert before <= day < after
    assert calendar.is_workday(before)
    assert calendar.is_workday(after)
    between = [before + timedelta(days=each) for each in range(1, (after - before).days)]
    assert not any(calendar.is_workday(each) for each in between)
    assert calendar.after_workdays(day, 0) == day
    assert calendar.after_workdays(day, 3) == calendar.next_workday(calendar.next_workday(after))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(-5, 5))  # noqa: DTZ001
@settings(deadline=None, max_examples=300)
def test_mail_waits_for_the_morning_but_not_beyond_its_day(naive: datetime, spare: int) -> None:
    now = naive.replace(tzinfo=UTC)
    today = local_day(now)
    at = HOURS.earliest(now, latest=today + timedelta(days=spare))
    assert at >= now
    assert local_day(at) <= max(today, today + timedelta(days=spare))
    local = at.astimezone(VIETNAM)
    if spare > 0 or now.astimezone(VIETNAM).time() < HOURS.closes:
        assert HOURS.opens <= local.time() < HOURS.closes
    else:
        assert at == now
