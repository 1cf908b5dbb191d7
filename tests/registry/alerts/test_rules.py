from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.alerts.rules import AlertPolicy, DueStep, assess_due, days_left, reminder_day, telling_day
from registry.alerts.workdays import WorkCalendar

STEPS = (90, 60, 45, 30, 14, 7, 1, 0, -7)
steps = st.lists(st.integers(-30, 400), min_size=1, max_size=9, unique=True).map(tuple)


def tell(scans: list[int], steps: tuple[int, ...]) -> list[tuple[int, int]]:
    """Scan with so many days left each time; return (days left, step) of every mail."""
    reported: set[int] = set()
    told = []
    for left in scans:
        if due := assess_due(left, steps, reported):
            told.append((left, due.step))
            reported |= {due.step, *due.passed}
    return told


def test_nothing_is_due_before_the_first_step() -> None:
    assert assess_due(91, STEPS, ()) is None


def test_a_step_reached_is_due_once() -> None:
    assert assess_due(90, STEPS, ()) == DueStep(90, ())
    assert assess_due(90, STEPS, {90}) is None
    assert assess_due(61, STEPS, {90}) is None


def test_an_outage_is_made_up_for_by_the_most_urgent_step_alone() -> None:
    assert assess_due(13, STEPS, {90}) == DueStep(14, (60, 45, 30))


def test_after_the_last_step_nothing_more_is_told() -> None:
    assert assess_due(-8, STEPS, {90, 60, 45, 30, 14, 7, 1, 0, -7}) is None


def test_the_last_day_for_an_extension_is_always_a_step() -> None:
    policy = AlertPolicy.of((90, 7), catch_up_days=30, extension_minimum_days=25)
    assert policy.steps == (90, 25, 7)


def test_the_window_holds_the_days_that_can_be_due() -> None:
    policy = AlertPolicy.of((90, 0, -7), catch_up_days=30, extension_minimum_days=30)
    assert policy.window(date(2026, 11, 25)) == (date(2026, 10, 19), date(2027, 2, 23))
    # Tuesday the 24th is a holiday: on Monday the scan looks a day further.
    assert policy.window(date(2026, 11, 23)) == (date(2026, 10, 17), date(2027, 2, 22))


def test_a_kind_may_have_steps_of_its_own() -> None:
    policy = AlertPolicy.of(
        (90, 0), catch_up_days=30, extension_minimum_days=30, steps_by_kind={"device": (120, -14), "person": ()}
    )
    assert policy.steps_for("organisation") == (90, 30, 0)
    assert policy.steps_for("device") == (120, 30, -14)
    assert policy.steps_for("person") == (30,)
    assert policy.window(date(2026, 11, 25)) == (date(2026, 10, 12), date(2027, 3, 25))


def test_the_nearest_agency_with_steps_of_its_own_decides() -> None:
    policy = AlertPolicy.of(
        (90, 0), catch_up_days=30, extension_minimum_days=30, steps_by_kind={"device": (120,)}
    ).with_agencies({7: (60, 10), 2: (150, -20)})
    assert policy.steps_for("device", (5, 7, 2)) == (60, 30, 10)
    assert policy.steps_for("person", (5, 2, 7)) == (150, 30, -20)
    assert policy.steps_for("device", (5, 6)) == (120, 30)
    assert policy.first_step == 150
    assert policy.window(date(2026, 11, 25)) == (date(2026, 10, 6), date(2027, 4, 24))


def test_days_are_those_of_viet_nam() -> None:
    # 17:00 UTC is midnight there: one second decides the day.
    assert days_left(datetime(2026, 12, 1, 16, 59, 59, tzinfo=UTC), date(2026, 12, 1)) == 0
    assert days_left(datetime(2026, 12, 1, 17, 0, 0, tzinfo=UTC), date(2026, 12, 1)) == 1


@given(st.lists(st.integers(-60, 420), max_size=80), steps)
@settings(deadline=None, max_examples=300)
def test_no_step_is_told_twice_and_urgency_only_grows(scans: list[int], steps: tuple[int, ...]) -> None:
    """Whatever days are skipped, doubled or gone back to."""
    told = [step for _, step in tell(scans, steps)]
    assert told == sorted(set(told), reverse=True)


