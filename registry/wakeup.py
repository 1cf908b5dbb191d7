"""Waking a request that waits for a verdict. Only a hint over Redis: the row is the truth."""

import time
from typing import Any

import structlog
from redis.exceptions import RedisError

from registry.queue import connect_redis

log = structlog.get_logger(__name__)

_KEEP_SECONDS = 60
_PAUSE_SECONDS = 0.1


class Wakeups:
    """Announces that a verification is finished, and waits for the announcement."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect_redis(redis_url)

    def announce(self, verification_id: str) -> None:
        """Wake whoever waits. A Redis that is down costs the waiting request a moment, nothing else."""
        key = _key(verification_id)
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.rpush(key, 1)
                pipeline.expire(key, _KEEP_SECONDS)
                pipeline.execute()
        except RedisError as error:
            log.warning("wakeup_not_sent", error=str(error))

    def wait(self, verification_id: str, *, seconds: float) -> bool:
        """Wait up to `seconds` (at least 0.01) for the announcement; True when it came.

        An announcement wakes one waiting request: others find the row at their next look. Without Redis it returns
        False after a short pause, so that a caller who looks again does not do so without rest.
        """
        try:
            # Zero would mean "for ever".
            return self._redis.blpop([_key(verification_id)], timeout=max(seconds, 0.01)) is not None
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


def _key(verification_id: str) -> str:
    return f"registry:verification:{verification_id}"
