"""What the rules of the alerts say, in their own words: who is told of which certificate at which step in which mail.

It is fed with what happens (a scan at a moment, a server that is offered the mail, an answer) and says what has to be in
the mail. It shares no code with the product.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from tests.journeys.alert_year.facts import Facts, Subject, hanoi_day, midnight

DAY = timedelta(days=1)
OPENS, CLOSES = timedelta(hours=7), timedelta(hours=20)
CAUGHT_UP_DAYS = 30
SUPERIOR_FROM, ADMINISTRATOR_FROM = 14, 1
PATIENCE_WORKDAYS = 3
HOLD = timedelta(hours=2)
BACKOFF_MINUTES = (1, 5, 15, 60, 180, 360)
ADMINISTRATOR = "quantri@tinh.example"

Envelope = tuple[str, date]
"""Recipient and day of a digest: there is one at most."""


@dataclass
class Waiting:
    """A digest that has not left."""

    leaves_at: datetime
    steps: dict[int, int] = field(default_factory=dict)
    """By certificate the step that is told."""
    offers: int = 0
    """How often a server was offered it."""
    may_have_arrived: bool = False


@dataclass(frozen=True)
class Telling:
    """One step on record: the day of the mail that tells it, or None when a more urgent one made it superfluous."""

    found_at: datetime
    day: date | None


class Expectation:
    """The state of the alerts by the rules alone."""

    def __init__(
        self,
        facts: Facts,
        *,
        steps: Collection[int],
        days_off: Collection[date],
        days_worked: Collection[date],
        holder_is_told: bool,
    ) -> None:
        self.facts = facts
        self._holder_is_told = holder_is_told
        self._steps = tuple(sorted(steps))
        self._days_off = frozenset(days_off)
        self._days_worked = frozenset(days_worked)
        self._by_key = {subject.key: subject for subject in facts.subjects}
        self._days_of_steps: dict[date, dict[int, date]] = {}
        self.told: dict[int, dict[str, dict[int, Telling]]] = defaultdict(lambda: defaultdict(dict))
        self.waiting: dict[Envelope, Waiting] = {}
        self.offered: set[Envelope] = set()
        """What a server was offered, whatever it answered."""
        self.dead: set[str] = set()
        self._answers: dict[int, tuple[datetime, date]] = {}

    # Days

    def is_worked(self, day: date) -> bool:
        return day in self._days_worked or (day.weekday() < 5 and day not in self._days_off)

    def _last_worked(self, day: date) -> date:
        while not self.is_worked(day):
            day -= DAY
        return day

    def _next_worked(self, day: date) -> date:
        day += DAY
        while not self.is_worked(day):
            day += DAY
        return day

    def _telling_days(self, subject: Subject) -> dict[int, date]:
        """The day of each step: its own or the working day before; after the expiry never a day before the expiry."""
        found = self._days_of_steps.get(subject.expires)
        if found is None:
            found = {}
            for step in self._steps:
                own = subject.expires - DAY * step
                worked = self._last_worked(own)
                found[step] = own if step < 0 and worked <= subject.expires else worked
            self._days_of_steps[subject.expires] = found
        answer = self._answers.get(subject.key)
        if answer is None:
            return found
        return found | {(subject.expires - answer[1]).days: self._quiet_until(answer)}

    def _quiet_until(self, answer: tuple[datetime, date]) -> date:
        answered, remind_on = hanoi_day(answer[0]), answer[1]
        return max(self._last_worked(remind_on), min(answered + DAY, remind_on))

    # Who

    def _told_to(self, subject: Subject, at: datetime) -> Iterator[tuple[str, int | None]]:
        """Each recipient with the first step that it is told of."""
        spell = subject.at(at)
        assert spell is not None
        way = [
            email for email in self.facts.addresses_upwards(spell.agency, at) if "@" in email and email not in self.dead
        ]
        first = way[0] if way else ADMINISTRATOR
        everybody = [first]
        yield first, None
        if self._holder_is_told and "@" in subject.email and subject.email not in (first, *self.dead):
            everybody.append(subject.email)
            yield subject.email, None
        if not self._is_patience_over(subject, at):
            return
        superior = next((email for email in way if email not in everybody), None)
        if superior is not None:
            everybody.append(superior)
            yield superior, SUPERIOR_FROM
        if ADMINISTRATOR not in everybody:
            yield ADMINISTRATOR, ADMINISTRATOR_FROM

    def _is_patience_over(self, subject: Subject, at: datetime) -> bool:
        reactions = self.facts.events[subject.key][-1:]
        if subject.key in self._answers:
            reactions = [*reactions, self._answers[subject.key][0]]
        last = max(reactions, default=None)
        mailed = [
            telling.found_at
            for steps in self.told[subject.key].values()
            for telling in steps.values()
            if telling.day is not None and (last is None or telling.found_at > last)
        ]
        if not mailed:
            return False
        day = hanoi_day(min(mailed))
        for _ in range(PATIENCE_WORKDAYS):
            day = self._next_worked(day)
        return day <= hanoi_day(at)

    # What happens

    def learn(self, key: int, at: datetime) -> None:
        """The register learned something of a certificate."""
        self.facts.events[key].append(at)

    def answer(self, key: int, at: datetime, remind_on: date) -> None:
        """Somebody says: do not remind me before that day."""
        self._answers[key] = (at, remind_on)

    def scan(self, at: datetime, *, batch: int, ends_after: int | None = None) -> int:
        """A scan; `ends_after` batches with something due it is interrupted. Returns how many tellings are new."""
        today = hanoi_day(at)
        ahead = self._next_worked(today) - DAY
        first, last = today + DAY * (self._steps[0] - CAUGHT_UP_DAYS), ahead + DAY * self._steps[-1]
        looked_at = (one for one in self.facts.expiring(first, last) if self._matters(one, at))
        new = batches = 0
        while members := list(islice(looked_at, batch)):
            due = [found for one in members for found in self._due(one, at)]
            if not due:
                continue
            if batches == ends_after:
                return new
            batches += 1
            for found in due:
                new += self._record(*found, at)
        self._release(at)
        return new

    def _matters(self, subject: Subject, at: datetime) -> bool:
        spell = subject.at(at)
        return spell is not None and not spell.is_settled

    def _is_quiet(self, subject: Subject, at: datetime) -> bool:
        answer = self._answers.get(subject.key)
        return answer is not None and hanoi_day(at) < self._quiet_until(answer)

    def _due(self, subject: Subject, at: datetime) -> Iterator[tuple[Subject, str, int, list[int]]]:
        today = hanoi_day(at)
        if self._is_quiet(subject, at):
            return
        reached = [step for step, day in self._telling_days(subject).items() if day <= today]
        if not reached:
            return
        for email, first_step in self._told_to(subject, at):
            theirs = [step for step in reached if first_step is None or step <= first_step]
            known = self.told[subject.key][email]
            if not theirs or any(step <= min(theirs) for step in known) or (email, today) in self.offered:
                continue
            step = min(theirs)
            yield subject, email, step, [other for other in theirs if other != step and other not in known]

    def _record(self, subject: Subject, email: str, step: int, passed: list[int], at: datetime) -> int:
        day = hanoi_day(_may_leave(at, latest=subject.expires - DAY * step))
        if (email, day) in self.offered:
            return 0
        digest = self.waiting.setdefault((email, day), Waiting(at))
        digest.steps[subject.key] = step
        digest.leaves_at = at + HOLD
        known = self.told[subject.key][email]
        known[step] = Telling(at, day)
        known.update({other: Telling(at, None) for other in passed})
        return 1

    def _release(self, at: datetime) -> None:
        today = hanoi_day(at)
        for (_, day), digest in self.waiting.items():
            if day in (today, today + DAY) and not digest.offers and digest.leaves_at > at:
                moment = _may_leave(at, latest=day)
                if hanoi_day(moment) == day:
                    digest.leaves_at = moment

    def withdraw(self, at: datetime) -> None:
        """What was settled while it waited is not told, and counts as never told."""
        for (email, day), digest in list(self.waiting.items()):
            if digest.may_have_arrived:
                continue
            for key in [key for key in digest.steps if self._is_settled(key, at)]:
                del self.told[key][email][digest.steps.pop(key)]
            if not digest.steps:
                del self.waiting[email, day]

    def supersede(self, at: datetime) -> int:
        """A server answers: what waits for one recipient from several days, and was offered to none, leaves as the newest.

        Of two steps of one certificate it tells the more urgent. Returns how many do not leave any more.
        """
        superseded = 0
        by_recipient: dict[str, list[date]] = defaultdict(list)
        for (email, day), digest in self.waiting.items():
            if day <= hanoi_day(at) and not digest.offers:
                by_recipient[email].append(day)
        for email, days in by_recipient.items():
            *older, newest = sorted(days)
            for day in older:
                for key, step in self.waiting[email, day].steps.items():
                    self._take_over(key, email, step, newest)
                self.settle((email, day))
            superseded += len(older)
        return superseded

    def _take_over(self, key: int, email: str, step: int, day: date) -> None:
        steps, known = self.waiting[email, day].steps, self.told[key][email]
        passed = max(step, steps[key]) if key in steps else None
        steps[key] = min(step, steps.get(key, step))
        known[steps[key]] = Telling(known[steps[key]].found_at, day)
        if passed is not None:
            known[passed] = Telling(known[passed].found_at, None)

    def _is_settled(self, key: int, at: datetime) -> bool:
        subject = self._by_key[key]
        return not self._matters(subject, at) or self._is_quiet(subject, at)

    def leaving(self, at: datetime) -> dict[Envelope, list[int]]:
        """The digests that leave at a moment, each with its certificates, the most urgent first."""
        return {
            envelope: sorted(
                (key for key in digest.steps if not self._is_settled(key, at)),
                key=lambda key: (self._by_key[key].expires_at, key),
            )
            for envelope, digest in self.waiting.items()
            if digest.leaves_at <= at
        }

    def is_quiet_between(self, at: datetime, until: datetime) -> bool:
        """Whether nothing that waits is settled in these moments."""
        return all(
            self._is_settled(key, at) == self._is_settled(key, until)
            for digest in self.waiting.values()
            for key in digest.steps
        )

    def settle(self, envelope: Envelope) -> None:
        """A server took the digest, or refused it for good."""
        del self.waiting[envelope]
        self.offered.add(envelope)

    def defer(self, envelope: Envelope, at: datetime, *, may_have_arrived: bool = False) -> None:
        """A server was offered the digest and did not say that it took it."""
        digest = self.waiting[envelope]
        self.offered.add(envelope)
        digest.offers += 1
        digest.may_have_arrived |= may_have_arrived
        digest.leaves_at = at + timedelta(minutes=BACKOFF_MINUTES[min(digest.offers, len(BACKOFF_MINUTES)) - 1])

    def on_record(self) -> set[tuple[int, str, int, date | None]]:
        """Certificate, recipient, step and day of the mail of everything on record."""
        return {
            (key, email, step, telling.day)
            for key, recipients in self.told.items()
            for email, steps in recipients.items()
            for step, telling in steps.items()
        }


def _may_leave(at: datetime, *, latest: date) -> datetime:
    """Within the hours at once, before them at their opening, after them the next morning unless that is too late."""
    today = hanoi_day(at)
    since_midnight = at - midnight(today)
    if since_midnight < OPENS:
        return midnight(today) + OPENS
    if since_midnight >= CLOSES and today < latest:
        return midnight(today + DAY) + OPENS
    return at