@given(st.lists(st.integers(-60, 420), min_size=1, max_size=80), steps)
@settings(deadline=None, max_examples=300)
def test_what_a_scan_reaches_is_on_record_afterwards(scans: list[int], steps: tuple[int, ...]) -> None:
    most_urgent = min((step for step in steps if min(scans) <= step), default=None)
    told = [step for _, step in tell(scans, steps)]
    assert (told[-1] if told else None) == most_urgent


@given(st.sets(st.integers(-10, 100)), st.data())
@settings(deadline=None, max_examples=300)
def test_doubled_scans_change_nothing(days: set[int], data: st.DataObject) -> None:
    once = sorted(days, reverse=True)
    doubled = [left for left in once for _ in range(data.draw(st.integers(1, 3)))]
    assert tell(doubled, STEPS) == tell(once, STEPS)


@given(st.sets(st.integers(-10, 100)))
@settings(deadline=None, max_examples=300)
def test_a_mail_is_as_late_as_the_outage_and_no_later(days: set[int]) -> None:
    """Each mail goes on the first scan at which its step is reached."""
    scans = sorted(days, reverse=True)
    for left, step in tell(scans, STEPS):
        assert left <= step
        assert all(earlier > step for earlier in scans if earlier > left)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001
@settings(deadline=None, max_examples=200)
def test_the_zone_of_the_value_does_not_matter(naive: datetime, offset: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=offset)))
    assert days_left(moment, date(2025, 1, 1)) == days_left(elsewhere, date(2025, 1, 1))


days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
calendars = st.builds(WorkCalendar, days_off=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 31)), max_size=20))


@given(days, st.integers(-40, 200), calendars)
@settings(deadline=None, max_examples=300)
def test_a_step_is_told_on_its_day_or_the_working_day_before(expires: date, step: int, calendar: WorkCalendar) -> None:
    own, told = expires - timedelta(days=step), telling_day(expires, step, calendar)
    assert told <= own
    if calendar.is_workday(own):
        assert told == own
    elif told != own:
        assert calendar.is_workday(told)
        assert calendar.next_workday(told) > own
    assert step >= 0 or told > expires, "an expiry is not told of as past before it is"


@given(days, st.lists(st.integers(-40, 200), min_size=2, max_size=9, unique=True))
@settings(deadline=None, max_examples=200)
def test_steps_keep_their_order(expires: date, steps: list[int]) -> None:
    told = [telling_day(expires, step, WorkCalendar()) for step in sorted(steps, reverse=True)]
    assert told == sorted(told)


@given(days, steps, st.lists(st.integers(-60, 420), max_size=60))
@settings(deadline=None, max_examples=300)
def test_with_holidays_too_no_step_is_told_late_or_twice(
    expires: date, steps: tuple[int, ...], scans: list[int]
) -> None:
    told_from = {step: (expires - telling_day(expires, step, WorkCalendar())).days for step in steps}
    reported: set[int] = set()
    told = []
    for left in scans:
        if due := assess_due(left, steps, reported, told_from):
            told.append(due.step)
            reported |= {due.step, *due.passed}
    assert told == sorted(set(told), reverse=True)
    reached = [step for step in steps if scans and min(scans) <= step]
    assert not reached or (told and told[-1] <= min(reached)), "a step was reached on its day and not told"
    assert all(min(scans) <= told_from[step] for step in reported)


def test_a_reminder_goes_on_the_working_day_before_but_not_on_the_day_of_the_answer() -> None:
    calendar = WorkCalendar()
    friday, sunday = date(2026, 11, 27), date(2026, 11, 29)
    assert reminder_day(date(2026, 11, 25), sunday, calendar) == friday
    assert reminder_day(friday, sunday, calendar) == date(2026, 11, 28)
    assert reminder_day(date(2026, 11, 28), sunday, calendar) == sunday
