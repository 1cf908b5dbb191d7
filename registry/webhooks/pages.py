"""Pages of the web addresses that are told: the administrator's business."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.accounts.viewer import Viewer
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput
from registry.forms import FormReader
from registry.web.dependencies import CurrentActor, CurrentViewer, FormValues, ReadUow, RowId, WriteUow
from registry.web.page import CurrentPage, Page
from registry.web.problems import tell_in
from registry.web.templating import with_parameters
from registry.webhooks.history import find_deliveries
from registry.webhooks.service import add_webhook, get_webhook, list_webhooks, remove_webhook
from registry.webhooks.trial import request_test

router: Final = APIRouter(include_in_schema=False)


@router.get("/alerts/webhooks")
def webhook_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, removed: str = "") -> Response:
    """The web addresses that are or were told, and the form for one more."""
    return _list_page(page, viewer, uow, FormReader({}), removed=removed)


@router.post("/alerts/webhooks")
def submit_webhook(
    page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, uow: WriteUow, values: FormValues
) -> Response:
    """Enter a web address. The answer holds the secret, this once, so it is no redirect and is kept nowhere."""
    reader = FormReader(values)
    try:
        name, url = values.get("name", ""), values.get("url", "").strip()
        added = add_webhook(uow, viewer, page.runtime.settings, name=name, url=url, actor=actor)
    except (Conflict, InvalidInput) as refused:
        return _list_page(page, viewer, uow, reader, status=tell_in(reader, refused))
    response = page.render("alerts/webhook_added.html", status=201, added=added)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/alerts/webhooks/{webhook_id}")
def webhook_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, webhook_id: RowId) -> Response:
    """One web address with the outcome of its test and its newest deliveries."""
    return _webhook_page(page, viewer, uow, webhook_id, FormReader({}))


@router.post("/alerts/webhooks/{webhook_id}")
def submit_webhook_action(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    uow: WriteUow,
    webhook_id: RowId,
    values: FormValues,
) -> Response:
    """Send a test event, or tell the address nothing more."""
    if values.get("action") == "remove":
        removed = remove_webhook(uow, viewer, webhook_id, actor=actor)
        return page.redirect(with_parameters("/alerts/webhooks", removed=removed.name))
    reader = FormReader(values)
    try:
        request_test(uow, viewer, webhook_id)
    except Conflict as refused:
        return _webhook_page(page, viewer, uow, webhook_id, reader, status=tell_in(reader, refused))
    return page.redirect(f"/alerts/webhooks/{webhook_id}")


def _list_page(
    page: Page, viewer: Viewer, uow: UnitOfWork, reader: FormReader, *, removed: str = "", status: int = 200
) -> Response:
    webhooks = list_webhooks(uow, viewer)
    return page.render(
        "alerts/webhooks.html",
        status=status,
        told=tuple(each for each in webhooks if each.ended_at is None),
        ended=tuple(each for each in webhooks if each.ended_at is not None),
        removed=removed,
        **page.filled(reader),
    )


def _webhook_page(
    page: Page, viewer: Viewer, uow: UnitOfWork, webhook_id: int, reader: FormReader, *, status: int = 200
) -> Response:
    return page.render(
        "alerts/webhook.html",
        status=status,
        webhook=get_webhook(uow, viewer, webhook_id),
        deliveries=find_deliveries(uow, viewer, webhook_id),
        **page.filled(reader),
    )
