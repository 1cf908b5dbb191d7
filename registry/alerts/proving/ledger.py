"""The ledger: what was told to whom, when, and what the mail server answered. For one certificate, for one agency.

An agency's ledger holds what was told of a certificate while the agency was responsible for it, so a certificate that
moved on takes nothing away from the record of those who had it before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, or_, true
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry.accounts.viewer import Viewer
from registry.agencies.repository import get_agency
from registry.agencies.schemas import AgencyView
from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.acknowledgements import list_acknowledgements
from registry.alerts.digest import EXPIRY_DIGEST
from registry.alerts.repository import BATCH, AlertRepository
from registry.alerts.schemas import (
    AcknowledgementView,
    AgencyLedgerView,
    AgencyMailView,
    CertificateLedgerView,
    LedgerMailView,
    NoticeView,
    ToldCertificateView,
)
from registry.alerts.tables import AcknowledgementRow, AlertNoticeRow, DayHoldRow, ExpiryNoticeRow, NoticeTopic
from registry.certificates.detail import get_certificate
from registry.certificates.schemas import CertificateView
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import not_found
from registry.mail.ledger import MailEventView, list_events
from registry.mail.repository import MailRepository
from registry.mail.tables import MailEventKind, MailRow
from registry.paging import Page, PageRequest, decode_cursor, encode_cursor

_SORT: Final = "ledger"
_MAIL_FIELDS: Final = set(LedgerMailView.model_fields) - {"events"}
_NOTICES: Final[tuple[Any, ...]] = (ExpiryNoticeRow, AlertNoticeRow)
"""What was told of certificates: of their expiry, and of anything else."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days in Viet Nam, both included; None: open."""

    first: date | None = None
    last: date | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        day = local_day(moment)
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def conditions(self, column: Mapped[date]) -> tuple[ColumnElement[bool], ...]:
        """Conditions on a column of days."""
        conditions = []
        if self.first is not None:
            conditions.append(column >= self.first)
        if self.last is not None:
            conditions.append(column <= self.last)
        return tuple(conditions)


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
    mails = _mail_views(uow, [each.mail for each in notices if each.mail is not None])
    return CertificateLedgerView(
        certificate=certificate,
        notices=tuple(
            NoticeView(
                topic=each.topic,
                step_days=each.step_days,
                recipient=each.recipient,
                recorded_at=each.recorded_at,
                mail=mails[each.mail.id or 0] if each.mail else None,
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
            or_(*(col(MailRow.id).in_(mails) for mails in _mails_about(responsible))),
            *(period or Period()).conditions(col(MailRow.day)),
        )
        .order_by(col(MailRow.id).desc())
        .limit(request.limit + 1)
    )
    if before is not None:
        query = query.where(col(MailRow.id) < before)
    rows = uow.session.exec(query).all()
    shown = rows[: request.limit]
    told = _told(uow.session, [row.id or 0 for row in shown], responsible)
    answers = _answers(uow, sorted({each.certificate_id for lines in told.values() for each in lines}))
    views = _mail_views(uow, shown)
    items = tuple(
        AgencyMailView(
            mail=views[key],
            certificates=tuple(told[key]),
            answers=tuple(answer for answer in answers if answer.mail_id == key),
        )
        for key in (row.id or 0 for row in shown)
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
        responsible = col(CertificatePeriodRow.agency_id).in_(_agencies_below(viewer.agency_path, uow))
    told = _told(uow.session, [mail_id], responsible)[mail_id]
    if not told and viewer.agency_path is not None:
        raise not_found(f"#{mail_id}")
    answers = _answers(uow, [each.certificate_id for each in told])
    return AgencyMailView(
        mail=_mail_views(uow, [row])[mail_id],
        certificates=tuple(told),
        answers=tuple(answer for answer in answers if answer.mail_id == mail_id),
    )


def is_whole(uow: UnitOfWork, viewer: Viewer, entry: AgencyMailView) -> bool:
    """Whether the viewer may know of every certificate that the mail tells of, and so read it as it is."""
    if viewer.agency_path is None:
        return True
    everything = _told(uow.session, [entry.mail.id], true())[entry.mail.id]
    return len(everything) == len(entry.certificates)


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


def _responsible(agency: AgencyView, uow: UnitOfWork, *, with_subtree: bool) -> ColumnElement[bool]:
    if not with_subtree:
        return col(CertificatePeriodRow.agency_id) == agency.id
    return col(CertificatePeriodRow.agency_id).in_(_agencies_below(agency.path, uow))


def _agencies_below(path: str, uow: UnitOfWork) -> SelectOfScalar[int]:
    return select(AgencyPeriodRow.agency_id).where(
        col(AgencyPeriodRow.effective_from) <= uow.now,
        col(AgencyPeriodRow.effective_until) > uow.now,
        col(AgencyPeriodRow.path).startswith(path, autoescape=True),
    )


def _mails_about(responsible: ColumnElement[bool]) -> tuple[Select[tuple[int | None]], ...]:
    """The mails that told of certificates which were the agency's at the time, of their expiry or of anything else."""
    return tuple(
        sql_select(table.mail_id)
        .join(CertificatePeriodRow, _was_period(table))
        .where(responsible, table.mail_id.is_not(None))
        for table in _NOTICES
    )


def _was_period(notices: Any) -> ColumnElement[bool]:
    """Which agency was responsible when the notice was recorded."""
    return and_(
        col(CertificatePeriodRow.certificate_id) == notices.certificate_id,
        col(CertificatePeriodRow.effective_from) <= notices.recorded_at,
        col(CertificatePeriodRow.effective_until) > notices.recorded_at,
    )


def _told(
    session: Session, mail_ids: Sequence[int], responsible: ColumnElement[bool]
) -> dict[int, list[ToldCertificateView]]:
    """For each mail the agency's certificates that it told of, the most urgent first."""
    told: dict[int, list[ToldCertificateView]] = {mail_id: [] for mail_id in mail_ids}
    for table in _NOTICES:
        query = (
            sql_select(table, CertificateRow)
            .join(CertificateRow, col(CertificateRow.id) == table.certificate_id)
            .join(CertificatePeriodRow, _was_period(table))
            .where(table.mail_id.in_(mail_ids), responsible)
            .order_by(col(CertificateRow.not_after), col(CertificateRow.id))
        )
        for notice, certificate in session.execute(query):
            told[notice.mail_id].append(
                ToldCertificateView(
                    certificate_id=certificate.id,
                    holder=certificate.holder,
                    serial=certificate.serial,
                    not_after=certificate.not_after,
                    topic=getattr(notice, "topic", None),
                    step_days=notice.step_days,
                )
            )
    return told


def _answers(uow: UnitOfWork, certificate_ids: Collection[int]) -> tuple[AcknowledgementView, ...]:
    keys = list(certificate_ids)
    found: list[AcknowledgementRow] = []
    for start in range(0, len(keys), BATCH):
        query = select(AcknowledgementRow).where(
            col(AcknowledgementRow.certificate_id).in_(keys[start : start + BATCH])
        )
        found += uow.session.exec(query).all()
    found.sort(key=lambda row: row.id or 0, reverse=True)
    return tuple(AcknowledgementView.model_validate(row, from_attributes=True) for row in found)


def _mail_views(uow: UnitOfWork, rows: Sequence[MailRow]) -> dict[int, LedgerMailView]:
    events = list_events(uow, [row.id or 0 for row in rows])
    holds = _holds(uow.session, {row.day for row in rows})
    return {
        key: LedgerMailView(
            **row.model_dump(include=_MAIL_FIELDS),
            events=(*(_held(key, row, hold) for hold in holds if _was_written_held(row, hold)), *events[key]),
        )
        for key, row in ((row.id or 0, row) for row in rows)
    }


def _holds(session: Session, days: Collection[date]) -> Sequence[DayHoldRow]:
    return session.exec(select(DayHoldRow).where(col(DayHoldRow.day).in_(sorted(days)))).all()


def _was_written_held(mail: MailRow, hold: DayHoldRow) -> bool:
    """Whether the mail was written while its day was held; one that waited before has the act in its own ledger."""
    return mail.kind == EXPIRY_DIGEST and mail.day == hold.day and hold.recorded_at <= mail.created_at < hold.ended_at


def _held(mail_id: int, mail: MailRow, hold: DayHoldRow) -> MailEventView:
    return MailEventView(
        mail_id=mail_id,
        at=mail.created_at,
        kind=MailEventKind.HELD,
        channel="",
        actor=hold.actor,
        code="",
        words=hold.reason,
    )
