"""Telling the agency and the holder that a certificate was revoked, once, with what is to be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from certs.names import display_name
from registry.alerts.digest import is_another
from registry.alerts.letters import build_letter
from registry.alerts.notices import Notice, enter_notices, find_entered, find_mail_notices, first_look, write_mails
from registry.alerts.recipients import RecipientFinder, holder_of
from registry.alerts.repository import AlertRepository
from registry.alerts.scan import fallback_of
from registry.alerts.tables import NoticeTopic
from registry.batches import batches
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    Medium,
    SubscriberKind,
)
from registry.db.types import key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.smtp import MailCancelled
from registry.mail.tables import MailRow
from registry.settings import Settings

REVOCATION_DIGEST: Final = "revocation_digest"
MAXIMUM_LINES: Final = 50
"""Certificates listed in one mail; the rest are counted."""
_SUBJECT: Final = "event/"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A revocation that stands, and what is true of the certificate now."""

    event: CertificateEventRow
    certificate: CertificateRow
    period: CertificatePeriodRow

    @property
    def subject(self) -> str:
        """What a notice calls it."""
        return f"{_SUBJECT}{self.event.id}"


@dataclass(frozen=True, slots=True)
class RevocationLine:
    """One revoked certificate of a mail."""

    certificate_id: int
    holder: str
    position: str
    agency: str
    serial: str
    kind: SubscriberKind
    medium: Medium
    device: str
    is_device_out: bool
    """The device has not come back and was not reported lost."""
    reason: str
    """Reason code of RFC 5280, 5.3.1."""
    effective_at: datetime
    is_replaced: bool
    """Another certificate has taken its place, so none has to be asked for."""

    @property
    def shows_agency(self) -> bool:
        """Whether naming the agency says more than the holder's name does."""
        return is_another(self.agency, self.holder)


def tell_revocations(database: Database, settings: Settings) -> int:
    """Enter the revocations that are news and write the mails of the day; return how many notices were entered.

    News is what was recorded within `alert_history_days` of taking effect, and not longer than that before the first
    run: the import of a register's history tells nobody anything. It is an entry point.
    """
    with database.write() as uow:
        entered = enter_notices(uow, NoticeTopic.REVOCATION, _news(uow, settings))
    write_mails(database, settings, NoticeTopic.REVOCATION, REVOCATION_DIGEST)
    return entered


def _news(uow: UnitOfWork, settings: Settings) -> list[Notice]:
    history = timedelta(days=settings.alert_history_days)
    begin = first_look(uow, NoticeTopic.REVOCATION).at - history
    oldest = uow.now - timedelta(days=settings.alert_catch_up_days) - history
    found = _find_standing(
        uow,
        col(CertificateEventRow.effective_at) > max(begin, oldest),
        col(CertificateEventRow.effective_at) <= uow.now,
        col(CertificateEventRow.recorded_at) > begin,
    )
    told = find_entered(uow, NoticeTopic.REVOCATION, [each.subject for each in found])
    news = [
        each
        for each in found
        if each.subject not in told and each.event.recorded_at - each.event.effective_at <= history
    ]
    audiences = RecipientFinder(uow, fallback=fallback_of(settings)).find_audiences(
        {
            each.event.certificate_id: (
                each.period.agency_id,
                holder_of(each.certificate.email, each.certificate.holder) if settings.alert_holder_is_told else None,
            )
            for each in news
        }
    )
    return [
        Notice(
            each.subject,
            recipient,
            certificate_id=each.event.certificate_id,
            agency_id=each.period.agency_id,
        )
        for each in news
        for recipient, _ in audiences[each.event.certificate_id].first
    ]


def _find_standing(uow: UnitOfWork, *conditions: ColumnElement[bool]) -> list[Revocation]:
    """Revocations that were not taken back, with what is true of the certificate now."""
    query = (
        select(CertificateEventRow, CertificateRow, CertificatePeriodRow)
        .join(CertificateRow, col(CertificateRow.id) == col(CertificateEventRow.certificate_id))
        .join(CertificatePeriodRow, col(CertificatePeriodRow.certificate_id) == col(CertificateEventRow.certificate_id))
        .where(
            CertificateEventRow.kind == CertificateEventKind.REVOKED,
            *conditions,
            col(CertificatePeriodRow.effective_from) <= uow.now,
            col(CertificatePeriodRow.effective_until) > uow.now,
            CertificatePeriodRow.status == CertificateStatus.REVOKED,
        )
        .order_by(col(CertificateEventRow.effective_at), col(CertificateEventRow.id))
    )
    return [Revocation(*row) for row in uow.session.exec(query)]


def compose_revocations(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """The message of one mail; raises `MailCancelled` when every revocation it was to tell of was taken back."""
    notices = find_mail_notices(uow, key_of(mail))
    keys = sorted(int(notice.subject.removeprefix(_SUBJECT)) for notice in notices)
    told = [each for batch in batches(keys) for each in _find_standing(uow, col(CertificateEventRow.id).in_(batch))]
    if not told:
        raise MailCancelled("every revocation it was to tell of was taken back meanwhile")
    details = AlertRepository(uow.session).find_details(
        [each.event.certificate_id for each in told[:MAXIMUM_LINES]], at=uow.now
    )
    lines = [_line(each, details[each.event.certificate_id].agency or "") for each in told[:MAXIMUM_LINES]]
    return build_letter(uow, mail, settings, {"lines": lines, "total": len(told), "omitted": len(told) - len(lines)})


def _line(told: Revocation, agency: str) -> RevocationLine:
    certificate = told.certificate
    return RevocationLine(
        certificate_id=key_of(certificate),
        holder=display_name(certificate.holder),
        position=display_name(certificate.position or ""),
        agency=display_name(agency),
        serial=certificate.serial,
        kind=certificate.kind,
        medium=certificate.medium,
        device=display_name(certificate.iccid or certificate.device_number or ""),
        is_device_out=told.period.custody not in (Custody.RETURNED, Custody.LOST),
        reason=told.event.reason or "unspecified",
        effective_at=told.event.effective_at,
        is_replaced=told.period.is_replaced,
    )
