"""Imports of agencies over HTTP: hand a list in, read the preview, decide, take back."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from registry.agency_imports.plans import Options
from registry.agency_imports.schemas import AgencyImportDetail, AgencyImportRows, AgencyImportView
from registry.agency_imports.service import (
    decide_agency_import,
    find_agency_imports,
    find_import_rows,
    get_agency_import,
    submit_agency_import,
    undo_agency_import,
)
from registry.clock import local_day, start_of_day
from registry.imports.submissions import ImportDecision
from registry.imports.tables import ItemOutcome
from registry.paging import PageRequest
from registry.parameters import ParameterReader
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
from registry.web.problems import PROBLEM_RESPONSES
from registry.web.uploads import read_bounded

router = APIRouter(prefix="/api/v1/agencies/imports", tags=["agencies"], responses=PROBLEM_RESPONSES)

_Day = Annotated[str, Form(max_length=10, description="YYYY-MM-DD in Viet Nam; default: today.")]


@router.post("", summary="Hand in a list of agencies", status_code=201)
def submit(
    *,
    file: Annotated[UploadFile, File(description="XLSX, XLS, ODS, CSV, or a ZIP of them.")],
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    actor: CurrentActor,
    since: _Day = "",
    effective_from: _Day = "",
    legal_document: Annotated[str | None, Form(max_length=200)] = None,
) -> AgencyImportDetail:
    """201 with the preview; nothing is entered before it is decided.

    `since`: from when agencies without a day of their own exist. `effective_from`: from when changes without one hold.
    """
    days = ParameterReader([("since", since), ("effective_from", effective_from)])
    data = read_bounded(file, runtime.settings.upload_limit_bytes)
    with runtime.database.write() as uow:
        today = local_day(uow.now)
        options = Options(
            since=start_of_day(days.day("since") or today),
            effective_at=start_of_day(days.day("effective_from") or today),
            legal_document=legal_document or None,
        )
        import_id = submit_agency_import(uow, viewer, data, file_name=file.filename or "", options=options, actor=actor)
        detail = get_agency_import(uow, viewer, import_id)
    response.headers["Location"] = f"{router.prefix}/{import_id}"
    return detail


@router.get("", summary="List imports of agencies")
def find_all(
    uow: ReadUow,
    viewer: CurrentViewer,
    before: Before = None,
    limit: PageSize = 50,
) -> tuple[AgencyImportView, ...]:
    """The newest first; for the next page give the lowest number of this one as `before`."""
    return find_agency_imports(uow, viewer, before=before, limit=limit)


@router.get("/{import_id}", summary="One import of agencies")
def get_one(import_id: RowId, uow: ReadUow, viewer: CurrentViewer) -> AgencyImportDetail:
    """Where it stands, its lists with the meaning of their columns, and the counts of its rows."""
    return get_agency_import(uow, viewer, import_id)


@router.get("/{import_id}/rows", summary="What would happen to each row")
def get_rows(
    *,
    import_id: RowId,
    uow: ReadUow,
    viewer: CurrentViewer,
    outcome: Annotated[ItemOutcome | None, Query(description="`new`, `known`, `differs`, `refused`.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> AgencyImportRows:
    """One page, in the order of the file; after applying, what happened."""
    return find_import_rows(uow, viewer, import_id, outcome, PageRequest(cursor=cursor, limit=limit))


@router.post("/{import_id}/apply", summary="Apply all good rows, only the new ones, or none")
def submit_decision(
    import_id: RowId, body: ImportDecision, runtime: CurrentRuntime, viewer: CurrentViewer, actor: CurrentActor
) -> AgencyImportDetail:
    """`all`: every row that is not refused; `good`: only new agencies; `none`. One transaction, all of it or nothing.

    409 with `agency_imports.outdated` when the register has changed so that something else would happen than the preview
    showed; the preview is then made anew.
    """
    with runtime.database.write() as uow:
        outdated = decide_agency_import(uow, viewer, import_id, body.choice, actor=actor)
    if outdated is not None:
        raise outdated
    with runtime.database.read() as uow:
        return get_agency_import(uow, viewer, import_id)


@router.post("/{import_id}/undo", summary="Take an import of agencies back")
def submit_undo(import_id: RowId, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor) -> AgencyImportDetail:
    """Possible while nothing rests on what it entered: certificates, units, accounts, later changes."""
    undo_agency_import(uow, viewer, import_id, actor=actor)
    return get_agency_import(uow, viewer, import_id)
