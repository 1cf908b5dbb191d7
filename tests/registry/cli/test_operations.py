"""`registry alerts`, `doctor` and `worker` as an operator calls them."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from registry.alerts.health import WATCH
from registry.alerts.tables import AlertBaselineRow
from registry.clock import SystemClock, local_day
from registry.db.migrations import migrate
from registry.runtime import Runtime
from registry.settings import Settings
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.services import Mailbox
from tests.workers.processes import ROOT


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A data directory with one certificate that is due today and one that is due in three days."""
    runtime = Runtime.build(Settings(data_dir=tmp_path / "data"))
    migrate(runtime.database.engine)
    today = local_day(SystemClock().now())
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        add_certificate(uow.session, agency, today + timedelta(days=7), holder="Lê Thị Hạnh")
        add_certificate(uow.session, agency, today + timedelta(days=17), holder="Trần Văn Đức")
    runtime.close()
    return tmp_path / "data"


def run(directory: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "REGISTRY_DATA_DIR": str(directory)}
    environment |= {f"REGISTRY_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "registry", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_alerts_are_previewed_and_run_once(directory: Path) -> None:
    preview = run(directory, "alerts", "preview")
    assert preview.returncode == 0, preview.stderr
    assert "syt@tinh.example" in preview.stdout
    assert "Lê Thị Hạnh" in preview.stdout

    first = json.loads(run(directory, "alerts", "run", "--json").stdout)
    assert (first["mails"], first["certificates"]) == (1, 2)
    assert json.loads(run(directory, "alerts", "run", "--json").stdout)["mails"] == 0

    day = (local_day(SystemClock().now()) + timedelta(days=3)).isoformat()
    later = json.loads(run(directory, "alerts", "preview", "--date", day, "--json").stdout)
    assert [c["holder"] for mail in later["mails"] for c in mail["certificates"]] == ["Trần Văn Đức"]


def test_a_monitor_asks_by_exit_code_whether_alerts_work(directory: Path) -> None:
    """For a machine whose scheduler stands still: cron asks, and mails what is said."""
    fine = run(directory, "alerts", "watch", "--json")
    assert fine.returncode == 0, fine.stderr
    assert json.loads(fine.stdout) == {"is_fine": True, "wrong": {}, "due_unsent": 2, "failure": None}
    runtime = Runtime.build(Settings(data_dir=directory))
    with runtime.database.write() as uow:
        baseline = uow.session.get_one(AlertBaselineRow, WATCH)
        baseline.at -= timedelta(hours=30)
    runtime.close()
    wrong = run(directory, "alerts", "watch", "--lang", "en")
    assert wrong.returncode == 1
    assert "No scan for expiring certificates has ever come to its end" in wrong.stdout
    assert "Alerts due since" in wrong.stdout
    assert run(directory, "alerts", "run").returncode == 0
    assert run(directory, "alerts", "watch").returncode == 0


@pytest.mark.parametrize(("day", "named"), [("2016-12-31", "31/12/2016"), ("tomorrow", "tomorrow")])
def test_a_day_that_cannot_be_previewed_is_wrong_use(directory: Path, day: str, named: str) -> None:
    refused = run(directory, "alerts", "preview", "--date", day)
    assert refused.returncode == 2
    assert named in refused.stderr


def test_doctor_is_content_when_everything_works_but_the_anchors(
    directory: Path, redis_url: str, mailbox: Mailbox
) -> None:
    found = run(directory, "doctor", "--json", redis_url=redis_url, smtp_url=mailbox.url)
    assert found.returncode == 1
    checks = {check["part"]: check["ok"] for check in json.loads(found.stdout)["checks"]}
    assert checks == {
        "database": True,
        "clock": True,
        "trust": False,
        "crls": True,
        "counts": True,
        "queue": True,
        "mail": True,
        "storage": True,
    }


def test_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    found = run(tmp_path, "doctor", smtp_url="http://mail.example")
    assert found.returncode == 1
    assert "registry migrate" in found.stdout
    assert "REGISTRY_SMTP_URL" in found.stdout
    assert "Traceback" not in found.stderr


def test_a_worker_for_a_queue_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    refused = run(tmp_path, "worker", "--queues", "document")
    assert refused.returncode == 2
    assert "documents" in refused.stderr
