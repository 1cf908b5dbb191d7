"""`registry webhooks …`."""

from typing import Annotated

import typer

from registry.cli.common import OPERATOR, AsJSON, echo_json, open_database, show_day
from registry.settings import Settings
from registry.webhooks.history import find_deliveries
from registry.webhooks.service import add_webhook, list_webhooks, remove_webhook
from registry.webhooks.trial import request_test

app = typer.Typer(no_args_is_help=True, add_completion=False)

_ACTOR = "operator"
_NUMBER = Annotated[int, typer.Argument(min=1, help="As `registry webhooks list` shows it.")]


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
            tested = f"  test: {view.test_words or 'on its way'}" if view.test_requested_at else ""
            typer.echo(f"#{view.id}  {'removed' if view.ended_at else 'told'}  {view.name}  {view.url}{tested}")


@app.command("remove", epilog="Example: registry webhooks remove 3")
def remove(number: _NUMBER) -> None:
    """Tell a web address nothing more; what it was told stays in the ledger."""
    with open_database() as database, database.write() as uow:
        remove_webhook(uow, OPERATOR, number, actor=_ACTOR)


@app.command("test", epilog="Example: registry webhooks test 3")
def test(number: _NUMBER) -> None:
    """Have a worker send a signed test event; `registry webhooks list` shows the answer."""
    with open_database() as database, database.write() as uow:
        view = request_test(uow, OPERATOR, number)
    typer.echo(f"A test event goes to {view.url}; `registry webhooks list` shows the answer.")


@app.command("deliveries", epilog="Example: registry webhooks deliveries 3 --json")
def deliveries(number: _NUMBER, *, as_json: AsJSON = False) -> None:
    """Show the newest deliveries to a web address with its answers, newest first. With --json one object a line."""
    with open_database() as database, database.read() as uow:
        views = find_deliveries(uow, OPERATOR, number)
    for view in views:
        if as_json:
            echo_json(view)
        else:
            tried = f"{view.state.value:<8}  {view.attempts} attempts"
            typer.echo(f"{show_day(view.created_at)}  mail {view.mail_id:>6}  {tried}  {view.last_reply}")
