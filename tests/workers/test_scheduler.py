"""Two beats on one real Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.queue import connect_redis
from registry.settings import Settings
from tests.services import redis_server
from workers.beat import create_beat
from workers.scheduler import LOCK_KEY, STAND_BY_SECONDS, LockedScheduler


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("r")) as url:
        yield url


class Beat:
    """A scheduler whose entries are all due, and what it sent."""

    def __init__(self, tmp_path: Path, redis: str) -> None:
        app = create_beat(Settings(data_dir=tmp_path, redis_url=redis))
        self.scheduler = LockedScheduler(app=app, lazy=True)
        self.scheduler.setup_schedule()
        self.sent: list[str] = []
        self.scheduler.apply_async = lambda entry, **_: self.sent.append(entry.task)  # type: ignore[method-assign]

    def tick(self) -> float:
        for entry in self.scheduler.schedule.values():
            entry.last_run_at = entry.last_run_at.replace(year=2020)
        self.scheduler._heap = None
        return self.scheduler.tick()


def test_of_two_beats_one_sends(tmp_path: Path, redis: str) -> None:
    first, second = Beat(tmp_path, redis), Beat(tmp_path, redis)
    first.tick()
    assert second.tick() == STAND_BY_SECONDS
    assert len(first.sent) == 1
    assert second.sent == []
    first.tick()
    assert len(first.sent) == 2

    first.scheduler.close()
    second.tick()
    assert len(second.sent) == 1
    second.scheduler.close()


def test_a_beat_whose_lock_lapsed_stands_by(tmp_path: Path, redis: str) -> None:
    first, second = Beat(tmp_path, redis), Beat(tmp_path, redis)
    first.tick()
    client = connect_redis(redis)
    client.delete(LOCK_KEY)
    second.tick()
    assert first.tick() == STAND_BY_SECONDS
    assert len(second.sent) == 1
    # The first gives up its place, not the other's.
    first.scheduler.close()
    assert client.get(LOCK_KEY) is not None
    second.scheduler.close()
    client.close()


def test_a_beat_survives_an_emptied_redis(tmp_path: Path, redis: str) -> None:
    beat = Beat(tmp_path, redis)
    beat.tick()
    client = connect_redis(redis)
    client.flushall()
    client.close()
    beat.tick()
    assert len(beat.sent) == 2
    beat.scheduler.close()


def test_a_beat_without_redis_waits(tmp_path: Path) -> None:
    beat = Beat(tmp_path, f"redis+socket://{tmp_path / 'nobody'}")
    assert beat.tick() == STAND_BY_SECONDS
    assert beat.sent == []
    beat.scheduler.close()
