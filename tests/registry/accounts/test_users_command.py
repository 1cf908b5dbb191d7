"""`registry users …` as an operator types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.db.migrations import migrate
from registry.runtime import Runtime
from registry.settings import Settings

PASSWORD = "mật khẩu dài để thử"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    runtime = Runtime.build(Settings(data_dir=tmp_path))
    migrate(runtime.database.engine)
    runtime.close()
    return tmp_path


def users(data_dir: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"REGISTRY_DATA_DIR": str(data_dir), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "registry", "users", *arguments]
    return subprocess.run(
        command, input=stdin, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_people_are_added_listed_and_banned(data_dir: Path) -> None:
    added = users(data_dir, "add", "lan", "--name", "Nguyễn Thị Lan", "--role", "auditor", stdin=PASSWORD + "\n")
    assert (added.returncode, added.stdout) == (0, "lan can sign in now.\n"), added.stderr
    assert users(data_dir, "disable", "lan").returncode == 0
    listed = users(data_dir, "list", "--json")
    (person,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert person == {
        "username": "lan",
        "full_name": "Nguyễn Thị Lan",
        "email": None,
        "role": "auditor",
        "agency_id": None,
        "is_disabled": True,
    }
    assert users(data_dir, "disable", "lan", "--undo").stdout == "lan can sign in again.\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "sentence"),
    [
        (("add", "lan", "--name", "L", "--role", "auditor"), "ngắn\n", 2, "at least 10 characters"),
        (("add", "lan", "--name", "L", "--role", "officer"), PASSWORD, 2, "An officer needs an agency"),
        (("add", "lan", "--name", "L", "--role", "officer", "--agency", "H99"), PASSWORD, 3, "H99 was not found"),
        (("password", "khongai"), PASSWORD, 3, "khongai was not found"),
        (("add", "lan", "--name", "L", "--role", "king"), PASSWORD, 2, "king"),
    ],
)
def test_mistakes_are_one_sentence(
    data_dir: Path, arguments: tuple[str, ...], stdin: str, code: int, sentence: str
) -> None:
    done = users(data_dir, *arguments, stdin=stdin)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
