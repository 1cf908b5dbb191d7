"""Work on strangers' bytes in child processes with hard bounds on time and memory.

A `BoundedPool` keeps children ready, gives each one task at a time, and kills and replaces a child that spends too much,
crashes or hangs. The caller always gets an `Outcome`: a value, or which bound stopped the task. Nothing a task does can
end the program that asked for it.

Children come from a fork server: a single-threaded process that has imported what the task needs, so that a new child
costs milliseconds and inherits no thread, lock or connection of the caller.
"""

import importlib
import multiprocessing
import os
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

_GRACE_SECONDS = 1.0
"""How much later than its caller a child ends itself."""

P = TypeVar("P")
R = TypeVar("R")


class Failure(StrEnum):
    """Why a task has no value."""

    TIME = "time"
    """It spent more processor time, or waited longer, than allowed."""
    MEMORY = "memory"
    """It asked for more memory than allowed."""
    CRASH = "crash"
    """The process died or raised; with strangers' bytes that is their doing."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one task may cost."""

    cpu_seconds: float = 2.0
    """Processor time of one task; measured so that a busy machine does not turn an honest file away."""
    wall_seconds: float = 20.0
    """Elapsed time of one task, for a task that waits instead of working."""
    memory_bytes: int = 450 * 1024 * 1024
    """Address space a child may take beyond what it holds when it starts."""
    tasks_per_child: int = 1000
    """A child is replaced after so many tasks: whatever leaked goes with it."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[P, R]):
    """What became of one task; exactly one of `value` and `failure` is set unless the task's value is None."""

    index: int
    payload: P
    value: R | None
    failure: Failure | None
    seconds: float
    """Elapsed time, from handing the task over to having its outcome."""


class StartFailed(Exception):
    """A child could not be made ready: the factory refused its context. The text says why."""


@dataclass(slots=True)
class _Child:
    process: ForkServerProcess
    connection: Connection
    is_ready: bool = False
    tasks: int = 0
    task: tuple[int, Any] | None = None
    started_at: float = 0.0
    expires_at: float = float("inf")


