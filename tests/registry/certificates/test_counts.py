"""The kept counts are what the certificates have, whatever is written in whatever order, at every moment they tell of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlmodel import col, select

from registry.certificates.counts import (
    AgencyCounts,
    counted_anew,
    counts_by_agency,
    counts_by_expiry,
    expiry_counted_anew,
    tells,
    to_expiry_counts,
)
from registry.certificates.counts_upkeep import sum_up
from registry.certificates.tables import (
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    SubscriberKind,
)
from registry.clock import FOREVER, local_day
from registry.db.unit_of_work import Database, UnitOfWork
from tests.factories.agencies import make_agency
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
        keys = tuple(make_certificate(uow, agencies[number % 2], serial=1000 + number) for number in range(3))
    return keys, agencies


def compare(uow: UnitOfWork, at: datetime) -> None:
    counted = uow.session.execute(counted_anew(uow, EVERYTHING, at).group_by(col(CertificatePeriodRow.agency_id)))
    assert counts_by_agency(uow, EVERYTHING, at) == {key: AgencyCounts(*counts) for key, *counts in counted}
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
