"""The mails to come, day by day, from one pass over the certificates that a scan of one of these days would look at.

It plays the rules of `timeline` forward for each certificate and agrees with `plan_digests` for every day, if nothing
happens meanwhile. Certificates whose facts are alike, apart from who they belong to, share one play: in a register of a
million there are some thousands of different ones.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from registry.alerts.plan import Prospect, iter_prospects
from registry.alerts.recipients import Recipient
from registry.alerts.rules import AlertPolicy
from registry.alerts.timeline import Answer
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork

FORECAST_DAYS: Final = 90
"""Days ahead that the calendar shows."""

Member = tuple[frozenset[int], bool] | None
"""Of one recipient: the steps told already, and whether today's mail has left. None where there is no such recipient."""
Shape = tuple[date, tuple[int, ...], tuple[Member, ...], Answer | None, date | None]
"""What decides when the members of an audience are told, without their addresses; the last two members of it are the
body above and the administrators."""
Told = tuple[tuple[date, tuple[int, ...]], ...]
"""The days and the members of the audience, by their place in it, who are told on each."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """How much leaves on one day."""

    mails: int
    certificates: int
    """Each is counted for every mail that tells of it."""


NOTHING: Final = DayCount(0, 0)
_UNTOLD: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is going to be told from today on."""

    first: date
    last: date
    told: Mapping[date, Mapping[tuple[str, int], int]]
    """For each day, by address and agency responsible: of how many certificates."""

    def count(self, day: date, agency_ids: Collection[int] | None = None) -> DayCount:
        """How much leaves on `day`; of what concerns these agencies alone when they are given."""
        found = [
            (address, count)
            for (address, agency_id), count in self.told.get(day, {}).items()
            if agency_ids is None or agency_id in agency_ids
        ]
        return DayCount(len({address for address, _ in found}), sum(count for _, count in found)) if found else NOTHING

    def iter_days(self) -> Iterator[tuple[date, DayCount]]:
        """The days on which something leaves, the earliest first."""
        return ((day, self.count(day)) for day in sorted(self.told))


def make_forecast(
    uow: UnitOfWork,
    policy: AlertPolicy,
    *,
    fallback: Recipient,
    days: int = FORECAST_DAYS,
    agency_id: int | None = None,
) -> Forecast:
    """Play the register of this moment forward, of one agency alone when it is given.

    Memory grows with the agencies and the days, not with the certificates.
    """
    today = local_day(uow.now)
    last = today + timedelta(days=days - 1)
    player = _Player(today, last)
    told: dict[date, Counter[tuple[str, int]]] = {}
    for complete, prospects, closed in iter_prospects(
        uow, policy, first=today, last=last, fallback=fallback, agency_id=agency_id
    ):
        for prospect in prospects:
            members = prospect.audience.everybody()
            for day, places in player.play(complete, prospect, closed):
                of_day = told.setdefault(day, Counter())
                for place in places:
                    of_day[members[place].email, prospect.candidate.agency_id] += 1
    return Forecast(today, last, told)


class _Player:
    """Plays timelines, each shape of facts once."""

    def __init__(self, today: date, last: date) -> None:
        self._today = today
        self._last = last
        self._played: dict[Shape, Told] = {}
        self._windows: dict[date, tuple[date, date]] = {}

    def play(self, policy: AlertPolicy, prospect: Prospect, closed: Collection[str]) -> Told:
        shape = _shape(prospect, closed)
        if (known := self._played.get(shape)) is None:
            known = self._played[shape] = tuple(self._iter_told(policy, prospect, closed))
        return known

    def _iter_told(
        self, policy: AlertPolicy, prospect: Prospect, closed: Collection[str]
    ) -> Iterator[tuple[date, tuple[int, ...]]]:
        places = {recipient.email: place for place, recipient in enumerate(prospect.audience.everybody())}
        timeline = prospect.timeline(policy)
        for day, due in timeline.iter_ahead(self._today, self._last, prospect.record, not_today=closed):
            first, last = self._window(policy, day)
            if due and first <= prospect.expires <= last:
                yield day, tuple(places[each.recipient.email] for each in due)

    def _window(self, policy: AlertPolicy, day: date) -> tuple[date, date]:
        if (window := self._windows.get(day)) is None:
            window = self._windows[day] = policy.window(day)
        return window


def _shape(prospect: Prospect, closed: Collection[str]) -> Shape:
    audience, reported = prospect.audience, prospect.record.reported
    recipients = (*(recipient for recipient, _ in audience.first), audience.superior, audience.administrator)
    members = tuple(
        None
        if recipient is None
        else (frozenset(reported.get(recipient.email, ())) if reported else _UNTOLD, recipient.email in closed)
        for recipient in recipients
    )
    return prospect.expires, prospect.steps, members, prospect.answer, prospect.record.unanswered_since
