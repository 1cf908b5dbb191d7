"""When a certificate's expiry is to be told, as a rule without database or clock.

A step is a number of days before expiry (negative: after it). A step is *reached* when no more days than that are left.
What is due is the most urgent step reached, once: the steps passed on the way to it need no mail of their own, so a
scan after any outage catches up with one message and no step is ever told twice.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from registry.clock import local_day


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """Which steps there are and how far back a missed one is made up for."""

    steps: tuple[int, ...]
    """Without repetition, the earliest first."""
    steps_by_kind: Mapping[str, tuple[int, ...]]
    """The steps of the kinds of subscriber that have their own, in the same form."""
    catch_up_days: int
    extension_minimum_days: int
    """On the day with this many days left an extension can be asked for the last time."""
    extension_maximum_count: int

    @classmethod
    def of(
        cls,
        steps: Iterable[int],
        *,
        catch_up_days: int,
        extension_minimum_days: int,
        extension_maximum_count: int = 1,
        steps_by_kind: Mapping[str, Iterable[int]] = MappingProxyType({}),
    ) -> "AlertPolicy":
        """Build a policy; the last day for an extension is always a step, whatever is given."""

        def complete(given: Iterable[int]) -> tuple[int, ...]:
            return tuple(sorted({*given, extension_minimum_days}, reverse=True))

        return cls(
            steps=complete(steps),
            steps_by_kind=MappingProxyType({kind: complete(own) for kind, own in steps_by_kind.items()}),
            catch_up_days=catch_up_days,
            extension_minimum_days=extension_minimum_days,
            extension_maximum_count=extension_maximum_count,
        )

    def steps_for(self, kind: str) -> tuple[int, ...]:
        """The steps for a kind of subscriber, the earliest first."""
        return self.steps_by_kind.get(kind, self.steps)

    @property
    def first_step(self) -> int:
        """The earliest step of any kind."""
        return max(steps[0] for steps in (self.steps, *self.steps_by_kind.values()))

    def window(self, day: date) -> tuple[date, date]:
        """The first and last day of expiry that a scan on `day` has to look at."""
        last_step = min(steps[-1] for steps in (self.steps, *self.steps_by_kind.values()))
        return day + timedelta(days=last_step - self.catch_up_days), day + timedelta(days=self.first_step)


@dataclass(frozen=True, slots=True)
class DueStep:
    """The step to be told now, and the steps that it makes superfluous."""

    step: int
    passed: tuple[int, ...]


def days_left(not_after: datetime, day: date) -> int:
    """Calendar days in Viet Nam from `day` to the day on which the certificate expires; negative afterwards."""
    return (local_day(not_after) - day).days


def assess_due(left: int, steps: Collection[int], reported: Collection[int]) -> DueStep | None:
    """What is due with `left` days left when the steps in `reported` were told or made superfluous before.

    A step at least as urgent that was told already means that nothing is due: a clock that goes back repeats nothing.
    """
    reached = [step for step in steps if left <= step]
    if not reached:
        return None
    step = min(reached)
    if any(earlier <= step for earlier in reported):
        return None
    return DueStep(step, tuple(sorted((s for s in reached if s != step and s not in reported), reverse=True)))
