"""Pages of the certificates: the list, and one certificate."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.agencies.repository import find_agencies_by_id
from registry.agencies.tables import AgencyLevel
from registry.alerts.repository import AlertRepository
from registry.certificates.detail import get_certificate
from registry.certificates.export import CERTIFICATE_COLUMNS, iterate_exported
from registry.certificates.query import CertificateQuery, CertificateSort, Flag, Standing
from registry.certificates.repository import count_certificates, find_certificates
from registry.certificates.search import search_everything
from registry.certificates.tables import Medium, SubscriberKind
from registry.clock import local_day
from registry.paging import PageRequest
from registry.web.chips import certificate_chips
from registry.web.dependencies import CurrentViewer, ReadUow, RowId
from registry.web.files import stream_csv, stream_xlsx
from registry.web.page import CurrentPage
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class SortLink:
    """Where the heading of a column leads, and whether the list is in its order."""

    target: str
    direction: str
    """For `aria-sort`: `ascending`, `descending` or `none`."""


@router.get("/certificates")
def certificate_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, cursor: str | None = None) -> Response:
    """The certificates that the address asks for, with the number of all of them."""
    query = CertificateQuery.from_parameters(page.request.query_params.multi_items(), now=uow.now)
    found = find_certificates(uow, viewer, query, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    agency_name = None
    if query.agency_id is not None:
        agency = find_agencies_by_id(uow, (query.agency_id,), query.as_of).get(query.agency_id)
        agency_name = agency.name if agency else None
    first = with_parameters("/certificates", query.to_parameters())
    following = with_parameters("/certificates", (*query.to_parameters(), ("cursor", found.next or "")))
    return page.render_as_of(
        "certificates/list.html",
        query,
        certificates=found.items,
        total=count_certificates(uow, viewer, query),
        chips=certificate_chips(query, page.language, agency_name=agency_name),
        sorts={
            "holder": _sort_link(query, CertificateSort.HOLDER, CertificateSort.HOLDER_DESCENDING),
            "issued_at": _sort_link(query, CertificateSort.ISSUE, CertificateSort.ISSUE_DESCENDING),
            "not_after": _sort_link(query, CertificateSort.EXPIRY, CertificateSort.EXPIRY_DESCENDING),
        },
        first=first if cursor else None,
        following=following if found.next else None,
        choices={
            "status": (tuple(Standing), query.standings),
            "kind": (tuple(SubscriberKind), query.kinds),
            "medium": (tuple(Medium), query.media),
            "level": (tuple(AgencyLevel), query.levels),
            "flag": (tuple(Flag), query.flags),
        },
    )


@router.get("/certificates.csv")
def certificate_csv(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The same list as CSV."""
    runtime = page.runtime
    query = CertificateQuery.from_parameters(page.request.query_params.multi_items(), now=runtime.clock.now())
    rows = iterate_exported(runtime.database, viewer, query)
    return stream_csv(CERTIFICATE_COLUMNS, rows, name=_file_name(query), language=page.language)


@router.get("/certificates.xlsx")
def certificate_workbook(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The same list as a workbook."""
    runtime = page.runtime
    query = CertificateQuery.from_parameters(page.request.query_params.multi_items(), now=runtime.clock.now())
    rows = iterate_exported(runtime.database, viewer, query)
    title = page.translate("Certificates")
    return stream_xlsx(CERTIFICATE_COLUMNS, rows, name=_file_name(query), title=title, language=page.language)


@router.get("/certificates/{certificate_id}")
def certificate_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, certificate_id: RowId) -> Response:
    """One certificate: who, for which agency, until when, on which device, and everything that happened to it."""
    query = CertificateQuery.from_parameters(page.request.query_params.multi_items(), now=uow.now)
    detail = get_certificate(uow, viewer, certificate_id, query.as_of)
    return page.render_as_of(
        "certificates/detail.html",
        query,
        detail=detail,
        certificate=detail.certificate,
        notices=AlertRepository(uow.session).find_certificate_notices(certificate_id),
    )


@router.get("/search")
def search_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, q: str = "") -> Response:
    """The agencies and certificates that hold every word; one hit alone is opened at once."""
    query = CertificateQuery.from_parameters((("q", q),), now=uow.now)
    found = search_everything(uow, viewer, query.text, uow.now)
    if len(found.agencies) + len(found.certificates) == 1:
        hit = f"/agencies/{found.agencies[0].id}" if found.agencies else f"/certificates/{found.certificates[0].id}"
        return page.redirect(hit)
    return page.render_as_of("certificates/search.html", query, found=found, search_text=query.text)


def _file_name(query: CertificateQuery) -> str:
    return f"chung-thu-{local_day(query.as_of)}"


def _sort_link(query: CertificateQuery, up: CertificateSort, down: CertificateSort) -> SortLink:
    wanted = down if query.sort is up else up
    parameters = [(name, value) for name, value in query.to_parameters() if name != "sort"]
    direction = "ascending" if query.sort is up else "descending" if query.sort is down else "none"
    return SortLink(with_parameters("/certificates", (*parameters, ("sort", wanted.value))), direction)
