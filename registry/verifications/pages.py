"""Pages for checking a document: hand it in, wait a moment, read the verdict."""

from typing import Annotated, Final

from fastapi import APIRouter, File, UploadFile
from starlette.responses import Response

from registry.errors import RegistryError
from registry.verifications.errors import NoFile
from registry.verifications.reading import get_verification_view
from registry.verifications.routes import require_access
from registry.verifications.service import Upload, submit_documents
from registry.verifications.waiting import wait_until_finished
from registry.web.dependencies import OptionalViewer, ReadUow
from registry.web.page import CurrentPage
from registry.web.problems import problem_of
from registry.web.uploads import read_chunks
from registry.web.verdict import BLOCKS, CONCLUSIONS, signer_cards, without_code

router: Final = APIRouter(include_in_schema=False)


@router.get("/verify")
def upload_page(page: CurrentPage, viewer: OptionalViewer) -> Response:
    """The place to drop a document."""
    require_access(page.runtime, viewer)
    return page.render("verifications/upload.html", error=None)


@router.post("/verify")
def submit_document(
    page: CurrentPage, viewer: OptionalViewer, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Take the document, wait a moment for the verdict, and go to its page, which waits on where needed."""
    require_access(page.runtime, viewer)
    runtime = page.runtime
    try:
        if file is None or not file.filename:
            raise NoFile
        # Its own unit of work: the job leaves, and the waiting begins, only after the commit.
        with runtime.database.write() as uow:
            identifiers = submit_documents(
                uow,
                runtime.blobs,
                [Upload(file.filename, read_chunks(file))],
                limit=runtime.settings.upload_limit_bytes,
                user_id=viewer.user_id if viewer else None,
            )
    except RegistryError as error:
        problem = problem_of(error)
        return page.render("verifications/upload.html", status=problem.status, error=problem.reason.text(page.language))
    wait_until_finished(
        runtime.database, runtime.wakeups, identifiers, seconds=runtime.settings.verification_wait_seconds
    )
    return page.redirect(f"/verify/{identifiers[0]}")


@router.get("/verify/{verification_id}")
def verdict_page(page: CurrentPage, viewer: OptionalViewer, uow: ReadUow, verification_id: str) -> Response:
    """The verdict; until there is one, a page that asks again by itself."""
    require_access(page.runtime, viewer)
    view = get_verification_view(uow, verification_id, language=page.language)
    if view.report is None:
        return page.render("verifications/waiting.html", verification=view)
    tone, word = CONCLUSIONS[view.report["conclusion"]]
    return page.render(
        "verifications/verdict.html",
        verification=view,
        report=view.report,
        tone=tone,
        word=word,
        cards=signer_cards(view.report, page.language),
        warnings=[without_code(warning) for warning in view.report["warnings"]],
        block_names=BLOCKS,
    )
