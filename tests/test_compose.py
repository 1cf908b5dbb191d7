"""`compose.yaml` and `Dockerfile` fit the program they start."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.cli import COMMANDS
from registry.jobs import QueueName
from registry.settings import Settings
from workers.scheduler import LOCK_KEY

ROOT = Path(__file__).resolve().parents[1]
OURS = ("migrate", "web", "worker", "worker-default", "beat")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return content


def test_every_part_is_there_and_watched(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "redis", *OURS}
    for name, service in services.items():
        if name != "migrate":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_commands_exist(compose: dict[str, Any]) -> None:
    commands = {name: compose["services"][name]["command"] for name in OURS}
    assert {command[0] for command in commands.values()} == {"migrate", "serve", "worker", "beat"}
    assert {command[0] for command in commands.values()} <= set(COMMANDS)


def test_every_queue_has_a_worker(compose: dict[str, Any]) -> None:
    queues = []
    for service in compose["services"].values():
        command = service.get("command", [])
        if "--queues" in command:
            queues += command[command.index("--queues") + 1].split(",")
    assert sorted(queues) == sorted(QueueName)


def test_settings_are_known_and_hold_no_secret(compose: dict[str, Any]) -> None:
    for name in OURS:
        environment = compose["services"][name]["environment"]
        for variable in environment:
            assert variable.removeprefix("REGISTRY_").lower() in Settings.model_fields
        for secret in ("REGISTRY_SECRET_KEY", "REGISTRY_SMTP_URL"):
            assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", environment[secret])
        assert "${POSTGRES_PASSWORD:?" in environment["REGISTRY_DATABASE_URL"]
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_our_containers_can_write_nowhere_but_to_their_data(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["volumes"] == ["data:/var/lib/registry"]
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_health_of_beat_is_its_lock(compose: dict[str, Any]) -> None:
    assert f'"{LOCK_KEY}"' in compose["services"]["beat"]["healthcheck"]["test"][-1]


def test_everything_starts_after_the_migration(compose: dict[str, Any]) -> None:
    for name in OURS[1:]:
        condition = compose["services"][name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


def test_the_image_is_pinned_and_runs_without_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r /build/requirements.lock" in dockerfile
    assert re.search(r"^USER 10001$", dockerfile, re.MULTILINE)
    for package in ("certs", "registry", "workers"):
        assert f"COPY {package} " in dockerfile


def test_docker_understands_it() -> None:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker on this machine")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("docker has no compose on this machine")
    names = ("POSTGRES_PASSWORD", "REGISTRY_SECRET_KEY", "REGISTRY_SMTP_URL", "REGISTRY_PUBLIC_URL")
    done = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        cwd=ROOT,
        env={**dict.fromkeys(names, "x"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
