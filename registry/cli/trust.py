"""`registry trust …`."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from certs.containers import Finding, Found, Refused, read_certificates
from registry.certificates.recognition import recognise_certificates
from registry.cli.common import OPERATOR, AsJSON, echo_json, open_database, open_runtime, show_day
from registry.errors import RegistryError
from registry.jobs import FetchRevocationListsJob
from registry.revocation.repository import find_newest_lists, find_sources
from registry.revocation.schemas import RevocationSourceView, StoredList
from registry.revocation.service import store_list
from registry.runtime import Runtime
from registry.trust.repository import find_authorities
from registry.trust.service import add_authority

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("add", epilog="Example: registry trust add rootca.crt rootcag2.crt cp.crt cpcag2.crt cpcag2.crl")
def add(
    paths: Annotated[
        list[Path],
        typer.Argument(help="CA certificates (PEM, DER, P7B) and CRLs (.crl); folders are searched.", exists=True),
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
    """Hold CA certificates: known self-signed ones as trust anchors, all others to build paths; and CRLs of these CAs.

    The fingerprints of the anchors of the Government PKI and of the national PKI are part of the product. Exit code 1
    when something was refused.
    """
    refused = 0
    files = tuple(_files(paths))
    lists = [file for file in files if file.suffix.lower() == ".crl"]
    with open_runtime() as runtime, runtime.database.write() as uow:
        # Anchors first, so that what they issued is recognised at once; then the lists that they signed.
        findings = [
            finding
            for file in files
            if file not in lists
            for finding in read_certificates(file.read_bytes(), file_name=str(file))
        ]
        for finding in sorted(findings, key=_comes_later):
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
        for file in lists:
            try:
                stored = store_list(uow, OPERATOR, runtime.blobs, file.read_bytes(), source=file.name)
            except RegistryError as error:
                refused += 1
                typer.echo(f"{file}: {error.reason.text('en')}", err=True)
                continue
            if as_json:
                echo_json(stored)
            else:
                _echo_stored(stored)
    if refused:
        raise typer.Exit(1)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def _echo_stored(stored: StoredList) -> None:
    until = "no end stated" if stored.next_update is None else f"until {show_day(stored.next_update)}"
    known = "" if stored.is_new else ", held already"
    typer.echo(f"CRL of {show_day(stored.this_update)} ({until}{known}): {stored.authority}")
    if revoked := stored.reconciliation.revoked:
        typer.echo(f"  {len(revoked)} certificates of the register are recorded as revoked now.")
    if contradicted := stored.reconciliation.contradicted:
        keys = ", ".join(str(key) for key in contradicted)
        typer.echo(f"  The history of these certificates contradicts the list, please look: {keys}", err=True)


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


@app.command("crls", epilog="Example: registry trust crls --json")
def crls(*, as_json: AsJSON = False) -> None:
    """List the newest CRL of each CA. With --json one object a line."""
    with open_database() as database, database.read() as uow:
        views = find_newest_lists(uow.session)
    if as_json:
        for view in views:
            echo_json(view)
        return
    table = Table("CA", "Issued", "Next", "Revoked", "Source")
    for view in views:
        until = show_day(view.next_update) if view.next_update else "–"
        table.add_row(view.authority, show_day(view.this_update), until, f"{view.entries:,}", view.source)
    Console().print(table)


@app.command("fetch", epilog="Example: registry trust fetch")
def fetch(
    *,
    wait: Annotated[int, typer.Option(min=0, help="Seconds to wait for a worker's answer; 0: only ask.")] = 60,
    as_json: AsJSON = False,
) -> None:
    """Have a worker fetch the CRLs now, which otherwise happens every four hours, and show how it went.

    Exit code 1 when an address gave no usable CRL, 3 when no worker answered in time.
    """
    with open_runtime() as runtime:
        asked_at = runtime.clock.now()
        runtime.queue.send(FetchRevocationListsJob())
        if wait == 0:
            typer.echo("A worker fetches the CRLs; see `registry trust crls` afterwards.", err=True)
            return
        sources = _await_answers(runtime, asked_at, seconds=wait)
    answered = [source for source in sources if source.attempted_at is not None and source.attempted_at >= asked_at]
    for source in answered:
        if as_json:
            echo_json(source)
        else:
            typer.echo(f"{'FAIL' if source.failure else 'ok  '}  {source.url}  {source.failure or ''}".rstrip())
    if len(answered) < len(sources) or not sources:
        reason = "No certificate of the register names an address" if not sources else "Not every address was asked"
        typer.echo(f"{reason} within {wait} s; is `registry worker` running?", err=True)
        raise typer.Exit(3)
    if any(source.failure for source in answered):
        raise typer.Exit(1)


def _await_answers(runtime: Runtime, asked_at: datetime, *, seconds: int) -> tuple[RevocationSourceView, ...]:
    deadline = time.monotonic() + seconds
    while True:
        with runtime.database.read() as uow:
            sources = find_sources(uow.session)
        is_answered = all(source.attempted_at is not None and source.attempted_at >= asked_at for source in sources)
        if (sources and is_answered) or time.monotonic() >= deadline:
            return sources
        time.sleep(0.5)
