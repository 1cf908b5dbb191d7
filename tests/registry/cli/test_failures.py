"""Errors of the command line: one sentence on standard error, and an exit code that a script can rely on."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from registry.cli import main
from registry.cli.exporting import whole_file
from registry.clock import SystemClock, local_day
from registry.db.migrations import migrate
from registry.runtime import Runtime
from registry.settings import Settings

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command with these settings; its exit code and what it said on standard error."""

    def run(*arguments: str | Path, **settings: str) -> tuple[int, str]:
        monkeypatch.setenv("REGISTRY_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.delenv("REGISTRY_DATABASE_URL", raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(f"REGISTRY_{name.upper()}", value)
        monkeypatch.setattr("sys.argv", ["registry", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def migrated(tmp_path: Path) -> None:
    runtime = Runtime.build(Settings(data_dir=tmp_path / "data"))
    migrate(runtime.database.engine)
    runtime.close()


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("upload_limit_bytes", "s3cret", "REGISTRY_UPLOAD_LIMIT_BYTES"),
        ("alert_steps_days", "s3cret", "REGISTRY_ALERT_STEPS_DAYS"),
        ("alert_sending_opens", "23:59", "alert_sending_opens"),
        ("database_url", "mysql://registry:s3cret@db.example/registry", "REGISTRY_DATABASE_URL"),
        ("database_url", "postgresql://registry:s3cret@db.example:port/registry", "REGISTRY_DATABASE_URL"),
        ("database_url", "s3cret", "REGISTRY_DATABASE_URL"),
        ("secret_key", "s3cret", "REGISTRY_SECRET_KEY"),
        ("bounce_webhook_secret", "s3cret", "REGISTRY_BOUNCE_WEBHOOK_SECRET"),
    ],
)
@pytest.mark.parametrize("command", [("doctor",), ("certificates", "list"), ("migrate",)])
def test_a_setting_that_cannot_be_used_is_named_and_not_repeated(
    call: Call, command: tuple[str, ...], setting: str, value: str, named: str
) -> None:
    code, said = call(*command, **{setting: value})
    assert code == 2
    assert named in said
    assert len(said.splitlines()) == 1
    assert "s3cret" not in said


@pytest.mark.parametrize("command", [("migrate",), ("agencies", "list"), ("report", "issuance"), ("alerts", "watch")])
def test_a_database_that_does_not_answer_is_no_answer(call: Call, command: tuple[str, ...]) -> None:
    """With 1 a monitor would take `alerts watch` for "the alerts do not work"."""
    code, said = call(*command, database_url="postgresql://registry:s3cret@127.0.0.1:1/registry")
    assert code == 3
    assert "REGISTRY_DATABASE_URL" in said
    assert len(said.splitlines()) == 1
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "registry: No such command 'nothing'. See `registry --help`.\n"),
        (
            ("certificates", "list", "--nothing"),
            "registry certificates list: No such option: --nothing. See `registry certificates list --help`.\n",
        ),
        (
            ("trust", "add"),
            "registry trust add: Missing argument 'paths'. See `registry trust add --help`.\n",
        ),
        (("certificates",), ""),
    ],
)
def test_wrong_use_is_one_sentence(call: Call, arguments: tuple[str, ...], said: str) -> None:
    assert call(*arguments) == (2, said)


def test_what_nobody_foresaw_is_not_taken_for_an_answer(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Settings:
        raise ZeroDivisionError

    monkeypatch.setattr(Settings, "from_environ", fail)
    code, said = call("doctor")
    assert code == 3
    assert "ZeroDivisionError" in said
    assert said.splitlines()[-1].startswith("This was not foreseen.")


def test_a_data_directory_named_by_mistake_stays_as_it_was(call: Call, tmp_path: Path) -> None:
    code, said = call("certificates", "list")
    assert code == 3
    assert str(tmp_path / "data") in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%Y-%m-%d"])
@pytest.mark.parametrize("command", [("preview", "--date"), ("hold", "--reason", "x", "--day")])
@pytest.mark.usefixtures("migrated")
def test_alerts_take_days_as_they_are_written_here(call: Call, command: tuple[str, ...], written: str) -> None:
    day = local_day(SystemClock().now()) + timedelta(days=3)
    assert call("alerts", *command, day.strftime(written)) == (0, "")


@pytest.mark.parametrize(
    "command",
    [
        ("certificates", "export", "list.csv"),
        ("certificates", "export", "list.xlsx"),
        ("certificates", "export", "list.zip"),
        ("certificates", "export", "--complete", "register.xlsx"),
        ("agencies", "export", "list.xlsx"),
        ("report", "issuance", "--xlsx", "report.xlsx"),
        ("report", "issuance", "--pdf", "report.pdf"),
    ],
)
@pytest.mark.usefixtures("migrated")
def test_a_file_that_cannot_be_written_is_named(call: Call, tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "nowhere" / command[-1]
    assert call(*command[:-1], path) == (3, f"Could not do it: No such file or directory ({path}).\n")


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("earlier")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "earlier"
    with whole_file(path) as part:
        part.write_text("whole")
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_goes_on_to_lead_where_it_led_and_a_pipe_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "list.csv")
    with whole_file(tmp_path / "link.csv") as part:
        part.write_text("whole")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "list.csv").read_text() == "whole"
    os.mkfifo(tmp_path / "pipe")
    with whole_file(tmp_path / "pipe") as part:
        assert part == tmp_path / "pipe"
    assert (tmp_path / "pipe").is_fifo()


def test_the_data_directory_is_made_for_nobody_else(call: Call, tmp_path: Path) -> None:
    assert call("migrate") == (0, "")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    (tmp_path / "shared").mkdir(mode=0o750)
    assert call("migrate", data_dir=str(tmp_path / "shared")) == (0, "")
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o750
