"""What a monitor reads: the depth and age of the outbox and the last scan."""

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from registry.alerts.scan import scan_expiries
from registry.runtime import Runtime
from registry.web.app import create_app
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate

PREFIX = "registry_alerts_"


def scrape(runtime: Runtime) -> dict[str, float]:
    answer = TestClient(create_app(runtime)).get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name.removeprefix(PREFIX): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name.startswith(PREFIX)
    }


def test_a_monitor_sees_scans_and_what_waits(runtime: Runtime, clock: FakeClock) -> None:
    assert scrape(runtime) == {"outbox_depth": 0, "mails_refused": 0, "oldest_due_unsent_seconds": 0}
    with runtime.database.write() as uow:
        for number in range(2):
            agency = add_agency(uow.session, f"Xã {number}", f"x{number}@xa.example")
            add_certificate(uow.session, agency, date(2026, 11, 30))
    scan_expiries(runtime.database, runtime.settings)
    scanned = clock.at.timestamp()
    clock.advance(timedelta(hours=3))
    assert scrape(runtime) == {
        "outbox_depth": 2,
        "mails_refused": 0,
        "oldest_due_unsent_seconds": 3 * 3600,
        "last_scan_success_timestamp_seconds": scanned,
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_known_is_left_out(runtime: Runtime) -> None:
    with runtime.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE mail RENAME TO elsewhere"))
    assert scrape(runtime) == {}
