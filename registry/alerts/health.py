"""Whether the alerts work, from a few rows: what the home page says, what `/metrics` shows, what the watch alarms about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, func, or_
from sqlmodel import col, select

from certs.messages import Message, define, message
from registry.alerts.repository import AlertRepository
from registry.alerts.tables import (
    AlarmKind,
    AlarmSpellRow,
    AlertBaselineRow,
    AlertNoticeRow,
    AlertWatchRow,
    ExpiryScanRow,
)
from registry.clock import FOREVER, VIETNAM
from registry.db.unit_of_work import UnitOfWork
from registry.mail.tables import MailEventKind, MailEventRow, MailRow, MailState
from registry.settings import Settings

WATCH: Final = "watch"
"""Name of the baseline: since when there is a watch."""
WATCH_ROW: Final = 1
WATCH_OVERDUE: Final = timedelta(hours=3)
"""It runs every hour, day and night."""
_REFUSED_WITHIN: Final = timedelta(hours=36)

define(
    "alerts.scan_missing",
    vi="Chưa có lần quét chứng thư sắp hết hạn nào chạy xong kể từ {since}. Hãy kiểm tra tiến trình worker và bộ hẹn giờ "
    "(lệnh registry doctor).",
    en="No scan for expiring certificates has come to its end since {since}. Check whether a worker and the scheduler run "
    "(command registry doctor).",
)
define(
    "alerts.scan_failing",
    vi="Các lần quét chứng thư sắp hết hạn đều bị lỗi kể từ {since}. Lỗi gần nhất: {failure}",
    en="Scans for expiring certificates have failed since {since}. The latest failure: {failure}",
)
define(
    "alerts.due_unsent",
    vi="Có cảnh báo đến hạn từ {since} mà chưa gửi: {certificates} chứng thư hết hạn và {notices} tin khác chưa vào "
    "hộp thư đi, {mails} thư đang chờ gửi. Hãy kiểm tra máy chủ thư và tiến trình worker (lệnh registry doctor).",
    en="Alerts due since {since} have not left: {certificates} expiring certificates and {notices} other matters are "
    "not in the outbox, {mails} mails wait. "
    "Check the mail server and the worker (command registry doctor).",
)
define(
    "alerts.canary_lost",
    vi="Chứng thư thử đến hạn không đi hết đường tới hộp thư đi trong lần quét {since}, nên chứng thư thật cũng có thể bị "
    "bỏ sót. Lỗi: {failure}",
    en="In the scan of {since} a due test certificate did not come through to the outbox, so real ones may be missed too. "
    "Where it was lost: {failure}",
)
define(
    "alerts.mails_refused",
    vi="{mails} thư bị máy chủ thư từ chối hoặc trả lại từ {since}. Hãy xem trang Cảnh báo và sửa các địa chỉ sai.",
    en="Mail servers refused or returned {mails} mails since {since}. Look at the page of alerts and mend the addresses.",
)
define(
    "alerts.watch_missing",
    vi="Việc tự giám sát cảnh báo không chạy kể từ {since}. Hãy kiểm tra tiến trình worker và bộ hẹn giờ.",
    en="The watch over the alerts has not run since {since}. Check whether a worker and the scheduler run.",
)
define(
    "alerts.never_watched",
    vi="Việc tự giám sát cảnh báo chưa chạy lần nào. Hãy kiểm tra tiến trình worker và bộ hẹn giờ (lệnh registry doctor).",
    en="The watch over the alerts has never run. Check whether a worker and the scheduler run (command registry doctor).",
)
define(
    "alerts.never_scanned",
    vi="Chưa có lần quét chứng thư sắp hết hạn nào chạy xong. Hãy kiểm tra tiến trình worker và bộ hẹn giờ "
    "(lệnh registry doctor).",
    en="No scan for expiring certificates has ever come to its end. Check whether a worker and the scheduler run "
    "(command registry doctor).",
)
define(
    "alerts.working",
    vi="Cảnh báo hoạt động: lần quét gần nhất {scan} đã xem {examined} chứng thư; không có cảnh báo đến hạn nào bị trễ.",
    en="Alerts work: the latest scan, {scan}, examined {examined} certificates; nothing due is late.",
)


@dataclass(frozen=True, slots=True)
class AlertsHealth:
    """Whether the alerts work, in words."""

    is_working: bool
    sentences: tuple[Message, ...]
    """What is wrong, or the one sentence that says that nothing is."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is in the outbox, or on its way there, and could leave."""

    mails: int
    notices: int
    """Of anything but expiries, that stand in no mail yet."""
    since: datetime | None
    """Since when the oldest waits."""


def find_health(uow: UnitOfWork, settings: Settings) -> AlertsHealth:
    """Whether the alerts work at this moment, from a few rows: nothing is planned."""
    watch = find_watch(uow)
    wrong = tuple(find_conditions(uow, settings).values())
    if watch is None:
        wrong = (*wrong, message("alerts.never_watched"))
    elif uow.now - watch.at > WATCH_OVERDUE:
        wrong = (*wrong, message("alerts.watch_missing", since=_moment(watch.at)))
    if wrong:
        return AlertsHealth(is_working=False, sentences=wrong)
    scan = AlertRepository(uow.session).find_last_finished_scan()
    if scan is None:  # too early to call it missing
        return AlertsHealth(is_working=True, sentences=(message("alerts.never_scanned"),))
    said = message("alerts.working", scan=_moment(scan.started_at), examined=scan.examined)
    return AlertsHealth(is_working=True, sentences=(said,))


