"""The calendar, samples and what a person does about mails, over HTTP."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from registry.accounts.rights import require_whole_view
from registry.alerts.calendar.days import CalendarView, mail_calendar
from registry.alerts.planning.actions import (
    MailAction,
    act_on_mail,
    hold_day,
    release_day,
    require_mail_rights,
)
from registry.alerts.planning.preview import preview_mail, send_planned_now
from registry.alerts.planning.samples import request_sample
from registry.alerts.proving.ledger import mail_ledger
from registry.alerts.schemas import AgencyMailView
from registry.views import View
from registry.web.dependencies import (
    CurrentActor,
    CurrentRuntime,
    CurrentViewer,
    Language,
    ReadUow,
    RowId,
    WriteUow,
)
from registry.web.problems import PROBLEM_RESPONSES

router: Final = APIRouter(prefix="/api/v1/alerts", tags=["alerts"], responses=PROBLEM_RESPONSES)


class Reason(BaseModel):
    """Why somebody does something; it stands in the ledger."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


class PlannedMail(BaseModel):
    """Which planned mail is meant."""

    model_config = ConfigDict(extra="forbid")

    date: date
    recipient: str = Field(max_length=254)


class PlannedMailNow(PlannedMail, Reason):
    """Which planned mail is to leave at once, and why."""


class Looks(View):
    """One planned mail as it will look. Links that act in the recipient's name lead nowhere."""

    recipient: str
    certificates: int
    subject: str
    text: str
    html: str


class Sample(View):
    """Where a sample went."""

    address: str


class Touched(View):
    """How many mails an act touched."""

    mails: int


class Written(View):
    """The mail that was written."""

    mail_id: int


@router.get("/calendar", summary="The mails of the next 90 days")
def calendar(
    *, uow: ReadUow, viewer: CurrentViewer, runtime: CurrentRuntime, request: Request, language: Language
) -> CalendarView:
    """As the register stands, if nobody answers and nothing changes; an officer sees the own subtree's."""
    forecast = request.app.state.forecasts.get(uow, runtime.settings)
    return mail_calendar(uow, viewer, runtime.settings, forecast, language=language)


@router.get("/preview/mail", summary="One planned mail as it will look")
def planned_mail(
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    recipient: str,
    day: Annotated[date, Query(alias="date")],
) -> Looks:
    """What is then sent, if nothing happens meanwhile."""
    require_whole_view(viewer)
    mail = preview_mail(runtime.database, runtime.settings, day=day, recipient=recipient)
    return Looks(
        recipient=recipient,
        certificates=len(mail.digest.certificates),
        subject=mail.body.subject,
        text=mail.body.text,
        html=mail.body.html,
    )


@router.post("/samples", summary="Send a sample of a planned mail to oneself", status_code=201)
def sample(runtime: CurrentRuntime, viewer: CurrentViewer, body: PlannedMail) -> Sample:
    """To the address of the own account only, ten times a day at most. Nobody is told by it."""
    require_whole_view(viewer)
    looks = preview_mail(runtime.database, runtime.settings, day=body.date, recipient=body.recipient).body
    with runtime.database.write() as uow:
        address = request_sample(uow, viewer, runtime.settings, looks, day=body.date, recipient=body.recipient)
    return Sample(address=address)


@router.post("/send", summary="Send a planned mail of today now", status_code=201)
def send_now(runtime: CurrentRuntime, viewer: CurrentViewer, actor: CurrentActor, body: PlannedMailNow) -> Written:
    """Instead of with the next scan. Only an administrator may."""
    require_mail_rights(viewer)
    mail_id = send_planned_now(
        runtime.database, runtime.settings, day=body.date, recipient=body.recipient, actor=actor, reason=body.reason
    )
    return Written(mail_id=mail_id)


@router.post("/mails/{mail_id}/{action}", summary="Hold, release, hurry or send again one mail")
def act(
    *, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor, mail_id: RowId, action: MailAction, body: Reason
) -> AgencyMailView:
    """Only an administrator may; the ledger says who did it and why."""
    act_on_mail(uow, viewer, mail_id, action, actor=actor, reason=body.reason)
    uow.session.flush()
    return mail_ledger(uow, viewer, mail_id)


@router.post("/days/{day}/hold", summary="Hold back the mail of a day")
def hold(uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor, day: date, body: Reason) -> Touched:
    """What waits, and what is written for the day until it is released."""
    return Touched(mails=hold_day(uow, viewer, day, actor=actor, reason=body.reason))


@router.post("/days/{day}/release", summary="Let the mail of a held day go")
def release(uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor, day: date, body: Reason) -> Touched:
    """What was held with the day leaves at its time, or at once when that is over; what is held one by one stays."""
    return Touched(mails=release_day(uow, viewer, day, actor=actor, reason=body.reason))
