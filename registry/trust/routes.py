"""CA certificates over HTTP."""

from fastapi import APIRouter

from registry.trust.repository import find_authorities
from registry.trust.schemas import AuthorityView
from registry.web.dependencies import CurrentViewer, ReadUow
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/trust", tags=["trust"], responses=PROBLEM_RESPONSES)


@router.get("", summary="The CA certificates that the register holds")
def find_all(uow: ReadUow, viewer: CurrentViewer) -> tuple[AuthorityView, ...]:
    """Anchors first, then by name; the same for everybody who is signed in."""
    del viewer
    return find_authorities(uow.session)
