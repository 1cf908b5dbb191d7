"""Pages of the alerts: do they work, what was sent, who is going to be told what; and the answer to a mail."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.accounts.viewer import Viewer
from registry.alerts.acknowledgements import (
    USUAL_SILENCE_DAYS,
    AcknowledgeableMail,
    find_acknowledgeable,
    read_acknowledgement,
    recent_acknowledgements,
    record_acknowledgement,
)
from registry.alerts.calendar.days import mail_calendar
from registry.alerts.health import find_health
from registry.alerts.overview import alerts_overview, recent_scans
from registry.alerts.planning.actions import list_day_holds
from registry.alerts.planning.mails import MailQuery, count_mails, find_mails
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.forms import FormReader
from registry.mail.addresses import list_dead
from registry.mail.tables import MailState
from registry.paging import PageRequest
from registry.web.dependencies import CurrentViewer, FormValues, ReadUow, WriteUow
from registry.web.formats import format_day
from registry.web.page import CurrentPage, Page
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

NEWEST: Final = 10
"""Mails on the first page of the alerts."""
NEXT_DAYS: Final = 14
"""Days of the calendar there."""


@router.get("/alerts")
def alerts_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """Whether alerts work, in words; numbers that lead to their mails; what comes next; the newest mails and answers."""
    sees_everything = viewer.agency_path is None
    settings = page.runtime.settings
    forecast = page.request.app.state.forecasts.get(uow, settings)
    calendar = mail_calendar(uow, viewer, settings, forecast, language=page.language)
    return page.render(
        "alerts/alerts.html",
        overview=alerts_overview(uow),
        health=find_health(uow, settings),
        counts=tuple(_count(uow, viewer, states) for states in _COUNTED),
        dead=len(list_dead(uow)) if sees_everything else 0,
        holds=list_day_holds(uow),
        days=tuple(day for day in calendar.days[:NEXT_DAYS] if day.mails or day.written),
        sees_everything=sees_everything,
        scans=recent_scans(uow, viewer, limit=8) if sees_everything else (),
        mails=find_mails(uow, viewer, MailQuery(), PageRequest(limit=NEWEST)).items,
        answers=recent_acknowledgements(uow, viewer),
    )


@dataclass(frozen=True, slots=True)
class MailCount:
    """How many mails are in some states, and where they are listed."""

    states: tuple[MailState, ...]
    count: int
    target: str


_COUNTED: Final = (
    (MailState.PENDING, MailState.SENDING),
    (MailState.SENT,),
    (MailState.HELD,),
    (MailState.FAILED,),
    (MailState.BOUNCED,),
    (MailState.CANCELLED,),
    (MailState.SUPERSEDED,),
)


def _count(uow: UnitOfWork, viewer: Viewer, states: tuple[MailState, ...]) -> MailCount:
    query = MailQuery(states=states)
    return MailCount(states, count_mails(uow, viewer, query), with_parameters("/alerts/mails", query.to_parameters()))


@router.get("/acknowledge")
def acknowledge_page(
    *, page: CurrentPage, uow: ReadUow, token: str = "", certificate: int = 0, done: bool = False
) -> Response:
    """What the link in a mail shows, to whoever holds it: a form. Looking records nothing, so mail filters may look."""
    mail = find_acknowledgeable(uow, token, page.runtime.settings)
    today = local_day(uow.now)
    soon = min((line.line.left for line in mail.lines if line.line.left > 0), default=USUAL_SILENCE_DAYS)
    typed = {
        "requested_on": format_day(today),
        "remind_on": format_day(today + timedelta(days=min(USUAL_SILENCE_DAYS, soon))),
    }
    chosen = [line.line.certificate_id for line in mail.lines if line.line.certificate_id == certificate]
    if not chosen and len(mail.lines) == 1:
        chosen = [mail.lines[0].line.certificate_id]
    typed |= {f"certificate-{key}": "1" for key in chosen}
    return _acknowledge_form(page, mail, FormReader(typed), token=token, is_done=done)


@router.post("/acknowledge")
def acknowledge(page: CurrentPage, uow: WriteUow, values: FormValues, token: str = "") -> Response:
    """Record the answer. Sending it again changes nothing; something wrong shows the form with what was typed."""
    mail = find_acknowledgeable(uow, token, page.runtime.settings)
    reader = FormReader(values)
    offered = [line.line.certificate_id for line in mail.lines]
    said = read_acknowledgement(reader, offered, today=local_day(uow.now))
    if said is None:
        return _acknowledge_form(page, mail, reader, token=token, status=422)
    record_acknowledgement(uow, mail, said)
    return page.redirect(with_parameters("/acknowledge", token=token, done="1"))


def _acknowledge_form(
    page: Page, mail: AcknowledgeableMail, reader: FormReader, *, token: str, is_done: bool = False, status: int = 200
) -> Response:
    return page.render(
        "alerts/acknowledge.html",
        status=status,
        mail=mail,
        token=token,
        is_done=is_done,
        **page.filled(reader),
    )
