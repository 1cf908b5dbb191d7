"""Waking a request that waits for a verdict. Only a hint over Redis: the row is the truth."""

import time

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

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def _key(verification_id: str) -> str:
    return f"registry:verification:{verification_id}"
