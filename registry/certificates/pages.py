"""Pages of the certificates: the list, one certificate, and the forms that record what happened to it."""

from dataclasses import dataclass, replace
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.agencies.choosing import read_agency
from registry.agencies.repository import find_agencies_by_id
from registry.agencies.tables import AgencyLevel
from registry.alerts.proving.ledger import ledger_of
from registry.bulk.submissions import BULK_KINDS
from registry.certificates.changes import REVOCATION_REASONS
from registry.certificates.detail import get_certificate
from registry.certificates.errors import ChangeRefused
from registry.certificates.export import CERTIFICATE_COLUMNS, iterate_exported
from registry.certificates.forms import first_values, offered_changes, read_change
from registry.certificates.query import CertificateQuery, CertificateSort, Flag, Standing
from registry.certificates.repository import find_certificates, find_counted_certificates
from registry.certificates.schemas import CertificateDetail, CertificateView
from registry.certificates.search import search_everything
from registry.certificates.submissions import record_submitted_event
from registry.certificates.tables import CertificateEventKind, Custody, Medium, SubscriberKind
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput
from registry.forms import FormReader
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.parameters import read_usable
from registry.trust.repository import find_generations
from registry.web.chips import certificate_chips
from registry.web.dependencies import CurrentActor, CurrentViewer, FormValues, ReadUow, RowId
from registry.web.files import stream_csv, stream_xlsx
from registry.web.formats import format_day
from registry.web.page import CurrentPage, Page
from registry.web.problems import tell_in
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50

define(
    "certificates.not_offered",
    vi="Không ghi nhận được thay đổi này với trạng thái hiện tại của chứng thư, hoặc tài khoản của bạn chỉ được xem.",
    en="This change is not possible as the certificate stands, or your account only reads.",
)


@dataclass(frozen=True, slots=True)
class SortLink:
    """Where the heading of a column leads, and whether the list is in its order."""

    target: str
    direction: str
    """For `aria-sort`: `ascending`, `descending` or `none`."""


@router.get("/certificates")
def certificate_list(
    page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, cursor: str | None = None, count: str = ""
) -> Response:
    """The certificates that the address asks for, with the number of all of them.

    Counting more than can be counted at once is left to a second request of the page, with `count=exact`.
    """
    given = page.request.query_params
    reader = FormReader(dict(given))
    query, reader.problems = read_usable(
        given.multi_items(), lambda parameters: CertificateQuery.from_parameters(parameters, now=uow.now), typed=_TYPED
    )
    if "of" in given:
        # The form of the filters names the agency in words; links name it by its identifier.
        agency_id = read_agency(uow, viewer, reader, "of", with_ended=True)
        if not reader.problems:
            meant = replace(query, agency_id=agency_id, with_subtree=query.with_subtree or agency_id is None)
            return page.redirect(with_parameters("/certificates", meant.to_parameters()))
    wanted = PageRequest(cursor=cursor, limit=PAGE_SIZE)
    found, total = find_counted_certificates(uow, viewer, query, wanted, exactly=count == "exact")
    agency_name = None
    if query.agency_id is not None:
        agency = find_agencies_by_id(uow, (query.agency_id,), query.as_of).get(query.agency_id)
        agency_name = agency.name if agency else None
        reader.typed.setdefault("of", f"{agency.code} {agency.name}" if agency else "")
    first = with_parameters("/certificates", query.to_parameters())
    counted = with_parameters("/certificates", query.to_parameters(), cursor=cursor, count="exact")
    following = with_parameters("/certificates", (*query.to_parameters(), ("cursor", found.next or "")))
    return page.render_as_of(
        "certificates/list.html",
        query,
        status=422 if reader.problems else 200,
        **page.filled(reader),
        generations=tuple(dict.fromkeys((*find_generations(uow.session), *query.generations))),
        certificates=found.items,
        total=total,
        counted=counted,
        chips=certificate_chips(query, page.language, agency_name=agency_name),
        sorts={
            "holder": _sort_link(query, CertificateSort.HOLDER, CertificateSort.HOLDER_DESCENDING),
            "issued_at": _sort_link(query, CertificateSort.ISSUE, CertificateSort.ISSUE_DESCENDING, newest_first=True),
            "not_after": _sort_link(query, CertificateSort.EXPIRY, CertificateSort.EXPIRY_DESCENDING),
        },
        first=first if cursor else None,
        following=following if found.next else None,
        kinds=BULK_KINDS,
        choices={
            "status": (tuple(Standing), query.standings),
            "kind": (tuple(SubscriberKind), query.kinds),
            "medium": (tuple(Medium), query.media),
            "custody": (tuple(Custody), query.custodies),
            "level": (tuple(AgencyLevel), query.levels),
            "flag": (tuple(Flag), query.flags),
        },
    )


