from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from registry.accounts.tables import Role, UserRow
from registry.db.unit_of_work import Database
from registry.jobs import ScanExpiriesJob
from tests.fakes.queue import RecordingQueue


def user(name: str) -> UserRow:
    return UserRow(
        username=name,
        full_name=name,
        password_hash="-",
        role=Role.AUDITOR,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_jobs_leave_after_the_commit(database: Database, queue: RecordingQueue) -> None:
    with database.write() as uow:
        uow.session.add(user("lan"))
        uow.enqueue(ScanExpiriesJob())
        assert queue.jobs == []
    assert queue.take() == [ScanExpiriesJob()]
    with database.read() as uow:
        row = uow.session.exec(select(UserRow)).one()
        assert (row.username, row.role, row.created_at.tzinfo) == ("lan", Role.AUDITOR, UTC)


def test_a_failed_unit_leaves_nothing(database: Database, queue: RecordingQueue) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as uow:
        uow.session.add(user("lan"))
        uow.enqueue(ScanExpiriesJob())
        raise ZeroDivisionError
    assert queue.jobs == []
    with database.read() as uow:
        assert uow.session.exec(select(UserRow)).all() == []


def test_work_is_kept_when_the_queue_is_down(database: Database, queue: RecordingQueue) -> None:
    queue.is_down = True
    with database.write() as uow:
        uow.session.add(user("lan"))
        uow.enqueue(ScanExpiriesJob())
    with database.read() as uow:
        assert uow.session.exec(select(UserRow)).one().username == "lan"


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive: Any = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(Exception, match="zone"), database.write() as uow:
        row = user("lan")
        row.created_at = naive
        uow.session.add(row)
        uow.session.flush()
