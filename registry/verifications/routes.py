"""Verifying documents over HTTP."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response, UploadFile

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.errors import NotSignedIn
from registry.runtime import Runtime
from registry.verifications.reading import get_verification_view, get_verification_views
from registry.verifications.schemas import VerificationList, VerificationView
from registry.verifications.service import MAX_FILES, Upload, submit_documents
from registry.verifications.waiting import wait_until_finished
from registry.web.dependencies import CurrentRuntime, Language, OptionalViewer, ReadUow
from registry.web.prefer import WaitSeconds
from registry.web.problems import PROBLEM_RESPONSES
from registry.web.uploads import read_chunks

router = APIRouter(prefix="/api/v1/verifications", tags=["verifications"], responses=PROBLEM_RESPONSES)


@router.post(
    "",
    summary="Verify one or many documents",
    responses={202: {"model": VerificationList, "description": "Taken; the verdicts will be at `Location`."}},
)
def submit(
    *,
    files: list[UploadFile],
    response: Response,
    runtime: CurrentRuntime,
    viewer: OptionalViewer,
    language: Language,
    seconds: WaitSeconds,
) -> VerificationList:
    """200 with the reports when all are done within the wait, else 202 with a `Location` where they will be.

    Nothing is stored when one file cannot be taken.
    """
    require_access(runtime, viewer)
    # Its own unit of work: the jobs leave, and the waiting begins, only after the commit.
    with runtime.database.write() as uow:
        identifiers = submit_documents(
            uow,
            runtime.blobs,
            [Upload(file.filename or "", read_chunks(file)) for file in files],
            limit=runtime.settings.upload_limit_bytes,
            user_id=viewer.user_id if viewer else None,
        )
    finished = wait_until_finished(runtime.database, runtime.wakeups, identifiers, seconds=seconds)
    with runtime.database.read() as uow:
        items = get_verification_views(uow, identifiers, language=language)
    if not finished:
        response.status_code = 202
        response.headers["Location"] = _location(identifiers)
    return VerificationList(items=items)


@router.get("", summary="Several verifications at once")
def find_several(
    uow: ReadUow,
    runtime: CurrentRuntime,
    viewer: OptionalViewer,
    language: Language,
    id: Annotated[list[str], Query(min_length=1, max_length=MAX_FILES)],  # noqa: A002 - the name of the parameter
) -> VerificationList:
    """In the order of the parameters; 404 when one does not exist."""
    require_access(runtime, viewer)
    return VerificationList(items=get_verification_views(uow, id, language=language))


@router.get("/{verification_id}", summary="One verification")
def get_one(
    verification_id: str, uow: ReadUow, runtime: CurrentRuntime, viewer: OptionalViewer, language: Language
) -> VerificationView:
    """The verdict, or how far it is."""
    require_access(runtime, viewer)
    return get_verification_view(uow, verification_id, language=language)


def require_access(runtime: Runtime, viewer: Viewer | None) -> None:
    """Raise `NotSignedIn` where documents are verified only for people who signed in."""
    if viewer is None and not runtime.settings.verification_is_public:
        raise NotSignedIn(message("registry.not_signed_in"))


def _location(identifiers: tuple[str, ...]) -> str:
    if len(identifiers) == 1:
        return f"{router.prefix}/{identifiers[0]}"
    return f"{router.prefix}?{urlencode([('id', identifier) for identifier in identifiers])}"
