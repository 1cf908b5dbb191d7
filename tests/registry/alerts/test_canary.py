"""The canary goes the whole way of a due certificate, and leaves no trace."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, func, select, text

from registry.agencies.tables import AgencyRow
from registry.alerts import canary, scan
from registry.alerts.canary import fly_canary, scan_with_canary
from registry.alerts.repository import AlertRepository, Candidate
from registry.alerts.tables import ExpiryNoticeRow, ExpiryScanRow
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.db.types import metadata
from registry.mail.tables import MailRow
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.registry.alerts.rows import add_agency, add_certificate

TODAY = date(2026, 11, 23)


def contents(runtime: Runtime) -> dict[str, int]:
    """How many rows each table holds."""
    with runtime.database.read() as uow:
        return {
            table.name: uow.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def last_scan(runtime: Runtime) -> tuple[bool | None, str | None]:
    with runtime.database.read() as uow:
        row = uow.session.exec(select(ExpiryScanRow).order_by(col(ExpiryScanRow.id).desc())).first()
        assert row is not None
        return row.canary_found, row.canary_fault


def test_every_step_of_the_rules_is_found_and_nothing_stays(
    runtime: Runtime, clock: FakeClock, queue: RecordingQueue
) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", "chu@xa.example")
        add_certificate(uow.session, agency, TODAY + timedelta(days=7))
    before = contents(runtime)
    for _ in range(len(runtime.settings.alert_steps_days)):
        assert fly_canary(runtime.database, runtime.settings) is None
        clock.advance(timedelta(hours=1))
    assert contents(runtime) == before
    assert queue.take() == []


def test_a_scan_keeps_whether_its_canary_was_found(runtime: Runtime) -> None:
    outcome = scan_with_canary(runtime.database, runtime.settings)
    assert (outcome.examined, outcome.mails) == (0, 0)
    assert last_scan(runtime) == (True, None)


def break_candidates(patch: pytest.MonkeyPatch) -> None:
    """The search stops one row too early."""
    original = AlertRepository.iter_candidates

    def shortened(self: AlertRepository, first: date, last: date, *, at: datetime) -> Iterator[list[Candidate]]:
        for batch in original(self, first, last, at=at):
            yield list(batch)[:-1]

    patch.setattr(AlertRepository, "iter_candidates", shortened)


def break_rules(patch: pytest.MonkeyPatch) -> None:
    """No step is ever reached."""
    patch.setattr("registry.alerts.timeline.assess_due", lambda *_, **__: None)


def break_recording(patch: pytest.MonkeyPatch) -> None:
    """What was planned is not written down."""
    patch.setattr(canary, "record_batch", lambda *_, **__: scan.Recorded())


def break_rendering(patch: pytest.MonkeyPatch) -> None:
    """The template asks for something that nobody gives."""

    def fail(*_: object) -> None:
        raise KeyError("holder")

    patch.setattr(canary, "compose_mail", fail)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (break_candidates, "not found"),
        (break_rules, "not found"),
        (break_recording, "not written to the outbox"),
        (break_rendering, "KeyError"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wherever_the_way_is_broken_the_canary_is_lost(runtime: Runtime, fault: object, said: str) -> None:
    assert callable(fault)
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        scan_with_canary(runtime.database, runtime.settings)
    found, words = last_scan(runtime)
    assert found is False
    assert said in (words or "")
    with runtime.database.read() as uow:
        for table in (AgencyRow, CertificateRow, CertificatePeriodRow, MailRow, ExpiryNoticeRow):
            assert uow.session.exec(select(func.count()).select_from(table)).one() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lost_trigger_loses_the_canary(runtime: Runtime) -> None:
    """What was the fault elsewhere: after an upgrade the query found no certificates, and nobody noticed."""
    with runtime.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE expiry_notice RENAME TO elsewhere"))
    assert "expiry_notice" in (fly_canary(runtime.database, runtime.settings) or "")
