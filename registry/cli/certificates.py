"""`registry certificates …`."""

import zipfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from certs.messages import define, message
from registry.certificates.export import CERTIFICATE_COLUMNS, iterate_exported
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import count_certificates, iterate_certificates
from registry.cli.bulk import change
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
from registry.cli.exporting import LIST_FORMATS, format_of, whole_file, write_list
from registry.cli.imports import import_, undo
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.transfer.certificate_files import WHOLE_REGISTER, iterate_zip
from registry.transfer.register_file import write_register
from registry.web.files import words_of

define(
    "cli.complete_without_filters",
    vi="--complete xuất toàn bộ sổ nên không dùng cùng điều kiện lọc.",
    en="--complete exports the whole register and takes no filters.",
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
_IssuedFrom = Annotated[str | None, typer.Option("--issued-from", help="Issued on this day or later.")]
_IssuedUntil = Annotated[str | None, typer.Option("--issued-until", help="Issued on this day or earlier.")]
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
    issued_from: _IssuedFrom = None,
    issued_until: _IssuedUntil = None,
    flag: _Flags = None,
    as_of: AsOf = None,
    sort: _Sort = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows to print; 0: all.")] = 50,
    as_json: AsJSON = False,
) -> None:
    """List certificates as of any day. With --json one object a line."""
    options = (
        *(("q", text), ("expiring", expiring), ("as_of", as_of), ("sort", sort)),
        *(("issued_from", issued_from), ("issued_until", issued_until)),
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
    path: Annotated[
        Path,
        typer.Argument(help="File to write: .csv, .xlsx, or .zip of .cer files; `-` for CSV on standard output."),
    ],
    *,
    text: _Text = None,
    agency: _Agency = None,
    level: _Levels = None,
    kind: _Kinds = None,
    medium: _Media = None,
    generation: _Generations = None,
    status: _Standings = None,
    expiring: _Expiring = None,
    issued_from: _IssuedFrom = None,
    issued_until: _IssuedUntil = None,
    flag: _Flags = None,
    as_of: AsOf = None,
    sort: _Sort = None,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help="The whole register with its past, for another machine; .xlsx or .zip, without filters."
        ),
    ] = False,
    language: LanguageOption = Language.VI,
) -> None:
    """Write the same list into a file, row by row, or its certificates into a ZIP.

    To move a register: `export --complete register.xlsx` and `export --complete certificates.zip` here; there, after
    `trust add`, `registry agencies import register.xlsx` and `registry certificates import register.xlsx
    certificates.zip`.
    """
    options = (
        *(("q", text), ("expiring", expiring), ("as_of", as_of), ("sort", sort)),
        *(("issued_from", issued_from), ("issued_until", issued_until)),
        *_each(level=level, kind=kind, medium=medium, generation=generation, status=status, flag=flag),
    )
    suffix = format_of(path, (".xlsx", ".zip") if complete else (*LIST_FORMATS, ".zip"))
    if complete and (agency is not None or any(value is not None for _, value in options)):
        raise InvalidInput(message("cli.complete_without_filters"), field="complete")
    with open_database() as database:
        if complete and suffix == ".xlsx":
            with whole_file(path) as part:
                count = write_register(database, OPERATOR, part, words_of(language), language=language)
        else:
            query = WHOLE_REGISTER
            if not complete:
                with database.read() as uow:
                    query = _query(uow, options, agency)
            if suffix == ".zip":
                count = _write_zip(path, iterate_zip(database, OPERATOR, query))
            else:
                rows = iterate_exported(database, OPERATOR, query)
                count = write_list(path, CERTIFICATE_COLUMNS, rows, title="Certificates", language=language)
    typer.echo(f"{count:,} certificates written to {path}.", err=True)


app.command("import", epilog="Example: registry certificates import --apply none list.xlsx certificates.zip")(import_)
app.command("change", epilog="Example: registry certificates change returned --list 'agency=12&status=expired'")(change)
app.command("undo-import", epilog="Example: registry certificates undo-import 12")(undo)


def _write_zip(path: Path, pieces: Iterable[bytes]) -> int:
    with whole_file(path) as part:
        with part.open("wb") as file:
            file.writelines(pieces)
        with zipfile.ZipFile(part) as archive:
            return len(archive.infolist())


def _each(**options: list[str] | None) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, value) for name, values in options.items() for value in values or ())


def _query(uow: UnitOfWork, options: tuple[tuple[str, str | None], ...], agency: str | None) -> CertificateQuery:
    parameters = [(name, value) for name, value in options if value is not None]
    if agency is not None:
        parameters.append(("agency", str(agency_id_of(uow, agency))))
    return CertificateQuery.from_parameters(parameters, now=uow.now)
