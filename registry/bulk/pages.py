"""Pages for changing many certificates at once: say what is to be recorded, look at the preview, decide, look again."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from certs.messages import message
from registry.accounts.rights import require_writer
from registry.accounts.viewer import Viewer
from registry.bulk.errors import SelectionRefused
from registry.bulk.service import MAXIMUM, decide_bulk_change, select_certificates, submit_bulk_change
from registry.bulk.submissions import BULK_KINDS, BulkEvent, Selection
from registry.bulk.tables import BulkChangeRow, BulkChoice
from registry.bulk.views import BulkFilter, find_bulk_changes, find_items, get_bulk_change
from registry.certificates.export import CERTIFICATE_COLUMNS, ExportedCertificate, iterate_chosen
from registry.certificates.forms import read_change
from registry.certificates.repository import find_certificates_by_id
from registry.certificates.steps import REVOCATION_REASONS
from registry.certificates.submissions import HolderChange, Replacement
from registry.certificates.tables import CertificateEventKind, Medium, SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput, NotFound
from registry.forms import FormReader
from registry.leases import wait_until_settled
from registry.paging import PageRequest
from registry.transfer.certificate_files import iterate_chosen_zip
from registry.web.dependencies import CurrentActor, CurrentViewer, FormValues, ReadUow, RowId
from registry.web.files import ZIP, stream_csv, stream_pieces, stream_xlsx
from registry.web.formats import format_day
from registry.web.page import CurrentPage, Page
from registry.web.problems import problem_of, tell_in
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_RECENT: Final = 30
_NAMED: Final = 5
"""Holders that the form names, so that a person sees that the right rows were chosen."""

_FILE_NAME: Final = "chung-thu-da-chon"


@router.get("/bulk")
def change_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The changes of many certificates so far."""
    return page.render("bulk/list.html", changes=find_bulk_changes(uow, viewer, limit=_RECENT))


@router.get("/bulk/new")
def form_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, change: CertificateEventKind) -> Response:
    """The form for one kind of change, with the number of certificates that were chosen."""
    kind = _require_kind(viewer, change)
    values = {"effective_at": format_day(uow.now), "token": secrets.token_hex(16), **_values(page)}
    return _form(page, viewer, uow, kind, FormReader(values))


