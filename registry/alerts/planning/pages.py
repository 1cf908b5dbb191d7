"""Pages of the mails: the list, one mail with what can be done with it, addresses at which nothing arrives."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from certs.messages import message
from registry.accounts.rights import require_whole_view
from registry.accounts.viewer import Viewer
from registry.alerts.planning.actions import (
    MailAction,
    act_on_mail,
    offered_actions,
    require_mail_rights,
)
from registry.alerts.planning.bodies import mail_body
from registry.alerts.planning.mails import COUNTED, MailQuery, count_mails, find_mails, mail_families
from registry.alerts.proving.ledger import is_whole, mail_ledger
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput, NotFound
from registry.forms import FormReader
from registry.mail.addresses import clear_dead, list_dead
from registry.mail.tables import MailState
from registry.paging import PageRequest
from registry.web.dependencies import CurrentActor, CurrentViewer, FormValues, ReadUow, RowId
from registry.web.page import CurrentPage, Page
from registry.web.problems import tell_in
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
MAIL_POLICY: Final = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
"""A mail is shown as what it is, HTML with styles of its own: no script, nothing loaded, no access to the page."""


@router.get("/alerts/mails")
def mail_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, cursor: str | None = None) -> Response:
    """The mails that the address asks for, with the number of all of them."""
    query = MailQuery.from_parameters(page.request.query_params.multi_items())
    found = find_mails(uow, viewer, query, PageRequest(cursor=cursor, limit=PAGE_SIZE))
    following = with_parameters("/alerts/mails", query.to_parameters(), cursor=found.next)
    return page.render(
        "alerts/mails.html",
        query=query,
        mails=found.items,
        total=count_mails(uow, viewer, query),
        counted=COUNTED,
        states=tuple(MailState),
        kinds=mail_families(),
        first=with_parameters("/alerts/mails", query.to_parameters()) if cursor else None,
        following=following if found.next else None,
    )


@router.get("/alerts/mails/{mail_id}")
def mail_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, mail_id: RowId, done: str = "") -> Response:
    """One mail: what became of it, of whom it tells, what it says, and what can be done with it."""
    return _mail_page(page, viewer, uow, mail_id, FormReader({}), done=done)


@router.post("/alerts/mails/{mail_id}")
def submit_mail_action(
    page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, mail_id: RowId, values: FormValues
) -> Response:
    """Hold, release, hurry or send again, with a reason; something wrong shows the page with what was typed."""
    reader, status = FormReader(values), 422
    require_mail_rights(viewer)
    action = reader.member("action", MailAction)
    reason = reader.text("reason", limit=500, is_required=True)
    if action is not None and not reader.problems:
        try:
            with page.runtime.database.write() as uow:
                act_on_mail(uow, viewer, mail_id, action, actor=actor, reason=reason)
        except (Conflict, InvalidInput) as error:
            status = tell_in(reader, error)
        else:
            return page.redirect(f"/alerts/mails/{mail_id}?done={action.value}")
    with page.runtime.database.read() as uow:
        return _mail_page(page, viewer, uow, mail_id, reader, status=status)


@router.get("/alerts/mails/{mail_id}/body")
def mail_body_frame(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, mail_id: RowId) -> HTMLResponse:
    """The HTML of one mail, for the frame that holds it."""
    entry = mail_ledger(uow, viewer, mail_id)
    if not is_whole(uow, viewer, entry):
        raise NotFound(message("registry.not_found", what=f"#{mail_id}"))
    return framed(mail_body(uow, mail_id, page.runtime.settings).html)


@router.get("/alerts/addresses")
def address_list(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, cleared: str = "") -> Response:
    """The addresses at which nothing arrives; for the province alone, because any agency's may be among them."""
    return _address_page(page, viewer, uow, FormReader({}), cleared=cleared)


@router.post("/alerts/addresses")
def submit_address(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, values: FormValues) -> Response:
    """Write to an address again, because a person says that it works."""
    reader = FormReader(values)
    require_mail_rights(viewer)
    address = reader.text("address", limit=254, is_required=True)
    reason = reader.text("reason", limit=500, is_required=True)
    if not reader.problems:
        with page.runtime.database.write() as uow:
            clear_dead(uow, address, actor=actor, reason=reason)
        return page.redirect(with_parameters("/alerts/addresses", cleared=address))
    with page.runtime.database.read() as uow:
        return _address_page(page, viewer, uow, reader, status=422)


def framed(html: str) -> HTMLResponse:
    """The HTML of a mail under a policy of its own, to be shown in a frame of our pages and nowhere else."""
    return HTMLResponse(html, headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"})


def _mail_page(
    page: Page,
    viewer: Viewer,
    uow: UnitOfWork,
    mail_id: int,
    reader: FormReader,
    *,
    done: str = "",
    status: int = 200,
) -> Response:
    entry = mail_ledger(uow, viewer, mail_id)
    return page.render(
        "alerts/mail.html",
        status=status,
        entry=entry,
        offers=offered_actions(viewer, entry.mail),
        shows_body=is_whole(uow, viewer, entry) and mail_body(uow, mail_id, page.runtime.settings).is_there,
        done=done if done in set(MailAction) else None,
        **page.filled(reader),
    )


def _address_page(
    page: Page, viewer: Viewer, uow: UnitOfWork, reader: FormReader, *, cleared: str = "", status: int = 200
) -> Response:
    require_whole_view(viewer)
    return page.render(
        "alerts/addresses.html",
        status=status,
        addresses=list_dead(uow),
        may_clear=viewer.is_administrator,
        cleared=cleared,
        **page.filled(reader),
    )
