"""Revocation lists over HTTP."""

from fastapi import APIRouter

from registry.revocation.repository import find_newest_lists, find_sources
from registry.revocation.schemas import RevocationListView, RevocationSourceView
from registry.web.dependencies import CurrentViewer, ReadUow
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/trust", tags=["trust"], responses=PROBLEM_RESPONSES)


@router.get("/crls", summary="The newest revocation list of each CA")
def find_lists(uow: ReadUow, viewer: CurrentViewer) -> tuple[RevocationListView, ...]:
    """By the name of the CA; the same for everybody who is signed in."""
    del viewer
    return find_newest_lists(uow.session)


@router.get("/crl-sources", summary="The addresses from which revocation lists are fetched")
def find_addresses(uow: ReadUow, viewer: CurrentViewer) -> tuple[RevocationSourceView, ...]:
    """Each with how fetching went the last time."""
    del viewer
    return find_sources(uow.session)
