"""`registry users …`."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import select

from certs.messages import define, message
from registry.accounts.repository import AccountRepository
from registry.accounts.service import record_disabled, record_password, submit_user
from registry.accounts.tables import Role
from registry.agencies.tables import AgencyRow
from registry.errors import InvalidInput, not_found
from registry.runtime import Runtime
from registry.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)

define(
    "users.passwords_differ",
    vi="Hai lần nhập mật khẩu không giống nhau. Hãy nhập lại.",
    en="The two passwords differ. Type them again.",
)

_Username = Annotated[str, typer.Argument(help="User name: small letters, digits, dots, hyphens.")]


@app.command("add", epilog="Example: registry users add lan --name 'Nguyễn Thị Lan' --role officer --agency H02.15")
def add(
    username: _Username,
    name: Annotated[str, typer.Option(help="Full name.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    agency: Annotated[str | None, typer.Option(help="Code of the agency of an officer.")] = None,
    email: Annotated[str | None, typer.Option(help="Official e-mail address.")] = None,
) -> None:
    """Add a person. The password is asked for, or read from standard input when that is not a terminal."""
    password = _read_password()
    runtime = Runtime.build(Settings.from_environ())
    with runtime.database.write() as uow:
        agency_id = None
        if agency is not None:
            agency_id = uow.session.exec(select(AgencyRow.id).where(AgencyRow.code == agency)).one_or_none()
            if agency_id is None:
                raise not_found(agency)
        submit_user(
            uow, username=username, full_name=name, password=password, role=role, agency_id=agency_id, email=email
        )
    typer.echo(f"{username} can sign in now.")


@app.command("list", epilog="Example: registry users list --json")
def list_(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the people who may sign in; never their passwords."""
    runtime = Runtime.build(Settings.from_environ())
    with runtime.database.read() as uow:
        users = AccountRepository(uow.session).list_users()
    if as_json:
        for user in users:
            fields = {"username", "full_name", "email", "role", "agency_id", "is_disabled"}
            typer.echo(json.dumps(user.model_dump(mode="json", include=fields), ensure_ascii=False))
        return
    table = Table("User name", "Name", "Role", "E-mail", "May sign in")
    for user in users:
        table.add_row(user.username, user.full_name, user.role, user.email or "", "no" if user.is_disabled else "yes")
    Console().print(table)


@app.command("disable", epilog="Example: registry users disable lan")
def disable(
    username: _Username,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Allow signing in again.")] = False,
) -> None:
    """Forbid a person to sign in, at once: open sessions end."""
    runtime = Runtime.build(Settings.from_environ())
    with runtime.database.write() as uow:
        record_disabled(uow, username=username, is_disabled=not undo)
    typer.echo(f"{username} {'can sign in again' if undo else 'can no longer sign in'}.")


@app.command("password", epilog="Example: registry users password lan < new-password.txt")
def password(username: _Username) -> None:
    """Change a password; open sessions of the person end."""
    new_password = _read_password()
    runtime = Runtime.build(Settings.from_environ())
    with runtime.database.write() as uow:
        record_password(uow, username=username, password=new_password)
    typer.echo(f"The password of {username} is changed.")


def _read_password() -> str:
    """Ask twice on a terminal, else read one line: a password on the command line would be seen by everybody."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first: str = typer.prompt("Password", hide_input=True)
    second: str = typer.prompt("Again", hide_input=True)
    if first != second:
        raise InvalidInput(message("users.passwords_differ"))
    return first
