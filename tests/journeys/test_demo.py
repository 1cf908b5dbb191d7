"""The one command as a process: it starts, refuses clearly, mends itself, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from registry.demo.mailbox import Mailbox
from registry.settings import Settings
from tests.faults.test_workers import descendants, wait_for_end
from tests.journeys.conftest import free_port
from tests.journeys.test_journeys import wait_until
from tests.workers.processes import ROOT, Process


@pytest.fixture
def directory(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "demo")
    return tmp_path / "demo"


@contextmanager
def running_demo(directory: Path, port: int) -> Iterator[Process]:
    demo = Process(["demo", "--data-dir", str(directory), "--port", str(port)], Settings(data_dir=directory))
    try:
        demo.wait_for_line("Ctrl-C")
        yield demo
    finally:
        demo.stop()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "registry", "demo", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_it_answers_sends_mail_refuses_a_second_start_and_leaves_nothing_behind(directory: Path) -> None:
    port = free_port()
    with running_demo(directory, port) as demo:
        url = f"http://127.0.0.1:{port}"
        assert url in demo.log
        assert "quantri-demo" in demo.log
        assert httpx.get(f"{url}/readyz").json() == {"database": "ok", "queue": "ok"}
        wait_until(lambda: Mailbox(directory / "mail").find(limit=1))
        mail = Mailbox(directory / "mail").find(limit=1)[0]
        assert "Kính gửi" in mail.text
        assert f"{url}/certificates/" in mail.text
        # The watch has looked as well, so that the first page does not say that nobody watches.
        wait_until(lambda: "registry_alerts_last_watch_timestamp_seconds" in httpx.get(f"{url}/metrics").text)

        second = run("--data-dir", str(directory), "--port", str(free_port()))
        assert second.returncode == 3
        assert url in second.stderr
        assert str(demo.pid) in second.stderr
        assert httpx.get(f"{url}/healthz").status_code == 200

        family = descendants(demo.pid)
        assert len(family) >= 5
        assert demo.stop(signal.SIGTERM) == 0
    for pid in family:
        wait_for_end(pid)
    assert not (directory / "redis.sock").exists()


def test_killed_children_are_started_again_and_nothing_outlives_a_killed_supervisor(directory: Path) -> None:
    port = free_port()
    with running_demo(directory, port) as demo:
        children = {name: pid_of(demo.pid, name) for name in ("registry serve", "redis-server")}
        for pid in children.values():
            os.kill(pid, signal.SIGKILL)
        demo.wait_for_line("web was started again")
        demo.wait_for_line("redis was started again")

        def is_ready() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(is_ready)
        family = descendants(demo.pid)
        demo.kill()
        for pid in family:
            wait_for_end(pid)


def test_a_port_that_is_taken_is_told_with_another_one(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        refused = run("--data-dir", str(directory), "--port", str(port))
    assert refused.returncode == 3
    assert str(port) in refused.stderr
    assert "--port" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = run("--data-dir", str(tmp_path / "file" / "demo"))
    assert refused.returncode == 3
    assert "--data-dir" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_a_directory_with_a_long_name_works(prepared: Path, tmp_path: Path) -> None:
    """The path of a socket has at most 107 bytes."""
    directory = tmp_path / ("thư mục có tên rất dài " * 5).strip() / ("và sâu " * 8).strip()
    shutil.copytree(prepared, directory)
    port = free_port()
    with running_demo(directory, port) as demo:
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").json() == {"database": "ok", "queue": "ok"}
        assert demo.stop(signal.SIGINT) == 0


def test_a_prepared_directory_serves_every_other_command(prepared: Path) -> None:
    environment = {**os.environ, "REGISTRY_DATA_DIR": str(prepared)}

    def answer(*arguments: str) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "registry", *arguments, "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        found: dict[str, object] = json.loads(done.stdout)
        return found

    report = answer("report", "issuance", "--as-of", "2016-12-31")
    assert (report["cumulative"], report["issued_in_year"]) == (2098, 1171)
    assert answer("alerts", "preview")["mails"]
    doctor = answer("doctor")
    assert doctor["ok"] is False
    checks = {check["part"]: check["ok"] for check in doctor["checks"]}  # type: ignore[attr-defined]
    assert checks == {
        "database": True,
        "clock": True,
        "trust": True,
        "crls": True,
        "counts": True,
        "queue": False,
        "mail": checks["mail"],  # something else may listen at the usual port
        "storage": True,
    }


def pid_of(supervisor: int, part: str) -> int:
    listed = subprocess.run(["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        pid, parent, arguments = line.split(None, 2)
        if int(parent) == supervisor and part in arguments:
            return int(pid)
    raise AssertionError(f"{part} does not run")
