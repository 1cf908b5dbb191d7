"""Seeing what the alerts did and will do."""

from datetime import date, timedelta

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.alerts.digest import EXPIRY_DIGEST, load_lines
from registry.alerts.plan import Plan, PlannedDigest, plan_digests
from registry.alerts.repository import AlertRepository
from registry.alerts.scan import fallback_of, policy_of
from registry.alerts.schemas import (
    AlertsOverview,
    MailView,
    OutboxView,
    PlannedCertificateView,
    PlannedMailView,
    ScanView,
)
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput, NotPermitted
from registry.mail.repository import MailRepository
from registry.mail.tables import MailRow, MailState
from registry.paging import Page, PageRequest, decode_cursor, encode_cursor
from registry.settings import Settings

SCAN_OVERDUE = timedelta(hours=26)
"""A scan runs every hour of the day; a night and a bit of patience are no alarm."""
SENDING_LATE = timedelta(hours=1)

_SORT = "mail"

define(
    "alerts.past_day",
    vi="Ngày {day} đã qua: những gì đã gửi nằm trong danh sách thư. Hãy chọn hôm nay hoặc một ngày sau đó.",
    en="The day {day} is over: what was sent is in the list of mails. Choose today or a later day.",
)
define(
    "alerts.distant_day",
    vi="Chỉ xem trước được đến ngày {last}.",
    en="The preview reaches until {last}.",
)
_HORIZON = timedelta(days=3660)


def preview_mails(uow: UnitOfWork, viewer: Viewer, settings: Settings, *, day: date) -> tuple[PlannedMailView, ...]:
    """Who is going to be told what on `day`, given the register as it is now.

    Raises `InvalidInput` for a day that is over or too far ahead, and `NotPermitted` for an officer: digests go to
    whole agencies and may hold more than one subtree.
    """
    _require_whole_view(viewer)
    today = local_day(uow.now)
    if day < today:
        raise InvalidInput(message("alerts.past_day", day=day.isoformat()), field="date")
    if day > today + _HORIZON:
        raise InvalidInput(message("alerts.distant_day", last=(today + _HORIZON).isoformat()), field="date")
    plan = plan_digests(uow, policy_of(settings), day=day, fallback=fallback_of(settings))
    return tuple(_planned(uow, plan, digest, settings) for digest in plan.digests)


def _planned(uow: UnitOfWork, plan: Plan, digest: PlannedDigest, settings: Settings) -> PlannedMailView:
    keys = [certificate.certificate_id for certificate in digest.certificates]
    lines = {line.certificate_id: line for line in load_lines(uow, keys, day=plan.day, policy=policy_of(settings))}
    return PlannedMailView(
        day=plan.day,
        recipient=digest.recipient.email,
        recipient_name=digest.recipient.name,
        certificates=tuple(
            PlannedCertificateView(
                certificate_id=certificate.certificate_id,
                holder=lines[certificate.certificate_id].holder,
                agency=lines[certificate.certificate_id].agency,
                not_after=lines[certificate.certificate_id].not_after,
                days_left=certificate.left,
                step_days=certificate.due.step,
            )
            for certificate in digest.certificates
        ),
    )


def alerts_overview(uow: UnitOfWork, settings: Settings) -> AlertsOverview:
    """Whether alerts work, and what is waiting."""
    alerts, mails = AlertRepository(uow.session), MailRepository(uow.session)
    last = alerts.find_last_finished_scan()
    states = mails.count_by_state()
    oldest = mails.find_oldest_waiting()
    plan = plan_digests(uow, policy_of(settings), day=local_day(uow.now), fallback=fallback_of(settings))
    return AlertsOverview(
        last_scan=ScanView.model_validate(last, from_attributes=True) if last else None,
        is_scan_overdue=last is None or uow.now - last.started_at > SCAN_OVERDUE,
        is_sending_late=oldest is not None and uow.now - oldest > SENDING_LATE,
        outbox=OutboxView(
            waiting=states.get(MailState.PENDING, 0) + states.get(MailState.SENDING, 0),
            sent=states.get(MailState.SENT, 0),
            failed=states.get(MailState.FAILED, 0),
            oldest_waiting_since=oldest,
            last_sent_at=mails.find_last_sent(),
        ),
        due_now=sum(len(digest.certificates) for digest in plan.digests),
    )


def list_mails(uow: UnitOfWork, viewer: Viewer, page: PageRequest) -> Page[MailView]:
    """Mails, newest first. An officer sees those that tell of a certificate in the own subtree."""
    before = decode_cursor(page.cursor, _SORT)[1] if page.cursor else None
    rows = AlertRepository(uow.session).find_mails(
        viewer, EXPIRY_DIGEST, before=before, limit=page.limit + 1, at=uow.now
    )
    views = tuple(_mail(row, count) for row, count in rows[: page.limit])
    return Page(views, encode_cursor(_SORT, "", views[-1].id) if len(rows) > page.limit else None)


def recent_scans(uow: UnitOfWork, viewer: Viewer, *, limit: int = 20) -> tuple[ScanView, ...]:
    """The latest scans, newest first; raises `NotPermitted` for an officer, whom the whole register does not concern."""
    _require_whole_view(viewer)
    rows = AlertRepository(uow.session).find_recent_scans(limit=limit)
    return tuple(ScanView.model_validate(row, from_attributes=True) for row in rows)


def _mail(row: MailRow, certificates: int) -> MailView:
    return MailView(certificates=certificates, **row.model_dump(exclude={"language", "context", "lease_until"}))


def _require_whole_view(viewer: Viewer) -> None:
    if viewer.agency_path is not None:
        raise NotPermitted(message("registry.not_permitted"))
