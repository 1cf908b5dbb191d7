"""The commands of `registry agencies` that change the tree."""

from typing import Annotated

import typer

from certs.messages import message
from registry.agencies.repository import get_agency
from registry.agencies.schemas import AgencySubmission, AgencyView
from registry.agencies.service import AgencyChange, change_contact, create_agency, move_agency, rename_agency
from registry.agencies.succession import absorb_agency, dissolve_agency, merge_agencies, split_agency
from registry.agencies.tables import AgencyLevel
from registry.cli.common import OPERATOR, agency_id_of, open_database
from registry.clock import local_day, start_of_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.parameters import ParameterReader

_Code = Annotated[str, typer.Argument(help="Electronic identifier of the agency.")]
_Name = Annotated[str, typer.Argument(help="Name of the agency.")]
_From = Annotated[str | None, typer.Option("--from", help="Day on which it takes effect. Default: today in Viet Nam.")]
_Document = Annotated[str | None, typer.Option("--document", help="Legal document, e.g. 1658/NQ-UBTVQH15.")]
_Note = Annotated[str | None, typer.Option(help="Anything worth knowing.")]
_Actor = Annotated[str, typer.Option(help="Who enters it, for the history.")]
_Level = Annotated[AgencyLevel, typer.Option(help="Level of the agency.")]
_Email = Annotated[str | None, typer.Option(help="Official e-mail address.")]
_ACTOR = "registry agencies"


def add_to(app: typer.Typer) -> None:
    """Make the commands part of `registry agencies`."""
    app.command(
        "create", epilog="Example: registry agencies create H02.99 'Sở Mới' --level province --from 2026-01-01"
    )(create)
    app.command(
        "rename", epilog="Example: registry agencies rename H02.15 'Sở Khoa học và Công nghệ' --from 2025-02-19"
    )(rename)
    app.command("contact", epilog="Example: registry agencies contact H02.15 --email skhcn@tinh.example")(contact)
    app.command("move", epilog="Example: registry agencies move H02.25.3 --below H02.25")(move)
    app.command(
        "merge",
        epilog="Example: registry agencies merge H05.1 'UBND xã Hợp Thịnh' H02.25.3 H02.25.4 --from 2025-07-01",
    )(merge)
    app.command("absorb", epilog="Example: registry agencies absorb H02.28 --into H02.20 --from 2025-01-01")(absorb)
    app.command("split", epilog="Example: registry agencies split H02.20 'H02.20A; UBND xã A' 'H02.20B; UBND xã B'")(
        split
    )
    app.command("dissolve", epilog="Example: registry agencies dissolve H02.25 --from 2025-07-01")(dissolve)


