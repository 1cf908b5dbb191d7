"""Pages of the imports: hand files in, look at the preview, correct it, decide, undo."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.agencies.choosing import read_agency
from registry.certificates.query import Standing
from registry.certificates.tables import Custody, Medium
from registry.db.unit_of_work import UnitOfWork
from registry.errors import RegistryError
from registry.forms import FormReader
from registry.imports.columns import ListField
from registry.imports.errors import MappingRefused, NothingToImport, NotInState
from registry.imports.progress import with_progress
from registry.imports.service import (
    MAX_FILES,
    ImportUpload,
    confirm_agencies,
    decide_import,
    record_mapping,
    request_undo,
    submit_import,
)
from registry.imports.tables import ImportChoice, ImportRow
from registry.imports.views import ItemFilter, find_imports, find_items, find_questions, get_import
from registry.leases import wait_until_settled
from registry.paging import PageRequest
from registry.web.dependencies import CurrentActor, CurrentForm, CurrentViewer, ReadUow, RowId, WriteUow, texts_of
from registry.web.many_files import route_for_files
from registry.web.page import CurrentPage, Page
from registry.web.problems import problem_of, tell_in
from registry.web.templating import with_parameters
from registry.web.uploads import read_chunks

router: Final = APIRouter(include_in_schema=False, route_class=route_for_files(MAX_FILES))

PAGE_SIZE: Final = 50
_RECENT: Final = 30
_WORDS: Final[Mapping[str, type[StrEnum]]] = {"medium": Medium, "custody": Custody, "status": Standing}
"""Fields that a list may say otherwise, whose values have names of their own."""


@router.get("/imports")
def import_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The place to drop files, and the imports so far."""
    return _list(page, viewer, uow, FormReader({}))


@router.post("/imports")
def submit_files(
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    form: CurrentForm,
) -> Response:
    """Take the files, wait a moment for the preview, and go to its page, which waits on where needed."""
    runtime = page.runtime
    # A browser sends a part without a name where no file was chosen.
    given = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    reader = FormReader(texts_of(form))
    try:
        if not given:
            raise NothingToImport(message("imports.nothing"), field="files")
        with runtime.database.read() as uow:
            agency_id = read_agency(uow, viewer, reader, "agency", with_ended=True)
        if reader.problems:
            with runtime.database.read() as uow:
                return _list(page, viewer, uow, reader, status=422)
        # Its own unit of work: the job leaves, and the waiting begins, only after the commit.
        with runtime.database.write() as uow:
            import_id = submit_import(
                uow,
                viewer,
                [ImportUpload(file.filename or "", read_chunks(file)) for file in given],
                directory=runtime.settings.data_dir / "imports",
                actor=actor,
                agency_id=agency_id,
                limit=runtime.settings.upload_limit_bytes,
            )
    except RegistryError as error:
        with runtime.database.read() as uow:
            return _list(page, viewer, uow, reader, status=tell_in(reader, error, otherwise="files"))
    return _settled(page, import_id)


@router.get("/imports/{import_id}")
def import_page(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    uow: ReadUow,
    import_id: RowId,
    show: ItemFilter = ItemFilter.TOTAL,
    cursor: str | None = None,
) -> Response:
    """The preview or the result; while a worker is at it, a page that asks again by itself."""
    return _detail(page, viewer, uow, import_id, show=show, cursor=cursor)


@router.get("/imports/{import_id}/columns")
def columns_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, import_id: RowId) -> Response:
    """What each column of the lists is taken for."""
    return _columns(page, viewer, uow, import_id)


@router.post("/imports/{import_id}/columns")
def submit_columns(
    page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, import_id: RowId, form: CurrentForm
) -> Response:
    """Keep the corrected mapping and read the lists anew."""
    fields, chosen = _read_columns(form)
    return _changed(
        page,
        viewer,
        import_id,
        lambda uow: record_mapping(uow, viewer, import_id, fields, chosen=chosen, actor=actor),
    )


@router.get("/imports/{import_id}/agencies")
def agencies_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, import_id: RowId) -> Response:
    """Every doubtful agency on one screen."""
    return _agencies(page, viewer, uow, import_id, FormReader({}))


