"""What an operator asks: is it alive, is it ready, how is it doing; and the server as a process."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from registry.db.migrations import migrate
from registry.runtime import Runtime
from registry.settings import Settings
from registry.web.app import create_app
from tests.fakes.queue import RecordingQueue
from tests.registry.web.browsing import Browser


def test_ready_means_every_part_answers(tmp_path: Path, database_url: str, redis_url: str) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url, redis_url=redis_url)
    runtime = Runtime.build(settings, queue=RecordingQueue())
    client = TestClient(create_app(runtime))
    empty = client.get("/readyz")
    assert (empty.status_code, empty.json()) == (503, {"database": "outdated", "queue": "ok"})
    migrate(runtime.database.engine)
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["database"]) == (200, "ok")
    with runtime.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert client.get("/readyz").json() == {"database": "outdated", "queue": "ok"}
    runtime.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_queue_that_is_down_is_said(browser: Browser) -> None:
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "queue": "down"})
    assert browser.get("/healthz").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_requests_are_counted_by_route_and_not_by_address(browser: Browser) -> None:
    for number in range(3):
        browser.get(f"/verify/{number}")
    browser.get("/somewhere/else")
    metrics = browser.get("/metrics").text
    counted = 'registry_http_requests_total{method="GET",route="/verify/{verification_id}",status="404"} 3.0'
    assert counted in metrics
    assert "/verify/1" not in metrics
    assert "/somewhere" not in metrics


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_api_is_described_without_script(browser: Browser) -> None:
    page = browser.get("/api/docs").text
    for operation in ("GET /api/v1/certificates", "POST /api/v1/verifications", "GET /api/v1/reports/issuance"):
        assert operation in page
    links = set(re.findall(r'href="#(schema-[^"]+)"', page))
    assert links <= set(re.findall(r'id="(schema-[^"]+)"', page))
    document = browser.get("/api/v1/openapi.json").json()
    assert all(path.startswith(("/api/v1/", "/healthz", "/readyz", "/metrics")) for path in document["paths"])


def test_a_program_signs_in_as_the_description_says(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("quantri")
    assert "X-CSRF-Token" in browser.get("/api/docs").text
    program = browser.client
    assert program.delete("/api/v1/views/9").status_code == 403
    assert program.delete("/api/v1/views/9", headers={"X-CSRF-Token": browser.token("/")}).status_code == 404


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_server_starts_answers_and_ends_when_told(tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {"REGISTRY_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "registry", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "Uvicorn running" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.communicate()
