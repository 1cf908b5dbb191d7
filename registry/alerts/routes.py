"""Alerts over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request

from registry.alerts.calendar.planned import preview_mails
from registry.alerts.overview import alerts_overview, recent_scans
from registry.alerts.planning.mails import MailQuery, find_mails
from registry.alerts.schemas import AlertsOverview, MailView, PlannedMailView, ScanView
from registry.clock import local_day
from registry.paging import PageRequest
from registry.views import View
from registry.web.dependencies import CurrentRuntime, CurrentViewer, ReadUow
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"], responses=PROBLEM_RESPONSES)


class MailPage(View):
    """Some mails, newest first."""

    items: tuple[MailView, ...]
    next: str | None
    """`cursor` of the page that follows; null at the end."""


class ScanList(View):
    """The latest scans, newest first."""

    items: tuple[ScanView, ...]


class Preview(View):
    """The mails of one day."""

    date: date
    mails: tuple[PlannedMailView, ...]


@router.get("", summary="Whether alerts work, and what is waiting")
def overview(uow: ReadUow, viewer: CurrentViewer) -> AlertsOverview:
    """Facts for a watchdog: the last scan, the outbox, what is due."""
    del viewer  # whoever is signed in may know whether alerts work
    return alerts_overview(uow)


@router.get("/mails", summary="Mails and what became of them")
def mails(
    uow: ReadUow,
    viewer: CurrentViewer,
    request: Request,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MailPage:
    """Newest first, narrowed by `state`, `kind`, `day` and `q` (part of the address or the recipient's name).

    An officer sees those that tell of a certificate in the own subtree.
    """
    query = MailQuery.from_parameters(request.query_params.multi_items())
    page = find_mails(uow, viewer, query, PageRequest(cursor, limit))
    return MailPage(items=page.items, next=page.next)


@router.get("/scans", summary="The latest scans")
def scans(uow: ReadUow, viewer: CurrentViewer, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> ScanList:
    """The proof that the scan runs, and what it found each time."""
    return ScanList(items=recent_scans(uow, viewer, limit=limit))


@router.get("/preview", summary="Who is going to be told what on a day")
def preview(
    uow: ReadUow,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    day: Annotated[date | None, Query(alias="date", description="Default: today in Viet Nam.")] = None,
) -> Preview:
    """Given the register as it is now; nothing is sent or recorded. An officer sees what concerns the own subtree."""
    wanted = day or local_day(uow.now)
    return Preview(date=wanted, mails=preview_mails(uow, viewer, runtime.settings, day=wanted))
