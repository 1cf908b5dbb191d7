"""The page of the CAs and their revocation lists."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.revocation.repository import find_newest_lists, find_sources
from registry.trust.repository import find_authorities
from registry.web.dependencies import CurrentViewer, ReadUow
from registry.web.page import CurrentPage

router: Final = APIRouter(include_in_schema=False)


@router.get("/trust")
def show_trust(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """Which CAs the register knows, how old their lists are, and how fetching goes; the same for everybody."""
    del viewer
    newest = find_newest_lists(uow.session)
    authorities = [
        (view, [each for each in newest if each.authority_sha256 == view.sha256])
        for view in find_authorities(uow.session)
    ]
    return page.render("trust/trust.html", authorities=authorities, sources=find_sources(uow.session))
