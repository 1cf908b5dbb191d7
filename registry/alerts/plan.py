"""What a scan on some day has to tell to whom. Reads only; `scan` writes it down, the preview shows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from registry.alerts.recipients import Recipient, RecipientFinder
from registry.alerts.repository import AlertRepository
from registry.alerts.rules import AlertPolicy, DueStep, assess_due, days_left
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DueCertificate:
    """One certificate that one recipient is to be told of."""

    certificate_id: int
    left: int
    due: DueStep


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


def plan_digests(uow: UnitOfWork, policy: AlertPolicy, *, day: date, fallback: Recipient) -> Plan:
    """Find what is due on `day`, given what is on record.

    For a day to come it is assumed that every day until then is scanned, so that the preview of a day shows that day's
    mail and not everything since today. Memory grows with what is due, not with the register.
    """
    repository = AlertRepository(uow.session)
    finder = RecipientFinder(repository, at=uow.now, fallback=fallback)
    is_ahead = day > local_day(uow.now)
    examined = 0
    due: dict[Recipient, list[DueCertificate]] = {}
    for batch in repository.iter_candidates(*policy.window(day), at=uow.now):
        examined += len(batch)
        recipients = finder.find({candidate.agency_id for candidate in batch})
        keys = [candidate.certificate_id for candidate in batch]
        reported = repository.find_reported(keys)
        answered = repository.find_latest_acknowledgements(keys)
        for candidate in batch:
            recipient = recipients[candidate.agency_id]
            left = days_left(candidate.not_after, day)
            steps = policy.steps_for(candidate.kind)
            if answer := answered.get(candidate.certificate_id):
                if day < answer.remind_on:
                    continue
                # The day that somebody asked for is a step like any other, so it too is told once and made up for.
                steps = (*steps, days_left(candidate.not_after, answer.remind_on))
            known = reported.get((candidate.certificate_id, recipient.email), set())
            if is_ahead:
                known = known | set(_reached(steps, left + 1))
            if step := assess_due(left, steps, known):
                due.setdefault(recipient, []).append(DueCertificate(candidate.certificate_id, left, step))
    return Plan(day, examined, tuple(_digests(due)))


def _reached(steps: Sequence[int], left: int) -> Iterator[int]:
    return (step for step in steps if left <= step)


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
