"""The only place that reads the time of day. Entry points take a `Clock`; everything below them takes a time."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone in which days begin and in which times are shown (+07:00, no daylight saving time)."""

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of a period that has no end yet. A value rather than NULL, so that one range condition serves every query."""


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)


def local_time(at: datetime) -> datetime:
    """The time in Viet Nam at the moment `at`; `FOREVER` stands for every later one, which has no day there."""
    return min(at, FOREVER).astimezone(VIETNAM)


def local_day(at: datetime) -> date:
    """The calendar day in Viet Nam at the moment `at`."""
    return local_time(at).date()


def start_of_day(day: date) -> datetime:
    """The moment at which `day` begins in Viet Nam, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The last microsecond of `day` in Viet Nam, in UTC: the moment that "as of `day`" means."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=VIETNAM).astimezone(UTC)
