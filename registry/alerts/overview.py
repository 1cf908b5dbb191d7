"""Whether the alerts work, in numbers."""

from datetime import timedelta

from registry.accounts.rights import require_whole_view
from registry.accounts.viewer import Viewer
from registry.alerts.health import find_waiting
from registry.alerts.repository import AlertRepository
from registry.alerts.schemas import AlertsOverview, OutboxView, ScanView
from registry.db.unit_of_work import UnitOfWork
from registry.mail.repository import MailRepository
from registry.mail.tables import MailState

SCAN_OVERDUE = timedelta(hours=26)
"""A scan runs every hour of the day; a night and a bit of patience are no alarm."""
SENDING_LATE = timedelta(hours=1)


def alerts_overview(uow: UnitOfWork) -> AlertsOverview:
    """Whether alerts work, and what is waiting. Cheap however large the register is: it asks the last scan."""
    alerts, mails = AlertRepository(uow.session), MailRepository(uow.session)
    last = alerts.find_last_finished_scan()
    states = mails.count_by_state()
    oldest = find_waiting(uow).since
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
        due_now=last.waiting if last else None,
    )


def recent_scans(uow: UnitOfWork, viewer: Viewer, *, limit: int = 20) -> tuple[ScanView, ...]:
    """The latest scans, newest first; raises `NotPermitted` for an officer, whom the whole register does not concern."""
    require_whole_view(viewer)
    rows = AlertRepository(uow.session).find_recent_scans(limit=limit)
    return tuple(ScanView.model_validate(row, from_attributes=True) for row in rows)
