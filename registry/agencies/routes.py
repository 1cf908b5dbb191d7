"""Agencies over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from certs.messages import message
from registry.accounts.service import SignedIn
from registry.agencies.query import AgencyQuery
from registry.agencies.repository import count_agencies, find_agencies, get_agency
from registry.agencies.schemas import AgencyDetail, AgencyList, AgencyNode
from registry.agencies.service import create_agency
from registry.agencies.submissions import Establishment, EventSubmission, Merger, record_submitted_event
from registry.agencies.succession import merge_agencies
from registry.agencies.tree import agency_tree
from registry.errors import NotSignedIn
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.parameters import ParameterReader
from registry.web.dependencies import CurrentSignIn, CurrentViewer, ReadUow, WriteUow
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/agencies", tags=["agencies"], responses=PROBLEM_RESPONSES)

Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=2000)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_PAGE, description="Rows of one page.")]
AgencyId = Annotated[int, Path(ge=1, le=2**63 - 1)]
AsOf = Annotated[
    str | None,
    Query(description="A day (its end in Viet Nam) or a time with its offset; default: now.", examples=["2016-12-31"]),
]

_FILTERS = """
Filters, all of which have to hold: `q` (words of a present or former name, with or without diacritics; code, e-mail, tax
code), `under` (an agency and everything below it), `level` (may be repeated), `existence` (`existing`, `ended`, `all`),
`coverage` (`covered`, `uncovered`: with or without an active organisation certificate), `as_of`. `sort`: `name`, `code`,
with `-` before it in reverse.
"""


@router.get("", summary="List agencies", description=_FILTERS)
def find_all(
    request: Request, uow: ReadUow, viewer: CurrentViewer, cursor: Cursor = None, limit: Limit = 50
) -> AgencyList:
    """One page of the list; `total` counts all pages."""
    query = AgencyQuery.from_parameters(request.query_params.multi_items(), now=uow.now)
    page = find_agencies(uow, viewer, query, PageRequest(cursor=cursor, limit=limit))
    return AgencyList(items=page.items, next=page.next, total=count_agencies(uow, viewer, query))


@router.get("/tree", summary="The tree with the number of active certificates at every node")
def get_tree(uow: ReadUow, viewer: CurrentViewer, as_of: AsOf = None) -> tuple[AgencyNode, ...]:
    """From the top down, as of a moment."""
    moment = ParameterReader([("as_of", as_of or "")]).moment("as_of")
    return agency_tree(uow, viewer, moment or uow.now)


@router.get("/{agency_id}", summary="One agency with its names, successions and events")
def get_one(agency_id: AgencyId, uow: ReadUow, viewer: CurrentViewer, as_of: AsOf = None) -> AgencyDetail:
    """Everything about it as of a moment."""
    moment = ParameterReader([("as_of", as_of or "")]).moment("as_of")
    return get_agency(uow, viewer, agency_id, moment or uow.now)


@router.post("", summary="Establish an agency", status_code=201)
def submit(
    body: Establishment, uow: WriteUow, viewer: CurrentViewer, sign_in: CurrentSignIn, response: Response
) -> AgencyDetail:
    """201 with the new agency as it is from `effective_at` on."""
    change = body.to_change(_actor(sign_in))
    agency_id = create_agency(uow, viewer, body.agency.to_submission(), change)
    response.headers["Location"] = f"{router.prefix}/{agency_id}"
    return get_agency(uow, viewer, agency_id, change.effective_at)


@router.post("/mergers", summary="Merge agencies into a new one", status_code=201)
def submit_merger(
    body: Merger, uow: WriteUow, viewer: CurrentViewer, sign_in: CurrentSignIn, response: Response
) -> AgencyDetail:
    """201 with the successor. Certificates stay with the bodies that ended until somebody decides about each of them."""
    change = body.to_change(_actor(sign_in))
    agency_id = merge_agencies(uow, viewer, body.agency_ids, body.successor.to_submission(), change)
    response.headers["Location"] = f"{router.prefix}/{agency_id}"
    return get_agency(uow, viewer, agency_id, change.effective_at)


@router.post("/{agency_id}/events", summary="Record what happened to an agency", status_code=201)
def submit_event(
    agency_id: AgencyId, body: EventSubmission, uow: WriteUow, viewer: CurrentViewer, sign_in: CurrentSignIn
) -> AgencyDetail:
    """What is true of it changes from `effective_at` on; what was true before stays. Answers as of that moment."""
    record_submitted_event(uow, viewer, agency_id, body, actor=_actor(sign_in))
    return get_agency(uow, viewer, agency_id, body.effective_at)


def _actor(sign_in: SignedIn | None) -> str:
    if sign_in is None:
        raise NotSignedIn(message("registry.not_signed_in"))
    return sign_in.username
