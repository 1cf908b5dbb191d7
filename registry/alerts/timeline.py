"""Which recipients are told of one certificate on which day, without database or clock.

The scan asks what is due today. The preview asks what is going to be due on a day ahead, if every day until then is
scanned and nobody does anything: it plays the same rules forward, so that it shows what is then sent.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from registry.alerts.recipients import Audience, Recipient
from registry.alerts.rules import AlertPolicy, DueStep, assess_due, reminder_day, telling_day
from registry.alerts.tables import RecipientRole

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said about a certificate last."""

    answered_on: date
    remind_on: date


@dataclass(frozen=True, slots=True)
class Due:
    """That one recipient is to be told of a step."""

    recipient: Recipient
    role: RecipientRole
    due: DueStep


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record of a certificate."""

    reported: Mapping[str, Collection[int]] = field(default_factory=dict)
    """By address the steps told or made superfluous."""
    unanswered_since: date | None = None
    """The day of the first mail to which nobody has reacted: no answer, and no event in the register since."""

    def with_told(self, day: date, told: Collection[Due]) -> "Record":
        """The record after the mails of `day`."""
        if not told:
            return self
        reported = dict(self.reported)
        for each in told:
            email = each.recipient.email
            reported[email] = {*reported.get(email, ()), each.due.step, *each.due.passed}
        return replace(self, reported=reported, unanswered_since=self.unanswered_since or day)


class Timeline:
    """The days on which one certificate is told of."""

    def __init__(
        self,
        policy: AlertPolicy,
        *,
        expires: date,
        steps: tuple[int, ...],
        audience: Audience,
        answer: Answer | None = None,
    ) -> None:
        self._policy = policy
        self._expires = expires
        self._audience = audience
        self._quiet_until: date | None = None
        days = {step: telling_day(expires, step, policy.calendar) for step in steps}
        if answer is not None:
            # The day that somebody asked for is a step like any other, so it too is told once and made up for.
            self._quiet_until = reminder_day(answer.answered_on, answer.remind_on, policy.calendar)
            days[(expires - answer.remind_on).days] = self._quiet_until
        self._days = days
        self._told_from = {step: (expires - day).days for step, day in days.items()}

    def due_on(self, day: date, record: Record) -> tuple[Due, ...]:
        """What is due on `day`, given what is on record."""
        if self._quiet_until is not None and day < self._quiet_until:
            return ()
        return tuple(self._iter_due(day, record))

    def due_ahead(self, today: date, day: date, record: Record, *, not_today: Collection[str] = ()) -> tuple[Due, ...]:
        """What is going to be due on `day`, if every day from `today` is scanned and nobody reacts.

        `not_today` are the addresses that have had their mail of today: what is due to them goes tomorrow.
        """
        if day <= today:
            return tuple(due for due in self.due_on(day, record) if due.recipient.email not in not_today)
        events = {today, *(each for each in self._days.values() if today < each < day)}
        if not_today:
            events.add(today + _DAY)
        if not self._may_be_due(day, events, record):
            return ()
        while events and (event := min(events)) < day:
            events.remove(event)
            told = self.due_on(event, record)
            if event == today:
                told = tuple(due for due in told if due.recipient.email not in not_today)
            was_unanswered_since = record.unanswered_since
            record = record.with_told(event, told)
            if event == today or record.unanswered_since != was_unanswered_since:
                events.update(each for each in self._patience_ends(record) if each > event)
        return self.due_on(day, record)

    def iter_ahead(
        self, today: date, last: date, record: Record, *, not_today: Collection[str] = ()
    ) -> Iterator[tuple[date, tuple[Due, ...]]]:
        """What is going to be due on each day from `today` to `last`, as `due_ahead` says it; idle days are left out."""
        events = {today, *(each for each in self._days.values() if today < each <= last)}
        if not_today:
            events.add(today + _DAY)
        while events and (event := min(events)) <= last:
            events.remove(event)
            told = self.due_on(event, record)
            if event == today:
                told = tuple(due for due in told if due.recipient.email not in not_today)
            if told:
                yield event, told
            was_unanswered_since = record.unanswered_since
            record = record.with_told(event, told)
            if event == today or record.unanswered_since != was_unanswered_since:
                events.update(each for each in self._patience_ends(record) if each > event)

    def _may_be_due(self, day: date, events: Collection[date], record: Record) -> bool:
        """Whether something can begin on `day`: a step, or the end of patience with any mail before it."""
        if day in events or day in self._days.values():
            return True
        starts = [*events, record.unanswered_since] if record.unanswered_since else events
        patience = self._policy.escalation.reaction_workdays
        return any(self._policy.calendar.after_workdays(start, patience) == day for start in starts)

    def _iter_due(self, day: date, record: Record) -> Iterator[Due]:
        left = (self._expires - day).days
        for recipient, role, first_step in self._iter_told(day, record):
            steps = [step for step in self._days if first_step is None or step <= first_step]
            if due := assess_due(left, steps, record.reported.get(recipient.email, ()), self._told_from):
                yield Due(recipient, role, due)

    def _iter_told(self, day: date, record: Record) -> Iterator[tuple[Recipient, RecipientRole, int | None]]:
        for recipient, role in self._audience.first:
            yield recipient, role, None
        if not any(end <= day for end in self._patience_ends(record)):
            return
        escalation = self._policy.escalation
        if self._audience.superior is not None:
            yield self._audience.superior, RecipientRole.SUPERIOR, escalation.superior_step
        if self._audience.administrator is not None:
            yield self._audience.administrator, RecipientRole.ADMINISTRATOR, escalation.administrator_step

    def _patience_ends(self, record: Record) -> tuple[date, ...]:
        """The day from which a mail without a reaction counts as unanswered; empty while there is none."""
        if record.unanswered_since is None:
            return ()
        patience = self._policy.escalation.reaction_workdays
        return (self._policy.calendar.after_workdays(record.unanswered_since, patience),)
