"""A Celery beat of which any number may run: the one that holds a lock in Redis sends, the others stand by."""

import secrets
from typing import Any

import structlog
from celery.beat import Scheduler
from redis.exceptions import RedisError

from registry.queue import connect_redis

log = structlog.get_logger(__name__)

LOCK_KEY = "registry:beat"
LOCK_SECONDS = 45
STAND_BY_SECONDS = 10.0

# Compare and renew in one step: between a GET and an EXPIRE of our own another beat could have taken the lock.
_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class LockedScheduler(Scheduler):  # type: ignore[misc]
    """Sends what is due while it holds the lock.

    The lock is no guarantee, only thrift: a beat that stops for longer than the lock lives may send a turn that another
    one sent, and every scheduled job bears that. A lost lock (Redis emptied or restarted) is taken again at the next
    tick.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._token = secrets.token_hex(16)
        self._redis = connect_redis(self.app.conf.broker_url)
        self._is_leader = False

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send at most one due job; return the seconds until the next look."""
        try:
            leads = self._hold_lock()
        except RedisError as error:
            log.warning("beat_lock_unreachable", error=str(error))
            leads = False
        if leads != self._is_leader:
            self._is_leader = leads
            log.info("beat_leads" if leads else "beat_stands_by")
        if not leads:
            return STAND_BY_SECONDS
        return float(super().tick(*args, **kwargs))

    def _hold_lock(self) -> bool:
        if self._redis.set(LOCK_KEY, self._token, nx=True, ex=LOCK_SECONDS):
            return True
        return bool(self._redis.eval(_RENEW, 1, LOCK_KEY, self._token, LOCK_SECONDS))

    def close(self) -> None:
        """Give the lock back, so that a beat standing by need not wait for it to lapse."""
        try:
            self._redis.eval(_RELEASE, 1, LOCK_KEY, self._token)
        except RedisError as error:
            log.warning("beat_lock_unreachable", error=str(error))
        self._redis.close()
        super().close()
