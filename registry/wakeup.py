"""Waking a request that waits for what a worker does. Only a hint over Redis: the row is the truth."""

import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from redis.exceptions import RedisError

from registry.queue import connect_redis

log = structlog.get_logger(__name__)

_KEEP_SECONDS: Final = 60
_PAUSE_SECONDS: Final = 0.1
_LOOK_AGAIN_SECONDS: Final = 0.5
"""An announcement may be lost or taken by another request; the row is looked at this often anyway."""


class Wakeups:
    """Announces that some work has come to its end, and waits for the announcement."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect_redis(redis_url)

    def announce(self, name: str) -> None:
        """Wake whoever waits for the work of this name. A Redis that is down costs that request a moment, nothing else."""
        key = _key(name)
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.rpush(key, 1)
                pipeline.expire(key, _KEEP_SECONDS)
                pipeline.execute()
        except RedisError as error:
            log.warning("wakeup_not_sent", error=str(error))

    def wait_until(self, is_settled: Callable[[], bool], name: str, *, seconds: float) -> bool:
        """Wait up to `seconds` until a look says that the work of this name is settled; whether it is.

        To be called with no transaction open, after the one that asked for the work is committed.
        """
        deadline = time.monotonic() + seconds
        while not is_settled():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            self.wait(name, seconds=min(remaining, _LOOK_AGAIN_SECONDS))
        return True

    def wait(self, name: str, *, seconds: float) -> bool:
        """Wait up to `seconds` (at least 0.01) for the announcement; True when it came.

        An announcement wakes one waiting request: others find the row at their next look. Without Redis it returns
        False after a short pause, so that a caller who looks again does not do so without rest.
        """
        try:
            # Zero would mean "for ever".
            return self._redis.blpop([_key(name)], timeout=max(seconds, 0.01)) is not None
        except RedisError as error:
            log.warning("wakeup_unreachable", error=str(error))
            time.sleep(min(seconds, _PAUSE_SECONDS))
            return False

    def tell_progress(self, name: str, percent: int) -> None:
        """Keep for a minute how much of some long work is done, for whoever looks."""
        try:
            self._redis.set(_progress_key(name), percent, ex=_KEEP_SECONDS)
        except RedisError as error:
            log.warning("progress_not_told", error=str(error))

    def find_progress(self, name: str) -> int | None:
        """How much of it was done when it was last told; None where nobody told within a minute, or Redis is down."""
        try:
            told: Any = self._redis.get(_progress_key(name))
        except RedisError as error:
            log.warning("progress_unreachable", error=str(error))
            return None
        return None if told is None else int(told)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def _progress_key(name: str) -> str:
    return f"registry:progress:{name}"


def _key(name: str) -> str:
    return f"registry:wakeup:{name}"