class BoundedPool(Generic[P, R]):
    """Children that each built a function with `factory(context)` and call it with one payload after another.

    `factory` is given as `module:name`, so that the caller need not import what only the children need; the fork server
    imports the module once. Context, payloads and values travel by pickle. Use the pool as a context manager, from one
    thread.
    """

    def __init__(self, factory: str, context: Any, *, workers: int = 1, bounds: Bounds | None = None) -> None:
        self._factory = factory
        self._context = context
        self._bounds = bounds or Bounds()
        self._workers = max(1, workers)
        self._multiprocessing = multiprocessing.get_context("forkserver")
        self._multiprocessing.set_forkserver_preload([factory.partition(":")[0]])
        self._children: list[_Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill all children."""
        for child in self._children:
            self._discard(child)
        self._children.clear()

    def run(self, payload: P) -> Outcome[P, R]:
        """Do one task and wait for its outcome. Raises `StartFailed`."""
        return next(self.map([payload]))

    def map(self, payloads: Iterable[P]) -> Iterator[Outcome[P, R]]:
        """Do the tasks on all children and yield outcomes as they come, in any order. Raises `StartFailed`."""
        waiting: deque[tuple[int, P]] = deque(enumerate(payloads))
        while waiting or any(child.task is not None for child in self._children):
            self._hand_out(waiting)
            yield from self._collect()

    def _hand_out(self, waiting: deque[tuple[int, P]]) -> None:
        busy = sum(1 for child in self._children if child.task is not None)
        while len(self._children) < min(self._workers, busy + len(waiting)):
            self._children.append(self._start())
        for child in list(self._children):
            if not waiting:
                return
            if child.is_ready and child.task is None:
                index, payload = waiting.popleft()
                child.task, child.started_at = (index, payload), time.monotonic()
                child.expires_at = child.started_at + self._bounds.wall_seconds
                with suppress(BrokenPipeError, ConnectionResetError):  # a child that died is found by `_collect`
                    child.connection.send(payload)

    def _collect(self) -> Iterator[Outcome[P, R]]:
        """Wait for the next message, death or deadline, and turn what happened into outcomes."""
        deadline = min((child.expires_at for child in self._children), default=float("inf"))
        timeout = None if deadline == float("inf") else max(0.0, deadline - time.monotonic())
        speaking = set(wait([child.connection for child in self._children], timeout))
        for child in list(self._children):
            if child.connection in speaking:
                yield from self._listen(child)
            elif child.task is not None and time.monotonic() >= child.expires_at:
                yield self._give_up(child, Failure.TIME)

    def _listen(self, child: _Child) -> Iterator[Outcome[P, R]]:
        try:
            kind, value = child.connection.recv()
        except (EOFError, OSError):
            if not child.is_ready:
                self._remove(child)
                raise StartFailed("a child process ended while it started") from None
            yield self._give_up(child, None)
            return
        if kind == "refused":
            self._remove(child)
            raise StartFailed(value)
        if kind == "ready":
            child.is_ready = True
            return
        if child.task is None:
            return
        index, payload = child.task
        seconds = time.monotonic() - child.started_at
        child.task, child.expires_at = None, float("inf")
        child.tasks += 1
        if kind == "failed":
            self._remove(child)
            yield Outcome(index, payload, None, Failure(value), seconds)
            return
        if child.tasks >= self._bounds.tasks_per_child:
            self._remove(child)
        yield Outcome(index, payload, value, None, seconds)

    def _give_up(self, child: _Child, failure: Failure | None) -> Outcome[P, R]:
        """Replace a child that died or must die; how it died tells which bound it met."""
        if failure is None:
            child.process.join(1)
            stopped = child.process.exitcode in (-signal.SIGPROF, -signal.SIGALRM)
            failure = Failure.TIME if stopped else Failure.CRASH
        self._remove(child)
        index, payload = child.task if child.task is not None else (-1, None)
        return Outcome(index, payload, None, failure, time.monotonic() - child.started_at)  # type: ignore[arg-type]

    def _start(self) -> _Child:
        ours, theirs = self._multiprocessing.Pipe()
        process = self._multiprocessing.Process(
            target=_serve, args=(theirs, self._factory, self._context, self._bounds), daemon=True
        )
        process.start()
        theirs.close()
        return _Child(process, ours)

    def _remove(self, child: _Child) -> None:
        self._children.remove(child)
        self._discard(child)

    @staticmethod
    def _discard(child: _Child) -> None:
        child.connection.close()
        child.process.kill()
        child.process.join(5)


def _serve(connection: Connection, factory: str, context: Any, bounds: Bounds) -> None:
    """The life of a child: get ready, bind itself, then task after task until the caller goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the caller, who ends its children
    module, _, name = factory.partition(":")
    try:
        function: Callable[[Any], Any] = getattr(importlib.import_module(module), name)(context)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the context is the caller's to tell
        connection.send(("refused", str(error)))
        return
    _bind(bounds)
    connection.send(("ready", None))
    while True:
        try:
            payload = connection.recv()
        except (EOFError, OSError):
            return
        # Unhandled, these signals end the process: no code of a library can catch them or wait them out. The second is
        # for a caller that was killed itself and can no longer keep the time.
        signal.setitimer(signal.ITIMER_PROF, bounds.cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, bounds.wall_seconds + _GRACE_SECONDS)
        answer: tuple[str, Any]
        try:
            answer = ("value", function(payload))
        except MemoryError:
            answer = ("failed", Failure.MEMORY.value)
        except Exception:  # noqa: BLE001 - a task's exception is a crash for the caller; the child is replaced
            answer = ("failed", Failure.CRASH.value)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            connection.send(answer)
        except (BrokenPipeError, ConnectionResetError):
            return


def _bind(bounds: Bounds) -> None:
    """No core dumps, no files written, and no more memory than allowed from here on."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write then fails with EFBIG instead of ending the process
    allowed = _address_space() + bounds.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


def _address_space() -> int:
    """Bytes of address space this process holds now; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as status:  # noqa: PTH123 - a pseudo file, read once
            return int(status.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 1024**3
