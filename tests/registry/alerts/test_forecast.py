"""The calendar of the mails says for every day what the plan of that day says, whatever happened before."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete, select

from registry.alerts.calendar.forecast import DayCount, make_forecast
from registry.alerts.plan import plan_digests
from registry.alerts.scan import fallback_of, policy_of, scan_expiries
from registry.alerts.tables import AcknowledgementRow, ExpiryNoticeRow, ExpiryScanRow
from registry.certificates.tables import CertificateRow
from registry.clock import local_day
from registry.mail.tables import MailRow
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate

TODAY = date(2026, 11, 23)
ADDRESSES = (None, "lan@tinh.example", "xa1@tinh.example")


@dataclass(frozen=True)
class Given:
    """One certificate: of which agency, when it ends, where its holder is reached."""

    agency: int
    days: int
    holder: str | None


certificates = st.lists(
    st.builds(Given, st.integers(0, 3), st.integers(-45, 130), st.sampled_from(ADDRESSES)), min_size=1, max_size=8
)
before = st.lists(st.integers(1, 12), max_size=3)
"""Days after which the register was scanned."""
answers = st.lists(st.tuples(st.integers(0, 7), st.integers(1, 40)), max_size=2)
"""Which certificate was answered for, and in how many days a reminder was asked for."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_day_of_the_calendar_is_the_plan_of_that_day(runtime: Runtime, clock: FakeClock) -> None:
    database, start = runtime.database, clock.at
    with database.write() as uow:
        province = add_agency(uow.session, "Tỉnh", "tinh@tinh.example")
        agencies = (
            province,
            add_agency(uow.session, "Xã 1", "xa1@tinh.example", parent=province),
            add_agency(uow.session, "Xã 2", None, parent=province),
            add_agency(uow.session, "Sở", "so@tinh.example"),
        )

    @given(certificates, before, answers)
    @settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    def check(given_certificates: list[Given], scans: list[int], said: list[tuple[int, int]]) -> None:
        clock.at = start
        with database.write() as uow:
            for table in (ExpiryNoticeRow, AcknowledgementRow, MailRow, ExpiryScanRow):
                uow.session.exec(delete(table))
            uow.session.execute(CertificateRow.__table__.update().values(not_after=start - timedelta(days=4000)))  # type: ignore[attr-defined]
            keys = []
            for each in given_certificates:
                key = add_certificate(uow.session, agencies[each.agency], TODAY + timedelta(days=each.days))
                uow.session.get_one(CertificateRow, key).email = each.holder
                keys.append(key)
        for days in scans:
            clock.advance(timedelta(days=days))
            scan_expiries(database, runtime.settings)
        with database.write() as uow:
            mail = uow.session.exec(select(MailRow)).first()
            for index, days in said:
                if mail is not None and index < len(keys):
                    uow.session.add(
                        AcknowledgementRow(
                            certificate_id=keys[index],
                            mail_id=mail.id,
                            recipient=mail.recipient,
                            remind_on=local_day(clock.at) + timedelta(days=days),
                            recorded_at=clock.at,
                        )
                    )
        policy, fallback = policy_of(runtime.settings), fallback_of(runtime.settings)
        with database.read() as uow:
            forecast = make_forecast(uow, policy, fallback=fallback, days=40)
            for ahead in range(40):
                day = local_day(clock.at) + timedelta(days=ahead)
                plan = plan_digests(uow, policy, day=day, fallback=fallback)
                planned = {digest.recipient.email: len(digest.certificates) for digest in plan.digests}
                told: Counter[str] = Counter()
                for (address, _), count in forecast.told.get(day, {}).items():
                    told[address] += count
                assert told == planned, day
                assert forecast.count(day) == DayCount(len(planned), sum(planned.values()))

    check()


def test_the_forecast_of_one_agency_is_its_part_of_the_whole(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agencies = [add_agency(uow.session, f"Xã {number}", f"x{number}@xa.example") for number in range(3)]
        for agency in agencies:
            for days in (5, 31, 100):
                add_certificate(uow.session, agency, TODAY + timedelta(days=days))
    policy, fallback = policy_of(runtime.settings), fallback_of(runtime.settings)
    with runtime.database.read() as uow:
        whole = make_forecast(uow, policy, fallback=fallback)
        own = make_forecast(uow, policy, fallback=fallback, agency_id=agencies[1].agency_id)
    assert own.told
    for ahead in range(90):
        day = TODAY + timedelta(days=ahead)
        assert own.count(day) == whole.count(day, {agencies[1].agency_id})
