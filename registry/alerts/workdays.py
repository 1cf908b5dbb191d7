"""Working days and sending hours in Viet Nam: when a mail is read, so when it is sent. Pure: settings and a day go in.

Weekends, the public holidays of the Labour Code (Tết by the lunar calendar) and the swaps that the government has
published come from the `holidays` library; what it does not know yet is given as settings.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

from holidays import HolidayBase, country_holidays

from registry.clock import VIETNAM

_DAY: Final = timedelta(days=1)
LONGEST_BREAK_DAYS: Final = 30
"""More than any Tết with the weekends around it: a calendar without a working day in sight stands still here."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked. A day given as worked counts as such whatever else is said of it (ngày làm bù)."""

    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()
    works_every_day: bool = False
    """Mail moves for no weekend and no holiday."""
    _last: dict[date, date] = field(default_factory=dict, compare=False, repr=False, init=False)
    _next: dict[date, date] = field(default_factory=dict, compare=False, repr=False, init=False)

    @classmethod
    def of(cls, *, days_off: Collection[date], days_worked: Collection[date], works_every_day: bool) -> "WorkCalendar":
        """Build a calendar from settings."""
        return cls(frozenset(days_off), frozenset(days_worked), works_every_day)

    def is_workday(self, day: date) -> bool:
        """Whether offices work on `day`."""
        if self.works_every_day or day in self.days_worked:
            return True
        return day not in self.days_off and _is_worked_by_law(day)

    def last_workday_until(self, day: date) -> date:
        """`day` itself when it is worked, else the last working day before it."""
        if (found := self._last.get(day)) is None:
            earlier = (day - _DAY * back for back in range(LONGEST_BREAK_DAYS))
            found = self._last.setdefault(day, next((each for each in earlier if self.is_workday(each)), day))
        return found

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        if (found := self._next.get(day)) is None:
            later = (day + _DAY * ahead for ahead in range(1, LONGEST_BREAK_DAYS))
            found = self._next.setdefault(day, next((each for each in later if self.is_workday(each)), day + _DAY))
        return found

    def after_workdays(self, day: date, count: int) -> date:
        """The day on which `count` working days have passed since `day`; `day` itself for none."""
        for _ in range(count):
            day = self.next_workday(day)
        return day


@cache
def _is_worked_by_law(day: date) -> bool:
    return bool(_public_holidays(day.year).is_working_day(day))


@cache
def _public_holidays(year: int) -> HolidayBase:
    return country_holidays("VN", years=year)


@dataclass(frozen=True, slots=True)
class SendingHours:
    """The hours of a day, in Viet Nam, in which mail is sent."""

    opens: time
    closes: time
    """Later than `opens`; mail of this very moment waits."""

    def earliest(self, now: datetime, *, latest: date) -> datetime:
        """When mail found at `now` may leave: at once within the hours, before them at the same day's opening.

        After them it waits for the next morning, unless that is later than `latest`, the last day on which it is in
        time: then it leaves at once.
        """
        local = now.astimezone(VIETNAM)
        if local.time() < self.opens:
            return self._opening(local.date())
        if local.time() >= self.closes and local.date() < latest:
            return self._opening(local.date() + _DAY)
        return now

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, self.opens, VIETNAM).astimezone(UTC)


def holiday_name(day: date, language: str) -> str | None:
    """What the public holiday on `day` is called; None on any other day."""
    return _named_holidays(day.year, language).get(day)


@cache
def _named_holidays(year: int, language: str) -> HolidayBase:
    return country_holidays("VN", years=year, language="en_US" if language == "en" else "vi")
