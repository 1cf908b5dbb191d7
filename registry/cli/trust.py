"""`registry trust …`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from certs.containers import Finding, Found, Refused, read_certificates
from registry.certificates.recognition import recognise_certificates
from registry.cli.common import OPERATOR, AsJSON, echo_json, open_database, show_day
from registry.errors import RegistryError
from registry.trust.repository import find_authorities
from registry.trust.service import add_authority

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("add", epilog="Example: registry trust add rootca.crt rootcag2.crt cp.crt cpcag2.crt")
def add(
    paths: Annotated[
        list[Path], typer.Argument(help="CA certificates: PEM, DER, P7B; folders are searched.", exists=True)
    ],
    *,
    trust_anyway: Annotated[
        bool,
        typer.Option("--trust-anyway", help="Trust self-signed certificates that the product does not know."),
    ] = False,
    generation: Annotated[
        str | None, typer.Option(help="How certificates below such an anchor are grouped, e.g. `internal`.")
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Hold CA certificates: known self-signed ones as trust anchors, all others to build paths.

    The fingerprints of the anchors of the Government PKI and of the national PKI are part of the product. Exit code 1
    when something was refused.
    """
    refused = 0
    with open_database() as database, database.write() as uow:
        # Anchors first, so that what they issued is recognised at once.
        for finding in sorted(_find_in_files(paths), key=_comes_later):
            if isinstance(finding, Refused):
                refused += 1
                typer.echo(f"{finding.place}: {finding.reason.text('en')}", err=True)
                continue
            try:
                view = add_authority(
                    uow, OPERATOR, finding.certificate.der, trust_anyway=trust_anyway, generation=generation
                )
            except RegistryError as error:
                refused += 1
                typer.echo(f"{finding.place}: {error.reason.text('en')}", err=True)
                continue
            if as_json:
                echo_json(view)
            else:
                typer.echo(f"{view.role} ({view.generation}): {view.subject}")
        if recognised := recognise_certificates(uow):
            typer.echo(f"The CA of {recognised:,} certificates of the register is known now.", err=True)
    if refused:
        raise typer.Exit(1)


def _find_in_files(paths: list[Path]) -> Iterator[Finding]:
    for path in paths:
        for file in sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]:
            yield from read_certificates(file.read_bytes(), file_name=str(file))


def _comes_later(finding: Finding) -> bool:
    return not (isinstance(finding, Found) and finding.certificate.is_self_issued)


@app.command("list", epilog="Example: registry trust list --json")
def list_(*, as_json: AsJSON = False) -> None:
    """List the CA certificates that the register holds, anchors first. With --json one object a line."""
    with open_database() as database, database.read() as uow:
        views = find_authorities(uow.session)
    if as_json:
        for view in views:
            echo_json(view)
        return
    table = Table("Role", "Generation", "Subject", "Until", "SHA-256")
    for view in views:
        role = f"{view.role}, known" if view.is_known else view.role
        table.add_row(role, view.generation, view.subject, show_day(view.not_after), view.sha256)
    Console().print(table)
