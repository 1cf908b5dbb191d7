"""`registry alerts steps`: when an agency is told before an expiry."""

from typing import Annotated

import typer

from registry.alerts.steps.schemas import AgencyStepsView
from registry.alerts.steps.service import agency_steps, set_agency_steps
from registry.cli.common import OPERATOR, AsJSON, agency_id_of, echo_json, open_database
from registry.clock import VIETNAM
from registry.settings import Settings


def steps(
    agency: Annotated[str, typer.Argument(help="Code of an agency.")],
    *,
    wanted: Annotated[
        str | None,
        typer.Option("--set", help="Days before expiry, with commas; negative after it: 90,30,7,0,-7."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Let it follow the body above again.")] = False,
    actor: Annotated[str, typer.Option("--by", help="Who is named in the history.")] = "operator",
    as_json: AsJSON = False,
) -> None:
    """Show when an agency is told before an expiry, or set it for the agency and the units below that follow it."""
    if wanted is not None and follow:
        raise typer.BadParameter("give either --set or --follow")
    days = None if wanted is None else _read_days(wanted)
    with open_database() as database:
        if days is not None or follow:
            with database.write() as uow:
                set_agency_steps(uow, OPERATOR, agency_id_of(uow, agency), days, actor=actor)
        with database.read() as uow:
            view = agency_steps(uow, OPERATOR, Settings.from_environ(), agency_id_of(uow, agency))
    if as_json:
        echo_json(view)
    else:
        _echo(view)


def _read_days(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no list of days; write them with commas, 90,30,7,0,-7", param_hint="--set"
        ) from error


def _echo(view: AgencyStepsView) -> None:
    source = "its own" if view.own is not None else "the province's"
    if view.inherited_from is not None:
        source = f"those of {view.inherited_from.code} {view.inherited_from.name}"
    for kind, in_force in view.in_force.items():
        typer.echo(f"{kind.value:<12}  {', '.join(map(str, in_force))}")
    typer.echo(f"Days before expiry, negative after it: {source}. Day {view.last_extension_step} is always among them.")
    for change in view.changes:
        said = "follows the body above" if change.steps is None else ", ".join(map(str, change.steps))
        typer.echo(f"{change.recorded_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}  {change.actor}  {said}")
