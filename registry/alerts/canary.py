"""The canary: a certificate made up for the purpose, due by the rules in force, that every scan has to bring to the outbox.

It goes the whole way that a real one goes (the register's tables, the search for candidates, rules, recipients, digest,
notice, outbox, rendered message) inside a transaction that is always rolled back. So nobody else ever sees it: it is in no
list and no count, and no mail of it can leave. It stands last among the certificates of its day, so that a search that
stops too early loses it.
"""

from datetime import date, timedelta
from typing import Final
from uuid import uuid4

import structlog
from sqlmodel import select

from certs.text import fold, sort_key
from registry.agencies.tables import AgencyLevel, AgencyPeriodRow, AgencyRow
from registry.alerts.kinds import compose_mail
from registry.alerts.plan import DueBatch, iter_due
from registry.alerts.repository import AlertRepository
from registry.alerts.scan import ScanOutcome, fallback_of, policy_of, record_batch, scan_expiries
from registry.certificates.tables import (
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    Medium,
    SubscriberKind,
)
from registry.clock import FOREVER, end_of_day, local_day
from registry.db.types import key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.tables import MailRow
from registry.settings import Settings

log = structlog.get_logger(__name__)

_DOMAIN: Final = "canary.invalid"
"""Of a top-level domain in which no address can exist (RFC 2606)."""


class CanaryLost(Exception):
    """The canary did not come through; the text says where it was lost."""


def scan_with_canary(database: Database, settings: Settings) -> ScanOutcome:
    """Scan, let a canary fly the same way, and keep in the scan's row whether it was found. It is an entry point.

    A canary that is lost fails nothing here: what was found is told all the same, and the watch raises the alarm.
    """
    outcome = scan_expiries(database, settings)
    fault = fly_canary(database, settings)
    with database.write() as uow:
        row = AlertRepository(uow.session).get_scan(outcome.scan_id)
        row.canary_found, row.canary_fault = fault is None, fault
    return outcome


def fly_canary(database: Database, settings: Settings) -> str | None:
    """None when the canary came through, else where it was lost. Leaves nothing behind."""
    try:
        with database.write() as uow:
            try:
                _fly(uow, settings)
            finally:
                uow.session.rollback()
    except Exception as error:
        # Whatever it is: the way that due certificates take is broken at this point, and saying so is the purpose.
        log.exception("canary_lost")
        return f"{type(error).__name__}: {error}"[:2000]
    return None


def _fly(uow: UnitOfWork, settings: Settings) -> None:
    """Take the way of a scan step by step; raises `CanaryLost`, or whatever breaks on the way."""
    day = local_day(uow.now)
    policy = policy_of(settings)
    steps = policy.steps_for(SubscriberKind.PERSON)
    step = steps[int(uow.now.timestamp()) // 3600 % len(steps)]  # another one each hour
    expires = day + timedelta(days=step)
    first, last = policy.window(day)
    if not first <= expires <= last:
        raise CanaryLost(f"the scan does not look at certificates that expire on {expires}")
    agency, certificate = _hatch(uow, expires)
    found = [
        (recipient, due)
        for batch in iter_due(uow, policy, day=day, fallback=fallback_of(settings), window=(expires, expires))
        for recipient, due in batch.due
        if due.certificate_id == certificate.id
    ]
    if not found:
        raise CanaryLost(f"not found among what is due with {step} days left")
    if [recipient.email for recipient, _ in found] != [agency.email]:
        raise CanaryLost(f"planned for {', '.join(recipient.email for recipient, _ in found)} instead of its agency")
    recorded = record_batch(uow, DueBatch(1, tuple(found), 0), settings, now=uow.now)
    mail = uow.session.exec(select(MailRow).where(MailRow.recipient == agency.email)).one_or_none()
    if recorded.mails != 1 or mail is None:
        raise CanaryLost("planned, but not written to the outbox")
    text = compose_mail(uow, mail, settings).get_body(("plain",))
    if text is None or certificate.serial not in text.get_content():
        raise CanaryLost("written to the outbox, but the mail does not name it")


def _hatch(uow: UnitOfWork, expires: date) -> tuple[AgencyPeriodRow, CertificateRow]:
    """An agency of its own and a certificate that expires at the very end of `expires`."""
    mark = uuid4().hex
    begin = uow.now - timedelta(days=3650)
    name = f"Canary {mark}"
    agency = AgencyRow(code=f"canary.{mark[:20]}")
    uow.session.add(agency)
    uow.session.flush()
    agency_id = key_of(agency)
    period = AgencyPeriodRow(
        agency_id=agency_id,
        effective_from=begin,
        effective_until=FOREVER,
        name=name,
        name_folded=fold(name),
        name_sort=sort_key(name),
        level=AgencyLevel.COMMUNE,
        path=f"/{agency_id}/",
        email=f"{mark}@{_DOMAIN}",
    )
    certificate = CertificateRow(
        serial=mark,
        issuer=name,
        subject=name,
        generation="canary",
        kind=SubscriberKind.PERSON,
        named_agency_id=agency_id,
        holder=name,
        holder_folded=fold(name),
        holder_sort=sort_key(name),
        medium=Medium.UNKNOWN,
        issued_at=begin,
        not_before=begin,
        not_after=end_of_day(expires),
        signature_algorithm="",
        key_algorithm="",
        key_bits=0,
        search=fold(name),
        registered_at=begin,
    )
    uow.session.add(period)
    uow.session.add(certificate)
    uow.session.flush()
    uow.session.add(
        CertificatePeriodRow(
            certificate_id=key_of(certificate),
            effective_from=begin,
            effective_until=FOREVER,
            agency_id=agency_id,
            status=CertificateStatus.ACTIVE,
            custody=Custody.HANDED_OVER,
        )
    )
    uow.session.flush()
    return period, certificate
