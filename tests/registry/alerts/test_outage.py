"""Days without a working mail server: the watch sees it, and when the server is back each recipient gets one mail."""

from datetime import date, timedelta

from registry.alerts.canary import scan_with_canary
from registry.alerts.tables import AlarmKind
from registry.alerts.watch import watch_alerts
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.workers.in_process import send_outbox

TODAY = date(2026, 11, 23)
NOBODY_LISTENS = "smtp://127.0.0.1:1"


def test_a_mail_server_that_is_down_for_a_day_is_an_alarm(runtime: Runtime, clock: FakeClock) -> None:
    watch_alerts(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        add_certificate(
            uow.session, add_agency(uow.session, "Xã Chu Điện", "chu@xa.example"), TODAY + timedelta(days=7)
        )
    scan_with_canary(runtime.database, runtime.settings)
    for _ in range(27):
        send_outbox(runtime, smtp_url=NOBODY_LISTENS)
        clock.advance(timedelta(hours=1))
        scan_with_canary(runtime.database, runtime.settings)
    assert AlarmKind.DUE_UNSENT in watch_alerts(runtime.database, runtime.settings).conditions
