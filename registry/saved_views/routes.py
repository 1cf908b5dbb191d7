"""Saved views over HTTP: everybody has their own."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.errors import NotSignedIn
from registry.saved_views.service import (
    LONGEST_NAME,
    SavedView,
    delete_view,
    find_views,
    get_view,
    rename_view,
    save_view,
)
from registry.saved_views.tables import SavedList
from registry.schemas import Incoming
from registry.web.dependencies import CurrentViewer, ReadUow, RowId, WriteUow
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/views", tags=["views"], responses=PROBLEM_RESPONSES)

_Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class NewView(Incoming):
    """A list to be kept."""

    name: _Name
    list_name: SavedList = SavedList.CERTIFICATES
    parameters: Annotated[
        str, Field(max_length=4000, description="Of the list's address, encoded as in a link: `q=so+y+te&expiring=30`.")
    ] = ""


class ViewName(Incoming):
    """Another name for a view."""

    name: _Name


@router.get("", summary="List one's own saved views")
def find_all(uow: ReadUow, viewer: CurrentViewer) -> tuple[SavedView, ...]:
    """In Vietnamese order; `target` is the address of the list on the pages."""
    return find_views(uow, user_of(viewer))


@router.post("", summary="Keep a list under a name", status_code=201)
def submit(body: NewView, uow: WriteUow, viewer: CurrentViewer, response: Response) -> SavedView:
    """201 with the view; of the parameters those are kept that the list knows. 409 when the name is taken."""
    user_id = user_of(viewer)
    key = save_view(uow, user_id, name=body.name, list_name=body.list_name, parameters=body.parameters)
    response.headers["Location"] = f"{router.prefix}/{key}"
    return get_view(uow, user_id, key)


@router.get("/{view_id}", summary="One of one's own saved views")
def get_one(view_id: RowId, uow: ReadUow, viewer: CurrentViewer) -> SavedView:
    """404 for a view of somebody else."""
    return get_view(uow, user_of(viewer), view_id)


@router.patch("/{view_id}", summary="Rename a saved view")
def update(view_id: RowId, body: ViewName, uow: WriteUow, viewer: CurrentViewer) -> SavedView:
    """What the view shows stays the same."""
    rename_view(uow, user_of(viewer), view_id, name=body.name)
    return get_view(uow, user_of(viewer), view_id)


@router.delete("/{view_id}", summary="Forget a saved view", status_code=204)
def delete(view_id: RowId, uow: WriteUow, viewer: CurrentViewer) -> None:
    """The list itself stays what it is."""
    delete_view(uow, user_of(viewer), view_id)


def user_of(viewer: Viewer) -> int:
    """Whose views are meant; raises `NotSignedIn` for the operator of the machine, who has none."""
    if viewer.user_id is None:
        raise NotSignedIn(message("registry.not_signed_in"))
    return viewer.user_id
