"""The expiry scan: find what is due, put one digest for each recipient into the outbox, keep the proof that it ran.

Any pattern of missed, doubled, concurrent or interrupted scans gives the same set of mails: a notice exists once for a
certificate, recipient and step, a digest once for a recipient and day, and both are unique in the database. The scan
goes through the register in batches and adds to the digests of the day as it goes, so its memory does not grow with
what is due; a digest leaves when the scan is over. One whose scan was interrupted is taken up by the next scan, and
leaves after `HOLD` when none comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from registry.alerts.outbox import DigestOutbox, NewNotice, OpenDigest
from registry.alerts.plan import DueBatch, DueCertificate, iter_due
from registry.alerts.recipients import Recipient
from registry.alerts.repository import AlertRepository
from registry.alerts.rules import AlertPolicy, Escalation
from registry.alerts.tables import ExpiryScanRow
from registry.alerts.workdays import SendingHours, WorkCalendar
from registry.clock import local_day
from registry.db.types import key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.jobs import SendOutboxJob
from registry.settings import Settings

log = structlog.get_logger(__name__)

HOLD: Final = timedelta(hours=2)
"""Longer than the time between two scans."""


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """What one scan did."""

    scan_id: int
    examined: int
    notices: int
    mails: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written of one batch."""

    notices: int = 0
    mails: int = 0


def policy_of(settings: Settings) -> AlertPolicy:
    """The policy that the settings describe, without the steps that agencies have of their own."""
    return AlertPolicy.of(
        settings.alert_steps_days,
        catch_up_days=settings.alert_catch_up_days,
        extension_minimum_days=settings.extension_minimum_days,
        extension_maximum_count=settings.extension_maximum_count,
        steps_by_kind={str(kind): steps for kind, steps in settings.alert_steps_days_by_kind.items()},
        calendar=WorkCalendar.of(
            days_off=settings.alert_days_off,
            days_worked=settings.alert_days_worked,
            works_every_day=settings.alert_works_every_day,
        ),
        escalation=Escalation(
            superior_step=settings.alert_superior_step_days,
            administrator_step=settings.alert_administrator_step_days,
            reaction_workdays=settings.alert_reaction_workdays,
        ),
        holder_is_told=settings.alert_holder_is_told,
    )


def sending_hours_of(settings: Settings) -> SendingHours:
    """The hours in which mail is sent, as the settings give them."""
    return SendingHours(settings.alert_sending_opens, settings.alert_sending_closes)


def fallback_of(settings: Settings) -> Recipient:
    """Who is told when neither an agency nor a body above it has an address."""
    return Recipient(settings.administrator_email, settings.province_name)


def scan_expiries(database: Database, settings: Settings) -> ScanOutcome:
    """Scan now. It is an entry point: it opens a unit of work for each piece, so that no writer waits for the whole.

    A failure is kept in the scan's row and raised again.
    """
    with database.write() as uow:
        scan = ExpiryScanRow(day=local_day(uow.now), started_at=uow.now)
        AlertRepository(uow.session).add_scan(scan)
        scan_id = key_of(scan)
    try:
        outcome = _scan(database, settings, scan_id)
    except Exception as error:
        with database.write() as uow:
            row = AlertRepository(uow.session).get_scan(scan_id)
            row.finished_at = uow.now
            row.failure = f"{type(error).__name__}: {error}"[:2000]
        raise
    log.info("expiry_scan", examined=outcome.examined, notices=outcome.notices, mails=outcome.mails)
    return outcome


def _scan(database: Database, settings: Settings, scan_id: int) -> ScanOutcome:
    examined = notices = mails = waiting = 0
    with database.read() as reading:
        now, day = reading.now, local_day(reading.now)
        for batch in iter_due(reading, policy_of(settings), day=day, fallback=fallback_of(settings)):
            examined += batch.examined
            waiting += batch.waiting
            if batch.due:
                with database.write() as uow:
                    recorded = record_batch(uow, batch, settings, now=now)
                notices += recorded.notices
                mails += recorded.mails
    with database.write() as uow:
        _release(uow, settings, now)
        row = AlertRepository(uow.session).get_scan(scan_id)
        row.examined, row.notices, row.mails, row.waiting, row.finished_at = examined, notices, mails, waiting, uow.now
        if notices:
            uow.enqueue(SendOutboxJob())
    return ScanOutcome(scan_id, examined, notices, mails)


def record_batch(uow: UnitOfWork, batch: DueBatch, settings: Settings, *, now: datetime) -> Recorded:
    """Add what is due to the digests of its recipients, as found at `now`, and record the notices.

    What another scan recorded meanwhile is left out, and so is what is due to a recipient whose digest has left: the
    next scan takes it up.
    """
    outbox = DigestOutbox(uow.session)
    hold_until = now + HOLD
    by_day: dict[date, list[tuple[Recipient, DueCertificate]]] = {}
    for recipient, certificate in batch.due:
        by_day.setdefault(_sending_day(certificate, settings, now), []).append((recipient, certificate))
    recorded = Recorded()
    for day, due in sorted(by_day.items()):
        digests = outbox.open_digests(
            {recipient for recipient, _ in due}, day=day, settings=settings, hold_until=hold_until, at=now
        )
        open_due = [(recipient, certificate) for recipient, certificate in due if recipient.email in digests]
        told = outbox.add_notices_once(_notices(open_due, digests, now))
        used = set(told)
        outbox.add_notices_once(_passed(open_due, now))
        outbox.reopen(used, hold_until=hold_until)
        new = {digest.mail_id for digest in digests.values() if digest.is_new}
        outbox.delete(new - used)
        recorded = Recorded(recorded.notices + len(told), recorded.mails + len(new & used))
    return recorded


def _sending_day(certificate: DueCertificate, settings: Settings, now: datetime) -> date:
    """The day whose mail tells of it: today, or tomorrow when it is found at night and can wait."""
    latest = local_day(now) + timedelta(days=certificate.left - certificate.due.step)
    return local_day(sending_hours_of(settings).earliest(now, latest=latest))


def _release(uow: UnitOfWork, settings: Settings, now: datetime) -> None:
    today = local_day(now)
    for day in (today, today + timedelta(days=1)):
        at = sending_hours_of(settings).earliest(now, latest=day)
        if local_day(at) == day:
            DigestOutbox(uow.session).release(day, now=now, at=at)


def _notices(
    due: Sequence[tuple[Recipient, DueCertificate]], digests: dict[str, OpenDigest], now: datetime
) -> list[NewNotice]:
    return [
        NewNotice(
            certificate_id=certificate.certificate_id,
            recipient=recipient.email,
            step_days=certificate.due.step,
            mail_id=digests[recipient.email].mail_id,
            role=certificate.role,
            recorded_at=now,
        )
        for recipient, certificate in due
    ]


def _passed(due: Sequence[tuple[Recipient, DueCertificate]], now: datetime) -> list[NewNotice]:
    return [
        NewNotice(
            certificate_id=certificate.certificate_id,
            recipient=recipient.email,
            step_days=step,
            mail_id=None,
            role=certificate.role,
            recorded_at=now,
        )
        for recipient, certificate in due
        for step in certificate.due.passed
    ]
