"""Who is told of one certificate on which day: the rules of escalation, and that the preview is what is then told."""

from collections.abc import Collection
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.alerts.recipients import Audience, Recipient
from registry.alerts.rules import AlertPolicy, Escalation, telling_day
from registry.alerts.tables import RecipientRole
from registry.alerts.timeline import Answer, Due, Record, Timeline
from registry.alerts.workdays import WorkCalendar

TODAY = date(2026, 11, 23)
STEPS = (90, 60, 45, 30, 14, 7, 1, 0, -7)
AGENCY, HOLDER = Recipient("xa@xa.example", "UBND xã"), Recipient("canbo@xa.example", "Lê Thị Hạnh")
SUPERIOR, PROVINCE = Recipient("so@tinh.example", "Sở"), Recipient("tinh@tinh.example", "Tỉnh")
EVERYBODY = Audience(((AGENCY, RecipientRole.AGENCY), (HOLDER, RecipientRole.HOLDER)), SUPERIOR, PROVINCE)
EVERY_DAY = WorkCalendar(works_every_day=True)


def policy_with(calendar: WorkCalendar = EVERY_DAY, escalation: Escalation | None = None) -> AlertPolicy:
    return AlertPolicy.of(
        STEPS, catch_up_days=30, extension_minimum_days=30, calendar=calendar, escalation=escalation or Escalation()
    )


def timeline(
    expires: date,
    *,
    policy: AlertPolicy | None = None,
    audience: Audience = EVERYBODY,
    answer: Answer | None = None,
    steps: tuple[int, ...] = STEPS,
) -> Timeline:
    return Timeline(policy or policy_with(), expires=expires, steps=steps, audience=audience, answer=answer)


def tell(line: Timeline, days: Collection[date], record: Record | None = None) -> list[tuple[date, str, int]]:
    """Scan on these days; return day, address and step of everything told."""
    record = record or Record()
    told = []
    for day in days:
        due = line.due_on(day, record)
        record = record.with_told(day, due)
        told += [(day, each.recipient.email, each.due.step) for each in due]
    return told


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def steps_of(told: list[tuple[date, str, int]], recipient: Recipient) -> list[int]:
    return [step for _, email, step in told if email == recipient.email]


def test_nobody_above_is_told_while_there_is_time() -> None:
    expires = TODAY + timedelta(days=95)
    told = tell(timeline(expires), every_day(TODAY, expires + timedelta(days=10)))
    assert steps_of(told, AGENCY) == steps_of(told, HOLDER) == list(STEPS)
    assert steps_of(told, SUPERIOR) == [14, 7, 1, 0, -7]
    assert steps_of(told, PROVINCE) == [1, 0, -7]
    assert {day for day, email, step in told if step == 14} == {expires - timedelta(days=14)}


def test_what_is_found_late_goes_up_after_three_working_days() -> None:
    told = tell(timeline(TODAY + timedelta(days=10)), every_day(TODAY, TODAY + timedelta(days=4)))
    assert told == [(TODAY, "xa@xa.example", 14), (TODAY, "canbo@xa.example", 14)] + [
        (TODAY + timedelta(days=3), email, 7) for email in ("xa@xa.example", "canbo@xa.example", "so@tinh.example")
    ]


def test_a_reaction_keeps_it_from_going_up() -> None:
    expires = TODAY + timedelta(days=14)
    reported = {AGENCY.email: {90, 60, 45, 30}, HOLDER.email: {90, 60, 45, 30}}
    silent = timeline(expires).due_on(TODAY, Record(reported, TODAY - timedelta(days=3)))
    assert [due.recipient for due in silent] == [AGENCY, HOLDER, SUPERIOR]
    for since in (None, TODAY, TODAY - timedelta(days=2)):
        reacted = timeline(expires).due_on(TODAY, Record(reported, since))
        assert [due.recipient for due in reacted] == [AGENCY, HOLDER]


