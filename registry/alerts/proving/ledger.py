"""The ledger: what was told to whom, when, and what the mail server answered. For one certificate, for one agency.

An agency's ledger holds what was told of a certificate while the agency was responsible for it, so a certificate that
moved on takes nothing away from the record of those who had it before.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from registry.accounts.viewer import Viewer
from registry.agencies.repository import get_agency
from registry.agencies.schemas import AgencyView
from registry.alerts.acknowledgements import list_acknowledgements
from registry.alerts.proving.mail_views import mail_views
from registry.alerts.proving.period import Period
from registry.alerts.proving.told import agencies_below, find_answers, find_told, mails_about
from registry.alerts.repository import AlertRepository
from registry.alerts.schemas import AgencyLedgerView, AgencyMailView, CertificateLedgerView, NoticeView
from registry.alerts.tables import AlertNoticeRow, NoticeTopic
from registry.certificates.detail import get_certificate
from registry.certificates.schemas import CertificateView
from registry.certificates.tables import CertificatePeriodRow
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import not_found
from registry.mail.repository import MailRepository
from registry.mail.tables import MailRow
from registry.paging import Page, PageRequest, decode_cursor, encode_cursor

_SORT: Final = "ledger"


def certificate_ledger(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, period: Period | None = None
) -> CertificateLedgerView:
    """Everything that was told of one certificate and answered, newest first.

    Raises `CertificateNotFound` when there is none or when the viewer may not know of it.
    """
    return ledger_of(uow, get_certificate(uow, viewer, certificate_id, uow.now).certificate, period)


def ledger_of(uow: UnitOfWork, certificate: CertificateView, period: Period | None = None) -> CertificateLedgerView:
    """The ledger of a certificate that the caller has shown to the viewer already."""
    within = period or Period()
    certificate_id = certificate.id
    notices = [each for each in _find_notices(uow.session, certificate_id) if within.holds(each.recorded_at)]
    mails = mail_views(uow, [each.mail for each in notices if each.mail is not None])
    return CertificateLedgerView(
        certificate=certificate,
        notices=tuple(
            NoticeView(
                topic=each.topic,
                step_days=each.step_days,
                recipient=each.recipient,
                recorded_at=each.recorded_at,
                mail=mails[key_of(each.mail)] if each.mail else None,
            )
            for each in notices
        ),
        answers=list_acknowledgements(uow, certificate_id),
    )


def agency_ledger(
    uow: UnitOfWork,
    viewer: Viewer,
    agency_id: int,
    request: PageRequest,
    *,
    period: Period | None = None,
    with_subtree: bool = False,
) -> tuple[AgencyView, Page[AgencyMailView]]:
    """The mails about certificates of one agency, newest first, each with those of its certificates that it told of.

    Raises `AgencyNotFound` when there is none or when the viewer may not know of it.
    """
    agency = get_agency(uow, viewer, agency_id, uow.now).agency
    before = decode_cursor(request.cursor, _SORT)[1] if request.cursor else None
    responsible = _responsible(agency, uow, with_subtree=with_subtree)
    query = (
        select(MailRow)
        .where(
            or_(*(col(MailRow.id).in_(mails) for mails in mails_about(responsible))),
            *(period or Period()).conditions(col(MailRow.day)),
        )
        .order_by(col(MailRow.id).desc())
        .limit(request.limit + 1)
    )
    if before is not None:
        query = query.where(col(MailRow.id) < before)
    rows = uow.session.exec(query).all()
    shown = rows[: request.limit]
    told = find_told(uow.session, [key_of(row) for row in shown], responsible)
    answers = find_answers(uow, sorted({each.certificate_id for lines in told.values() for each in lines}))
    views = mail_views(uow, shown)
    items = tuple(
        AgencyMailView(
            mail=views[key],
            certificates=tuple(told[key]),
            answers=tuple(answer for answer in answers if answer.mail_id == key),
        )
        for key in (key_of(row) for row in shown)
    )
    following = encode_cursor(_SORT, "", items[-1].mail.id) if len(rows) > request.limit else None
    return agency, Page(items, following)


def whole_agency_ledger(
    uow: UnitOfWork, viewer: Viewer, agency_id: int, *, period: Period, with_subtree: bool, limit: int
) -> AgencyLedgerView:
    """The mails of a period up to `limit`, the newest; `is_cut` says that there are more."""
    items: list[AgencyMailView] = []
    cursor: str | None = None
    while True:
        agency, page = agency_ledger(
            uow, viewer, agency_id, PageRequest(cursor, 200), period=period, with_subtree=with_subtree
        )
        items += page.items
        cursor = page.next
        if cursor is None or len(items) >= limit:
            break
    is_cut = cursor is not None or len(items) > limit
    return AgencyLedgerView(agency=agency, mails=tuple(items[:limit]), is_cut=is_cut)


def mail_ledger(uow: UnitOfWork, viewer: Viewer, mail_id: int) -> AgencyMailView:
    """One mail with everything that happened to it and the certificates that the viewer may know of.

    Raises `NotFound` when there is none, and for an officer when it tells of no certificate in the own subtree.
    """
    row = MailRepository(uow.session).find(mail_id)
    if row is None:
        raise not_found(f"#{mail_id}")
    responsible: ColumnElement[bool] = true()
    if viewer.agency_path is not None:
        responsible = col(CertificatePeriodRow.agency_id).in_(agencies_below(viewer.agency_path, uow))
    told = find_told(uow.session, [mail_id], responsible)[mail_id]
    if not told and viewer.agency_path is not None:
        raise not_found(f"#{mail_id}")
    answers = find_answers(uow, [each.certificate_id for each in told])
    return AgencyMailView(
        mail=mail_views(uow, [row])[mail_id],
        certificates=tuple(told),
        answers=tuple(answer for answer in answers if answer.mail_id == mail_id),
    )


def is_whole(uow: UnitOfWork, viewer: Viewer, entry: AgencyMailView) -> bool:
    """Whether the viewer may know of every certificate that the mail tells of, and so read it as it is."""
    if viewer.agency_path is None:
        return True
    everything = find_told(uow.session, [entry.mail.id], true())[entry.mail.id]
    return len(everything) == len(entry.certificates)


def _responsible(agency: AgencyView, uow: UnitOfWork, *, with_subtree: bool) -> ColumnElement[bool]:
    if not with_subtree:
        return col(CertificatePeriodRow.agency_id) == agency.id
    return col(CertificatePeriodRow.agency_id).in_(agencies_below(agency.path, uow))


@dataclass(frozen=True, slots=True)
class _Notice:
    topic: NoticeTopic | None
    step_days: int
    recipient: str
    recorded_at: datetime
    mail: MailRow | None


def _find_notices(session: Session, certificate_id: int) -> list[_Notice]:
    """What was told of one certificate, about its expiry and anything else, newest first."""
    expiry = AlertRepository(session).find_certificate_notices(certificate_id)
    found = [_Notice(None, row.step_days, row.recipient, row.recorded_at, mail) for row, mail in expiry]
    query = (
        select(AlertNoticeRow, MailRow)
        .outerjoin(MailRow, col(MailRow.id) == col(AlertNoticeRow.mail_id))
        .where(AlertNoticeRow.certificate_id == certificate_id)
        .order_by(col(AlertNoticeRow.id).desc())
    )
    found += [
        _Notice(row.topic, row.step_days, row.recipient, row.recorded_at, mail) for row, mail in session.exec(query)
    ]
    return sorted(found, key=lambda each: each.recorded_at, reverse=True)
