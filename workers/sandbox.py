"""Judging in bounded child processes, from the side of the worker that asks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from registry.bounded import BoundedPool, Bounds, Failure
from registry.trust.schemas import Trust
from workers.judge import FACTORY, Circumstances, Question

log = structlog.get_logger(__name__)

Reports = dict[str, dict[str, Any]]
Pool = BoundedPool[Question, Reports]


class JudgeStopped(Exception):
    """The child had to be ended, or ended itself: the document is more than the bounds allow."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Sandbox:
    """Children that judge, one for each thread that asks at the same time, kept ready between jobs."""

    def __init__(self, *, seconds: float, memory_bytes: int, revocation: str) -> None:
        # A busy machine may let a child wait longer than it works.
        self._bounds = Bounds(
            cpu_seconds=seconds, wall_seconds=3 * seconds, memory_bytes=memory_bytes, tasks_per_child=200
        )
        self._revocation = revocation
        self._lock = threading.Lock()
        self._idle: list[tuple[Circumstances, Pool]] = []

    @property
    def longest(self) -> timedelta:
        """The most that one judgement can take."""
        return timedelta(seconds=self._bounds.wall_seconds)

    def judge(
        self, path: Path, trust: Trust, *, at: datetime, revocation_lists: tuple[Path, ...] = ()
    ) -> tuple[Reports, timedelta]:
        """The reports by language and the time it took; `revocation_lists` are files with a CRL in DER each.

        Raises `JudgeStopped` when the document spends more than allowed or kills the child, and
        `registry.bounded.StartFailed` when no child could be made ready, which is not the document's doing.
        """
        lists = tuple(str(file) for file in revocation_lists)
        circumstances = Circumstances(self._revocation, trust.anchors, trust.intermediates, lists)
        with self._borrow(circumstances) as pool:
            outcome = pool.run(Question(str(path), at))
        if outcome.value is None:
            failure = outcome.failure or Failure.CRASH
            log.warning("judge_stopped", failure=failure.value, seconds=round(outcome.seconds, 1))
            raise JudgeStopped(failure)
        return outcome.value, timedelta(seconds=outcome.seconds)

    @contextmanager
    def _borrow(self, circumstances: Circumstances) -> Iterator[Pool]:
        """A pool that nobody else uses meanwhile; one made for other anchors or lists is closed."""
        with self._lock:
            pool = None
            while self._idle and pool is None:
                made_for, candidate = self._idle.pop()
                if made_for == circumstances:
                    pool = candidate
                else:
                    candidate.close()
        if pool is None:
            pool = BoundedPool(FACTORY, circumstances, workers=1, bounds=self._bounds)
        try:
            yield pool
        except BaseException:
            pool.close()
            raise
        with self._lock:
            self._idle.append((circumstances, pool))

    def close(self) -> None:
        """End the children that are idle."""
        with self._lock:
            for _, pool in self._idle:
                pool.close()
            self._idle.clear()
