"""The command line: `registry …`.

Each group of commands is a module with a Typer application `app`, imported only when it is called: `registry verify`
must not wait for the web framework. Exit codes: 0 done; 1 done, and the answer is no; 2 wrong use; 3 could not do it.
"""

import importlib
import sys
from typing import Any, Final

import typer

COMMANDS: Final[dict[str, str]] = {
    "demo": "Run everything on this machine with a demonstration province.",
    "serve": "Run the web.",
    "worker": "Run a worker.",
    "beat": "Run the scheduler.",
    "migrate": "Bring the database to the newest revision.",
    "doctor": "Check that every part works.",
    "certificates": "Import, list and export certificates.",
    "agencies": "List and change agencies.",
    "verify": "Judge signed PDF documents.",
    "report": "Reports about the register as of any day.",
    "alerts": "Preview and send expiry mail.",
    "trust": "Trust anchors and CA certificates.",
    "webhooks": "Web addresses that are told what the mail tells.",
    "users": "People who may sign in.",
}


class _LazyGroup(typer.core.TyperGroup):
    """Commands found by name in `registry.cli.<name>`; Typer keeps the types of its click to itself, hence `Any`."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What `registry --help` says of a command, which needs no module of ours."""
        del ctx
        return typer.core.TyperCommand(cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None:
            command = typer.main.get_command(importlib.import_module(f"registry.cli.{name}").app)
            command.name = name
        return name, command, rest


_app = typer.Typer(cls=_LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@_app.callback()
def _root() -> None:
    """Register of digital-signature certificates for public bodies.

    Every command ends with 0 when it did its work, with 1 when it did and the answer is no, with 2 when it was called
    wrongly, and with 3 when it could not do it.
    """


def main() -> None:
    """Run one command and end the process with its exit code. Errors are one sentence on standard error."""
    try:
        # Without its standalone mode Typer leaves wrong use to us, and returns the code that a command ended with.
        code = _app(prog_name="registry", standalone_mode=False)
    except typer.Abort:
        typer.echo("Broken off; nothing was done.", err=True)
        code = 3
    except Exception as error:  # noqa: BLE001 - whatever it is, 1 would mean "done, and the answer is no"
        from registry.cli.failures import explain  # noqa: PLC0415

        code, sentence = explain(error)
        if sentence:
            typer.echo(sentence, err=True)
    sys.exit(code or 0)