def test_working_days_are_waited_for() -> None:
    """Told on the Wednesday before Tết, the body above is told three working days after it."""
    wednesday = date(2027, 2, 3)
    line = timeline(date(2027, 2, 26), policy=policy_with(WorkCalendar()), audience=EVERYBODY)
    told = tell(line, every_day(wednesday, date(2027, 2, 20)))
    first = next(day for day, email, _ in told if email == SUPERIOR.email)
    assert WorkCalendar().after_workdays(wednesday, 3) == date(2027, 2, 15)
    assert first == date(2027, 2, 15)


days = st.integers(-20, 130)
answers = st.none() | st.builds(
    lambda ago, ahead: Answer(TODAY - timedelta(days=ago), TODAY - timedelta(days=ago) + timedelta(days=ahead)),
    st.integers(0, 30),
    st.integers(1, 60),
)
audiences = st.sampled_from(
    (
        EVERYBODY,
        Audience(((AGENCY, RecipientRole.AGENCY),), None, PROVINCE),
        Audience(((SUPERIOR, RecipientRole.STAND_IN), (HOLDER, RecipientRole.HOLDER)), None, PROVINCE),
        Audience(((PROVINCE, RecipientRole.STAND_IN),), None, None),
    )
)
policies = st.builds(
    policy_with,
    st.sampled_from((EVERY_DAY, WorkCalendar())),
    st.builds(Escalation, st.integers(-10, 40), st.integers(-10, 20), st.integers(1, 6)),
)
steps = st.lists(st.integers(-15, 110), min_size=1, max_size=8, unique=True).map(tuple)


@given(days, days.filter(lambda day: day >= 0), policies, audiences, answers, steps, st.data())
@settings(deadline=None, max_examples=400)
def test_the_preview_of_a_day_is_what_is_then_told(  # noqa: PLR0917 (hypothesis fills them in their order)
    left: int,
    ahead: int,
    policy: AlertPolicy,
    audience: Audience,
    answer: Answer | None,
    own: tuple[int, ...],
    data: st.DataObject,
) -> None:
    """Whatever is on record, and whoever has had the mail of today."""
    line = timeline(TODAY + timedelta(days=left), policy=policy, audience=audience, answer=answer, steps=own)
    addresses = [recipient.email for recipient in audience.everybody()]
    reported = {email: data.draw(st.sets(st.sampled_from(own))) for email in addresses}
    since = data.draw(st.none() | st.integers(0, 20).map(lambda ago: TODAY - timedelta(days=ago)))
    had_mail = data.draw(st.sets(st.sampled_from(addresses)))
    record = Record(reported, since)
    wanted = TODAY + timedelta(days=ahead)

    then: tuple[Due, ...] = ()
    now = record
    for day in every_day(TODAY, wanted):
        then = line.due_on(day, now)
        if day == TODAY:
            then = tuple(due for due in then if due.recipient.email not in had_mail)
        now = now.with_told(day, then)
    assert line.due_ahead(TODAY, wanted, record, not_today=had_mail) == then


@given(days, policies, audiences, answers, st.lists(st.integers(-3, 12), max_size=30))
@settings(deadline=None, max_examples=300)
def test_any_pattern_of_scans_tells_each_step_once_and_none_late(
    left: int, policy: AlertPolicy, audience: Audience, answer: Answer | None, moves: list[int]
) -> None:
    """With days skipped, doubled and gone back to; at the end everything reached by then is on record."""
    expires = TODAY + timedelta(days=left)
    line = timeline(expires, policy=policy, audience=audience, answer=answer)
    scans, day = [], TODAY
    for move in moves:
        day = max(TODAY, day + timedelta(days=move))
        scans.append(day)
    last = max(scans, default=TODAY)
    told = tell(line, [*scans, last])
    for recipient in audience.everybody():
        own = steps_of(told, recipient)
        assert own == sorted(set(own), reverse=True)
    if answer is not None:
        return
    for recipient, _ in audience.first:
        reached = [step for step in STEPS if telling_day(expires, step, policy.calendar) <= last]
        own = steps_of(told, recipient)
        assert (own[-1] if own else None) == min(reached, default=None)
