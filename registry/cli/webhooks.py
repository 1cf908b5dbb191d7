"""`registry webhooks …`."""

from typing import Annotated

import typer

from registry.cli.common import OPERATOR, AsJSON, echo_json, open_database
from registry.settings import Settings
from registry.webhooks.service import add_webhook, list_webhooks, remove_webhook

app = typer.Typer(no_args_is_help=True, add_completion=False)

_ACTOR = "operator"


@app.command("add", epilog='Example: registry webhooks add "Cổng dịch vụ" https://hook.example/in')
def add(
    name: Annotated[str, typer.Argument(help="By which the ledger calls it.")],
    url: Annotated[str, typer.Argument(help="https://…; redirects are not followed.")],
    *,
    as_json: AsJSON = False,
) -> None:
    """Tell one more web address of every digest whose time has come. The secret that signs is shown this once."""
    with open_database() as database, database.write() as uow:
        added = add_webhook(uow, OPERATOR, Settings.from_environ(), name=name, url=url, actor=_ACTOR)
    if as_json:
        echo_json(added)
        return
    typer.echo(f"#{added.webhook.id} {added.webhook.url}")
    typer.echo(f"Secret, not shown again: {added.secret}")


@app.command("list", epilog="Example: registry webhooks list --json")
def list_(*, as_json: AsJSON = False) -> None:
    """List the web addresses that are or were told, without their secrets. With --json one object a line."""
    with open_database() as database, database.read() as uow:
        views = list_webhooks(uow, OPERATOR)
    for view in views:
        if as_json:
            echo_json(view)
        else:
            typer.echo(f"#{view.id}  {'removed' if view.ended_at else 'told'}  {view.name}  {view.url}")


@app.command("remove", epilog="Example: registry webhooks remove 3")
def remove(number: Annotated[int, typer.Argument(min=1, help="As `registry webhooks list` shows it.")]) -> None:
    """Tell a web address nothing more; what it was told stays in the ledger."""
    with open_database() as database, database.write() as uow:
        remove_webhook(uow, OPERATOR, number, actor=_ACTOR)
