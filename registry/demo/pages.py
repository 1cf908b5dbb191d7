"""The demo's mailbox as a page. It exists only where the demonstration keeps mail in its data directory."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from registry.demo.mailbox import Mailbox, ReceivedMail
from registry.errors import not_found
from registry.runtime import Runtime
from registry.web.page import CurrentPage, demo_mail_directory

router: Final = APIRouter(include_in_schema=False)

SHOWN: Final = 200
"""Mails on the page of the mailbox."""
MAIL_POLICY: Final = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
"""A mail is somebody else's HTML: no script, nothing loaded from anywhere, no access to the page around it."""


@router.get("/demo/mail")
def mailbox_page(page: CurrentPage) -> Response:
    """What the demonstration has sent, newest first."""
    mails = _mailbox(page.runtime).find(limit=SHOWN + 1)
    return page.render("demo/mailbox.html", mails=mails[:SHOWN], is_cut=len(mails) > SHOWN)


@router.get("/demo/mail/{name}")
def mail_page(page: CurrentPage, name: str) -> Response:
    """One mail, as its recipient sees it."""
    return page.render("demo/mail.html", mail=_get(page.runtime, name))


@router.get("/demo/mail/{name}/html")
def mail_body(page: CurrentPage, name: str) -> HTMLResponse:
    """The HTML of one mail, for the frame that holds it."""
    body = _get(page.runtime, name).html
    return HTMLResponse(body, headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"})


def _get(runtime: Runtime, name: str) -> ReceivedMail:
    mail = _mailbox(runtime).get(name)
    if mail is None:
        raise not_found("mail")
    return mail


def _mailbox(runtime: Runtime) -> Mailbox:
    directory = demo_mail_directory(runtime)
    if not directory.is_dir():
        raise not_found("mail")
    return Mailbox(directory)
