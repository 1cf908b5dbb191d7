"""A year of alerts, day by day, in fair and foul weather, with a real mail server: everybody is told what the rules say.

The register is the demonstration province as it was on each of the days, with what happened in it: renewals, revocations,
agencies that merge. Beside it runs an expectation that knows the rules and nothing of the product. Each mail that the
server takes is held against it at once, and the whole record at the end.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import structlog
from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateStatus
from registry.clock import FOREVER
from registry.db.migrations import migrate
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
from tests.registry.alerts.rows import add_agency, add_certificate

log = structlog.get_logger(__name__)

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


def settings_of(directory: Path, database_url: str, office: PostOffice, *, holder_is_told: bool) -> Settings:
    return Settings(
        data_dir=directory,
        database_url=database_url,
        redis_url="",
        smtp_url=office.url,
        smtp_connections=2,
        administrator_email=ADMINISTRATOR,
        alert_steps_days=STEPS,
        alert_holder_is_told=holder_is_told,
        extension_minimum_days=LAST_DAY_FOR_EXTENSION,
        # What the government announced after the calendar library was made.
        alert_days_off=(date(2026, 1, 2),),
        alert_days_worked=(date(2026, 1, 10),),
    )


def begin(runtime: Runtime, clock: FakeClock, queue: RecordingQueue, office: PostOffice) -> Year:
    """The product and, beside it, what the rules say of the register as it is."""
    expectation = Expectation(
        Facts.read(runtime.database),
        steps={*STEPS, LAST_DAY_FOR_EXTENSION},
        days_off=PUBLIC_HOLIDAYS,
        days_worked=WORKED,
        holder_is_told=runtime.settings.alert_holder_is_told,
    )
    return Year(runtime, clock, queue, office, expectation, Random(0))


@contextmanager
def province(
    tmp_path_factory: pytest.TempPathFactory, directory: Path, *, holder_is_told: bool
) -> Iterator[tuple[Year, deque[CertificateEventRow]]]:
    """The demonstration province on the first day, and what the register learns later, in order."""
    copy_of_province(tmp_path_factory, directory)
    clock, queue = FakeClock(midnight(FIRST)), RecordingQueue()
    with post_office() as office:
        settings = settings_of(directory, "", office, holder_is_told=holder_is_told)
        runtime = Runtime.build(settings, clock=clock, queue=queue)
        with runtime.database.write() as uow:
            is_later = col(CertificateEventRow.recorded_at) >= midnight(FIRST)
            later = uow.session.exec(select(CertificateEventRow).where(is_later)).all()
            uow.session.execute(delete(CertificateEventRow).where(is_later))
        try:
            yield (
                begin(runtime, clock, queue, office),
                deque(sorted(later, key=lambda event: event.recorded_at)),
            )
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


def live(year: Year, later: deque[CertificateEventRow], fates: Sequence[Weather], *, seed: int) -> None:
    """Days one after the other, the last of them fine."""
    log.info("year_begins", seed=seed)
    for number, weather in enumerate([*fates, Weather.FINE]):
        day = FIRST + timedelta(days=number)
        learn(year, later, day)
        year.live(day, weather)
    year.close()
    log.info("year_ends", **year.seen)


def live_a_year(year: Year, later: deque[CertificateEventRow], *, seed: int) -> None:
    year.random = Random(seed)
    live(year, later, forecast(DAYS - 1, year.random), seed=seed)
    assert all(year.seen[weather.name] for weather in Weather)
    assert year.seen["answers"] > 50
    assert year.seen["killed"] > 0
    assert year.seen["superseded"] > 10
    assert year.seen["mails"] > 4000


def test_a_year_of_the_province(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.alerts.repository.BATCH", BATCH)
    with province(tmp_path_factory, tmp_path / "province", holder_is_told=False) as (year, later):
        live_a_year(year, later, seed=20251123)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_years_of_the_province_with_its_holders(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("registry.alerts.repository.BATCH", BATCH)
    with province(tmp_path_factory, tmp_path / "province", holder_is_told=True) as (year, later):
        live_a_year(year, later, seed=seed)


def settle_district(runtime: Runtime, random: Random) -> None:
    """A department with communes below it and their people; of every fourth certificate the end is set already."""
    with runtime.database.write() as uow:
        department = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        communes = [
            add_agency(
                uow.session, f"Xã {number}", f"xa{number}@tinh.example" if number % 5 else None, parent=department
            )
            for number in range(8)
        ]
        for number in range(60):
            commune = random.choice([department, *communes])
            expires = FIRST + timedelta(days=random.randint(-20, 130))
            email = f"nguoi{number % 45}@tinh.example" if number % 3 else None
            key = add_certificate(uow.session, commune, expires, email=email)
            if number % 4 == 0:
                at = midnight(FIRST) + timedelta(hours=random.randint(1, 24 * 60))
                _settle(uow.session, key, at, is_replaced=number % 8 == 0)


def _settle(session: Session, certificate_id: int, at: datetime, *, is_replaced: bool) -> None:
    before = session.exec(
        select(CertificatePeriodRow).where(CertificatePeriodRow.certificate_id == certificate_id)
    ).one()
    before.effective_until = at
    after = before.model_dump(exclude={"id", "effective_from", "effective_until"})
    after["is_replaced"] = is_replaced
    after["status"] = before.status if is_replaced else CertificateStatus.REVOKED
    session.add(CertificatePeriodRow(effective_from=at, effective_until=FOREVER, **after))
    session.flush()


def test_weeks_of_a_district_on_each_database(
    database_url: str, tmp_path: Path, clock: FakeClock, queue: RecordingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.alerts.repository.BATCH", 7)
    monkeypatch.setattr("tests.journeys.alert_year.play.BATCH", 7)
    seed, clock.at = 7, midnight(FIRST)
    random = Random(seed)
    with post_office() as office:
        settings = settings_of(tmp_path / "data", database_url, office, holder_is_told=True)
        runtime = Runtime.build(settings, clock=clock, queue=queue)
        migrate(runtime.database.engine)
        settle_district(runtime, random)
        year = begin(runtime, clock, queue, office)
        year.random = random
        fates = [fate for fate in Weather for _ in range(2)]
        random.shuffle(fates)
        live(year, deque(), fates, seed=seed)
        runtime.close()
    assert year.seen["mails"] > 60
