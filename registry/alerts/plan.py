"""What a scan on some day has to tell to whom. Reads only; `scan` writes it down, the preview shows it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from registry.alerts.outbox import DigestOutbox
from registry.alerts.recipients import Audience, Recipient, RecipientFinder, holder_of
from registry.alerts.repository import AlertRepository, Candidate, NoticeFacts
from registry.alerts.rules import AlertPolicy, DueStep
from registry.alerts.tables import AcknowledgementRow, RecipientRole
from registry.alerts.timeline import Answer, Record, Timeline
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DueCertificate:
    """One certificate that one recipient is to be told of."""

    certificate_id: int
    left: int
    due: DueStep
    role: RecipientRole = RecipientRole.AGENCY


@dataclass(frozen=True, slots=True)
class PlannedDigest:
    """What one recipient is told on one day, the most urgent first."""

    recipient: Recipient
    certificates: tuple[DueCertificate, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything due on a day, by recipient in the order of their addresses."""

    day: date
    examined: int
    digests: tuple[PlannedDigest, ...]


@dataclass(frozen=True, slots=True)
class DueBatch:
    """What is due of one batch of candidates."""

    examined: int
    due: tuple[tuple[Recipient, DueCertificate], ...]
    waiting: int
    """Notices left for the next day, because the recipient has had the mail of the day."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known of one candidate; when it is told of, and to whom, follows from it."""

    candidate: Candidate
    expires: date
    steps: tuple[int, ...]
    audience: Audience
    answer: Answer | None
    record: Record

    def timeline(self, policy: AlertPolicy) -> Timeline:
        """The days on which it is told of."""
        return Timeline(policy, expires=self.expires, steps=self.steps, audience=self.audience, answer=self.answer)


def plan_digests(uow: UnitOfWork, policy: AlertPolicy, *, day: date, fallback: Recipient) -> Plan:
    """Find what is due on `day`, given what is on record.

    For a day to come it is assumed that every day until then is scanned and nobody reacts, so that the preview of a day
    shows that day's mail and not everything since today. Memory grows with what is due, not with the register.
    """
    examined = 0
    due: dict[Recipient, list[DueCertificate]] = {}
    for batch in iter_due(uow, policy, day=day, fallback=fallback):
        examined += batch.examined
        for recipient, certificate in batch.due:
            due.setdefault(recipient, []).append(certificate)
    return Plan(day, examined, tuple(_digests(due)))


def iter_due(
    uow: UnitOfWork,
    policy: AlertPolicy,
    *,
    day: date,
    fallback: Recipient,
    window: tuple[date, date] | None = None,
) -> Iterator[DueBatch]:
    """What `plan_digests` finds, batch by batch in the order of expiry: memory grows with the agencies alone.

    `window` narrows the days of expiry that are looked at; without it they are those of the policy.
    """
    planner = _planner(uow, policy, fallback)
    for candidates in planner.repository.iter_candidates(*(window or planner.policy.window(day)), at=uow.now):
        yield planner.plan(candidates, day)


def iter_prospects(
    uow: UnitOfWork, policy: AlertPolicy, *, first: date, last: date, fallback: Recipient, agency_id: int | None = None
) -> Iterator[tuple[AlertPolicy, Sequence[Prospect], set[str]]]:
    """What is known of every certificate that a scan from `first` to `last` looks at, batch by batch.

    Each batch comes with the policy with the agencies' own steps, and with the addresses that have had today's mail.
    `agency_id` narrows it to the certificates of one agency.
    """
    planner = _planner(uow, policy, fallback)
    window = planner.policy.window(first)[0], planner.policy.window(last)[1]
    for candidates in planner.repository.iter_candidates(*window, at=uow.now, agency_id=agency_id):
        yield planner.policy, *planner.prospects(candidates)


def _planner(uow: UnitOfWork, policy: AlertPolicy, fallback: Recipient) -> "_Planner":
    repository = AlertRepository(uow.session)
    return _Planner(
        repository,
        DigestOutbox(uow.session),
        policy.with_agencies(repository.find_agency_steps()),
        RecipientFinder(uow, fallback=fallback),
        today=local_day(uow.now),
    )


