"""The expiry scan: find what is due, put one digest for each recipient into the outbox, keep the proof that it ran.

Any pattern of missed, doubled, concurrent or interrupted scans gives the same set of mails: a notice exists once for a
certificate, recipient and step, a digest once for a recipient and day, and both are unique in the database. A digest
and its notices are written in one transaction, complete or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import structlog

from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.plan import Plan, PlannedDigest, plan_digests
from registry.alerts.recipients import Recipient
from registry.alerts.repository import AlertRepository
from registry.alerts.rules import AlertPolicy
from registry.alerts.tables import ExpiryNoticeRow, ExpiryScanRow
from registry.clock import local_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.jobs import SendOutboxJob
from registry.mail.tables import MailRow, MailState
from registry.settings import Settings

log = structlog.get_logger(__name__)

DIGESTS_PER_TRANSACTION = 50
"""Small enough that other writers are not kept waiting on SQLite."""


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """What one scan did."""

    scan_id: int
    examined: int
    notices: int
    mails: int


def policy_of(settings: Settings) -> AlertPolicy:
    """The policy that the settings describe."""
    return AlertPolicy.of(
        settings.alert_steps_days,
        catch_up_days=settings.alert_catch_up_days,
        extension_minimum_days=settings.extension_minimum_days,
        extension_maximum_count=settings.extension_maximum_count,
        steps_by_kind={str(kind): steps for kind, steps in settings.alert_steps_days_by_kind.items()},
    )


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
        scan_id = scan.id or 0
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
    with database.read() as uow:
        plan = plan_digests(uow, policy_of(settings), day=local_day(uow.now), fallback=fallback_of(settings))
    notices = mails = 0
    for start in range(0, len(plan.digests), DIGESTS_PER_TRANSACTION):
        with database.write() as uow:
            for digest in plan.digests[start : start + DIGESTS_PER_TRANSACTION]:
                told = record_digest(uow, plan, digest, settings)
                notices += told
                mails += told > 0
    with database.write() as uow:
        row = AlertRepository(uow.session).get_scan(scan_id)
        row.examined, row.notices, row.mails, row.finished_at = plan.examined, notices, mails, uow.now
        if mails:
            uow.enqueue(SendOutboxJob())
    return ScanOutcome(scan_id, plan.examined, notices, mails)


def record_digest(uow: UnitOfWork, plan: Plan, digest: PlannedDigest, settings: Settings) -> int:
    """Put one digest into the outbox and record its notices; return of how many certificates it tells.

    0 when the recipient's mail of the day exists already (what is due then goes into the next day's) or another scan
    has recorded every notice meanwhile.
    """
    repository = AlertRepository(uow.session)
    mail_id = repository.add_mail_once(
        MailRow(
            kind=EXPIRY_DIGEST,
            recipient=digest.recipient.email,
            recipient_name=digest.recipient.name,
            language=settings.language,
            day=plan.day,
            message_id=f"<{uuid4().hex}@{settings.mail_from.rpartition('@')[2]}>",
            state=MailState.PENDING,
            not_before=uow.now,
            created_at=uow.now,
        )
    )
    if mail_id is None:
        return 0
    told = repository.add_notices_once(_notices(uow, digest, mail_id))
    if told == 0:
        repository.delete_mail(mail_id)
        return 0
    repository.add_notices_once(_passed(uow, digest))
    return told


def _notices(uow: UnitOfWork, digest: PlannedDigest, mail_id: int) -> Sequence[ExpiryNoticeRow]:
    return [
        ExpiryNoticeRow(
            certificate_id=certificate.certificate_id,
            recipient=digest.recipient.email,
            step_days=certificate.due.step,
            mail_id=mail_id,
            recorded_at=uow.now,
        )
        for certificate in digest.certificates
    ]


def _passed(uow: UnitOfWork, digest: PlannedDigest) -> Sequence[ExpiryNoticeRow]:
    return [
        ExpiryNoticeRow(
            certificate_id=certificate.certificate_id,
            recipient=digest.recipient.email,
            step_days=step,
            mail_id=None,
            recorded_at=uow.now,
        )
        for certificate in digest.certificates
        for step in certificate.due.passed
    ]
