"""One transaction for each request or job, and the jobs that leave after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from registry.clock import Clock
from registry.db.engine import WRITES
from registry.errors import Unavailable
from registry.jobs import JobMessage
from registry.queue import Queue

log = structlog.get_logger(__name__)


class UnitOfWork:
    """The session of one request or job, its time, and the jobs it wants done.

    Services use it and never commit: the entry point that opened it does, once, before anybody is answered. `now` does
    not move while the work is done. Jobs leave after the commit; one that is lost on the way is found again by a sweep,
    because the row it concerns carries its own state.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self._jobs: list[JobMessage] = []

    def enqueue(self, job: JobMessage) -> None:
        """Send `job` once this unit of work is committed; forget it if it is not."""
        self._jobs.append(job)

    def take_jobs(self) -> tuple[JobMessage, ...]:
        """Hand over the waiting jobs; a second call returns none."""
        jobs, self._jobs = tuple(self._jobs), []
        return jobs


class Database:
    """Opens units of work on one engine."""

    def __init__(self, engine: Engine, *, queue: Queue, clock: Clock) -> None:
        self.engine = engine
        self.queue = queue
        self.clock = clock
        self._writer = engine.execution_options(**{WRITES: True})

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """A unit of work that commits when the block ends and rolls back when it raises; its jobs follow the commit."""
        with Session(self._writer, expire_on_commit=False) as session:
            uow = UnitOfWork(session, self.clock.now())
            yield uow
            session.commit()
        for job in uow.take_jobs():
            try:
                self.queue.send(job)
            except Unavailable:
                # The rows are committed and say what is to be done, so the caller's work is safe: a sweep sends it again.
                log.warning("job_not_sent", job=job.name)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A unit of work that is always rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield UnitOfWork(session, self.clock.now())
