"""Pages of the saved views: keep a list, open it, forget it."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from registry.errors import Conflict, InvalidInput
from registry.saved_views.routes import user_of
from registry.saved_views.service import delete_view, find_views, get_view, save_view
from registry.saved_views.tables import SavedList
from registry.web.dependencies import CurrentViewer, ReadUow, RowId, WriteUow
from registry.web.page import CurrentPage
from registry.web.problems import problem_of

router: Final = APIRouter(include_in_schema=False)


@router.get("/views")
def view_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The views of whoever is signed in."""
    return page.render("saved_views/list.html", views=find_views(uow, user_of(viewer)), typed={}, errors={}, draft=None)


@router.post("/views")
def submit_view(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    name: Annotated[str, Form(max_length=1000)] = "",
    list_name: Annotated[SavedList, Form()] = SavedList.CERTIFICATES,
    parameters: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Keep the list and go to the views; a name that cannot be used brings the form back with the list unforgotten."""
    user_id, database = user_of(viewer), page.runtime.database
    try:
        with database.write() as uow:
            save_view(uow, user_id, name=name, list_name=list_name, parameters=parameters)
            return page.redirect("/views")
    except (Conflict, InvalidInput) as error:
        problem = problem_of(error)
    with database.read() as uow:
        return page.render(
            "saved_views/list.html",
            status=problem.status,
            views=find_views(uow, user_id),
            typed={"name": name},
            errors={problem.field or "name": problem.reason.text(page.language)},
            draft=(list_name, parameters),
        )


@router.get("/views/{view_id}")
def open_view(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, view_id: RowId) -> Response:
    """Go to the list."""
    return page.redirect(get_view(uow, user_of(viewer), view_id).target)


@router.post("/views/{view_id}/delete")
def submit_deletion(page: CurrentPage, viewer: CurrentViewer, uow: WriteUow, view_id: RowId) -> Response:
    """Forget the view; the list itself stays what it is."""
    delete_view(uow, user_of(viewer), view_id)
    return page.redirect("/views")
