"""Pages of the calendar: the next 90 days, one day, one mail of a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Annotated, Final

from babel.dates import get_day_names
from fastapi import APIRouter, Path
from starlette.responses import HTMLResponse, Response

from registry.accounts.rights import require_whole_view
from registry.accounts.viewer import Viewer
from registry.alerts.calendar.days import CalendarDayView, mail_calendar
from registry.alerts.calendar.planned import plan_day, planned_views
from registry.alerts.planning.actions import (
    find_day_hold,
    hold_day,
    release_day,
    require_mail_rights,
)
from registry.alerts.planning.mails import MailQuery, count_mails
from registry.alerts.planning.pages import framed
from registry.alerts.planning.preview import PreviewedMail, preview_mail, send_planned_now
from registry.alerts.planning.samples import own_address, request_sample
from registry.alerts.scan import policy_of
from registry.alerts.workdays import holiday_name
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput
from registry.forms import FormReader
from registry.parameters import ParameterReader
from registry.web.dependencies import CurrentActor, CurrentViewer, FormValues, ReadUow
from registry.web.page import CurrentPage, Page
from registry.web.problems import tell_in
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
Day = Annotated[date, Path()]


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day on the page."""

    day: date
    planned: CalendarDayView | None
    """None for a day of the first or last week that the calendar does not reach."""
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """One month on the page."""

    name: str
    days: tuple[DayCell, ...]


