"""`registry alerts …`."""

from typing import Annotated

import typer

from registry.alerts.calendar.planned import preview_mails
from registry.alerts.canary import scan_with_canary
from registry.alerts.schemas import PlannedMailView
from registry.alerts.watch import watch_alerts
from registry.cli.alert_control import calendar, hold, release, resend, send_now
from registry.cli.alert_ledger import ledger, proof
from registry.cli.alert_steps import steps
from registry.cli.common import OPERATOR, AsJSON, Language, LanguageOption, echo_json, open_database, show_day
from registry.clock import local_day
from registry.parameters import ParameterReader
from registry.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command(epilog="Example: registry alerts calendar --days 30")(calendar)
app.command(epilog='Example: registry alerts hold --day 2027-02-04 --reason "chờ đính chính danh sách"')(hold)
app.command(epilog='Example: registry alerts release --day 2027-02-04 --reason "đã đính chính"')(release)
app.command(epilog='Example: registry alerts send-now --mail 12 --reason "cơ quan cần gấp"')(send_now)
app.command(epilog='Example: registry alerts resend --mail 12 --reason "hộp thư đã mở lại"')(resend)
app.command(epilog="Example: registry alerts ledger --agency H02.7 --json")(ledger)
app.command(epilog="Example: registry alerts proof --certificate 500 --pdf da-thong-bao.pdf")(proof)
app.command(epilog="Example: registry alerts steps H02.14 --set 90,30,7,0,-7")(steps)


@app.command(epilog="Example: registry alerts preview --date 2026-12-24 --json")
def preview(
    *,
    day: Annotated[str | None, typer.Option("--date", help="A day. Default: today.")] = None,
    as_json: AsJSON = False,
) -> None:
    """Show who is going to be told what on a day, given the register as it is now. Nothing is sent or recorded."""
    read = ParameterReader([("date", day or "")])
    with open_database() as database, database.read() as uow:
        wanted = read.day("date") or local_day(uow.now)
        mails = preview_mails(uow, OPERATOR, Settings.from_environ(), day=wanted)
    if as_json:
        echo_json({"date": wanted.isoformat(), "mails": [mail.model_dump(mode="json") for mail in mails]})
        return
    for mail in mails:
        _echo_mail(mail)
    total = sum(len(mail.certificates) for mail in mails)
    typer.echo(f"{wanted:%d/%m/%Y}: {len(mails)} mails about {total} certificates.")


@app.command(epilog="Example: registry alerts run")
def run(*, as_json: AsJSON = False) -> None:
    """Scan now and put what is due into the outbox; a worker sends it. Running it again tells nobody twice."""
    with open_database() as database:
        outcome = scan_with_canary(database, Settings.from_environ())
    if as_json:
        echo_json({"examined": outcome.examined, "certificates": outcome.notices, "mails": outcome.mails})
        return
    typer.echo(
        f"{outcome.examined} certificates examined; {outcome.notices} notices to recipients in {outcome.mails} new mails."
    )


@app.command(epilog="Example: registry alerts watch --json   (for cron: exit code 1 when something is wrong)")
def watch(*, as_json: AsJSON = False, language: LanguageOption = Language.VI) -> None:
    """Look whether the alerts work: scans run, what is due leaves, the canary is found, mail is not refused.

    Administrators are alarmed by mail once a day and kind. Exit code 1 when something is wrong, so that a machine whose
    scheduler stands still can be watched from outside, by cron.
    """
    with open_database() as database:
        report = watch_alerts(database, Settings.from_environ())
    said = {str(kind): condition.text(language) for kind, condition in report.conditions.items()}
    if as_json:
        echo_json(
            {"is_fine": report.is_fine, "wrong": said, "due_unsent": report.due_unsent, "failure": report.failure}
        )
    else:
        for sentence in (*said.values(), *((report.failure,) if report.failure else ())):
            typer.echo(sentence)
        if report.is_fine:
            typer.echo(_FINE[language])
    raise typer.Exit(0 if report.is_fine else 1)


_FINE = {Language.VI: "Cảnh báo hoạt động bình thường.", Language.EN: "The alerts work."}


def _echo_mail(mail: PlannedMailView) -> None:
    typer.echo(f"{mail.recipient}  {mail.recipient_name}")
    for certificate in mail.certificates:
        typer.echo(f"  {show_day(certificate.not_after)}  {certificate.days_left:>4}  {certificate.holder}")
