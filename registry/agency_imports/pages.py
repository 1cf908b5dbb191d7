"""Pages of the imports of agencies: hand a list in, look at the preview, decide, take back."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.datastructures import UploadFile
from starlette.responses import Response

from certs.messages import define, message
from registry.accounts.rights import require_administrator
from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyLevel
from registry.agency_imports.plans import Options
from registry.agency_imports.service import (
    decide_agency_import,
    find_agency_imports,
    find_import_rows,
    get_agency_import,
    submit_agency_import,
    undo_agency_import,
)
from registry.agency_imports.template import write_template
from registry.clock import start_of_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput, TooLarge
from registry.forms import FormReader
from registry.imports.tables import ImportChoice, ItemOutcome
from registry.imports.views import ItemFilter
from registry.paging import PageRequest
from registry.web.dependencies import CurrentActor, CurrentForm, CurrentViewer, ReadUow, RowId, texts_of
from registry.web.files import XLSX, new_file, stream_file, words_of
from registry.web.formats import format_day
from registry.web.page import CurrentPage, Page
from registry.web.problems import problem_of
from registry.web.templating import with_parameters
from registry.web.uploads import read_bounded

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 100
_RECENT: Final = 20
_OUTCOMES: Final = (ItemFilter.TOTAL, ItemFilter.NEW, ItemFilter.DIFFERS, ItemFilter.KNOWN, ItemFilter.REFUSED)

define(
    "agency_imports.nothing",
    vi="Chưa chọn tệp. Hãy chọn danh sách cơ quan (XLSX, XLS, ODS hoặc CSV).",
    en="There is no file. Choose a list of agencies (XLSX, XLS, ODS or CSV).",
)


@router.get("/agencies/imports")
def import_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The place to hand a list in, and the imports so far."""
    today = format_day(uow.now)
    return _list(page, viewer, uow, FormReader({"since": today, "effective_at": today}))


@router.get("/agencies/imports/template.xlsx")
def import_template(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """An empty list with the headings that are known."""
    require_administrator(viewer)
    file = new_file()
    title = page.translate("Agencies")
    write_template(file, words_of(page.language), title=title, language=page.language)
    return stream_file(file, name="agencies-template.xlsx", media_type=XLSX)


@router.post("/agencies/imports")
def submit_list(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, form: CurrentForm) -> Response:
    """Read the list and go to its preview."""
    require_administrator(viewer)
    runtime = page.runtime
    reader = FormReader(texts_of(form))
    file = form.get("file")
    since, effective = reader.day("since"), reader.day("effective_at")
    document = reader.text("legal_document", limit=200) or None
    # A browser sends a part without a name where no file was chosen.
    if not isinstance(file, UploadFile) or not file.filename:
        reader.fail("file", message("agency_imports.nothing"))
    elif since is not None and effective is not None and not reader.problems:
        options = Options(since=start_of_day(since), effective_at=start_of_day(effective), legal_document=document)
        try:
            data = read_bounded(file, runtime.settings.upload_limit_bytes)
        except TooLarge as error:
            reader.fail("file", error.reason)
        else:
            with runtime.database.write() as uow:
                number = submit_agency_import(uow, viewer, data, file_name=file.filename, options=options, actor=actor)
            return page.redirect(f"/agencies/imports/{number}")
    with runtime.database.read() as uow:
        return _list(page, viewer, uow, reader, status=422)


@router.get("/agencies/imports/{import_id}")
def import_page(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    uow: ReadUow,
    import_id: RowId,
    show: ItemOutcome | None = None,
    cursor: str | None = None,
) -> Response:
    """The preview, or what happened."""
    return _detail(page, viewer, uow, import_id=import_id, show=show, cursor=cursor)


@router.post("/agencies/imports/{import_id}/apply")
def submit_decision(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    import_id: RowId,
    choice: Annotated[ImportChoice, Form()],
) -> Response:
    """Apply all good rows, the new ones, or none; a preview that is out of date is shown anew instead."""
    try:
        with page.runtime.database.write() as uow:
            outdated = decide_agency_import(uow, viewer, import_id, choice, actor=actor)
    except Conflict as error:
        return _with_error(page, viewer, import_id, error)
    if outdated is not None:
        return _with_error(page, viewer, import_id, outdated)
    return page.redirect(f"/agencies/imports/{import_id}")


@router.post("/agencies/imports/{import_id}/undo")
def submit_undo(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, import_id: RowId) -> Response:
    """Take the import back."""
    try:
        with page.runtime.database.write() as uow:
            undo_agency_import(uow, viewer, import_id, actor=actor)
    except Conflict as error:
        return _with_error(page, viewer, import_id, error)
    return page.redirect(f"/agencies/imports/{import_id}")


def _list(page: Page, viewer: Viewer, uow: UnitOfWork, reader: FormReader, *, status: int = 200) -> Response:
    return page.render(
        "agency_imports/list.html",
        status=status,
        imports=find_agency_imports(uow, viewer, limit=_RECENT),
        **page.filled(reader),
    )


def _with_error(page: Page, viewer: Viewer, import_id: int, error: Conflict | InvalidInput) -> Response:
    with page.runtime.database.read() as uow:
        return _detail(page, viewer, uow, import_id=import_id, error=error)


def _detail(
    page: Page,
    viewer: Viewer,
    uow: UnitOfWork,
    *,
    import_id: int,
    show: ItemOutcome | None = None,
    cursor: str | None = None,
    error: Conflict | InvalidInput | None = None,
) -> Response:
    detail = get_agency_import(uow, viewer, import_id)
    found = find_import_rows(uow, viewer, import_id, show, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    address = f"/agencies/imports/{import_id}"
    filtered = (("show", show.value),) if show else ()
    return page.render(
        "agency_imports/detail.html",
        status=problem_of(error).status if error else 200,
        error=error.reason.text(page.language) if error else None,
        detail=detail,
        summary=detail.summary,
        rows=found.items,
        show=show or ItemFilter.TOTAL,
        outcomes=_OUTCOMES,
        levels=tuple(AgencyLevel),
        first=with_parameters(address, filtered) if cursor else None,
        following=with_parameters(address, (*filtered, ("cursor", found.next))) if found.next else None,
    )
