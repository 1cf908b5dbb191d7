"""Imports over HTTP: hand in files, read the preview, decide, undo."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response, UploadFile

from registry.imports.progress import with_progress
from registry.imports.schemas import AgencyQuestion, ImportDetail, ImportItemPage, ImportView
from registry.imports.service import (
    MAX_FILES,
    ImportUpload,
    confirm_agencies,
    decide_import,
    record_mapping,
    request_undo,
    submit_import,
)
from registry.imports.submissions import AgencyAnswers, ImportDecision, MappingSubmission
from registry.imports.tables import ImportRow
from registry.imports.views import ItemFilter, find_imports, find_items, find_questions, get_import
from registry.leases import wait_until_settled
from registry.paging import PageRequest
from registry.runtime import Runtime
from registry.web.dependencies import (
    Before,
    CurrentActor,
    CurrentRuntime,
    CurrentViewer,
    Cursor,
    PageSize,
    ReadUow,
    RowId,
    WriteUow,
)
from registry.web.many_files import route_for_files
from registry.web.prefer import ACCEPTED, WaitSeconds, say_where
from registry.web.problems import PROBLEM_RESPONSES
from registry.web.uploads import read_chunks

router = APIRouter(
    prefix="/api/v1/imports", tags=["imports"], responses=PROBLEM_RESPONSES, route_class=route_for_files(MAX_FILES)
)


@router.post("", summary="Hand in files", status_code=200, responses={202: {"model": ImportDetail}})
def submit(
    *,
    files: list[UploadFile],
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    actor: CurrentActor,
    agency_id: Annotated[int | None, Form(ge=1, le=2**63 - 1, description="The agency of everything.")] = None,
    seconds: WaitSeconds,
) -> ImportDetail:
    """200 with the preview when it is there within the wait, else 202. Nothing is entered before it is decided.

    Certificates in any container, ZIPs, signed PDFs, and lists (XLSX, XLS, ODS, CSV). A private key is never stored.
    """
    with runtime.database.write() as uow:
        import_id = submit_import(
            uow,
            viewer,
            (ImportUpload(file.filename or "", read_chunks(file)) for file in files),
            directory=runtime.settings.data_dir / "imports",
            actor=actor,
            agency_id=agency_id,
            limit=runtime.settings.upload_limit_bytes,
        )
    return _answer(runtime, viewer, import_id, response, seconds)


@router.get("", summary="List imports")
def find_all(
    uow: ReadUow,
    viewer: CurrentViewer,
    before: Before = None,
    limit: PageSize = 50,
) -> tuple[ImportView, ...]:
    """The newest first; for the next page give the lowest number of this one as `before`."""
    return find_imports(uow, viewer, before=before, limit=limit)


@router.get("/{import_id}", summary="One import")
def get_one(import_id: RowId, uow: ReadUow, viewer: CurrentViewer, runtime: CurrentRuntime) -> ImportDetail:
    """Where it stands, its files, its lists with the meaning of their columns, and the counts of its items."""
    return with_progress(get_import(uow, viewer, import_id), runtime.wakeups)


@router.get("/{import_id}/items", summary="What would happen to each thing found")
def get_items(
    *,
    import_id: RowId,
    uow: ReadUow,
    viewer: CurrentViewer,
    show: Annotated[
        ItemFilter, Query(description="Which; the counts of the import have the same names.")
    ] = ItemFilter.TOTAL,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> ImportItemPage:
    """One page, in the order of the files; after applying, what happened."""
    return find_items(uow, viewer, import_id, show, PageRequest(cursor=cursor, limit=limit))


@router.get("/{import_id}/agencies", summary="Agencies that a person has to confirm")
def get_questions(import_id: RowId, uow: ReadUow, viewer: CurrentViewer) -> tuple[AgencyQuestion, ...]:
    """Each way of naming an agency once, with the proposal, its score and the reason."""
    return find_questions(uow, viewer, import_id)


@router.post("/{import_id}/agencies", summary="Confirm agencies")
def submit_answers(
    import_id: RowId, body: AgencyAnswers, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor
) -> ImportDetail:
    """Holds for every item that names the agency this way, and is remembered for the next import."""
    answers = {answer.agency_key: answer.agency_id for answer in body.answers}
    confirm_agencies(uow, viewer, import_id, answers, actor=actor)
    return get_import(uow, viewer, import_id)


@router.post("/{import_id}/mapping", summary="Correct the meaning of columns", responses=ACCEPTED)
def submit_mapping(
    import_id: RowId,
    body: MappingSubmission,
    *,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    actor: CurrentActor,
    seconds: WaitSeconds,
) -> ImportDetail:
    """The lists are read anew; the mapping is remembered for the next list with the same header."""
    with runtime.database.write() as uow:
        record_mapping(uow, viewer, import_id, body.fields, chosen=body.sheets, actor=actor)
    return _answer(runtime, viewer, import_id, response, seconds)


@router.post("/{import_id}/apply", summary="Apply all, the good ones, or none", responses=ACCEPTED)
def submit_decision(
    import_id: RowId,
    body: ImportDecision,
    *,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    actor: CurrentActor,
    seconds: WaitSeconds,
) -> ImportDetail:
    """Everything chosen is entered, or nothing: it is one transaction."""
    with runtime.database.write() as uow:
        decide_import(uow, viewer, import_id, body.choice, actor=actor)
    return _answer(runtime, viewer, import_id, response, seconds)


@router.post("/{import_id}/undo", summary="Take an import back", responses=ACCEPTED)
def submit_undo(
    import_id: RowId,
    *,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    actor: CurrentActor,
    seconds: WaitSeconds,
) -> ImportDetail:
    """Possible while nothing was recorded since about what it entered; else it stays `applied`, with the reason."""
    with runtime.database.write() as uow:
        request_undo(uow, viewer, import_id, actor=actor)
    return _answer(runtime, viewer, import_id, response, seconds)


def _answer(
    runtime: Runtime, viewer: CurrentViewer, import_id: int, response: Response, seconds: float
) -> ImportDetail:
    settled = wait_until_settled(runtime.database, runtime.wakeups, ImportRow, import_id, seconds=seconds)
    say_where(response, f"{router.prefix}/{import_id}", is_done=settled)
    with runtime.database.read() as uow:
        return with_progress(get_import(uow, viewer, import_id), runtime.wakeups)
