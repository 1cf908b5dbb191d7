"""Pages of the alerts: do they work, what was sent, who is going to be told what; and the answer to a mail."""

from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.alerts.acknowledgements import (
    USUAL_SILENCE_DAYS,
    AcknowledgeableMail,
    find_acknowledgeable,
    read_acknowledgement,
    recent_acknowledgements,
    record_acknowledgement,
)
from registry.alerts.overview import alerts_overview, list_mails, preview_mails, recent_scans
from registry.alerts.schemas import PlannedMailView
from registry.clock import local_day
from registry.errors import InvalidInput
from registry.forms import FormReader
from registry.paging import PageRequest
from registry.parameters import ParameterReader
from registry.web.dependencies import CurrentViewer, FormValues, ReadUow, WriteUow
from registry.web.formats import format_day
from registry.web.page import CurrentPage, Page
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 30


@router.get("/alerts")
def alerts_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, cursor: str | None = None) -> Response:
    """For everybody whether alerts work and the mails that concern them; for the province also scans and the preview."""
    sees_everything = viewer.agency_path is None
    day: date = local_day(uow.now)
    planned: tuple[PlannedMailView, ...] = ()
    error = None
    if sees_everything:
        try:
            day = ParameterReader(page.request.query_params.multi_items()).day("date") or day
            planned = preview_mails(uow, viewer, page.runtime.settings, day=day)
        except InvalidInput as refused:
            error = refused.reason.text(page.language)
    mails = list_mails(uow, viewer, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    return page.render(
        "alerts/alerts.html",
        status=422 if error else 200,
        overview=alerts_overview(uow, page.runtime.settings),
        sees_everything=sees_everything,
        scans=recent_scans(uow, viewer, limit=8) if sees_everything else (),
        mails=mails.items,
        answers=recent_acknowledgements(uow, viewer),
        first="/alerts" if cursor else None,
        following=with_parameters("/alerts", cursor=mails.next) if mails.next else None,
        day=day,
        planned=planned,
        planned_total=sum(len(mail.certificates) for mail in planned),
        error=error,
    )


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
        typed=reader.typed,
        errors={name: problem.text(page.language) for name, problem in reader.problems.items()},
    )