@router.post("/imports/{import_id}/agencies")
def submit_agencies(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    uow: WriteUow,
    import_id: RowId,
    form: CurrentForm,
) -> Response:
    """Keep the answers; what was left empty stays open. What means no one agency brings the form back."""
    answers: dict[str, int] = {}
    reader = FormReader(texts_of(form))
    for name, key in tuple(reader.typed.items()):
        number = name.removeprefix("key_")
        if number != name:
            agency_id = read_agency(uow, viewer, reader, f"code_{number}", with_ended=True)
            if agency_id is not None:
                answers[key] = agency_id
    if reader.problems:
        return _agencies(page, viewer, uow, import_id, reader, status=422)
    confirm_agencies(uow, viewer, import_id, answers, actor=actor)
    return page.redirect(f"/imports/{import_id}")


@router.post("/imports/{import_id}/apply")
def submit_decision(
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    import_id: RowId,
    choice: Annotated[ImportChoice, Form()],
) -> Response:
    """Apply all, the good ones, or none."""
    return _changed(page, viewer, import_id, lambda uow: decide_import(uow, viewer, import_id, choice, actor=actor))


@router.post("/imports/{import_id}/undo")
def submit_undo(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, import_id: RowId) -> Response:
    """Take the import back."""
    return _changed(page, viewer, import_id, lambda uow: request_undo(uow, viewer, import_id, actor=actor))


def _changed(page: Page, viewer: Viewer, import_id: int, change: Callable[[UnitOfWork], object]) -> Response:
    """Go to the page of the import after a change; what came too late, by a second window, is said there."""
    try:
        with page.runtime.database.write() as uow:
            change(uow)
    except NotInState as error:
        with page.runtime.database.read() as uow:
            return _detail(page, viewer, uow, import_id, error=error)
    return _settled(page, import_id)


def _settled(page: Page, import_id: int) -> Response:
    """Wait a moment for the worker, then go to the page of the import."""
    runtime = page.runtime
    seconds = runtime.settings.verification_wait_seconds
    wait_until_settled(runtime.database, runtime.wakeups, ImportRow, import_id, seconds=seconds)
    return page.redirect(f"/imports/{import_id}")


def _detail(
    page: Page,
    viewer: Viewer,
    uow: UnitOfWork,
    import_id: int,
    *,
    show: ItemFilter = ItemFilter.TOTAL,
    cursor: str | None = None,
    error: NotInState | None = None,
) -> Response:
    detail = with_progress(get_import(uow, viewer, import_id), page.runtime.wakeups)
    if detail.summary.state in ImportRow.WAITING:
        return page.render("imports/waiting.html", detail=detail, summary=detail.summary)
    found = find_items(uow, viewer, import_id, show, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    address = f"/imports/{import_id}"
    return page.render(
        "imports/detail.html",
        status=problem_of(error).status if error else 200,
        error=error.reason.text(page.language) if error else None,
        detail=detail,
        summary=detail.summary,
        items=found.items,
        show=show,
        outcomes=tuple(ItemFilter),
        words=_WORDS,
        first=with_parameters(address, (("show", show.value),)) if cursor else None,
        following=with_parameters(address, (("show", show.value), ("cursor", found.next))) if found.next else None,
    )


def _list(page: Page, viewer: Viewer, uow: UnitOfWork, reader: FormReader, *, status: int = 200) -> Response:
    return page.render(
        "imports/list.html",
        status=status,
        imports=find_imports(uow, viewer, limit=_RECENT),
        may_write=viewer.may_write,
        **page.filled(reader),
    )


def _columns(page: Page, viewer: Viewer, uow: UnitOfWork, import_id: int) -> Response:
    detail = get_import(uow, viewer, import_id)
    return page.render("imports/columns.html", detail=detail, summary=detail.summary, fields=tuple(ListField))


def _agencies(
    page: Page, viewer: Viewer, uow: UnitOfWork, import_id: int, reader: FormReader, *, status: int = 200
) -> Response:
    detail = get_import(uow, viewer, import_id)
    return page.render(
        "imports/agencies.html",
        status=status,
        summary=detail.summary,
        questions=find_questions(uow, viewer, import_id),
        **page.filled(reader),
    )


def _read_columns(form: FormData) -> tuple[dict[int, dict[int, ListField | None]], list[int]]:
    """`field_<sheet>_<column>` is the name of a field or empty, `sheet` the position of one that is to be read."""
    fields: dict[int, dict[int, ListField | None]] = {}
    chosen: list[int] = []
    try:
        for name, value in form.multi_items():
            if not isinstance(value, str):
                continue
            if name == "sheet":
                chosen.append(int(value))
            elif name.startswith("field_"):
                sheet, column = map(int, name.removeprefix("field_").split("_"))
                fields.setdefault(sheet, {})[column] = ListField(value) if value else None
    except ValueError as error:
        raise MappingRefused from error
    return fields, chosen