def find_conditions(uow: UnitOfWork, settings: Settings) -> dict[AlarmKind, Message]:
    """What is wrong at this moment, each with a sentence for a person. Reads what the scan and the watch kept."""
    repository = AlertRepository(uow.session)
    last = repository.find_last_finished_scan()
    found = (
        (AlarmKind.SCAN_MISSING, _scan_missing(uow, settings, last)),
        (AlarmKind.DUE_UNSENT, _due_unsent(uow, settings)),
        (AlarmKind.CANARY_LOST, _canary_lost(last)),
        (AlarmKind.MAILS_REFUSED, _mails_refused(uow, settings)),
    )
    return {kind: said for kind, said in found if said is not None}


def _scan_missing(uow: UnitOfWork, settings: Settings, last: ExpiryScanRow | None) -> Message | None:
    baseline = uow.session.get(AlertBaselineRow, WATCH)
    begin = last.started_at if last is not None else baseline.at if baseline is not None else uow.now
    if uow.now - begin <= timedelta(hours=settings.alert_scan_overdue_hours):
        return None
    latest = next(iter(AlertRepository(uow.session).find_recent_scans(limit=1)), None)
    if latest is not None and latest.failure is not None:
        return message("alerts.scan_failing", since=_moment(begin), failure=latest.failure[:300])
    return message("alerts.never_scanned") if last is None else message("alerts.scan_missing", since=_moment(begin))


def _due_unsent(uow: UnitOfWork, settings: Settings) -> Message | None:
    since = find_oldest_due(uow)
    if since is None or uow.now - since <= timedelta(hours=settings.alert_due_unsent_hours):
        return None
    watch = find_watch(uow)
    certificates = watch.due_unsent or 0 if watch is not None else 0
    waiting = find_waiting(uow)
    return message(
        "alerts.due_unsent",
        since=_moment(since),
        certificates=certificates,
        notices=waiting.notices,
        mails=waiting.mails,
    )


def _canary_lost(last: ExpiryScanRow | None) -> Message | None:
    if last is None or last.canary_found is not False:
        return None
    return message("alerts.canary_lost", since=_moment(last.started_at), failure=(last.canary_fault or "")[:300])


def _mails_refused(uow: UnitOfWork, settings: Settings) -> Message | None:
    since = uow.now - _REFUSED_WITHIN
    refused = count_refused(uow, since, uow.now)
    if refused < settings.alert_refused_mails:
        return None
    return message("alerts.mails_refused", mails=refused, since=_moment(since))


def count_refused(uow: UnitOfWork, begin: datetime, end: datetime) -> int:
    """Mails that a mail server refused or returned for good in a time, by its own words."""
    query = select(func.count(col(MailEventRow.mail_id).distinct())).where(
        col(MailEventRow.kind).in_((MailEventKind.REFUSED, MailEventKind.BOUNCED)),
        MailEventRow.channel == "",
        MailEventRow.code != "",
        col(MailEventRow.at) > begin,
        col(MailEventRow.at) <= end,
    )
    return uow.session.exec(query).one()


def find_watch(uow: UnitOfWork) -> AlertWatchRow | None:
    """What the watch saw the last time; None before the first."""
    return uow.session.get(AlertWatchRow, WATCH_ROW)


def find_oldest_due(uow: UnitOfWork) -> datetime | None:
    """Since when the oldest waits of what is due by the rules or in the outbox and has not left; None: nothing does."""
    watch = find_watch(uow)
    known = (find_waiting(uow).since, watch.oldest_due_at if watch is not None else None)
    return min((moment for moment in known if moment is not None), default=None)


def find_waiting(uow: UnitOfWork) -> Waiting:
    """What could leave and has not. Mail that its time has not come for, or that a person holds, does not wait."""
    # A sender gives back what it could not hand to any server without counting that as an attempt, for a later moment.
    was_tried = or_(col(MailRow.attempts) > 0, col(MailRow.last_reply).is_not(None))
    # One that was found at night, or held, could leave later than it was written.
    could_leave = case((was_tried, col(MailRow.created_at)), else_=col(MailRow.not_before))
    mails = select(func.count(), func.min(could_leave)).where(
        or_(
            col(MailRow.state) == MailState.SENDING,
            and_(col(MailRow.state) == MailState.PENDING, or_(was_tried, col(MailRow.not_before) <= uow.now)),
        )
    )
    count, oldest = uow.session.exec(mails).one()
    notices = select(func.count(), func.min(AlertNoticeRow.recorded_at)).where(col(AlertNoticeRow.mail_id).is_(None))
    unmailed, oldest_unmailed = uow.session.exec(notices).one()
    moments = (moment for moment in (oldest, oldest_unmailed) if moment is not None)
    return Waiting(count, unmailed, min(moments, default=None))


def find_open_alarms(uow: UnitOfWork) -> set[AlarmKind]:
    """What the watch has alarmed about and has not called over yet."""
    return {spell.kind for spell in uow.session.exec(select(AlarmSpellRow).where(AlarmSpellRow.ended_at == FOREVER))}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M} +07:00"
