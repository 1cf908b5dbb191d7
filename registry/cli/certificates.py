"""`registry certificates …`."""

import sys
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from certs.messages import define, message
from registry.certificates.export import write_csv, write_xlsx
from registry.certificates.importing import (
    ImportedItem,
    ImportOptions,
    Outcome,
    find_in_files,
    import_certificates,
)
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import count_certificates, iterate_certificates
from registry.certificates.tables import Medium, SubscriberKind
from registry.cli.common import (
    OPERATOR,
    AsJSON,
    AsOf,
    Language,
    LanguageOption,
    agency_id_of,
    echo_json,
    open_database,
    show_day,
)
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import InvalidInput

define(
    "cli.export_format",
    vi="Tên tệp {path} phải kết thúc bằng .csv hoặc .xlsx.",
    en="The file name {path} must end in .csv or .xlsx.",
)

app = typer.Typer(no_args_is_help=True, add_completion=False)

_Text = Annotated[
    str | None,
    typer.Option("--text", "-q", help="Words of holder, subject, serial, e-mail, device; no diacritics needed."),
]
_Agency = Annotated[str | None, typer.Option(help="Code of an agency; its subtree is included.")]
_Levels = Annotated[list[str] | None, typer.Option("--level", help="Level of the agency; may be repeated.")]
_Kinds = Annotated[list[str] | None, typer.Option("--kind", help="organisation, person, device; may be repeated.")]
_Media = Annotated[list[str] | None, typer.Option("--medium", help="token, sim, central, unknown; may be repeated.")]
_Generations = Annotated[list[str] | None, typer.Option("--generation", help="Of the CA, e.g. G2; may be repeated.")]
_Standings = Annotated[
    list[str] | None,
    typer.Option("--status", help="not_yet_valid, active, suspended, expired, revoked; may be repeated."),
]
_Expiring = Annotated[str | None, typer.Option("--expiring", help="Active, and ending within so many days.")]
_Flags = Annotated[
    list[str] | None,
    typer.Option("--flag", help="names_ended_body, weak, unknown_ca, replaced, not_replaced; may be repeated."),
]
_Sort = Annotated[str | None, typer.Option(help="holder, not_after, issued_at; with a minus sign in reverse.")]


@app.command("list", epilog="Example: registry certificates list --expiring 90 --flag not_replaced --sort not_after")
def list_(
    *,
    text: _Text = None,
    agency: _Agency = None,
    level: _Levels = None,
    kind: _Kinds = None,
    medium: _Media = None,
    generation: _Generations = None,
    status: _Standings = None,
    expiring: _Expiring = None,
    flag: _Flags = None,
    as_of: AsOf = None,
    sort: _Sort = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows to print; 0: all.")] = 50,
    as_json: AsJSON = False,
) -> None:
    """List certificates as of any day. With --json one object a line."""
    options = (
        *(("q", text), ("expiring", expiring), ("as_of", as_of), ("sort", sort)),
        *_each(level=level, kind=kind, medium=medium, generation=generation, status=status, flag=flag),
    )
    with open_database() as database, database.read() as uow:
        query = _query(uow, options, agency)
        views = islice(iterate_certificates(uow, OPERATOR, query), limit or None)
        if as_json:
            for view in views:
                echo_json(view)
            return
        table = Table("Holder", "Agency", "Status", "Valid until", "Device", "Serial")
        for view in views:
            device = " ".join(filter(None, (view.medium.value, view.device_number)))
            table.add_row(view.holder, view.agency_name, view.standing, show_day(view.not_after), device, view.serial)
        total = count_certificates(uow, OPERATOR, query)
    Console().print(table)
    Console().print(f"{table.row_count:,} of {total:,} certificates.")


