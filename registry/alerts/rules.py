"""When a certificate's expiry is to be told, as a rule without database or clock.

A step is a number of days before expiry (negative: after it). A step is *reached* from its day on, and when that day is
not worked from the last working day before it. What is due is the most urgent step reached, once: the steps passed on
the way to it need no mail of their own, so a scan after any outage catches up with one message and no step is ever told
twice. What was missed is told on the day it is found, worked or not: a late mail is worse than one on a Sunday.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from registry.alerts.workdays import WorkCalendar
from registry.clock import local_day

_NOTHING: Mapping[str, tuple[int, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who else is told when nobody reacts."""

    superior_step: int = 14
    """The superior body, of this step and those after it."""
    administrator_step: int = 1
    """The administrators likewise."""
    reaction_workdays: int = 3
    """Working days after which a mail without a reaction counts as unanswered."""


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """Which steps there are, how far back a missed one is made up for, which days count, and who is told when."""

    steps: tuple[int, ...]
    """Without repetition, the earliest first."""
    steps_by_kind: Mapping[str, tuple[int, ...]]
    """The steps of the kinds of subscriber that have their own, in the same form."""
    catch_up_days: int
    extension_minimum_days: int
    """On the day with this many days left an extension can be asked for the last time."""
    extension_maximum_count: int
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    escalation: Escalation = Escalation()
    holder_is_told: bool = True
    steps_by_agency: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The steps of the agencies that have their own, in the same form; the units below them follow."""

    @classmethod
    def of(
        cls,
        steps: Iterable[int],
        *,
        catch_up_days: int,
        extension_minimum_days: int,
        extension_maximum_count: int = 1,
        steps_by_kind: Mapping[str, Iterable[int]] = _NOTHING,
        calendar: WorkCalendar | None = None,
        escalation: Escalation | None = None,
        holder_is_told: bool = True,
    ) -> "AlertPolicy":
        """Build a policy; the last day for an extension is always a step, whatever is given."""
        return cls(
            steps=_complete(steps, extension_minimum_days),
            steps_by_kind=MappingProxyType(
                {kind: _complete(own, extension_minimum_days) for kind, own in steps_by_kind.items()}
            ),
            catch_up_days=catch_up_days,
            extension_minimum_days=extension_minimum_days,
            extension_maximum_count=extension_maximum_count,
            calendar=calendar or WorkCalendar(),
            escalation=escalation or Escalation(),
            holder_is_told=holder_is_told,
        )

    def with_agencies(self, steps: Mapping[int, Iterable[int]]) -> "AlertPolicy":
        """The same policy with agencies that have steps of their own."""
        own = {agency: _complete(given, self.extension_minimum_days) for agency, given in steps.items()}
        return replace(self, steps_by_agency=MappingProxyType(own))

    def steps_for(self, kind: str, agencies: Iterable[int] = ()) -> tuple[int, ...]:
        """The steps for a kind of subscriber of an agency, the earliest first.

        `agencies` is the way up from the agency responsible. The nearest that has steps of its own decides, for every
        kind; without one the kind does.
        """
        for agency_id in agencies:
            if (own := self.steps_by_agency.get(agency_id)) is not None:
                return own
        return self.steps_by_kind.get(kind, self.steps)

    @property
    def first_step(self) -> int:
        """The earliest step of any kind."""
        return max(steps[0] for steps in self._all_steps())

    def window(self, day: date) -> tuple[date, date]:
        """The first and last day of expiry that a scan on `day` has to look at."""
        last_step = min(steps[-1] for steps in self._all_steps())
        ahead = self.calendar.next_workday(day) - timedelta(days=1)
        return day + timedelta(days=last_step - self.catch_up_days), ahead + timedelta(days=self.first_step)

    def _all_steps(self) -> tuple[tuple[int, ...], ...]:
        return (self.steps, *self.steps_by_kind.values(), *self.steps_by_agency.values())


def _complete(steps: Iterable[int], extension_minimum_days: int) -> tuple[int, ...]:
    return tuple(sorted({*steps, extension_minimum_days}, reverse=True))


@dataclass(frozen=True, slots=True)
class DueStep:
    """The step to be told now, and the steps that it makes superfluous."""

    step: int
    passed: tuple[int, ...]


def days_left(not_after: datetime, day: date) -> int:
    """Calendar days in Viet Nam from `day` to the day on which the certificate expires; negative afterwards."""
    return (local_day(not_after) - day).days


def telling_day(expires: date, step: int, calendar: WorkCalendar) -> date:
    """The day on which a step of a certificate that expires on `expires` is told: its own, or the working day before.

    What is said after the expiry is never said before it: when no working day lies between, its own day stands.
    """
    own = expires - timedelta(days=step)
    earlier = calendar.last_workday_until(own)
    return own if step < 0 and earlier <= expires else earlier


def reminder_day(answered_on: date, remind_on: date, calendar: WorkCalendar) -> date:
    """When the reminders go on after an answer: the day chosen or the working day before, never the answer's own day."""
    return max(calendar.last_workday_until(remind_on), min(answered_on + timedelta(days=1), remind_on))


def assess_due(
    left: int, steps: Collection[int], reported: Collection[int], told_from: Mapping[int, int] | None = None
) -> DueStep | None:
    """What is due with `left` days left when the steps in `reported` were told or made superfluous before.

    `told_from` says for steps with how many days left they are told, where that is not the step itself. A step at least
    as urgent that was told already means that nothing is due: a clock that goes back repeats nothing.
    """
    moved = told_from or {}
    reached = [step for step in steps if left <= moved.get(step, step)]
    if not reached:
        return None
    step = min(reached)
    if any(earlier <= step for earlier in reported):
        return None
    return DueStep(step, tuple(sorted((s for s in reached if s != step and s not in reported), reverse=True)))