_TYPED: Final = ("as_of", "expiring", "expires_from", "expires_until", "issued_from", "issued_until")


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
def certificate_page(
    page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, certificate_id: RowId, recorded: str = ""
) -> Response:
    """One certificate: who, for which agency, until when, on which device, and everything that happened to it."""
    query = CertificateQuery.from_parameters(page.request.query_params.multi_items(), now=uow.now)
    detail = get_certificate(uow, viewer, certificate_id, query.as_of)
    return page.render_as_of(
        "certificates/detail.html",
        query,
        detail=detail,
        certificate=detail.certificate,
        ledger=ledger_of(uow, detail.certificate),
        offers=() if query.is_pinned else offered_changes(viewer, detail.certificate),
        recorded=max(
            (event for event in detail.events if event.kind == recorded),
            key=lambda event: event.recorded_at,
            default=None,
        ),
    )


@router.get("/certificates/{certificate_id}/changes/{kind}")
def change_page(
    page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, certificate_id: RowId, kind: CertificateEventKind
) -> Response:
    """The form that records one kind of change, with what it will do."""
    detail = get_certificate(uow, viewer, certificate_id, uow.now)
    if kind not in offered_changes(viewer, detail.certificate):
        raise ChangeRefused(message("certificates.not_offered"))
    reader = FormReader(first_values(kind, detail, format_day(uow.now)))
    return _change_form(page, viewer, uow, detail=detail, kind=kind, reader=reader)


@router.post("/certificates/{certificate_id}/changes/{kind}")
def submit_change(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    certificate_id: RowId,
    kind: CertificateEventKind,
    values: FormValues,
) -> Response:
    """Record the change, or show the form again with what was typed and everything that is wrong with it."""
    reader = FormReader(values)
    database = page.runtime.database
    status = 422
    try:
        with database.write() as uow:
            detail = get_certificate(uow, viewer, certificate_id, uow.now)
            if kind not in offered_changes(viewer, detail.certificate):
                raise ChangeRefused(message("certificates.not_offered"))
            event = read_change(uow, viewer, kind, reader, detail.certificate)
            if event is not None:
                record_submitted_event(uow, viewer, certificate_id, event, actor=actor)
                return page.redirect(f"/certificates/{certificate_id}?recorded={kind.value}")
    except (Conflict, InvalidInput) as error:
        status = tell_in(reader, error)
    with database.read() as uow:
        detail = get_certificate(uow, viewer, certificate_id, uow.now)
        return _change_form(page, viewer, uow, detail=detail, kind=kind, reader=reader, status=status)


@router.get("/search")
def search_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, q: str = "") -> Response:
    """The agencies and certificates that hold every word; one hit alone is opened at once."""
    query = CertificateQuery.from_parameters((("q", q),), now=uow.now)
    found = search_everything(uow, viewer, query.text, uow.now)
    if len(found.agencies) + len(found.certificates) == 1:
        hit = f"/agencies/{found.agencies[0].id}" if found.agencies else f"/certificates/{found.certificates[0].id}"
        return page.redirect(hit)
    return page.render_as_of("certificates/search.html", query, found=found, search_text=query.text)


def _change_form(
    page: Page,
    viewer: Viewer,
    uow: UnitOfWork,
    *,
    detail: CertificateDetail,
    kind: CertificateEventKind,
    reader: FormReader,
    status: int = 200,
) -> Response:
    successors: tuple[CertificateView, ...] = ()
    if kind is CertificateEventKind.REPLACED:
        newest = CertificateQuery(
            as_of=uow.now, agency_id=detail.certificate.agency_id, sort=CertificateSort.ISSUE_DESCENDING
        )
        successors = find_certificates(uow, viewer, newest, PageRequest(limit=MAXIMUM_PAGE)).items
    return page.render(
        "certificates/change.html",
        status=status,
        certificate=detail.certificate,
        kind=kind,
        **page.filled(reader),
        successors=tuple(view for view in successors if view.id != detail.certificate.id),
        reasons=REVOCATION_REASONS,
        kinds=tuple(SubscriberKind),
        media=tuple(Medium),
    )


def _file_name(query: CertificateQuery) -> str:
    return f"chung-thu-{local_day(query.as_of)}"


def _sort_link(
    query: CertificateQuery, up: CertificateSort, down: CertificateSort, *, newest_first: bool = False
) -> SortLink:
    first, second = (down, up) if newest_first else (up, down)
    wanted = second if query.sort is first else first
    parameters = [(name, value) for name, value in query.to_parameters() if name != "sort"]
    direction = "ascending" if query.sort is up else "descending" if query.sort is down else "none"
    return SortLink(with_parameters("/certificates", (*parameters, ("sort", wanted.value))), direction)
