"""Agencies over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from registry.agencies.query import AgencyQuery
from registry.agencies.repository import count_agencies, find_agencies, get_agency
from registry.agencies.schemas import AgencyDetail, AgencyList, AgencyNode
from registry.agencies.tree import agency_tree
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.parameters import ParameterReader
from registry.web.dependencies import CurrentViewer, ReadUow
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
