"""The product as it runs: web, worker, scheduler, Redis, mail server as processes, on SQLite (the demo) and PostgreSQL."""

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.clock import SystemClock, local_day
from registry.db.migrations import migrate
from registry.demo.mailbox import Mailbox
from registry.demo.province import fill
from registry.runtime import Runtime
from registry.settings import Settings
from tests.conftest import _new_postgresql_database
from tests.services import redis_server, smtp_server
from tests.workers.processes import ROOT, Process, running_beat, running_worker

LOGIN = {"administrator": ("quantri", "quantri-demo"), "officer": ("canbo", "canbo-demo")}


@dataclass(frozen=True)
class Site:
    """One running installation, filled with the demonstration province."""

    url: str
    documents: Path
    settings: Settings
    mail_subjects: Callable[[], list[tuple[str, str]]]
    """(recipient, subject) of what was sent so far."""

    @contextmanager
    def client(self, role: str | None = None) -> Iterator[httpx.Client]:
        """A client, signed in through the page as a person does."""
        with httpx.Client(base_url=self.url, timeout=60, follow_redirects=True) as client:
            if role is not None:
                username, password = LOGIN[role]
                token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
                assert token is not None
                form = {"csrf_token": token.group(1), "username": username, "password": password}
                answer = client.post("/login", data=form, headers={"Origin": self.url})
                assert answer.status_code == 200, answer.text
            yield client

    def verify(self, *paths: Path) -> list[dict[str, Any]]:
        """Hand documents in and wait for their verdicts."""
        files = [("files", (path.name, path.read_bytes(), "application/pdf")) for path in paths]
        with self.client() as client:
            answer = client.post("/api/v1/verifications", files=files, headers={"Prefer": "wait=30"})
            assert answer.status_code == 200, answer.text
            items: list[dict[str, Any]] = answer.json()["items"]
            return items


AT_ANY_HOUR: dict[str, Any] = {"alert_sending_opens": time(0), "alert_sending_closes": time.max}
"""Settings with which mail waits for no morning: the journeys run by the machine's clock."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as `registry demo --prepare` leaves it. To be copied."""
    directory = tmp_path_factory.mktemp("prepared")
    command = [sys.executable, "-m", "registry", "demo", "--prepare", "--data-dir", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return directory


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo on SQLite; the same parts, started one by one, on PostgreSQL."""
    directory = tmp_path_factory.mktemp("site")
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("prepared"), directory, dirs_exist_ok=True)
        yield from _demo(directory)
    else:
        yield from _installation(directory, request.getfixturevalue("postgresql"))


def _demo(directory: Path) -> Iterator[Site]:
    port = free_port()
    settings = Settings(data_dir=directory, **AT_ANY_HOUR)
    demo = Process(["demo", "--data-dir", str(directory), "--port", str(port)], settings)
    mailbox = Mailbox(directory / "mail")

    def subjects() -> list[tuple[str, str]]:
        return [(mail.recipient, mail.subject) for mail in mailbox.find(limit=1000)]

    try:
        demo.wait_for_line("Ctrl-C")
        yield Site(f"http://127.0.0.1:{port}", directory / "documents", settings, subjects)
    finally:
        demo.stop()


def _installation(directory: Path, server: str) -> Iterator[Site]:
    redis_directory = directory.parent / "r"
    redis_directory.mkdir()
    with redis_server(redis_directory) as redis_url, smtp_server() as mailbox:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        settings = Settings(
            data_dir=directory,
            database_url=_new_postgresql_database(server),
            redis_url=redis_url,
            smtp_url=mailbox.url,
            public_url=url,
            **AT_ANY_HOUR,
        )
        runtime = Runtime.build(settings)
        migrate(runtime.database.engine)
        fill(runtime, today=local_day(SystemClock().now()))
        runtime.close()

        def subjects() -> list[tuple[str, str]]:
            with mailbox.arrived:
                return [(str(mail["To"]), str(mail["Subject"])) for mail in mailbox.messages]

        web = Process(["serve", "--port", str(port)], settings)
        try:
            web.wait_for_line("running on")
            with running_worker(settings), running_beat(settings):
                yield Site(url, directory / "documents", settings, subjects)
        finally:
            web.stop()
