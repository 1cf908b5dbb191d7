"""Imports over HTTP: hand in files, read the preview, decide, undo."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Header, Path, Query, Response, UploadFile
from starlette import datastructures

from certs.messages import message
from registry.accounts.service import SignedIn
from registry.errors import NotSignedIn, TooLarge
from registry.imports.progress import with_progress
from registry.imports.schemas import AgencyQuestion, ImportDetail, ImportItemPage, ImportView
from registry.imports.service import (
    ImportUpload,
    confirm_agencies,
    decide_import,
    record_mapping,
    request_undo,
    submit_import,
)
from registry.imports.submissions import AgencyAnswers, ImportDecision, MappingSubmission
from registry.imports.views import ItemFilter, find_imports, find_items, find_questions, get_import
from registry.imports.waiting import wait_until_settled
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.runtime import Runtime
from registry.web.dependencies import CurrentRuntime, CurrentSignIn, CurrentViewer, ReadUow, WriteUow
from registry.web.many_files import RouteForManyFiles
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(
    prefix="/api/v1/imports", tags=["imports"], responses=PROBLEM_RESPONSES, route_class=RouteForManyFiles
)

MAXIMUM_WAIT_SECONDS: Final = 30.0
_CHUNK: Final = 1024 * 1024
_WAIT: Final = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,4})\"?\s*(?:$|[,;])", re.IGNORECASE)

ImportId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Prefer = Annotated[str | None, Header(description="`wait=N`: wait up to N seconds for the worker (RFC 7240).")]
_ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "Taken; a worker is at it. Ask `Location` again."}
}


@router.post("", summary="Hand in files", status_code=200, responses={202: {"model": ImportDetail}})
def submit(
    *,
    files: list[UploadFile],
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    sign_in: CurrentSignIn,
    agency_id: Annotated[int | None, Form(ge=1, le=2**63 - 1, description="The agency of everything.")] = None,
    prefer: Prefer = None,
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
            actor=actor_of(sign_in),
            agency_id=agency_id,
            limit=runtime.settings.upload_limit_bytes,
        )
    return _answer(runtime, viewer, import_id, response, prefer)


@router.get("", summary="List imports")
def find_all(
    uow: ReadUow,
    viewer: CurrentViewer,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only lower numbers.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_PAGE)] = 50,
) -> tuple[ImportView, ...]:
    """The newest first; for the next page give the lowest number of this one as `before`."""
    return find_imports(uow, viewer, before=before, limit=limit)


@router.get("/{import_id}", summary="One import")
def get_one(import_id: ImportId, uow: ReadUow, viewer: CurrentViewer, runtime: CurrentRuntime) -> ImportDetail:
    """Where it stands, its files, its lists with the meaning of their columns, and the counts of its items."""
    return with_progress(get_import(uow, viewer, import_id), runtime.wakeups)


@router.get("/{import_id}/items", summary="What would happen to each thing found")
def get_items(
    *,
    import_id: ImportId,
    uow: ReadUow,
    viewer: CurrentViewer,
    show: Annotated[
        ItemFilter, Query(description="Which; the counts of the import have the same names.")
    ] = ItemFilter.TOTAL,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_PAGE, description="Rows of one page.")] = 50,
) -> ImportItemPage:
    """One page, in the order of the files; after applying, what happened."""
    return find_items(uow, viewer, import_id, show, PageRequest(cursor=cursor, limit=limit))


@router.get("/{import_id}/agencies", summary="Agencies that a person has to confirm")
def get_questions(import_id: ImportId, uow: ReadUow, viewer: CurrentViewer) -> tuple[AgencyQuestion, ...]:
    """Each way of naming an agency once, with the proposal, its score and the reason."""
    return find_questions(uow, viewer, import_id)


@router.post("/{import_id}/agencies", summary="Confirm agencies")
def submit_answers(
    import_id: ImportId, body: AgencyAnswers, uow: WriteUow, viewer: CurrentViewer, sign_in: CurrentSignIn
) -> ImportDetail:
    """Holds for every item that names the agency this way, and is remembered for the next import."""
    answers = {answer.agency_key: answer.agency_id for answer in body.answers}
    confirm_agencies(uow, viewer, import_id, answers, actor=actor_of(sign_in))
    return get_import(uow, viewer, import_id)


@router.post("/{import_id}/mapping", summary="Correct the meaning of columns", responses=_ACCEPTED)
def submit_mapping(
    import_id: ImportId,
    body: MappingSubmission,
    *,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    sign_in: CurrentSignIn,
    prefer: Prefer = None,
) -> ImportDetail:
    """The lists are read anew; the mapping is remembered for the next list with the same header."""
    with runtime.database.write() as uow:
        record_mapping(uow, viewer, import_id, body.fields, chosen=body.sheets, actor=actor_of(sign_in))
    return _answer(runtime, viewer, import_id, response, prefer)


@router.post("/{import_id}/apply", summary="Apply all, the good ones, or none", responses=_ACCEPTED)
def submit_decision(
    import_id: ImportId,
    body: ImportDecision,
    *,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    sign_in: CurrentSignIn,
    prefer: Prefer = None,
) -> ImportDetail:
    """Everything chosen is entered, or nothing: it is one transaction."""
    with runtime.database.write() as uow:
        decide_import(uow, viewer, import_id, body.choice, actor=actor_of(sign_in))
    return _answer(runtime, viewer, import_id, response, prefer)


@router.post("/{import_id}/undo", summary="Take an import back", responses=_ACCEPTED)
def submit_undo(
    import_id: ImportId,
    *,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    sign_in: CurrentSignIn,
    prefer: Prefer = None,
) -> ImportDetail:
    """Possible while nothing was recorded since about what it entered; else it stays `applied`, with the reason."""
    with runtime.database.write() as uow:
        request_undo(uow, viewer, import_id, actor=actor_of(sign_in))
    return _answer(runtime, viewer, import_id, response, prefer)


def actor_of(sign_in: SignedIn | None) -> str:
    """Who is written into the history."""
    if sign_in is None:
        raise NotSignedIn(message("registry.not_signed_in"))
    return sign_in.username


def read_chunks(file: datastructures.UploadFile) -> Iterator[bytes]:
    """The bytes of an upload in pieces."""
    while chunk := file.file.read(_CHUNK):
        yield chunk


def read_bounded(file: datastructures.UploadFile, limit: int) -> bytes:
    """The bytes of an upload that is read at once; raises `TooLarge` past `limit` bytes."""
    data = file.file.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(message("blobs.too_large", limit=limit // (1024 * 1024)))
    return data


def _answer(
    runtime: Runtime, viewer: CurrentViewer, import_id: int, response: Response, prefer: str | None
) -> ImportDetail:
    wanted = _WAIT.search(prefer or "")
    seconds = (
        min(float(wanted.group(1)), MAXIMUM_WAIT_SECONDS) if wanted else runtime.settings.verification_wait_seconds
    )
    settled = wait_until_settled(runtime.database, runtime.wakeups, import_id, seconds=seconds)
    response.headers["Location"] = f"{router.prefix}/{import_id}"
    if not settled:
        response.status_code = 202
    with runtime.database.read() as uow:
        return with_progress(get_import(uow, viewer, import_id), runtime.wakeups)
