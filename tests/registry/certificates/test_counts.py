"""The kept counts are what the certificates have, whatever is written in whatever order, at every moment they tell of."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlmodel import col, select

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.succession import dissolve_agency
from registry.certificates.changes import Change, revoke_certificate
from registry.certificates.counts import (
    AgencyCounts,
    count_naming_ended_bodies,
    counted_anew,
    counts_by_agency,
    counts_by_expiry,
    covered_agencies,
    expiry_counted_anew,
    tells,
    to_expiry_counts,
    total_counts,
)
from registry.certificates.counts_upkeep import count_anew, find_wrong_counts, sum_up
from registry.certificates.query import CertificateQuery, Flag, Standing
from registry.certificates.repository import count_certificates
from registry.certificates.tables import (
    AgencyCountRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    ExpiryCountRow,
    SubscriberKind,
)
from registry.clock import FOREVER, local_day
from registry.db.unit_of_work import Database, UnitOfWork
from tests.factories.agencies import agency_change, make_agency
from tests.factories.certificates import EVERYTHING, make_certificate

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MOMENTS = [NOW + timedelta(days=days) for days in (-900, -400, -2, 0, 3, 500)]
INSTANT = timedelta(microseconds=1)
PERIODS = CertificatePeriodRow.__table__  # type: ignore[attr-defined]

moments = st.sampled_from(MOMENTS)
facts = st.fixed_dictionaries(
    {
        "effective_from": moments,
        "effective_until": st.sampled_from([*MOMENTS, FOREVER]),
        "agency": st.integers(0, 1),
        "status": st.sampled_from(CertificateStatus),
        "custody": st.sampled_from(Custody),
        "is_replaced": st.booleans(),
    }
)
certificates = st.integers(0, 2)
said = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(SubscriberKind),
        "generation": st.sampled_from(["G2", "unknown"]),
        "not_before": moments,
        "not_after": moments,
        "key_bits": st.sampled_from([1024, 2048]),
    }
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.lists(st.tuples(certificates, facts), min_size=1, max_size=3)),
        st.tuples(st.just("change"), certificates, facts),
        st.tuples(st.just("end"), certificates),
        st.tuples(st.just("say"), certificates, said),
        st.tuples(st.just("sum up"), moments),
    ),
    min_size=1,
    max_size=12,
)


class Writer:
    """Writes periods as they come, sensible or not: only what the tables allow is asked of them."""

    def __init__(self, uow: UnitOfWork, keys: tuple[int, ...], agencies: tuple[int, int]) -> None:
        self.session, self.keys, self.agencies = uow.session, keys, agencies
        self.begun = {
            (each.certificate_id, each.effective_from) for each in self.session.exec(select(CertificatePeriodRow))
        }

    def write(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("begin", periods):
                rows = [self.columns(fact) | {"certificate_id": self.keys[number]} for number, fact in periods]
                fresh = {(row["certificate_id"], row["effective_from"]): row for row in rows}
                fresh = {key: row for key, row in fresh.items() if key not in self.begun}
                self.begun |= fresh.keys()
                if fresh:
                    self.session.execute(insert(PERIODS), list(fresh.values()))
            case ("change", number, fact):
                columns = self.columns(fact)
                del columns["effective_from"]
                of_it = col(CertificatePeriodRow.certificate_id) == self.keys[number]
                self.session.execute(update(PERIODS).where(of_it).values(columns))
            case ("end", number):
                self.session.execute(delete(PERIODS).where(PERIODS.c.certificate_id == self.keys[number]))
                self.begun = {(key, at) for key, at in self.begun if key != self.keys[number]}
            case ("say", number, columns):
                of_it = col(CertificateRow.id) == self.keys[number]
                self.session.execute(update(CertificateRow).where(of_it).values(columns))
            case ("sum up", at):
                sum_up(UnitOfWork(self.session, at), worth=1)

    def columns(self, fact: dict[str, Any]) -> dict[str, Any]:
        columns = dict(fact)
        columns["agency_id"] = self.agencies[columns.pop("agency")]
        return columns


@pytest.fixture
def known(database: Database) -> tuple[tuple[int, ...], tuple[int, int]]:
    """Three certificates and two agencies."""
    with database.write() as uow:
        agencies = (make_agency(uow), make_agency(uow, "Sở Nội vụ"))
        keys = tuple(
            make_certificate(uow, agencies[number % 2], serial=1000 + number, not_before=MOMENTS[1])
            for number in range(3)
        )
    return keys, agencies


def compare(uow: UnitOfWork, at: datetime) -> None:
    agency = col(CertificatePeriodRow.agency_id)
    counted = uow.session.execute(counted_anew(uow, EVERYTHING, at).add_columns(agency).group_by(agency))
    assert counts_by_agency(uow, EVERYTHING, at) == {key: AgencyCounts(*counts) for *counts, key in counted}
    (totals,) = uow.session.execute(counted_anew(uow, EVERYTHING, at))
    assert total_counts(uow, EVERYTHING, at) == AgencyCounts(*(count or 0 for count in totals))
    first, last = local_day(MOMENTS[0]), local_day(MOMENTS[-1])
    days = to_expiry_counts(uow.session.execute(expiry_counted_anew(uow, EVERYTHING, at, first, last)))
    assert counts_by_expiry(uow, EVERYTHING, at, first, last) == days


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps)
def test_kept_counts_are_what_is_counted(
    database: Database, known: tuple[tuple[int, ...], tuple[int, int]], steps: list[tuple[Any, ...]]
) -> None:
    with database.read() as uow:
        writer = Writer(uow, *known)
        for step in steps:
            writer.write(step)
        assert tells(uow.session, MOMENTS[-1])
        for moment in MOMENTS:
            for at in (moment - INSTANT, moment, moment + INSTANT):
                compare(uow, at)


def test_sums_take_the_place_of_what_they_sum_up(
    database: Database, known: tuple[tuple[int, ...], tuple[int, int]]
) -> None:
    rows = select(AgencyCountRow).where(col(AgencyCountRow.at) <= NOW)
    with database.write() as uow:
        assert len(uow.session.exec(rows).all()) == 3
        sum_up(UnitOfWork(uow.session, NOW), worth=3)
        (first, second) = uow.session.exec(rows.order_by(col(AgencyCountRow.agency_id))).all()
        assert (first.is_sum, first.active, second.active) == (True, 2, 1)
        make_certificate(uow, known[1][0], serial=1, not_before=MOMENTS[1])
        sum_up(UnitOfWork(uow.session, NOW + timedelta(days=9)), worth=1)
        assert not tells(uow.session, NOW + timedelta(days=1))
        compare(uow, NOW + timedelta(days=1))


def test_sums_of_nothing_still_tell_since_when_counts_are_known(
    database: Database, known: tuple[tuple[int, ...], tuple[int, int]]
) -> None:
    with database.read() as uow:
        uow.session.execute(update(PERIODS).values(effective_until=NOW - timedelta(days=5)))
        sum_up(UnitOfWork(uow.session, NOW), worth=1)
        assert not counts_by_agency(uow, EVERYTHING, NOW)
        compare(uow, NOW - timedelta(days=9))
        assert counts_by_agency(uow, EVERYTHING, NOW - timedelta(days=9))


def test_an_officer_gets_the_own_part(database: Database, known: tuple[tuple[int, ...], tuple[int, int]]) -> None:
    _, (own, other) = known
    officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=f"/{own}/")
    ends = local_day(NOW), local_day(NOW + timedelta(days=9000))
    with database.read() as uow:
        assert set(counts_by_agency(uow, officer, NOW)) == {own}
        assert set(counts_by_agency(uow, EVERYTHING, NOW)) == {own, other}
        assert sum(each.begun for each in counts_by_expiry(uow, officer, NOW, *ends).values()) == 2
        assert sum(each.begun for each in counts_by_expiry(uow, EVERYTHING, NOW, *ends).values()) == 3
        # Of the larger part what is left of the whole, of the smaller one its own: both are what counting anew finds.
        for viewer in (officer, replace(officer, agency_path=f"/{other}/")):
            counted = uow.session.execute(expiry_counted_anew(uow, viewer, NOW, *ends))
            assert counts_by_expiry(uow, viewer, NOW, *ends) == to_expiry_counts(counted)


def test_each_count_is_that_of_its_list(database: Database, known: tuple[tuple[int, ...], tuple[int, int]]) -> None:
    keys, (agency, other) = known
    at = MOMENTS[1]
    with database.write() as uow:
        make_certificate(uow, agency, serial=1, not_before=at, kind=SubscriberKind.ORGANISATION, custody=Custody.LOST)
        make_certificate(uow, other, serial=2, not_before=at, custody=Custody.LOCKED)
        change = Change(effective_at=NOW - timedelta(days=1), actor="test")
        revoke_certificate(uow, EVERYTHING, keys[0], reason="superseded", change=change)
        dissolve_agency(uow, EVERYTHING, other, agency_change(NOW - timedelta(days=1)))
    active = CertificateQuery(as_of=NOW, standings=(Standing.ACTIVE,))
    usable = (Standing.ACTIVE, Standing.SUSPENDED, Standing.NOT_YET_VALID)
    queries = {
        "held": CertificateQuery(as_of=NOW),
        "usable": replace(active, standings=usable),
        "active": active,
        "organisations": replace(active, kinds=(SubscriberKind.ORGANISATION,)),
        "unreplaced": replace(active, flags=(Flag.NOT_REPLACED,)),
        "lost": replace(active, custodies=(Custody.LOST,)),
        "locked": replace(active, custodies=(Custody.LOCKED,)),
        "weak": replace(active, flags=(Flag.WEAK,)),
        "unknown_ca": replace(active, flags=(Flag.UNKNOWN_CA,)),
    }
    ended = replace(active, flags=(Flag.NAMES_ENDED_BODY,))
    with database.read() as uow:
        counts = total_counts(uow, EVERYTHING, NOW)
        for name, query in queries.items():
            assert getattr(counts, name) == count_certificates(uow, EVERYTHING, query), name
        assert counts.lost == counts.locked == 1
        naming = count_naming_ended_bodies(uow, EVERYTHING, NOW)
        assert naming == count_certificates(uow, EVERYTHING, ended) == 2
        assert uow.session.execute(covered_agencies(uow.session, NOW)).scalars().all() == [agency]


def test_wrong_counts_are_found_and_counted_anew(
    database: Database, known: tuple[tuple[int, ...], tuple[int, int]]
) -> None:
    with database.write() as uow:
        assert find_wrong_counts(uow) == 0
    with database.write() as uow:
        uow.session.execute(update(AgencyCountRow).where(col(AgencyCountRow.active) == 1).values(active=2))
        uow.session.execute(delete(ExpiryCountRow))
    with database.read() as uow:
        assert find_wrong_counts(uow) == 2 * 3
    with database.write() as uow:
        count_anew(uow)
    with database.read() as uow:
        assert find_wrong_counts(uow) == 0


def test_sums_are_right_while_others_write_and_sum_up(
    database: Database, known: tuple[tuple[int, ...], tuple[int, int]]
) -> None:
    def write(first: int) -> None:
        for number in range(first, first + 8):
            with database.write() as uow:
                make_certificate(uow, known[1][number % 2], serial=number, not_before=MOMENTS[1])

    def sum_up_until(writers: list[Future[None]]) -> None:
        while not all(writer.done() for writer in writers):
            with database.write() as uow:
                sum_up(UnitOfWork(uow.session, NOW), worth=1)

    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(write, 1), threads.submit(write, 101)]
        for each in [*writers, *(threads.submit(sum_up_until, writers) for _ in range(2))]:
            each.result()
    with database.read() as uow:
        assert tells(uow.session, NOW)
        compare(uow, NOW)
        assert sum(each.held for each in counts_by_agency(uow, EVERYTHING, NOW).values()) == 3 + 16
