"""Files of the whole register and of its certificates, for a browser."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.certificates.query import CertificateQuery
from registry.transfer.routes import stream_certificates, stream_register
from registry.web.dependencies import CurrentViewer
from registry.web.page import CurrentPage

router: Final = APIRouter(include_in_schema=False)


@router.get("/register.xlsx")
def register_workbook(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The whole register with its past."""
    return stream_register(page.runtime, viewer, page.language)


@router.get("/certificates.zip")
def certificate_archive(page: CurrentPage, viewer: CurrentViewer) -> Response:
    """The certificates that the address asks for; without a condition every one there is."""
    runtime = page.runtime
    query = CertificateQuery.from_parameters(page.request.query_params.multi_items(), now=runtime.clock.now())
    return stream_certificates(runtime, viewer, query)
