"""Claiming, losing and sending again what a row waits for; of the kinds of rows any does."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from registry.bulk.tables import BulkChangeRow, BulkState
from registry.db.types import key_of
from registry.db.unit_of_work import Database
from registry.jobs import ProcessBulkChangeJob
from registry.leases import (
    DELIVERY_TIME,
    MAX_ATTEMPTS,
    REDELIVERY_TIME,
    Claim,
    claim,
    find_claimable,
    find_claimed,
    find_for_change,
    is_exhausted,
    send,
    send_stranded,
    settle,
    wait_until_settled,
)
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue

LEASE = timedelta(minutes=10)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def key(database: Database) -> int:
    """A row that was just sent to a worker."""
    with database.write() as uow:
        row = BulkChangeRow(
            token="1", state=BulkState.RECEIVED, event={"kind": "lost"}, created_at=uow.now, actor="lan"
        )
        uow.session.add(row)
        uow.session.flush()
        send(uow, row, ProcessBulkChangeJob(bulk_change_id=key_of(row)))
        return key_of(row)


def take(database: Database, key: int) -> Claim | None:
    with database.write() as uow:
        row = find_claimable(uow, BulkChangeRow, key)
        return None if row is None or is_exhausted(row) else claim(uow, row, lease=LEASE)


def sweep(database: Database) -> int:
    with database.write() as uow:
        return send_stranded(uow, BulkChangeRow, lambda each: ProcessBulkChangeJob(bulk_change_id=each), limit=10)


def holds(database: Database, claimed: Claim) -> bool:
    with database.write() as uow:
        return find_claimed(uow, BulkChangeRow, claimed) is not None


def test_one_of_two_workers_has_it_until_its_lease_ends(database: Database, key: int, clock: FakeClock) -> None:
    first = take(database, key)
    assert first == Claim(key, 1, BulkState.RECEIVED)
    assert take(database, key) is None
    assert holds(database, first)
    clock.advance(LEASE)
    second = take(database, key)
    assert second == Claim(key, 2, BulkState.RECEIVED)
    assert not holds(database, first), "what the first one still does counts no more"
    assert holds(database, second)


def test_what_is_lost_is_sent_again_at_long_intervals(
    database: Database, key: int, clock: FakeClock, queue: RecordingQueue
) -> None:
    job = ProcessBulkChangeJob(bulk_change_id=key)
    assert queue.take() == [job]
    assert sweep(database) == 0, "the message is on its way"
    for pause in (DELIVERY_TIME, REDELIVERY_TIME):
        clock.advance(pause + MOMENT)
        assert (sweep(database), sweep(database)) == (1, 0)
        assert queue.take() == [job]
    assert take(database, key) is not None
    clock.advance(LEASE + MOMENT)
    assert sweep(database) == 1, "the worker died"


def test_what_ends_its_worker_every_time_is_left_in_the_end(database: Database, key: int, clock: FakeClock) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert take(database, key) == Claim(key, attempt, BulkState.RECEIVED)
        clock.advance(LEASE)
    assert take(database, key) is None
    with database.write() as uow:
        row = find_claimable(uow, BulkChangeRow, key)
        assert row is not None
        settle(row, BulkState.REFUSED)
    assert sweep(database) == 0
    with database.read() as uow:
        row = uow.session.get_one(BulkChangeRow, key)
        assert (row.state, row.attempts, row.is_claimed, row.lease_until) == (BulkState.REFUSED, 0, False, None)


def test_a_locked_row_is_as_it_is_and_not_as_it_was_seen_before(database: Database, key: int) -> None:
    with database.write() as uow:
        seen = uow.session.get_one(BulkChangeRow, key)
        # As another transaction does between the look and the lock; SQLite would let none in.
        uow.session.connection().execute(
            update(BulkChangeRow).where(col(BulkChangeRow.id) == key).values(state=BulkState.READY)
        )
        assert seen.state is BulkState.RECEIVED
        row = find_for_change(uow, BulkChangeRow, key)
        assert row is not None
        assert row.state is BulkState.READY


def test_only_a_row_that_is_stored_has_a_key(clock: FakeClock) -> None:
    row = BulkChangeRow(token="1", state=BulkState.RECEIVED, event={}, created_at=clock.now(), actor="lan")
    with pytest.raises(ValueError, match="BulkChangeRow"):
        key_of(row)


def test_who_waits_is_told_whether_a_worker_still_has_the_next_action(
    runtime: Runtime, database: Database, key: int
) -> None:
    def is_settled() -> bool:
        return wait_until_settled(database, runtime.wakeups, BulkChangeRow, key, seconds=0.0)

    assert not is_settled()
    with database.write() as uow:
        row = find_for_change(uow, BulkChangeRow, key)
        assert row is not None
        settle(row, BulkState.READY)
    assert is_settled()
