"""The page of the alerts: do they work, what was sent, and who is going to be told what."""

from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.alerts.overview import alerts_overview, list_mails, preview_mails, recent_scans
from registry.alerts.schemas import PlannedMailView
from registry.clock import local_day
from registry.errors import InvalidInput
from registry.paging import PageRequest
from registry.parameters import ParameterReader
from registry.web.dependencies import CurrentViewer, ReadUow
from registry.web.page import CurrentPage
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
        first="/alerts" if cursor else None,
        following=with_parameters("/alerts", cursor=mails.next) if mails.next else None,
        day=day,
        planned=planned,
        planned_total=sum(len(mail.certificates) for mail in planned),
        error=error,
    )
