"""Child processes that are started, watched, started again when they die, and never outlive their parent."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1
_LOG_LIMIT: Final = 5 * 1024 * 1024
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_STEADY_SECONDS: Final = 60.0
"""A child that ran for so long was well: its next pause is the first again."""

# Looked up before any fork: afterwards a lock of the loader may be held by a thread that is not there any more.
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None)


@dataclass(frozen=True, slots=True)
class Service:
    """One program to be kept running."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


class Child:
    """The process of one service, with its log in `log_directory` or, without one, on the terminal.

    Used from the main thread only: the kernel ends a child together with the *thread* that made it.
    """

    def __init__(self, service: Service, log_directory: Path | None) -> None:
        self.service = service
        self.log = None if log_directory is None else log_directory / f"{service.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = _FIRST_PAUSE
        self._start_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process that runs now, or None."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process; raises `OSError` when it cannot be."""
        with _open_log(self.log) as log:
            self._process = subprocess.Popen(  # noqa: S603 - the programs are our own
                self.service.arguments,
                env=dict(self.service.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl-C reaches the supervisor alone, which ends the children in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the supervisor has no lock that a child could miss
            )
        self._started_at = time.monotonic()

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return None if self._process is None else self._process.poll()

    def look(self) -> str | None:
        """See how it is, start it again when its pause is over; return a sentence when something happened."""
        now = time.monotonic()
        if self._process is None:
            if now < self._start_at:
                return None
            self.start()
            return f"{self.service.name} was started again (process {self.pid})."
        code = self._process.poll()
        if code is None:
            return None
        self._sweep_group()
        self._process = None
        if now - self._started_at >= _STEADY_SECONDS:
            self._pause = _FIRST_PAUSE
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        self._start_at = now + pause
        return f"{self.service.name} ended ({_how(code)}); it is started again in {pause:g} s. Its log: {self.log}"

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, *, until: float) -> None:
        """Wait for its end until the monotonic time `until`, then end it and whatever it had started."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._sweep_group()
        self._process = None

    def _sweep_group(self) -> None:
        """End what is left of the session it led: helpers of a process that was killed."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


def _die_with_parent() -> None:
    """Have the kernel end this child when its parent is gone, even by `kill -9`; on other systems nothing happens."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _open_log(path: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    if path is None:
        return nullcontext()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def stop_all(children: Sequence[Child], *, seconds: float) -> None:
    """End the children together within `seconds`; then the one that started first, on which the others depend."""
    until = time.monotonic() + seconds
    for child in children[1:]:
        child.terminate()
    for child in children[1:]:
        child.wait(until=until)
    for child in children[:1]:
        child.terminate()
        child.wait(until=time.monotonic() + seconds)
