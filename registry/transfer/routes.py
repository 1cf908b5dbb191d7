"""Files of the whole register and of its certificates over HTTP."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from registry.accounts.viewer import Viewer
from registry.certificates.query import CertificateQuery
from registry.clock import local_day
from registry.runtime import Runtime
from registry.transfer.certificate_files import WHOLE_REGISTER, iterate_zip
from registry.transfer.register_file import write_register
from registry.web.dependencies import CurrentRuntime, CurrentViewer, Language
from registry.web.files import XLSX, ZIP, new_file, stream_file, stream_pieces, words_of
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1", tags=["transfer"], responses=PROBLEM_RESPONSES)

_FILE: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/register.xlsx",
    summary="The whole register with its past, as a workbook",
    response_class=StreamingResponse,
    responses={200: {"content": {XLSX: _FILE}}},
)
def get_register(runtime: CurrentRuntime, viewer: CurrentViewer, language: Language) -> StreamingResponse:
    """Agencies, certificates, their states and events, from which an import makes the same register on another machine.

    403 for whoever sees a part of the province only.
    """
    return stream_register(runtime, viewer, language)


@router.get(
    "/certificates.zip",
    summary="Certificates as a ZIP of .cer files",
    response_class=StreamingResponse,
    responses={200: {"content": {ZIP: _FILE}}},
)
def get_certificates(request: Request, runtime: CurrentRuntime, viewer: CurrentViewer) -> StreamingResponse:
    """Those that the filters of the list of certificates ask for; without a filter every one there is."""
    query = CertificateQuery.from_parameters(request.query_params.multi_items(), now=runtime.clock.now())
    return stream_certificates(runtime, viewer, query)


def stream_register(runtime: Runtime, viewer: Viewer, language: str) -> StreamingResponse:
    """The workbook, finished on disk before it leaves. Raises `NotPermitted`."""
    file = new_file()
    try:
        write_register(runtime.database, viewer, file, words_of(language), language=language)
    except BaseException:
        file.close()
        raise
    return stream_file(file, name=f"register-{local_day(runtime.clock.now())}.xlsx", media_type=XLSX)


def stream_certificates(runtime: Runtime, viewer: Viewer, query: CertificateQuery) -> StreamingResponse:
    """The ZIP, made while it is sent."""
    if not query.to_parameters():
        query = WHOLE_REGISTER
    name = f"certificates-{local_day(runtime.clock.now())}.zip"
    return stream_pieces(iterate_zip(runtime.database, viewer, query), name=name, media_type=ZIP)
