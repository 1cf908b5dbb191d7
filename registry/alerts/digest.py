"""What the expiry digest says, loaded from the register at the moment it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from certs.names import display_name
from registry.alerts.repository import AlertRepository, CertificateDetails
from registry.alerts.rules import AlertPolicy, days_left, reminder_day
from registry.alerts.tables import AcknowledgementRow, RecipientRole
from registry.batches import batches
from registry.certificates.tables import Medium, SubscriberKind
from registry.clock import local_day
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.mail.tables import MailRow

EXPIRY_DIGEST: Final = "expiry_digest"
ESCALATED: Final = frozenset({RecipientRole.SUPERIOR, RecipientRole.ADMINISTRATOR})
"""Told because nobody reacted."""
MAXIMUM_LINES: Final = 50
"""Certificates listed in one mail; the rest are counted and linked."""


class Advice(StrEnum):
    """What is to be done about one certificate."""

    EXTEND_BY = "extend_by"
    """It can be extended until `DigestLine.extend_by`."""
    EXTEND_TODAY = "extend_today"
    """Today is the last day on which an extension can be asked for, or the last working day before it."""
    ISSUE_ANEW = "issue_anew"
    """It cannot be extended: too late, or extended as often as is allowed."""
    EXPIRED = "expired"
    """It is no longer valid."""


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One certificate of a digest."""

    certificate_id: int
    holder: str
    position: str
    agency: str
    serial: str
    medium: Medium
    device: str
    not_after: datetime
    left: int
    advice: Advice
    extend_by: date
    """The last day on which an extension can be asked for."""
    act_by: date
    """The last day for what is advised: for an extension a working day, where one is left; else the day of the expiry."""
    kind: SubscriberKind
    role: RecipientRole = RecipientRole.AGENCY
    """Why the recipient is told."""

    @property
    def shows_agency(self) -> bool:
        """Whether naming the agency says more than the holder's name does."""
        return is_another(self.agency, self.holder)


def is_another(agency: str, holder: str) -> bool:
    """Whether an agency is another than the holder; the certificates of agencies name them in capitals."""
    return bool(agency) and agency.casefold() != holder.casefold()


def find_told(uow: UnitOfWork, mail_id: int, *, policy: AlertPolicy) -> dict[int, RecipientRole]:
    """The certificates that a digest tells of when it leaves now, the most urgent first, each with the reason why.

    What was revoked, replaced or answered since it was written is not among them.
    """
    return _find_told(uow, [mail_id], policy=policy)[mail_id]


def _find_told(
    uow: UnitOfWork, mail_ids: Sequence[int], *, policy: AlertPolicy
) -> Mapping[int, dict[int, RecipientRole]]:
    repository = AlertRepository(uow.session)
    told = repository.find_mail_certificates(mail_ids, at=uow.now)
    answers = repository.find_latest_acknowledgements(sorted({key for keys in told.values() for key in keys}))
    today = local_day(uow.now)
    quiet = {key for key, answer in answers.items() if _is_quiet(answer, policy, today)}
    return {mail_id: {key: role for key, role in keys.items() if key not in quiet} for mail_id, keys in told.items()}


def _is_quiet(answer: AcknowledgementRow, policy: AlertPolicy, today: date) -> bool:
    return today < reminder_day(local_day(answer.recorded_at), answer.remind_on, policy.calendar)


@dataclass(frozen=True, slots=True)
class Digest:
    """What one digest says when it leaves now."""

    told: Mapping[int, RecipientRole]
    """All the certificates that it tells of, the most urgent first, each with the reason why."""
    lines: tuple[DigestLine, ...]
    """Those that are listed in it."""
    today: date

    def values(self) -> dict[str, Any]:
        """The values for its templates."""
        ending = [line.extend_by for line in self.lines if line.advice is Advice.EXTEND_TODAY]
        return {
            "lines": self.lines,
            "escalated": sum(role in ESCALATED for role in self.told.values()),
            "today": self.today,
            "total": len(self.told),
            "omitted": len(self.told) - len(self.lines),
            "expired": sum(line.advice is Advice.EXPIRED for line in self.lines),
            "last_day": len(ending),
            "lasts_until": min(ending, default=None),
        }