def create(
    code: _Code,
    name: _Name,
    *,
    level: _Level,
    below: Annotated[str | None, typer.Option(help="Code of the superior body.")] = None,
    email: _Email = None,
    effective: _From = None,
    document: _Document = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Establish an agency."""
    with open_database() as database, database.write() as uow:
        submission = AgencySubmission(code=code, name=name, level=level, parent_id=_id(uow, below), email=email)
        create_agency(uow, OPERATOR, submission, _change(uow, effective, document, note, actor))
    typer.echo(f"{code} is established.")


def rename(
    code: _Code,
    name: _Name,
    *,
    effective: _From = None,
    document: _Document = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Give an agency a new name; the former one stays searchable."""
    with open_database() as database, database.write() as uow:
        change = _change(uow, effective, document, note, actor)
        rename_agency(uow, OPERATOR, agency_id_of(uow, code), name, change)
    typer.echo(f"{code} has a new name.")


def contact(
    code: _Code,
    *,
    email: _Email = None,
    address: Annotated[str | None, typer.Option(help="Postal address.")] = None,
    effective: _From = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Change where the mail of an agency goes."""
    with open_database() as database, database.write() as uow:
        change = _change(uow, effective, None, note, actor)
        change_contact(uow, OPERATOR, agency_id_of(uow, code), change, email=email, address=address)
    typer.echo(f"The contact of {code} is changed.")


def move(
    code: _Code,
    *,
    below: Annotated[str | None, typer.Option(help="Code of the new superior body; none: to the top.")] = None,
    effective: _From = None,
    document: _Document = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Place an agency, with everything below it, under another body."""
    with open_database() as database, database.write() as uow:
        change = _change(uow, effective, document, note, actor)
        move_agency(uow, OPERATOR, agency_id_of(uow, code), _id(uow, below), change)
    typer.echo(f"{code} has a new place.")


def merge(
    code: Annotated[str, typer.Argument(help="Code of the new agency.")],
    name: _Name,
    merged: Annotated[list[str], typer.Argument(help="Codes of the agencies that end.")],
    *,
    level: _Level = AgencyLevel.COMMUNE,
    below: Annotated[str | None, typer.Option(help="Code of the superior body of the new agency.")] = None,
    email: _Email = None,
    effective: _From = None,
    document: _Document = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Let agencies end and a new one take their place; their units follow, their certificates wait for a decision."""
    with open_database() as database, database.write() as uow:
        submission = AgencySubmission(code=code, name=name, level=level, parent_id=_id(uow, below), email=email)
        ended = tuple(agency_id_of(uow, each) for each in merged)
        merge_agencies(uow, OPERATOR, ended, submission, _change(uow, effective, document, note, actor))
    typer.echo(
        f"{code} took the place of {', '.join(merged)}. What is left to decide: "
        "registry certificates list --flag names_ended_body"
    )


def absorb(
    code: _Code,
    *,
    into: Annotated[str, typer.Option(help="Code of the agency that goes on.")],
    effective: _From = None,
    document: _Document = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Let an agency end and become part of another."""
    with open_database() as database, database.write() as uow:
        change = _change(uow, effective, document, note, actor)
        absorb_agency(uow, OPERATOR, agency_id_of(uow, code), into_id=agency_id_of(uow, into), change=change)
    typer.echo(f"{code} is part of {into}.")


def split(
    code: _Code,
    successors: Annotated[list[str], typer.Argument(help="The new agencies, each as 'CODE; NAME'.")],
    *,
    goes_on: Annotated[bool, typer.Option("--goes-on", help="The agency goes on with what is left of it.")] = False,
    effective: _From = None,
    document: _Document = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Let new agencies of the same level and superior body take the place of one, or of a part of it.

    Units below an agency that ends are moved first: to which of the successors they belong is a decision.
    """
    with open_database() as database, database.write() as uow:
        change = _change(uow, effective, document, note, actor)
        agency = get_agency(uow, OPERATOR, agency_id_of(uow, code), change.effective_at).agency
        given = tuple(_successor(each, agency) for each in successors)
        split_agency(uow, OPERATOR, agency.id, given, change, goes_on=goes_on)
    typer.echo(f"{code} was split into {', '.join(each.code for each in given)}.")


def _successor(text: str, agency: AgencyView) -> AgencySubmission:
    code, _, name = (part.strip() for part in text.partition(";"))
    if not code or not name:
        raise InvalidInput(message("agencies.successor_line", line=text[:80]), field="successors")
    return AgencySubmission(code=code, name=name, level=agency.level, parent_id=agency.parent_id)


def dissolve(
    code: _Code,
    *,
    effective: _From = None,
    document: _Document = None,
    note: _Note = None,
    actor: _Actor = _ACTOR,
) -> None:
    """Let an agency end without a successor."""
    with open_database() as database, database.write() as uow:
        dissolve_agency(uow, OPERATOR, agency_id_of(uow, code), _change(uow, effective, document, note, actor))
    typer.echo(f"{code} has ended.")


def _change(uow: UnitOfWork, effective: str | None, document: str | None, note: str | None, actor: str) -> AgencyChange:
    day = ParameterReader([("from", effective or "")]).day("from") or local_day(uow.now)
    return AgencyChange(effective_at=start_of_day(day), actor=actor, legal_document=document, note=note)


def _id(uow: UnitOfWork, code: str | None) -> int | None:
    return None if code is None else agency_id_of(uow, code)
