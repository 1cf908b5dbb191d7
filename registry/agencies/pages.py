"""Pages of the agencies: the tree, lists that a number links to, and one agency."""

from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.accounts.viewer import Viewer
from registry.agencies.export import AGENCY_COLUMNS, iterate_exported
from registry.agencies.query import AgencyQuery
from registry.agencies.repository import count_agencies, find_agencies, find_agencies_by_id, get_agency
from registry.agencies.schemas import AgencyNode
from registry.agencies.tables import AgencyLevel
from registry.agencies.tree import agency_tree
from registry.certificates.query import CertificateQuery, Standing
from registry.certificates.repository import count_certificates, find_certificates
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.paging import PageRequest
from registry.web.chips import agency_chips
from registry.web.dependencies import CurrentViewer, ReadUow, RowId
from registry.web.files import stream_csv, stream_xlsx
from registry.web.page import CurrentPage
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 100
OWN_CERTIFICATES: Final = 20


@router.get("/agencies")
def agency_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, cursor: str | None = None) -> Response:
    """The tree with the certificates of every agency; with a condition in the address a flat list."""
    query = AgencyQuery.from_parameters(page.request.query_params.multi_items(), now=uow.now)
    if all(name == "as_of" for name, _ in query.to_parameters()):
        tree = agency_tree(uow, viewer, query.as_of)
        return page.render_as_of("agencies/tree.html", query, tree=tree, levels=tuple(AgencyLevel))
    found = find_agencies(uow, viewer, query, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    agency_name = None
    if query.under is not None:
        agency = find_agencies_by_id(uow, (query.under,), query.as_of).get(query.under)
        agency_name = agency.name if agency else None
    following = with_parameters("/agencies", (*query.to_parameters(), ("cursor", found.next or "")))
    return page.render_as_of(
        "agencies/list.html",
        query,
        agencies=found.items,
        total=count_agencies(uow, viewer, query),
        chips=agency_chips(query, page.language, agency_name=agency_name),
        first=with_parameters("/agencies", query.to_parameters()) if cursor else None,
        following=following if found.next else None,
        levels=tuple(AgencyLevel),
    )


@router.get("/agencies.csv")
def agency_csv(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The agencies that the address asks for as CSV; without a condition every one that exists."""
    runtime = page.runtime
    query = AgencyQuery.from_parameters(page.request.query_params.multi_items(), now=runtime.clock.now())
    rows = iterate_exported(runtime.database, viewer, query)
    return stream_csv(AGENCY_COLUMNS, rows, name=_file_name(query), language=page.language)


@router.get("/agencies.xlsx")
def agency_workbook(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The same list as a workbook."""
    runtime = page.runtime
    query = AgencyQuery.from_parameters(page.request.query_params.multi_items(), now=runtime.clock.now())
    rows = iterate_exported(runtime.database, viewer, query)
    title = page.translate("Agencies")
    return stream_xlsx(AGENCY_COLUMNS, rows, name=_file_name(query), title=title, language=page.language)


@router.get("/agencies/{agency_id}")
def agency_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, agency_id: RowId) -> Response:
    """One agency: how it is reached, its certificates, its units, and everything that happened to it."""
    query = AgencyQuery.from_parameters(page.request.query_params.multi_items(), now=uow.now)
    detail = get_agency(uow, viewer, agency_id, query.as_of)
    everything = CertificateQuery(as_of=query.as_of, is_pinned=query.is_pinned, agency_id=agency_id, with_subtree=False)
    own = replace(everything, standings=(Standing.ACTIVE,))
    active = replace(own, with_subtree=True)
    return page.render_as_of(
        "agencies/detail.html",
        query,
        detail=detail,
        agency=detail.agency,
        children=_find_node(uow, viewer, query, detail.agency.path),
        certificates=find_certificates(uow, viewer, own, PageRequest(limit=OWN_CERTIFICATES)).items,
        own=own,
        own_total=count_certificates(uow, viewer, own),
        all=everything,
        all_total=count_certificates(uow, viewer, everything),
        active=active,
        active_total=count_certificates(uow, viewer, active),
    )


def _file_name(query: AgencyQuery) -> str:
    return f"co-quan-{local_day(query.as_of)}"


def _find_node(uow: UnitOfWork, viewer: Viewer, query: AgencyQuery, path: str) -> tuple[AgencyNode, ...]:
    """The units directly below the agency with `path`, with their counts."""
    nodes = agency_tree(uow, viewer, query.as_of)
    while True:
        above = next((node for node in nodes if path.startswith(node.agency.path)), None)
        if above is None:
            return ()
        if above.agency.path == path:
            return above.children
        nodes = above.children
