"""`registry agencies import`, `export` and `undo-import`, mounted by `registry.cli.agencies`."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from certs.messages import define, message
from registry.agencies.export import AGENCY_COLUMNS, iterate_exported
from registry.agencies.query import AgencyQuery
from registry.agency_imports.errors import PreviewOutdated
from registry.agency_imports.plans import Options
from registry.agency_imports.schemas import AgencyImportDetail, AgencyImportView
from registry.agency_imports.service import (
    all_import_rows,
    decide_agency_import,
    get_agency_import,
    submit_agency_import,
    undo_agency_import,
)
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
from registry.cli.exporting import format_of, write_list
from registry.clock import local_day, start_of_day
from registry.db.unit_of_work import Database
from registry.errors import InvalidInput
from registry.imports.tables import ImportChoice, ImportState, ItemOutcome
from registry.parameters import ParameterReader
from registry.transfer.agencies import AGENCY_STRETCHES, iterate_stretches

define(
    "cli.agency_import_nothing",
    vi="Hãy nêu tệp danh sách cơ quan, hoặc --number của một lần nhập đã xem trước.",
    en="Name the list of agencies, or the --number of an import that was previewed.",
)

_ACTOR: Final = "registry agencies import"


def import_(
    path: Annotated[
        Path | None, typer.Argument(help="XLSX, XLS, ODS or CSV, or a ZIP of them.", exists=True, dir_okay=False)
    ] = None,
    *,
    apply: Annotated[
        ImportChoice,
        typer.Option(help="What to enter: all good rows; good: only new agencies; none: a preview."),
    ] = ImportChoice.ALL,
    since: Annotated[
        str | None,
        typer.Option(help="Agencies without a day of their own exist since this day. Default: today."),
    ] = None,
    effective: Annotated[
        str | None,
        typer.Option("--from", help="Changes without a day of their own hold from this day. Default: today."),
    ] = None,
    document: Annotated[str | None, typer.Option("--document", help="Legal document, e.g. 1658/NQ-UBTVQH15.")] = None,
    number: Annotated[int | None, typer.Option(help="Decide about the preview of this number instead.")] = None,
    actor: Annotated[str, typer.Option(help="Who enters them, for the history.")] = _ACTOR,
    as_json: AsJSON = False,
) -> None:
    """Enter a list of agencies as one unit: everything is previewed first, and applied in one transaction.

    With --json one object a row. Exit code 1 when a row was refused or left out.
    """
    with open_database() as database:
        if number is None:
            number = _preview(database, path, since=since, effective=effective, document=document, actor=actor)
        with database.read() as uow:
            is_refused = get_agency_import(uow, OPERATOR, number).summary.state is ImportState.REFUSED
        if apply is not ImportChoice.NONE and not is_refused:
            outdated: PreviewOutdated | None
            with database.write() as uow:
                outdated = decide_agency_import(uow, OPERATOR, number, apply, actor=actor)
            if outdated is not None:
                raise outdated
        detail = _show(database, number, as_json=as_json)
    counts = detail.summary.counts
    if counts.refused or detail.problems or (apply is not ImportChoice.ALL and counts.differs):
        raise typer.Exit(1)


def undo(
    number: Annotated[int, typer.Argument(help="Number of the import.")],
    *,
    actor: Annotated[str, typer.Option(help="Who takes it back, for the history.")] = "registry agencies undo-import",
) -> None:
    """Take back everything that an import of agencies entered or changed, while nothing rests on it."""
    with open_database() as database:
        with database.write() as uow:
            undo_agency_import(uow, OPERATOR, number, actor=actor)
        with database.read() as uow:
            summary = get_agency_import(uow, OPERATOR, number).summary
    typer.echo(f"Import {number} was taken back: {summary.applied_count:,} agencies.")


def export(
    path: Annotated[Path, typer.Argument(help="File to write, .csv or .xlsx; `-` for CSV on standard output.")],
    *,
    text: Annotated[str | None, typer.Option("--text", "-q", help="Words of a present or former name.")] = None,
    under: Annotated[str | None, typer.Option(help="Code of an agency: it and everything below it.")] = None,
    level: Annotated[list[str] | None, typer.Option(help="Level; may be repeated.")] = None,
    existence: Annotated[str | None, typer.Option(help="existing (default), ended, all.")] = None,
    coverage: Annotated[str | None, typer.Option(help="covered, uncovered.")] = None,
    as_of: AsOf = None,
    sort: Annotated[str | None, typer.Option(help="name, code; with a minus sign in reverse.")] = None,
    complete: Annotated[
        bool,
        typer.Option("--complete", help="Every agency with its whole history, one row for each stretch of time."),
    ] = False,
    language: LanguageOption = Language.VI,
) -> None:
    """Write the agencies into a file that `registry agencies import` takes back."""
    format_of(path)
    given = (("q", text), ("existence", existence), ("coverage", coverage), ("as_of", as_of), ("sort", sort))
    parameters = [(name, value) for name, value in given if value is not None]
    parameters.extend(("level", value) for value in level or ())
    with open_database() as database:
        if complete:
            with database.read() as uow:
                count = write_list(path, AGENCY_STRETCHES, iterate_stretches(uow), title="Agencies", language=language)
        else:
            with database.read() as uow:
                if under is not None:
                    parameters.append(("under", str(agency_id_of(uow, under))))
                query = AgencyQuery.from_parameters(parameters, now=uow.now)
            rows = iterate_exported(database, OPERATOR, query)
            count = write_list(path, AGENCY_COLUMNS, rows, title="Agencies", language=language)
    typer.echo(f"{count:,} rows written to {path}.", err=True)


def _preview(
    database: Database,
    path: Path | None,
    *,
    since: str | None,
    effective: str | None,
    document: str | None,
    actor: str,
) -> int:
    if path is None:
        raise InvalidInput(message("cli.agency_import_nothing"), field="path")
    given = ParameterReader([("since", since or ""), ("from", effective or "")])
    with database.write() as uow:
        today = local_day(uow.now)
        options = Options(
            since=start_of_day(given.day("since") or today),
            effective_at=start_of_day(given.day("from") or today),
            legal_document=document,
        )
        return submit_agency_import(uow, OPERATOR, path.read_bytes(), file_name=path.name, options=options, actor=actor)


def _show(database: Database, number: int, *, as_json: bool) -> AgencyImportDetail:
    with database.read() as uow:
        detail = get_agency_import(uow, OPERATOR, number)
        rows = all_import_rows(uow, OPERATOR, number)
    if as_json:
        for row in rows:
            echo_json(row)
        return detail
    for problem in detail.problems:
        typer.echo(problem.en, err=True)
    for row in rows:
        if row.outcome is ItemOutcome.REFUSED:
            typer.echo(f"{row.place}: {row.reasons[0].en}", err=True)
    changes = Table("Code", "Name", "Field", "Register", "List", "From")
    for row in rows:
        for each in row.differences:
            old, new = each.old or "", each.new or ""
            changes.add_row(row.code, row.name or "", each.field, old, new, show_day(each.effective_at))
    if changes.row_count:
        Console().print(changes)
    typer.echo(_summary(detail.summary))
    return detail


def _summary(summary: AgencyImportView) -> str:
    """What became of the import, and what can be done next, in two lines at most."""
    number, counts = summary.id, summary.counts
    outcomes = f"{counts.new:,} new, {counts.differs:,} differ, {counts.known:,} known, {counts.refused:,} refused"
    lines = [f"Import {number}: {outcomes}."]
    if summary.state is ImportState.APPLIED and summary.applied_count:
        done = f"{summary.applied_count:,} entered or changed"
        lines.append(f"{done}; `registry agencies undo-import {number}` takes them back.")
    elif summary.state is ImportState.APPLIED:
        lines.append("Nothing was entered.")
    elif summary.state is ImportState.READY and not counts.new + counts.differs:
        lines.append("There is nothing to enter.")
    elif summary.state is ImportState.READY:
        lines.append(f"Nothing is entered yet: `registry agencies import --number {number} --apply all`.")
    return "\n".join(lines)
