"""Worker and beat as the processes that an operator starts."""

import os
import subprocess
import sys
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
    """A process whose log can be waited for."""

    def __init__(self, arguments: list[str], settings: Settings) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "registry", *arguments],
            env=environment(settings),
            cwd=settings.data_dir,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.pid = self._popen.pid
        self.log: list[str] = []

    def wait_for_line(self, text: str) -> str:
        """Read the log until a line holds `text`; a process that ends first fails the test with what it said."""
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self.log.append(line)
            if text in line:
                return line
        raise AssertionError(f"the process ended before it said {text!r}:\n{''.join(self.log[-40:])}")

    def kill(self) -> None:
        """End it as a crash does."""
        self._popen.kill()
        self._popen.communicate()

    def stop(self) -> int:
        """Ask it to end, wait for it, and return its exit code."""
        if self._popen.poll() is None:
            self._popen.terminate()
        rest, _ = self._popen.communicate(timeout=60)
        self.log.append(rest or "")
        return self._popen.returncode


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