@app.command("export", epilog="Example: registry certificates export revoked.xlsx --status revoked --as-of 2016-12-31")
def export(
    path: Annotated[Path, typer.Argument(help="File to write, .csv or .xlsx; `-` for CSV on standard output.")],
    *,
    text: _Text = None,
    agency: _Agency = None,
    level: _Levels = None,
    kind: _Kinds = None,
    medium: _Media = None,
    generation: _Generations = None,
    status: _Standings = None,
    expiring: _Expiring = None,
    flag: _Flags = None,
    as_of: AsOf = None,
    sort: _Sort = None,
    language: LanguageOption = Language.VI,
) -> None:
    """Write the same list into a file, row by row."""
    options = (
        *(("q", text), ("expiring", expiring), ("as_of", as_of), ("sort", sort)),
        *_each(level=level, kind=kind, medium=medium, generation=generation, status=status, flag=flag),
    )
    suffix = ".csv" if str(path) == "-" else path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise InvalidInput(message("cli.export_format", path=path), field="path")
    with open_database() as database, database.read() as uow:
        views = iterate_certificates(uow, OPERATOR, _query(uow, options, agency))
        if str(path) == "-":
            write_csv(views, sys.stdout, language=language)
            return
        if suffix == ".xlsx":
            count = write_xlsx(views, path, language=language)
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                count = write_csv(views, file, language=language)
    typer.echo(f"{count:,} certificates written to {path}.", err=True)


@app.command("import", epilog="Example: registry certificates import --dry-run certificates.zip leaf.cer")
def import_(
    paths: Annotated[
        list[Path], typer.Argument(help="PEM, DER, P7B, ZIP, signed PDF; folders are searched.", exists=True)
    ],
    *,
    agency: Annotated[
        str | None, typer.Option(help="Code of the agency of all of them; default: what each subject names.")
    ] = None,
    kind: Annotated[SubscriberKind | None, typer.Option(help="Kind of all; default: as each suggests.")] = None,
    medium: Annotated[Medium, typer.Option(help="Medium of all.")] = Medium.UNKNOWN,
    actor: Annotated[str, typer.Option(help="Who enters them, for the history.")] = "registry certificates import",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Enter certificates from files, as one unit: what can be entered is, each once, and the rest is named with its place.

    Exit code 1 when something was refused.
    """
    with open_database() as database, _unit(database, dry_run=dry_run) as uow:
        options = ImportOptions(agency_id=agency_id_of(uow, agency) if agency else None, kind=kind, medium=medium)
        with Console(stderr=True).status("registry certificates import"):
            items = import_certificates(uow, OPERATOR, find_in_files(paths), options, actor=actor)
    counts = {outcome: sum(item.outcome is outcome for item in items) for outcome in Outcome}
    for item in items:
        if as_json:
            echo_json(_as_json(item))
        elif item.outcome is Outcome.REFUSED and item.reason is not None:
            typer.echo(f"{item.place}: {item.reason.text('en')}", err=True)
    if not as_json:
        would = " would be" if dry_run else ""
        typer.echo(
            f"{counts[Outcome.NEW]:,} new, {counts[Outcome.KNOWN]:,} known, {counts[Outcome.REFUSED]:,}{would} refused."
        )
    if counts[Outcome.REFUSED]:
        raise typer.Exit(1)


def _unit(database: Database, *, dry_run: bool) -> AbstractContextManager[UnitOfWork]:
    # A unit of work for reading is always rolled back: the preview goes exactly the way of the real thing.
    return database.read() if dry_run else database.write()


def _as_json(item: ImportedItem) -> dict[str, str | None]:
    return {
        "place": item.place,
        "outcome": item.outcome,
        "sha256": item.sha256,
        "holder": item.holder,
        "code": item.reason.code if item.reason else None,
        "reason": item.reason.text("vi") if item.reason else None,
    }


def _each(**options: list[str] | None) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, value) for name, values in options.items() for value in values or ())


def _query(uow: UnitOfWork, options: tuple[tuple[str, str | None], ...], agency: str | None) -> CertificateQuery:
    parameters = [(name, value) for name, value in options if value is not None]
    if agency is not None:
        parameters.append(("agency", str(agency_id_of(uow, agency))))
    return CertificateQuery.from_parameters(parameters, now=uow.now)