def load_digests(uow: UnitOfWork, mails: Sequence[MailRow], *, policy: AlertPolicy) -> dict[int, Digest]:
    """What each of these digests says, in as few queries as for one."""
    today = local_day(uow.now)
    told = _find_told(uow, [key_of(mail) for mail in mails], policy=policy)
    listed = {mail_id: list(keys)[:MAXIMUM_LINES] for mail_id, keys in told.items()}
    wanted = sorted({key for keys in listed.values() for key in keys})
    lines = {line.certificate_id: line for line in load_lines(uow, wanted, day=today, policy=policy)}
    return {
        mail_id: Digest(
            told=told[mail_id],
            lines=tuple(replace(lines[key], role=told[mail_id][key]) for key in keys if key in lines),
            today=today,
        )
        for mail_id, keys in listed.items()
    }


def load_lines(
    uow: UnitOfWork,
    certificate_ids: Sequence[int],
    *,
    day: date,
    policy: AlertPolicy,
    roles: Mapping[int, RecipientRole] = MappingProxyType({}),
) -> tuple[DigestLine, ...]:
    """The lines for these certificates in their order, as they read on `day` to one who is told in these roles."""
    repository = AlertRepository(uow.session)
    details: dict[int, CertificateDetails] = {}
    exhausted: set[int] = set()
    for batch in batches(certificate_ids):
        details |= repository.find_details(batch, at=uow.now)
        exhausted |= _find_unextendable(repository, batch, policy.extension_maximum_count)
    return tuple(
        _line(
            details[key],
            day=day,
            policy=policy,
            may_extend=key not in exhausted,
            role=roles.get(key, RecipientRole.AGENCY),
        )
        for key in certificate_ids
        if key in details
    )


def _find_unextendable(repository: AlertRepository, certificate_ids: Sequence[int], maximum: int) -> set[int]:
    """Those that were extended `maximum` times already, each time being a certificate that prolonged another."""
    chains = {key: key for key in certificate_ids}
    for _ in range(maximum):
        extended = repository.find_extended(set(chains.values()))
        before = repository.find_replaced_by(extended)
        chains = {start: before.get(key, 0) for start, key in chains.items() if key in extended}
    return set(chains)


def _line(
    certificate: CertificateDetails, *, day: date, policy: AlertPolicy, may_extend: bool, role: RecipientRole
) -> DigestLine:
    left = days_left(certificate.not_after, day)
    spare = left - policy.extension_minimum_days
    extend_by = day + timedelta(days=spare)
    if left < 0:
        advice = Advice.EXPIRED
    elif not may_extend or spare < 0:
        advice = Advice.ISSUE_ANEW
    else:
        advice = Advice.EXTEND_TODAY if policy.calendar.next_workday(day) > extend_by else Advice.EXTEND_BY
    return DigestLine(
        certificate_id=certificate.certificate_id,
        holder=display_name(certificate.holder),
        position=display_name(certificate.position or ""),
        agency=display_name(certificate.agency or ""),
        serial=certificate.serial,
        medium=certificate.medium,
        device=display_name(certificate.iccid or certificate.device_number or ""),
        not_after=certificate.not_after,
        left=left,
        advice=advice,
        extend_by=extend_by,
        act_by=_act_by(certificate, advice, extend_by, day=day, policy=policy),
        kind=certificate.kind,
        role=role,
    )


def _act_by(
    certificate: CertificateDetails, advice: Advice, extend_by: date, *, day: date, policy: AlertPolicy
) -> date:
    if advice in {Advice.EXTEND_BY, Advice.EXTEND_TODAY}:
        return max(day, policy.calendar.last_workday_until(extend_by))
    return local_day(certificate.not_after)
