"""`registry agencies …`."""

from itertools import islice
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from registry.agencies.query import AgencyQuery
from registry.agencies.repository import count_agencies, get_agency, iterate_agencies
from registry.agencies.schemas import AgencyDetail, AgencyNode
from registry.agencies.tree import agency_tree
from registry.cli import agency_changes, agency_imports
from registry.cli.common import OPERATOR, AsJSON, AsOf, agency_id_of, echo_json, open_database, show_day
from registry.parameters import ParameterReader

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("list", epilog="Example: registry agencies list --level commune --coverage uncovered --as-of 2016-12-31")
def list_(
    *,
    text: Annotated[
        str | None, typer.Option("--text", "-q", help="Words of a present or former name, or a code.")
    ] = None,
    under: Annotated[str | None, typer.Option(help="Code of an agency: it and everything below it.")] = None,
    level: Annotated[
        list[str] | None, typer.Option(help="province, district, subordinate, commune, school; may be repeated.")
    ] = None,
    existence: Annotated[str | None, typer.Option(help="existing (default), ended, all.")] = None,
    coverage: Annotated[
        str | None, typer.Option(help="covered, uncovered: with or without an active organisation certificate.")
    ] = None,
    as_of: AsOf = None,
    sort: Annotated[str | None, typer.Option(help="name, code; with a minus sign in reverse.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows to print; 0: all.")] = 50,
    as_json: AsJSON = False,
) -> None:
    """List agencies as of any day. With --json one object a line."""
    options = (("q", text), ("existence", existence), ("coverage", coverage), ("as_of", as_of), ("sort", sort))
    parameters = [(name, value) for name, value in options if value is not None]
    parameters.extend(("level", value) for value in level or ())
    with open_database() as database, database.read() as uow:
        if under is not None:
            parameters.append(("under", str(agency_id_of(uow, under))))
        query = AgencyQuery.from_parameters(parameters, now=uow.now)
        views = islice(iterate_agencies(uow, OPERATOR, query), limit or None)
        if as_json:
            for view in views:
                echo_json(view)
            return
        table = Table("Code", "Name", "Level", "E-mail", "Ended")
        for view in views:
            ended = show_day(view.ended_at) if view.ended_at else ""
            table.add_row(view.code, view.name, view.level, view.email or "", ended)
        total = count_agencies(uow, OPERATOR, query)
    Console().print(table)
    Console().print(f"{table.row_count:,} of {total:,} agencies.")


@app.command("show", epilog="Example: registry agencies show H02.15 --as-of 2016-12-31")
def show(
    code: Annotated[str, typer.Argument(help="Electronic identifier of the agency.")],
    *,
    as_of: AsOf = None,
    as_json: AsJSON = False,
) -> None:
    """Show one agency with its names, successions, units and events."""
    moment = ParameterReader([("as_of", as_of or "")]).moment("as_of")
    with open_database() as database, database.read() as uow:
        detail = get_agency(uow, OPERATOR, agency_id_of(uow, code), moment or uow.now)
    if as_json:
        echo_json(detail)
    else:
        _print(detail)


@app.command("tree", epilog="Example: registry agencies tree --as-of 2016-12-31")
def tree(*, as_of: AsOf = None, as_json: AsJSON = False) -> None:
    """Show the tree with the number of active certificates of each agency and of everything below it."""
    moment = ParameterReader([("as_of", as_of or "")]).moment("as_of")
    with open_database() as database, database.read() as uow:
        nodes = agency_tree(uow, OPERATOR, moment or uow.now)
    if as_json:
        for node in nodes:
            echo_json(node)
        return
    for node in nodes:
        Console().print(_branch(Tree(_label(node)), node))


def _branch(tree: Tree, node: AgencyNode) -> Tree:
    for child in node.children:
        _branch(tree.add(_label(child)), child)
    return tree


def _label(node: AgencyNode) -> str:
    below = f" ({node.total:,} with units below)" if node.children else ""
    return f"{node.agency.name} [dim]{node.agency.code}[/dim]: {node.direct:,}{below}"


def _print(detail: AgencyDetail) -> None:
    agency = detail.agency
    console = Console()
    console.print(agency.name, style="bold")
    table = Table(show_header=False)
    table.add_row("Code", agency.code)
    table.add_row("Level", agency.level)
    table.add_row("Below", " › ".join(link.name for link in detail.ancestors))
    table.add_row("E-mail", agency.email or "")
    table.add_row("Exists since", show_day(agency.exists_from))
    if agency.ended_at:
        table.add_row("Ended", show_day(agency.ended_at))
    for name in detail.names:
        until = show_day(name.effective_until) if name.effective_until else ""
        table.add_row("Name", f"{name.name} ({show_day(name.effective_from)} – {until})")
    for succession in detail.predecessors:
        table.add_row("Took over from", f"{succession.agency.name} ({show_day(succession.effective_at)})")
    for succession in detail.successors:
        table.add_row("Succeeded by", f"{succession.agency.name} ({show_day(succession.effective_at)})")
    for event in detail.events:
        table.add_row(show_day(event.effective_at), f"{event.kind} {event.legal_document or ''}".rstrip())
    table.add_row("Units below", f"{len(detail.children):,}")
    console.print(table)


app.command("import", epilog="Example: registry agencies import co-quan.xlsx --apply none")(agency_imports.import_)
app.command("undo-import", epilog="Example: registry agencies undo-import 3")(agency_imports.undo)
app.command("export", epilog="Example: registry agencies export agencies.xlsx --complete")(agency_imports.export)
agency_changes.add_to(app)
