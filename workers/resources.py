"""What the jobs of one worker process share."""

import os
import threading

from registry.runtime import Runtime
from registry.settings import Settings
from workers.sandbox import Sandbox


class Resources:
    """Connections and child processes, opened on first use in the process that runs the jobs.

    A pool that forks must not share them with its parent, and a pool of threads tells nobody that it began: so they
    belong to the process that first asks for them, and a process that inherited them opens its own.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._owner: int | None = None

    def _open(self) -> None:
        with self._lock:
            if self._owner == os.getpid():
                return
            self._runtime = Runtime.build(self.settings)
            self._sandbox = Sandbox(
                seconds=self.settings.verification_seconds,
                memory_bytes=self.settings.verification_memory_bytes,
                revocation=self.settings.revocation_mode,
            )
            self._owner = os.getpid()

    @property
    def runtime(self) -> Runtime:
        """Database, queue, blobs and wake-ups."""
        self._open()
        return self._runtime

    @property
    def sandbox(self) -> Sandbox:
        """The bounded process in which documents are judged."""
        self._open()
        return self._sandbox

    def close(self) -> None:
        """End the child processes and close the connections that this process opened."""
        with self._lock:
            if self._owner != os.getpid():
                return
            self._sandbox.close()
            self._runtime.close()
            self._owner = None
