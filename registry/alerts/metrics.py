"""What a monitor watches: whether scans run and whether what is due leaves."""

from collections.abc import Iterator

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from registry.alerts.health import find_oldest_due, find_open_alarms, find_watch
from registry.alerts.repository import AlertRepository
from registry.alerts.tables import AlarmKind
from registry.db.unit_of_work import Database
from registry.mail.repository import MailRepository
from registry.mail.tables import MailState

log = structlog.get_logger(__name__)


def collect_alert_metrics(database: Database) -> Iterator[Metric]:
    """The state at this moment, read anew at each scrape.

    What is not known is left out rather than zero: the time of the last scan before the first one, and everything
    while the database does not answer. A monitor alarms on absence.
    """
    try:
        with database.read() as uow:
            scan = AlertRepository(uow.session).find_last_finished_scan()
            mails = MailRepository(uow.session)
            states = mails.count_by_state()
            oldest = find_oldest_due(uow)
            watch = find_watch(uow)
            alarms = find_open_alarms(uow)
            now = uow.now
    except SQLAlchemyError:
        log.warning("alert_metrics_unknown", exc_info=True)
        return
    waiting = states.get(MailState.PENDING, 0) + states.get(MailState.SENDING, 0)
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    yield _gauge("registry_alerts_outbox_depth", "Mails that wait to be sent.", waiting)
    yield _gauge(
        "registry_alerts_mails_refused", "Mails that a server refused for good.", states.get(MailState.FAILED, 0)
    )
    yield _gauge(
        "registry_alerts_oldest_due_unsent_seconds",
        "Age of what is due longest and has not left, by the rules as the watch last saw it or in the outbox; 0: nothing.",
        age,
    )
    if scan is not None and scan.finished_at is not None:
        yield _gauge(
            "registry_alerts_last_scan_success_timestamp_seconds",
            "When a scan last came to its end without a failure.",
            scan.finished_at.timestamp(),
        )

        if scan.canary_found is not None:
            yield _gauge(
                "registry_alerts_canary_found",
                "Whether the last scan would bring a due certificate to the outbox.",
                scan.canary_found,
            )
    if watch is not None:
        yield _gauge(
            "registry_alerts_last_watch_timestamp_seconds", "When the watch last looked.", watch.at.timestamp()
        )
        if watch.due_unsent is not None:
            yield _gauge(
                "registry_alerts_due_unsent",
                "Certificates due by the rules and not in the outbox, when the watch last looked.",
                watch.due_unsent,
            )
    alarm = GaugeMetricFamily("registry_alerts_alarm", "What the watch alarms about: 1.", labels=["kind"])
    for kind in AlarmKind:
        alarm.add_metric([kind], kind in alarms)
    yield alarm


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
