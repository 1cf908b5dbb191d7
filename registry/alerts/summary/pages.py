"""The page behind the link of optional mail: do without it, or have it again. The link is the right to do so."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.alerts.summary.opt_out import Subscription, decline, find_subscription, subscribe
from registry.web.dependencies import FormValues, ReadUow, WriteUow
from registry.web.page import CurrentPage, Page
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)


@router.get("/unsubscribe")
def unsubscribe_page(page: CurrentPage, uow: ReadUow, token: str = "") -> Response:
    """How it stands, and a button. Looking changes nothing, so mail filters may look."""
    return _show(page, find_subscription(uow, token, page.runtime.settings), token)


@router.post("/unsubscribe")
def unsubscribe(page: CurrentPage, uow: WriteUow, values: FormValues, token: str = "") -> Response:
    """Do without it, or with `again` have it again; a second time changes nothing.

    A mail program asks with one click, without a cookie and without looking at the answer (RFC 8058).
    """
    subscription = find_subscription(uow, token, page.runtime.settings)
    if values.get("again"):
        subscribe(uow, subscription)
    else:
        decline(uow, subscription)
    if "List-Unsubscribe" in values:
        return Response(status_code=204)
    return page.redirect(with_parameters("/unsubscribe", token=token))


def _show(page: Page, subscription: Subscription, token: str) -> Response:
    return page.render("alerts/unsubscribe.html", subscription=subscription, token=token)
