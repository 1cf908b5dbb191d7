"""Slows down guessing of passwords."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from certs.messages import message
from registry.accounts.errors import TooManyAttempts

_WINDOW: Final = timedelta(minutes=15)
_PER_PERSON: Final = 8
_PER_ADDRESS: Final = 60
_REMEMBERED: Final = 10_000


class SignInThrottle:
    """Counts failures for each pair of user name and address, and for each address, in windows of 15 minutes.

    It counts in the memory of one web process: with several processes a guesser gets as many attempts more. A user name
    alone is never locked, so nobody can lock out another by failing on purpose from elsewhere.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, ...], tuple[datetime, int]] = OrderedDict()

    def check(self, username: str, address: str, now: datetime) -> None:
        """Raise `TooManyAttempts` when the next attempt has to wait."""
        with self._lock:
            for key, limit in self._keys(username, address):
                began, count = self._failures.get(key, (now, 0))
                remaining = began + _WINDOW - now
                if count >= limit and remaining > timedelta(0):
                    seconds = ceil(remaining.total_seconds())
                    reason = message("accounts.too_many_attempts", minutes=ceil(seconds / 60))
                    raise TooManyAttempts(reason, retry_seconds=seconds)

    def record_failure(self, username: str, address: str, now: datetime) -> None:
        """Count a failed attempt."""
        with self._lock:
            for key, _ in self._keys(username, address):
                began, count = self._failures.pop(key, (now, 0))
                if now - began >= _WINDOW:
                    began, count = now, 0
                self._failures[key] = (began, count + 1)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def record_success(self, username: str, address: str) -> None:
        """Forget the failures of this person at this address."""
        with self._lock:
            self._failures.pop((username, address), None)

    @staticmethod
    def _keys(username: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
        return ((username, address), _PER_PERSON), ((address,), _PER_ADDRESS)