class _Planner:
    """Finds what is due of candidates, with one query for each kind of fact."""

    def __init__(
        self,
        repository: AlertRepository,
        outbox: DigestOutbox,
        policy: AlertPolicy,
        finder: RecipientFinder,
        *,
        today: date,
    ) -> None:
        self.repository = repository
        self._outbox = outbox
        self.policy = policy
        self._finder = finder
        self._today = today

    def plan(self, candidates: Sequence[Candidate], day: date) -> DueBatch:
        prospects, closed = self.prospects(candidates)
        due: list[tuple[Recipient, DueCertificate]] = []
        waiting = 0
        for prospect in prospects:
            timeline = prospect.timeline(self.policy)
            found = timeline.due_ahead(self._today, day, prospect.record, not_today=closed)
            if closed and day <= self._today:
                waiting += len(timeline.due_on(day, prospect.record)) - len(found)
            key, left = prospect.candidate.certificate_id, (prospect.expires - day).days
            due += [(each.recipient, DueCertificate(key, left, each.due, each.role)) for each in found]
        return DueBatch(len(candidates), tuple(due), waiting)

    def prospects(self, candidates: Sequence[Candidate]) -> tuple[list[Prospect], set[str]]:
        """What is known of the candidates, and which of their addresses have had today's mail."""
        keys = [candidate.certificate_id for candidate in candidates]
        subjects = {
            candidate.certificate_id: (
                candidate.agency_id,
                holder_of(candidate.email, candidate.holder) if self.policy.holder_is_told else None,
            )
            for candidate in candidates
        }
        ways_up = self._finder.find_ways_up({candidate.agency_id for candidate in candidates})
        audiences = self._finder.find_audiences(subjects)
        answers = self.repository.find_latest_acknowledgements(keys)
        records = self._records(keys, answers)
        addresses = {recipient.email for audience in audiences.values() for recipient in audience.everybody()}
        prospects = [
            Prospect(
                candidate,
                expires=local_day(candidate.not_after),
                steps=self.policy.steps_for(
                    candidate.kind, [contact.agency_id for contact in ways_up[candidate.agency_id]]
                ),
                audience=audiences[candidate.certificate_id],
                answer=_answer(answers.get(candidate.certificate_id)),
                record=records[candidate.certificate_id],
            )
            for candidate in candidates
        ]
        return prospects, self._outbox.find_closed(addresses, day=self._today)

    def _records(self, keys: Sequence[int], answers: Mapping[int, AcknowledgementRow]) -> dict[int, Record]:
        notices: dict[int, list[NoticeFacts]] = {key: [] for key in keys}
        for notice in self.repository.find_notices(keys):
            notices[notice.certificate_id].append(notice)
        events = self.repository.find_latest_events([key for key in keys if notices[key]])
        return {
            key: _record(notices[key], events.get(key), answers[key].recorded_at if key in answers else None)
            for key in keys
        }


def _answer(row: AcknowledgementRow | None) -> Answer | None:
    return None if row is None else Answer(local_day(row.recorded_at), row.remind_on)


def _record(notices: Collection[NoticeFacts], *reactions: datetime | None) -> Record:
    reported: dict[str, set[int]] = {}
    for notice in notices:
        reported.setdefault(notice.recipient, set()).add(notice.step_days)
    reacted_at = max((reaction for reaction in reactions if reaction is not None), default=None)
    told_at = [
        notice.recorded_at
        for notice in notices
        if notice.is_mailed and (reacted_at is None or notice.recorded_at > reacted_at)
    ]
    return Record(reported, local_day(min(told_at)) if told_at else None)


def _digests(due: dict[Recipient, list[DueCertificate]]) -> Iterator[PlannedDigest]:
    # Two agencies may share an address: one mail, named after the first by name.
    by_address: dict[str, list[Recipient]] = {}
    for recipient in due:
        by_address.setdefault(recipient.email, []).append(recipient)
    for address in sorted(by_address):
        recipients = sorted(by_address[address], key=lambda recipient: recipient.name)
        certificates = [certificate for recipient in recipients for certificate in due[recipient]]
        certificates.sort(key=lambda certificate: (certificate.left, certificate.certificate_id))
        yield PlannedDigest(recipients[0], tuple(certificates))
