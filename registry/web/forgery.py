"""Protection against requests that another site makes a browser send.

Every unsafe request that a browser may send by itself (with a cookie, or with a form) must come from our own pages: its
`Origin` is ours, and it carries the token that our page was given. Programs that send JSON without a cookie have nothing
that another site could borrow, and need no token; nor does a mail program that asks with one click to be spared a kind
of mail (RFC 8058): what it may do is signed into the address, and no cookie is looked at.
"""

import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import UploadFile

from certs.messages import define, message
from registry.errors import InvalidInput, NotPermitted
from registry.settings import Settings
from registry.web.dependencies import SESSION_COOKIE, CurrentRuntime, CurrentSignIn

FORGERY_COOKIE: Final = "registry_visitor"
TOKEN_FIELD: Final = "csrf_token"  # noqa: S105 (the name of a form field)
TOKEN_HEADER: Final = "x-csrf-token"  # noqa: S105 (the name of a header)
_ONE_CLICK: Final = "/unsubscribe"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

define(
    "web.forged",
    vi="Trang này đã mở quá lâu hoặc yêu cầu đến từ một trang khác. Hãy tải lại trang rồi làm lại; nội dung chưa được gửi.",
    en="This page was open for too long, or the request came from another site. Load it again and repeat; nothing was sent.",
)


def new_visitor() -> str:
    """A value for the cookie of a browser that is not signed in."""
    return secrets.token_urlsafe(24)


def visitor_token(key: bytes, visitor: str) -> str:
    """The token that goes with the cookie of a browser that is not signed in."""
    return hmac.new(key, b"csrf:" + visitor.encode(), hashlib.sha256).hexdigest()


async def refuse_forgery(request: Request, runtime: CurrentRuntime, sign_in: CurrentSignIn) -> None:
    """Dependency of every route: raises `NotPermitted` for a forged request and `InvalidInput` for NUL in a form."""
    if request.method in _SAFE:
        return
    is_form = request.headers.get("content-type", "").partition(";")[0].strip().lower() in {
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
        "",
    }
    if not _is_our_origin(request, runtime.settings):
        raise NotPermitted(message("web.forged"))
    form = await request.form() if is_form else None
    if form and any(isinstance(value, str) and "\0" in value for _, value in form.multi_items()):
        raise InvalidInput(message("input.nul"))
    is_api = request.url.path.startswith("/api/")
    if is_api and SESSION_COOKIE not in request.cookies:
        return
    if request.url.path == _ONE_CLICK and form and form.get("List-Unsubscribe") == "One-Click":
        return
    if sign_in is not None:
        expected = sign_in.csrf_token
    elif visitor := request.cookies.get(FORGERY_COOKIE):
        expected = visitor_token(request.app.state.secret_key, visitor)
    else:
        raise NotPermitted(message("web.forged"))
    given = request.headers.get(TOKEN_HEADER) or (form.get(TOKEN_FIELD) if form else None)
    if given is None or isinstance(given, UploadFile) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotPermitted(message("web.forged"))


def _is_our_origin(request: Request, settings: Settings) -> bool:
    """Whether the browser says that one of our pages sent the request; programs say nothing and are not asked."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    host = urlsplit(origin).netloc
    return host != "" and host in {request.headers.get("host"), urlsplit(settings.public_url).netloc}