@router.get("/bulk/chosen.csv")
def chosen_csv(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The chosen certificates as CSV."""
    return stream_csv(CERTIFICATE_COLUMNS, _rows(page, viewer), name=_FILE_NAME, language=page.language)


@router.get("/bulk/chosen.xlsx")
def chosen_workbook(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The same as a workbook."""
    rows, title = _rows(page, viewer), page.translate("Certificates")
    return stream_xlsx(CERTIFICATE_COLUMNS, rows, name=_FILE_NAME, title=title, language=page.language)


@router.get("/bulk/chosen.zip")
def chosen_archive(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The chosen certificates themselves."""
    chosen, now = _chosen(page, viewer)
    pieces = iterate_chosen_zip(page.runtime.database, viewer, chosen, now)
    return stream_pieces(pieces, name=f"{_FILE_NAME}.zip", media_type=ZIP)


@router.post("/bulk")
def submit_change(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    change: Annotated[CertificateEventKind, Form()],
    values: FormValues,
) -> Response:
    """Preview the change, or show the form again with everything that is wrong with it."""
    kind = _require_kind(viewer, change)
    reader, database = FormReader(values), page.runtime.database
    status = 422
    try:
        with database.write() as uow:
            event = _bulk_event(uow, viewer, kind, reader)
            if event is not None:
                selection = _selection(reader.typed)
                number = submit_bulk_change(uow, viewer, selection, event, actor=actor, token=_token(reader))
                # Left by an exception or a `return` the unit of work would not be committed before the waiting begins.
        if event is not None:
            return _settled(page, number)
    except (Conflict, InvalidInput, NotFound) as error:
        status = tell_in(reader, error)
    with database.read() as uow:
        return _form(page, viewer, uow, kind, reader, status=status)


@router.get("/bulk/{bulk_change_id}")
def change_page(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    uow: ReadUow,
    bulk_change_id: RowId,
    show: BulkFilter = BulkFilter.TOTAL,
    cursor: str | None = None,
) -> Response:
    """The preview or what was recorded; while a worker is at it, a page that asks again by itself."""
    return _change(page, viewer, uow, bulk_change_id, show=show, cursor=cursor)


@router.post("/bulk/{bulk_change_id}/apply")
def submit_decision(
    page: CurrentPage, viewer: CurrentViewer, bulk_change_id: RowId, choice: Annotated[BulkChoice, Form()]
) -> Response:
    """Record the good ones, or none."""
    try:
        with page.runtime.database.write() as uow:
            decide_bulk_change(uow, viewer, bulk_change_id, choice)
    except Conflict as error:
        problem = problem_of(error)
        with page.runtime.database.read() as uow:
            sentence = problem.reason.text(page.language)
            return _change(page, viewer, uow, bulk_change_id, status=problem.status, error=sentence)
    return _settled(page, bulk_change_id)


def _require_kind(viewer: Viewer, kind: CertificateEventKind) -> CertificateEventKind:
    require_writer(viewer)
    if kind not in BULK_KINDS:
        raise InvalidInput(message("forms.choice"), field="change")
    return kind


def _bulk_event(uow: UnitOfWork, viewer: Viewer, kind: CertificateEventKind, reader: FormReader) -> BulkEvent | None:
    event = read_change(uow, viewer, kind, reader, None)
    return None if isinstance(event, (HolderChange, Replacement)) else event


def _token(reader: FormReader) -> str | None:
    token = reader.typed.get("token", "")
    return token if 8 <= len(token) <= 64 else None


def _values(page: Page) -> dict[str, str]:
    """What the address says was chosen, as the form carries it on."""
    given = page.request.query_params
    ids = "" if given.get("rows") == "all" else ",".join(given.getlist("id"))
    return {"ids": ids, **{name: given.get(name, "") for name in ("rows", "list", "earlier")}}


def _rows(page: Page, viewer: Viewer) -> Iterator[ExportedCertificate]:
    chosen, now = _chosen(page, viewer)
    return iterate_chosen(page.runtime.database, viewer, chosen, now)


def _chosen(page: Page, viewer: Viewer) -> tuple[list[int], datetime]:
    database = page.runtime.database
    with database.read() as uow:
        chosen, _ = select_certificates(uow, viewer, _selection(_values(page)), limit=MAXIMUM + 1)
        now = uow.now
    if not chosen or len(chosen) > MAXIMUM:
        raise SelectionRefused(message("bulk.too_many", limit=MAXIMUM) if chosen else message("bulk.nothing"))
    return chosen, now


def _selection(values: Mapping[str, str]) -> Selection:
    if values.get("rows") == "all":
        return Selection(list=values.get("list", "")[:4000])
    earlier = values.get("earlier", "")
    if earlier.isdecimal() and len(earlier) < 19:
        return Selection(bulk_change_id=int(earlier))
    keys = [key for key in values.get("ids", "").split(",") if key]
    if len(keys) > MAXIMUM:
        raise SelectionRefused(message("bulk.too_many", limit=MAXIMUM))
    if not all(key.isdecimal() and len(key) < 19 for key in keys):
        raise SelectionRefused(message("bulk.nothing"))
    return Selection(ids=tuple(map(int, keys)))


def _settled(page: Page, bulk_change_id: int) -> Response:
    """Wait a moment for the worker, then go to the page of the change."""
    runtime = page.runtime
    seconds = runtime.settings.verification_wait_seconds
    wait_until_settled(runtime.database, runtime.wakeups, BulkChangeRow, bulk_change_id, seconds=seconds)
    return page.redirect(f"/bulk/{bulk_change_id}")


def _form(
    page: Page, viewer: Viewer, uow: UnitOfWork, kind: CertificateEventKind, reader: FormReader, *, status: int = 200
) -> Response:
    chosen: list[int] = []
    try:
        chosen, _ = select_certificates(uow, viewer, _selection(reader.typed), limit=MAXIMUM + 1)
    except (InvalidInput, NotFound) as error:
        reader.fail("", error.reason)
    if not chosen:
        reader.fail("", message("bulk.nothing"))
        status = max(status, 422)
    elif len(chosen) > MAXIMUM:
        reader.fail("", message("bulk.too_many", limit=MAXIMUM))
        status = max(status, 422)
    named = find_certificates_by_id(uow, viewer, tuple(chosen[:_NAMED]), uow.now)
    return page.render(
        "bulk/new.html",
        status=status,
        kind=kind,
        total=len(chosen),
        is_possible=0 < len(chosen) <= MAXIMUM,
        named=[named[key] for key in chosen[:_NAMED] if key in named],
        **page.filled(reader),
        reasons=REVOCATION_REASONS,
        kinds=tuple(SubscriberKind),
        media=tuple(Medium),
        back=with_parameters("/certificates") + (f"?{reader.typed['list']}" if reader.typed.get("list") else ""),
    )


def _change(
    page: Page,
    viewer: Viewer,
    uow: UnitOfWork,
    bulk_change_id: int,
    *,
    show: BulkFilter = BulkFilter.TOTAL,
    cursor: str | None = None,
    status: int = 200,
    error: str | None = None,
) -> Response:
    change = get_bulk_change(uow, viewer, bulk_change_id)
    if change.state in BulkChangeRow.WAITING:
        return page.render("bulk/waiting.html", change=change)
    found = find_items(uow, viewer, bulk_change_id, show, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    address = f"/bulk/{bulk_change_id}"
    return page.render(
        "bulk/detail.html",
        status=status,
        error=error,
        change=change,
        items=found.items,
        show=show,
        outcomes=tuple(BulkFilter),
        kinds=BULK_KINDS,
        first=with_parameters(address, (("show", show.value),)) if cursor else None,
        following=with_parameters(address, (("show", show.value), ("cursor", found.next))) if found.next else None,
    )
