"""The weekly summary: when it is due, and its message."""

from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Final

from registry.alerts.letters import build_letter
from registry.alerts.links import LinkPurpose, MailLink
from registry.alerts.notices import first_look, put_mail_once
from registry.alerts.scan import fallback_of
from registry.alerts.summary.chart import draw_bars
from registry.alerts.summary.figures import HORIZONS, find_expiring, find_told, find_uncovered, find_working
from registry.alerts.summary.opt_out import WEEKLY_SUMMARY, is_wanted
from registry.clock import VIETNAM, local_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.jobs import SendOutboxJob
from registry.mail.message import Picture
from registry.mail.tables import MailRow
from registry.settings import Settings

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHART: Final = "expiring"


def summarise_week(database: Database, settings: Settings) -> bool:
    """Put the summary of the week into the outbox when its time has come; return whether it did. It is an entry point.

    The mail belongs to the day it was due, so that running this at any time, twice or after an outage, gives one a week.
    A week that was due before the first run has none.
    """
    with database.write() as uow:
        begun = local_day(first_look(uow, WEEKLY_SUMMARY).at)
        day = last_due_day(uow.now, settings)
        recipient = fallback_of(settings)
        if day is None or day < begun or not is_wanted(uow, WEEKLY_SUMMARY, recipient.email):
            return False
        mail_id = put_mail_once(uow, settings, kind=WEEKLY_SUMMARY, recipient=recipient, day=day)
        if mail_id is not None:
            uow.enqueue(SendOutboxJob())
        return mail_id is not None


def last_due_day(now: datetime, settings: Settings) -> date | None:
    """The latest day on which a summary was due at `now`; None when none is wanted."""
    if settings.summary_weekday == "never":
        return None
    local = now.astimezone(VIETNAM)
    ago = (local.weekday() - _WEEKDAYS.index(settings.summary_weekday)) % 7
    if ago == 0 and local.hour < settings.summary_hour:
        ago = 7
    return local.date() - timedelta(days=ago)


def compose_summary(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """The message: what is to come from the day it is due on, and what happened in the seven days before."""
    first, last = mail.day - timedelta(days=7), mail.day - timedelta(days=1)
    expiring = find_expiring(uow, settings, mail.day)
    unsubscribe_url = MailLink.for_mail(mail, LinkPurpose.UNSUBSCRIBE).url(settings)
    values = {
        "first": first,
        "last": last,
        "horizons": HORIZONS,
        "expiring": expiring,
        "told": find_told(uow, first, last),
        "uncovered": find_uncovered(uow, settings, first, last),
        "working": find_working(uow, first, last),
        "now": uow.now,
        "chart": _CHART,
        "unsubscribe_url": unsubscribe_url,
    }
    chart = draw_bars([f"{week.begin:%d/%m}" for week in expiring.weeks], [week.count for week in expiring.weeks])
    return build_letter(
        uow, mail, settings, values, pictures=(Picture(_CHART, chart),), unsubscribe_url=unsubscribe_url
    )
