"""Worker and beat as the processes that an operator starts."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def environment(settings: Settings) -> dict[str, str]:
    """The settings as an environment, and nothing of ours besides."""
    values = settings.model_dump(mode="json", exclude_defaults=True)
    values["secret_key"] = settings.secret_key.get_secret_value()
    ours = {f"REGISTRY_{name.upper()}": str(value) for name, value in values.items()}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    return {**inherited, **ours, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


class Process:
    """`registry …` as a process whose log can be waited for."""

    def __init__(self, arguments: list[str], settings: Settings) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "registry", *arguments],
            env=environment(settings),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.pid = self._popen.pid
        self._lines: list[str] = []
        self._grown = threading.Condition()
        self._has_ended = False
        # Read at all times: a process whose pipe is full would stop in the middle of its work.
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            with self._grown:
                self._lines.append(line)
                self._grown.notify_all()
        with self._grown:
            self._has_ended = True
            self._grown.notify_all()

    @property
    def log(self) -> str:
        """Everything it said so far."""
        with self._grown:
            return "".join(self._lines)

    def wait_for_line(self, text: str, timeout: float = 180) -> None:
        """Wait until it said `text`; a process that ends before fails the test with what it said instead."""
        with self._grown:
            said = self._grown.wait_for(
                lambda: self._has_ended or any(text in line for line in self._lines), timeout
            ) and any(text in line for line in self._lines)
        assert said, f"the process did not say {text!r}:\n{self.log[-4000:]}"

    def kill(self) -> None:
        """End it as a crash does."""
        self._popen.kill()
        self._popen.wait(60)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, wait for it, and return its exit code."""
        if self._popen.poll() is None:
            self._popen.send_signal(number)
        return self._end()

    def wait(self, timeout: float = 120) -> int:
        """Wait for its own end and return its exit code."""
        self._popen.wait(timeout)
        return self._end()

    def _end(self) -> int:
        code = self._popen.wait(60)
        self._reader.join(60)
        assert not self._reader.is_alive(), "a process that it started still lives"
        assert self._popen.stdout is not None
        self._popen.stdout.close()
        return code


@contextmanager
def running_worker(settings: Settings, *options: str) -> Iterator[Process]:
    """A worker that takes jobs."""
    process = Process(["worker", "--concurrency", "2", *options], settings)
    try:
        process.wait_for_line("ready")
        yield process
    finally:
        process.stop()


@contextmanager
def running_beat(settings: Settings) -> Iterator[Process]:
    """A beat that has begun."""
    process = Process(["beat"], settings)
    try:
        yield process
    finally:
        process.stop()
