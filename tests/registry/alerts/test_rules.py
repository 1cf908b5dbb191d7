from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.alerts.rules import AlertPolicy, DueStep, assess_due, days_left

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
    assert policy.window(date(2026, 11, 23)) == (date(2026, 10, 17), date(2027, 2, 21))


def test_a_kind_may_have_steps_of_its_own() -> None:
    policy = AlertPolicy.of(
        (90, 0), catch_up_days=30, extension_minimum_days=30, steps_by_kind={"device": (120, -14), "person": ()}
    )
    assert policy.steps_for("organisation") == (90, 30, 0)
    assert policy.steps_for("device") == (120, 30, -14)
    assert policy.steps_for("person") == (30,)
    assert policy.window(date(2026, 11, 23)) == (date(2026, 10, 10), date(2027, 3, 23))


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