@router.get("/alerts/calendar")
def calendar_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The next 90 days as months, on a narrow screen as a list."""
    settings = page.runtime.settings
    forecast = page.request.app.state.forecasts.get(uow, settings)
    calendar = mail_calendar(uow, viewer, settings, forecast, language=page.language)
    names = get_day_names("abbreviated", locale=page.language)
    return page.render(
        "alerts/calendar.html",
        calendar=calendar,
        last=calendar.days[-1].day,
        months=_months(calendar.days),
        weekdays=tuple(names[number] for number in range(7)),
    )


@router.get("/alerts/days")
def chosen_day(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """Where the field for a day leads."""
    del viewer
    day = ParameterReader(page.request.query_params.multi_items()).day("date")
    return page.redirect(f"/alerts/days/{day or local_day(page.runtime.clock.now())}")


@router.get("/alerts/days/{day}")
def day_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, day: Day) -> Response:
    """Who gets what on a day, given the register as it is now."""
    return _day_page(page, viewer, uow, day, FormReader({}))


@router.post("/alerts/days/{day}")
def submit_day(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, day: Day, values: FormValues) -> Response:
    """Hold back the mail of a day, or let it go."""
    require_mail_rights(viewer)
    reader, status = FormReader(values), 422
    reason = reader.text("reason", limit=500, is_required=True)
    act = release_day if values.get("action") == "release" else hold_day
    if not reader.problems:
        try:
            with page.runtime.database.write() as uow:
                act(uow, viewer, day, actor=actor, reason=reason)
        except (Conflict, InvalidInput) as error:
            status = tell_in(reader, error)
        else:
            return page.redirect(f"/alerts/days/{day}")
    with page.runtime.database.read() as uow:
        return _day_page(page, viewer, uow, day, reader, status=status)


@router.get("/alerts/days/{day}/mail")
def planned_mail_page(page: CurrentPage, viewer: CurrentViewer, day: Day, recipient: str = "") -> Response:
    """The mail that one recipient gets on a day, as it will look."""
    require_whole_view(viewer)
    mail = preview_mail(page.runtime.database, page.runtime.settings, day=day, recipient=recipient)
    return _mail_page(page, viewer, day, mail, FormReader({}))


@router.get("/alerts/days/{day}/mail/body")
def planned_mail_body(page: CurrentPage, viewer: CurrentViewer, day: Day, recipient: str = "") -> HTMLResponse:
    """Its HTML, for the frame that holds it."""
    require_whole_view(viewer)
    return framed(preview_mail(page.runtime.database, page.runtime.settings, day=day, recipient=recipient).body.html)


@router.post("/alerts/days/{day}/mail")
def submit_planned_mail(
    page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, day: Day, values: FormValues
) -> Response:
    """Send a sample of it to the person who asks, or send it now instead of with the scan."""
    require_whole_view(viewer)
    runtime, reader, status = page.runtime, FormReader(values), 422
    recipient = reader.typed.get("recipient", "")
    try:
        if reader.typed.get("action") == "send_now":
            require_mail_rights(viewer)
            if reason := reader.text("reason", limit=500, is_required=True):
                mail_id = send_planned_now(
                    runtime.database, runtime.settings, day=day, recipient=recipient, actor=actor, reason=reason
                )
                return page.redirect(f"/alerts/mails/{mail_id}?done=send_now")
        else:
            body = preview_mail(runtime.database, runtime.settings, day=day, recipient=recipient).body
            with runtime.database.write() as uow:
                address = request_sample(uow, viewer, runtime.settings, body, day=day, recipient=recipient)
            target = with_parameters(f"/alerts/days/{day}/mail", recipient=recipient, sent_to=address)
            return page.redirect(target)
    except (Conflict, InvalidInput) as error:
        status = tell_in(reader, error)
    mail = preview_mail(runtime.database, runtime.settings, day=day, recipient=recipient)
    return _mail_page(page, viewer, day, mail, reader, status=status)


def _day_page(
    page: Page, viewer: Viewer, uow: UnitOfWork, day: date, reader: FormReader, *, status: int = 200
) -> Response:
    settings = page.runtime.settings
    planned = plan_day(uow, viewer, settings, day=day).digests
    offset = ParameterReader(page.request.query_params.multi_items()).integer("from", minimum=0, maximum=10**9) or 0
    here = partial(with_parameters, f"/alerts/days/{day}")
    return page.render(
        "alerts/day.html",
        status=status,
        day=day,
        mails=planned_views(uow, settings, day, planned[offset : offset + PAGE_SIZE]),
        total_mails=len(planned),
        total_certificates=sum(len(digest.certificates) for digest in planned),
        first=here() if offset else None,
        following=here((("from", str(offset + PAGE_SIZE)),)) if len(planned) > offset + PAGE_SIZE else None,
        day_mails=count_mails(uow, viewer, MailQuery(day=day)),
        hold=find_day_hold(uow, day),
        holiday=holiday_name(day, page.language),
        is_workday=policy_of(settings).calendar.is_workday(day),
        sees_everything=viewer.agency_path is None,
        may_hold=viewer.is_administrator,
        **page.filled(reader),
    )


def _mail_page(
    page: Page, viewer: Viewer, day: date, mail: PreviewedMail, reader: FormReader, *, status: int = 200
) -> Response:
    with page.runtime.database.read() as uow:
        address, today = own_address(uow, viewer), local_day(uow.now)
    sent_to = page.request.query_params.get("sent_to")
    return page.render(
        "alerts/planned_mail.html",
        status=status,
        day=day,
        digest=mail.digest,
        body=mail.body,
        address=address,
        sent_to=sent_to if sent_to == address else None,
        may_send=viewer.is_administrator and day == today,
        is_administrator=viewer.is_administrator,
        **page.filled(reader),
    )


def _months(days: tuple[CalendarDayView, ...]) -> tuple[Month, ...]:
    """Whole weeks of days by month: what the calendar does not reach stands there empty."""
    planned = {each.day: each for each in days}
    today, last = days[0].day, days[-1].day
    first = max(today.replace(day=1), today - timedelta(days=today.weekday()))
    shown = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return tuple(
        Month(f"{month:02}/{year}", tuple(DayCell(day, planned.get(day), day == today) for day in of_month))
        for (year, month), of_month in groupby(shown, key=lambda day: (day.year, day.month))
    )
