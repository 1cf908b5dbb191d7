"""`registry alerts calendar`, and what an operator does about mails: hold, release, send now, send again."""

from typing import Annotated

import typer

from registry.alerts.calendar.days import mail_calendar
from registry.alerts.calendar.forecast import FORECAST_DAYS, make_forecast
from registry.alerts.planning.actions import MailAction, act_on_mail, hold_day, release_day
from registry.alerts.scan import fallback_of, policy_of
from registry.cli.common import OPERATOR, AsJSON, Language, LanguageOption, echo_json, open_database
from registry.parameters import ParameterReader
from registry.settings import Settings

_MAIL = Annotated[int | None, typer.Option("--mail", min=1, help="Number of a mail.")]
_DAY = Annotated[str | None, typer.Option("--day", help="All mail of a day.")]
_REASON = Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")]
_ACTOR = Annotated[str, typer.Option("--by", help="Who is named in the ledger.")]


def calendar(
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days from today on.")] = FORECAST_DAYS,
    language: LanguageOption = Language.VI,
    as_json: AsJSON = False,
) -> None:
    """Show how many mails leave on each of the next days, as the register stands. Nothing is sent or recorded."""
    with open_database() as database, database.read() as uow:
        settings = Settings.from_environ()
        forecast = make_forecast(uow, policy_of(settings), fallback=fallback_of(settings), days=days)
        view = mail_calendar(uow, OPERATOR, settings, forecast, language=language)
    if as_json:
        echo_json(view)
        return
    for day in view.days:
        if day.mails or day.written or day.is_held:
            written = f"  {day.written} written already" if day.written else ""
            held = "  held" if day.is_held else ""
            typer.echo(f"{day.day:%d/%m/%Y}  {day.mails:>6} mails  {day.certificates:>7} certificates{written}{held}")
    typer.echo(f"{view.total_mails} mails in {len(view.days)} days.")


def hold(*, reason: _REASON, mail: _MAIL = None, day: _DAY = None, actor: _ACTOR = "operator") -> None:
    """Keep back one mail, or all mail of a day: nobody is told meanwhile."""
    _act(MailAction.HOLD, mail, day, actor=actor, reason=reason)


def release(*, reason: _REASON, mail: _MAIL = None, day: _DAY = None, actor: _ACTOR = "operator") -> None:
    """Let one held mail go, or the mail that was held with its day."""
    _act(MailAction.RELEASE, mail, day, actor=actor, reason=reason)


def send_now(*, reason: _REASON, mail: _MAIL = None, actor: _ACTOR = "operator") -> None:
    """Let one mail that waits or is held leave at once."""
    _act(MailAction.SEND_NOW, mail, None, actor=actor, reason=reason)


def resend(*, reason: _REASON, mail: _MAIL = None, actor: _ACTOR = "operator") -> None:
    """Try one mail again that was refused or came back."""
    _act(MailAction.RESEND, mail, None, actor=actor, reason=reason)


def _act(action: MailAction, mail: int | None, day: str | None, *, actor: str, reason: str) -> None:
    wanted = ParameterReader([("day", day or "")]).day("day")
    if (mail is None) == (wanted is None):
        raise typer.BadParameter("give either --mail or, to hold and release, --day")
    with open_database() as database, database.write() as uow:
        count = 1
        if mail is not None:
            act_on_mail(uow, OPERATOR, mail, action, actor=actor, reason=reason)
        elif wanted is not None:
            of_day = release_day if action is MailAction.RELEASE else hold_day
            count = of_day(uow, OPERATOR, wanted, actor=actor, reason=reason)
    typer.echo(f"{count} mails: {action.value}.")
