"""A year of alerts, day by day, in fair and foul weather, with a real mail server: everybody is told what the rules say.

The register is the demonstration province as it was on each of the days, with what happened in it: renewals, revocations,
agencies that merge. Beside it runs an expectation that knows the rules and nothing of the product. Each mail that the
server takes is held against it at once, and the whole record at the end.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlmodel import col, delete, insert, select

from registry.certificates.tables import CertificateEventRow
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.journeys.alert_year.expected import ADMINISTRATOR, Expectation
from tests.journeys.alert_year.facts import Facts, midnight
from tests.journeys.alert_year.play import BATCH, Year
from tests.journeys.alert_year.post import PostOffice, post_office
from tests.journeys.alert_year.weather import Weather, forecast
from tests.province import copy_of_province

FIRST, DAYS = date(2025, 11, 23), 365
STEPS = (90, 60, 45, 30, 14, 7, 1, 0, -7)
LAST_DAY_FOR_EXTENSION = 25
"""No step of its own by the settings, so that the rule has to make it one."""
PUBLIC_HOLIDAYS = (
    *(date(2026, 1, day) for day in (1, 2)),
    *(date(2026, 2, day) for day in range(16, 21)),
    date(2026, 4, 27),
    date(2026, 4, 30),
    date(2026, 5, 1),
    date(2026, 8, 31),
    *(date(2026, 9, day) for day in (1, 2)),
    date(2026, 11, 24),
)
WORKED = (date(2026, 1, 10), date(2026, 8, 22))
"""Saturdays in place of 2 January and 31 August."""


def settings_of(directory: Path, database_url: str, office: PostOffice) -> Settings:
    return Settings(
        data_dir=directory,
        database_url=database_url,
        redis_url="",
        smtp_url=office.url,
        administrator_email=ADMINISTRATOR,
        alert_steps_days=STEPS,
        extension_minimum_days=LAST_DAY_FOR_EXTENSION,
        # What the government announced after the calendar library was made.
        alert_days_off=(date(2026, 1, 2),),
        alert_days_worked=(date(2026, 1, 10),),
    )


def expect(facts: Facts) -> Expectation:
    return Expectation(facts, steps={*STEPS, LAST_DAY_FOR_EXTENSION}, days_off=PUBLIC_HOLIDAYS, days_worked=WORKED)


@contextmanager
def province(
    tmp_path_factory: pytest.TempPathFactory, directory: Path
) -> Iterator[tuple[Year, deque[CertificateEventRow]]]:
    """The demonstration province on the first day, and what the register learns later, in order."""
    copy_of_province(tmp_path_factory, directory)
    clock, queue = FakeClock(midnight(FIRST)), RecordingQueue()
    with post_office() as office:
        runtime = Runtime.build(settings_of(directory, "", office), clock=clock, queue=queue)
        with runtime.database.write() as uow:
            is_later = col(CertificateEventRow.recorded_at) >= midnight(FIRST)
            later = uow.session.exec(select(CertificateEventRow).where(is_later)).all()
            uow.session.exec(delete(CertificateEventRow).where(is_later))
        try:
            year = Year(runtime, clock, queue, office, expect(Facts.read(runtime.database)), Random(0))
            yield year, deque(sorted(later, key=lambda event: event.recorded_at))
        finally:
            runtime.close()


def learn(year: Year, later: deque[CertificateEventRow], day: date) -> None:
    """The register learns what was entered before `day`."""
    news = []
    while later and later[0].recorded_at < midnight(day):
        event = later.popleft()
        news.append(event.model_dump())
        year.expectation.learn(event.certificate_id, event.recorded_at)
    if news:
        with year.runtime.database.write() as uow:
            uow.session.execute(insert(CertificateEventRow), news)


def live(year: Year, later: deque[CertificateEventRow], *, seed: int, days: int = DAYS) -> None:
    print(f"seed {seed}")
    year.random = Random(seed)
    for number, weather in enumerate([*forecast(days - 1, year.random), Weather.FINE]):
        day = FIRST + timedelta(days=number)
        learn(year, later, day)
        year.live(day, weather)
    year.close()
    print(dict(year.seen))


def test_a_year_of_the_province(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.alerts.repository.BATCH", BATCH)
    with province(tmp_path_factory, tmp_path / "province") as (year, later):
        live(year, later, seed=20251123)
