"""Any pattern of missed, doubled and interrupted scans, with a clock that steps back: the rules alone say what is told."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete, select

from registry.alerts import scan
from registry.alerts.rules import assess_due, telling_day
from registry.alerts.scan import Recorded, policy_of, record_batch, scan_expiries
from registry.alerts.tables import ExpiryNoticeRow, ExpiryScanRow
from registry.alerts.workdays import WorkCalendar
from registry.certificates.tables import CertificateRow
from registry.clock import local_day
from registry.db.unit_of_work import Database
from registry.mail.tables import MailRow
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import EVERY_DAY, add_agency, add_certificate

TODAY = date(2026, 11, 23)
Told = tuple[int, int, date]
"""Certificate, step and the day of the mail."""
CALENDAR = WorkCalendar()
BATCH = 4
"""Certificates that a scan looks at together."""
ADDRESSES = ("a@xa.example", "b@xa.example", "c@xa.example")


@dataclass(frozen=True)
class Turn:
    """The clock moves by so many days and a scan runs; `ends_after` batches with something due it is interrupted."""

    days: int
    ends_after: int | None


turns = st.lists(
    st.builds(Turn, days=st.integers(-4, 25), ends_after=st.sampled_from((None, None, None, 0, 1, 2))), max_size=9
)


@dataclass(frozen=True)
class Known:
    """One certificate as the expectation sees it."""

    key: int
    expires: date

    def left_when_told(self, steps: tuple[int, ...]) -> dict[int, int]:
        return {step: (self.expires - telling_day(self.expires, step, CALENDAR)).days for step in steps}


def expect(certificates: list[Known], steps: tuple[int, ...], days: list[tuple[date, int | None]]) -> set[Told]:
    """What is told by scans on `days`, from `assess_due` alone: batch by batch in the order of expiry."""
    reported: dict[int, set[int]] = {certificate.key: set() for certificate in certificates}
    told: set[Told] = set()
    first_step = max(steps)
    for day, ends_after in days:
        horizon = CALENDAR.next_workday(day) + timedelta(days=first_step - 1)
        looked_at = sorted((one for one in certificates if one.expires <= horizon), key=lambda one: one.expires)
        batches = 0
        for start in range(0, len(looked_at), BATCH):
            due = [
                (one, step)
                for one in looked_at[start : start + BATCH]
                if (step := assess_due((one.expires - day).days, steps, reported[one.key], one.left_when_told(steps)))
            ]
            if not due:
                continue
            if batches == ends_after:
                break
            batches += 1
            for one, step in due:
                told.add((one.key, step.step, day))
                reported[one.key] |= {step.step, *step.passed}
    return told


def scan_until(database: Database, settings: Settings, ends_after: int | None) -> None:
    """Scan; after so many batches the process ends."""
    if ends_after is None:
        scan_expiries(database, settings)
        return
    left = [ends_after]

    def record(*arguments: Any, **named: Any) -> Recorded:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return record_batch(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "record_batch", record)
        try:
            scan_expiries(database, settings)
        except KeyboardInterrupt:
            return


def find_told(database: Database) -> tuple[set[Told], set[tuple[int, int]]]:
    """What was mailed, and every step on record; no step is on record twice."""
    with database.read() as uow:
        notices = uow.session.exec(select(ExpiryNoticeRow)).all()
        days = {mail.id: mail.day for mail in uow.session.exec(select(MailRow))}
    recorded = [(notice.certificate_id, notice.step_days) for notice in notices]
    assert len(recorded) == len(set(recorded))
    mailed = {(n.certificate_id, n.step_days, days[n.mail_id]) for n in notices if n.mail_id is not None}
    assert len({(key, day) for key, _, day in mailed}) == len(mailed), "two steps of one certificate in one mail"
    return mailed, set(recorded)


def test_every_pattern_of_scans_tells_what_the_rules_say(
    runtime: Runtime, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.at
    database = runtime.database
    monkeypatch.setattr("registry.alerts.repository.BATCH", BATCH)
    without_escalation = runtime.settings.model_copy(update=EVERY_DAY | {"alert_works_every_day": False})
    steps = policy_of(without_escalation).steps
    with database.write() as uow:
        for number, address in enumerate(ADDRESSES):
            agency = add_agency(uow.session, f"Xã {number}", address)
            for days in (2, 31, 33, 58, 93):
                add_certificate(uow.session, agency, TODAY + timedelta(days=days + 3 * number))
    with database.read() as uow:
        rows = uow.session.exec(select(CertificateRow).order_by(CertificateRow.id)).all()  # type: ignore[arg-type]
    certificates = [Known(row.id or 0, local_day(row.not_after)) for row in rows]

    @given(turns)
    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    def check(pattern: list[Turn]) -> None:
        with database.write() as uow:
            for table in (ExpiryNoticeRow, MailRow, ExpiryScanRow):
                uow.session.exec(delete(table))
        days: list[tuple[date, int | None]] = []
        position = furthest = 0
        for turn in pattern:
            position = max(0, position + turn.days)
            furthest = max(furthest, position)
            # Beyond the days within which a missed step is made up for, an outage loses steps, as is announced.
            if furthest > 36:
                break
            clock.at = start + timedelta(days=position)
            scan_until(database, without_escalation, turn.ends_after)
            days.append((local_day(clock.at), turn.ends_after))
        last = min(furthest, 36)
        clock.at = start + timedelta(days=last)
        scan_expiries(database, without_escalation)
        days.append((local_day(clock.at), None))

        mailed, recorded = find_told(database)
        assert mailed == expect(certificates, steps, days)
        today = TODAY + timedelta(days=last)
        assert recorded == {
            (one.key, step)
            for one in certificates
            for step, left in one.left_when_told(steps).items()
            if (one.expires - today).days <= left
        }

    check()
