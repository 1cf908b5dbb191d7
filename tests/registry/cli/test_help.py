"""What every command says of itself."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from registry.cli import COMMANDS, _app


def leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from leaves(below, f"{path} {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_and_offers_nothing_that_does_not_work(name: str) -> None:
    group = typer.main.get_command(importlib.import_module(f"registry.cli.{name}").app)
    # Completion is installed for a program, of which `registry` is the only one.
    assert not [each.name for each in group.params if "completion" in str(each.name)]
    for path, command in leaves(group, f"registry {name}"):
        example = f"{command.help}\n{command.epilog}".partition("Example: ")[2]
        assert path in example, path


def test_the_first_help_names_every_command_as_it_is_called() -> None:
    shown = CliRunner().invoke(_app, ["--help"], env={"COLUMNS": "120", "TERM": "dumb"}).stdout
    named = {words[1]: " ".join(words[2:-1]) for line in shown.splitlines() if len(words := line.split()) > 2}
    assert {name: named.get(name) for name in COMMANDS} == COMMANDS


def test_the_first_help_waits_for_no_command() -> None:
    code = (
        "import atexit, sys; from registry.cli import main;"
        " atexit.register(lambda: print(*sys.modules, file=sys.stderr)); sys.argv = ['registry', '--help']; main()"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split()
    assert [each for each in loaded if each.startswith("registry")] == ["registry", "registry.cli"]
