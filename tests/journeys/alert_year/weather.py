"""What happens to the machines on each day of a year, by chance."""

from collections.abc import Mapping
from enum import StrEnum
from random import Random
from typing import Final


class Weather(StrEnum):
    """One day's fate."""

    FINE = "one scan, one sending"
    OFF = "the machine is off"
    TWICE = "everything runs twice"
    TWO_SCHEDULERS = "two scans at once and two senders at once"
    SERVER_DOWN = "scans run and no mail server answers"
    HUNG_UP = "the server takes mails and breaks the connection before it says so"
    GREYLISTED = "the server wants some mails later"
    REFUSED = "the server refuses somebody for good"
    NO_SUCH_MAILBOX = "the server knows somebody no more"
    KILLED = "the sender is killed between the server's taking a mail and the record of it"
    SCAN_INTERRUPTED = "the scan is interrupted, and another comes an hour later"
    SCAN_LEFT_UNFINISHED = "the scan is interrupted, and none comes that day"
    CLOCK_BACK = "after the day's work, or at midnight, the clock goes back an hour and all runs again"
    QUEUE_LOST = "Redis is emptied after the scan, and the next turn of the clock sends"
    NIGHT = "the scan runs at night"
    EARLY = "the scan runs before the office opens"


SPELLS: Final[Mapping[Weather, tuple[int, ...]]] = {
    Weather.OFF: (1,) * 8 + (2,) * 4 + (3,) * 3 + (7, 12),
    Weather.TWICE: (1,) * 18,
    Weather.TWO_SCHEDULERS: (1,) * 8,
    Weather.SERVER_DOWN: (1,) * 6 + (2, 2, 3, 4),
    Weather.HUNG_UP: (1,) * 10,
    Weather.GREYLISTED: (1,) * 10,
    Weather.REFUSED: (1,) * 5,
    Weather.NO_SUCH_MAILBOX: (1,) * 5,
    Weather.KILLED: (1,) * 2,
    Weather.SCAN_INTERRUPTED: (1,) * 6,
    Weather.SCAN_LEFT_UNFINISHED: (1,) * 8,
    Weather.CLOCK_BACK: (1,) * 12,
    Weather.QUEUE_LOST: (1,) * 8,
    Weather.NIGHT: (1,) * 8 + (2, 2),
    Weather.EARLY: (1,) * 6,
}
"""How long each fate lasts, and how often it comes in a year; all other days are fine."""


def forecast(days: int, random: Random) -> list[Weather]:
    """The fate of each day, in the proportions of `SPELLS`."""
    spells = [(weather, length) for weather, lengths in SPELLS.items() for length in lengths]
    fine = 365 - sum(length for _, length in spells)
    spells += [(Weather.FINE, 1)] * fine
    random.shuffle(spells)
    year = [weather for weather, length in spells for _ in range(length)]
    return year[:days]
