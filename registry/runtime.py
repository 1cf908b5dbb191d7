"""What every entry point needs, built once from the settings: web, worker, command line."""

from dataclasses import dataclass
from typing import Self

from registry.blobs import FileBlobStore
from registry.clock import Clock, SystemClock
from registry.db.engine import create_database_engine
from registry.db.unit_of_work import Database
from registry.queue import CeleryQueue, Queue, create_celery
from registry.settings import Settings
from registry.wakeup import Wakeups


@dataclass(frozen=True)
class Runtime:
    """The parts of a running service. Building it connects to nothing."""

    settings: Settings
    clock: Clock
    queue: Queue
    database: Database
    blobs: FileBlobStore
    wakeups: Wakeups

    @classmethod
    def build(cls, settings: Settings, *, clock: Clock | None = None, queue: Queue | None = None) -> Self:
        """Wire the parts together; tests hand in their own clock and queue."""
        settings.make_data_dir()
        clock = clock or SystemClock()
        queue = queue or CeleryQueue(create_celery(settings.resolved_redis_url))
        engine = create_database_engine(settings.resolved_database_url)
        return cls(
            settings=settings,
            clock=clock,
            queue=queue,
            database=Database(engine, queue=queue, clock=clock),
            blobs=FileBlobStore(settings.blob_dir),
            wakeups=Wakeups(settings.resolved_redis_url),
        )

    def close(self) -> None:
        """Close the connections."""
        self.wakeups.close()
        self.database.engine.dispose()
