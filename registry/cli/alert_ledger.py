"""`registry alerts ledger` and `registry alerts proof`: what was told, and the proof of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from registry.alerts.proving.ledger import certificate_ledger, whole_agency_ledger
from registry.alerts.proving.paper import say_step, write_proof_pdf
from registry.alerts.proving.proof import MAXIMUM_MAILS, ProofView, make_proof
from registry.alerts.proving.requests import read_proof_request
from registry.alerts.schemas import LedgerMailView
from registry.cli.common import OPERATOR, AsJSON, Language, LanguageOption, agency_id_of, echo_json, open_database
from registry.cli.exporting import whole_file
from registry.clock import VIETNAM
from registry.db.unit_of_work import UnitOfWork
from registry.settings import Settings
from registry.web.files import words_of

_CERTIFICATE = Annotated[int | None, typer.Option("--certificate", min=1, help="Number of a certificate.")]
_AGENCY = Annotated[str | None, typer.Option("--agency", help="Code of an agency.")]
_FIRST = Annotated[str | None, typer.Option("--from", help="First day.")]
_LAST = Annotated[str | None, typer.Option("--until", help="Last day.")]
_SUBTREE = Annotated[bool, typer.Option("--subtree", help="With the units below the agency.")]


def ledger(
    *,
    certificate: _CERTIFICATE = None,
    agency: _AGENCY = None,
    first: _FIRST = None,
    last: _LAST = None,
    subtree: _SUBTREE = False,
    language: LanguageOption = Language.VI,
    as_json: AsJSON = False,
) -> None:
    """Show what was told of a certificate or about an agency's certificates, and what became of each mail."""
    with open_database() as database, database.read() as uow:
        asked = read_proof_request(_parameters(uow, certificate, agency, first, last, subtree=subtree))
        if asked.certificate_id is not None:
            told = certificate_ledger(uow, OPERATOR, asked.certificate_id, asked.period)
            mails = [(each.mail, say_step(each.step_days)) for each in told.notices if each.mail is not None]
            view = told.model_dump(mode="json")
        else:
            found = whole_agency_ledger(
                uow,
                OPERATOR,
                asked.agency_id or 0,
                period=asked.period,
                with_subtree=subtree,
                limit=MAXIMUM_MAILS,
            )
            mails = [(each.mail, str(len(each.certificates))) for each in found.mails]
            view = found.model_dump(mode="json")
    if as_json:
        echo_json(view)
        return
    words = words_of(language)
    for mail, about in mails:
        typer.echo(f"{_when(mail)}  {words(mail.state)}  {mail.recipient}  {about}  {mail.last_reply or ''}")
    typer.echo(f"{len(mails)} mails.")


def proof(
    *,
    certificate: _CERTIFICATE = None,
    agency: _AGENCY = None,
    first: _FIRST = None,
    last: _LAST = None,
    subtree: _SUBTREE = False,
    pdf: Annotated[Path | None, typer.Option(help="Write it as PDF in Vietnamese, ready to be printed.")] = None,
    printed_by: Annotated[str, typer.Option("--by", help="Who is named as printing it.")] = "operator",
    as_json: AsJSON = False,
) -> None:
    """Prove what was told: recipients, times, Message-IDs, the mail servers' answers, and what was answered."""
    with open_database() as database, database.read() as uow:
        asked = read_proof_request(_parameters(uow, certificate, agency, first, last, subtree=subtree))
        made = make_proof(uow, OPERATOR, asked, printed_by=printed_by)
    if pdf is not None:
        with whole_file(pdf) as part:
            write_proof_pdf(made, words_of("vi"), part, province=Settings.from_environ().province_name)
    if as_json:
        echo_json(made)
        return
    _echo_proof(made, pdf)


def _echo_proof(made: ProofView, pdf: Path | None) -> None:
    for each in made.accepted:
        typer.echo(f"{_when(each.mail)}  {each.mail.recipient}  {each.mail.message_id}  {each.mail.last_reply or ''}")
    typer.echo(
        f"{made.about}: {len(made.accepted)} mails accepted, {len(made.others)} not, {len(made.answers)} answers."
    )
    if pdf is not None:
        typer.echo(f"{pdf} written.")


def _parameters(
    uow: UnitOfWork, certificate: int | None, agency: str | None, first: str | None, last: str | None, *, subtree: bool
) -> Iterator[tuple[str, str]]:
    """The options as the parameters that a page would have."""
    if certificate is not None:
        yield "certificate", str(certificate)
    if agency is not None:
        yield "agency", str(agency_id_of(uow, agency))
    yield "from", first or ""
    yield "until", last or ""
    yield "subtree", "1" if subtree else ""


def _when(mail: LedgerMailView) -> str:
    return f"{(mail.sent_at or mail.created_at).astimezone(VIETNAM):%d/%m/%Y %H:%M}"
