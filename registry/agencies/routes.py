"""Agencies over HTTP."""

from fastapi import APIRouter, Request, Response

from registry.agencies.query import AgencyQuery
from registry.agencies.repository import count_agencies, find_agencies, get_agency
from registry.agencies.schemas import AgencyDetail, AgencyList, AgencyNode
from registry.agencies.service import create_agency
from registry.agencies.submissions import Establishment, EventSubmission, Merger, record_submitted_event
from registry.agencies.succession import merge_agencies
from registry.agencies.tree import agency_tree
from registry.paging import PageRequest
from registry.web.dependencies import (
    AsOf,
    CurrentActor,
    CurrentViewer,
    Cursor,
    PageSize,
    ReadUow,
    RowId,
    WriteUow,
)
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/agencies", tags=["agencies"], responses=PROBLEM_RESPONSES)


_FILTERS = """
Filters, all of which have to hold: `q` (words of a present or former name, with or without diacritics; code, e-mail, tax
code), `under` (an agency and everything below it), `level` (may be repeated), `existence` (`existing`, `ended`, `all`),
`coverage` (`covered`, `uncovered`: with or without an active organisation certificate), `as_of`. `sort`: `name`, `code`,
with `-` before it in reverse.
"""


@router.get("", summary="List agencies", description=_FILTERS)
def find_all(
    request: Request, uow: ReadUow, viewer: CurrentViewer, cursor: Cursor = None, limit: PageSize = 50
) -> AgencyList:
    """One page of the list; `total` counts all pages."""
    query = AgencyQuery.from_parameters(request.query_params.multi_items(), now=uow.now)
    page = find_agencies(uow, viewer, query, PageRequest(cursor=cursor, limit=limit))
    return AgencyList(items=page.items, next=page.next, total=count_agencies(uow, viewer, query))


@router.get("/tree", summary="The tree with the number of active certificates at every node")
def get_tree(uow: ReadUow, viewer: CurrentViewer, as_of: AsOf) -> tuple[AgencyNode, ...]:
    """From the top down, as of a moment."""
    return agency_tree(uow, viewer, as_of or uow.now)


@router.get("/{agency_id}", summary="One agency with its names, successions and events")
def get_one(agency_id: RowId, uow: ReadUow, viewer: CurrentViewer, as_of: AsOf) -> AgencyDetail:
    """Everything about it as of a moment."""
    return get_agency(uow, viewer, agency_id, as_of or uow.now)


@router.post("", summary="Establish an agency", status_code=201)
def submit(
    body: Establishment, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor, response: Response
) -> AgencyDetail:
    """201 with the new agency as it is from `effective_at` on."""
    change = body.to_change(actor)
    agency_id = create_agency(uow, viewer, body.agency.to_submission(), change)
    response.headers["Location"] = f"{router.prefix}/{agency_id}"
    return get_agency(uow, viewer, agency_id, change.effective_at)


@router.post("/mergers", summary="Merge agencies into a new one", status_code=201)
def submit_merger(
    body: Merger, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor, response: Response
) -> AgencyDetail:
    """201 with the successor. Certificates stay with the bodies that ended until somebody decides about each of them."""
    change = body.to_change(actor)
    agency_id = merge_agencies(uow, viewer, body.agency_ids, body.successor.to_submission(), change)
    response.headers["Location"] = f"{router.prefix}/{agency_id}"
    return get_agency(uow, viewer, agency_id, change.effective_at)


@router.post("/{agency_id}/events", summary="Record what happened to an agency", status_code=201)
def submit_event(
    agency_id: RowId, body: EventSubmission, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor
) -> AgencyDetail:
    """What is true of it changes from `effective_at` on; what was true before stays. Answers as of that moment."""
    record_submitted_event(uow, viewer, agency_id, body, actor=actor)
    return get_agency(uow, viewer, agency_id, body.effective_at)
