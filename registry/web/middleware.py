"""What happens around every request, as plain ASGI: nothing here buffers an answer or runs in another context."""

import re
import secrets
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from certs.messages import define, message
from registry.errors import InvalidInput, TooLarge
from registry.web.metrics import Metrics
from registry.web.problems import answer, problem_of, unexpected

log = structlog.get_logger(__name__)

define(
    "web.body_too_large",
    vi="Dữ liệu gửi lên lớn hơn giới hạn {limit} MB. Hãy gửi ít tệp hơn hoặc tệp nhỏ hơn.",
    en="What was sent is larger than the limit of {limit} MB. Send fewer or smaller files.",
)
define(
    "web.nul_in_address",
    vi="Địa chỉ chứa ký tự rỗng (NUL). Hãy kiểm tra lại đường dẫn.",
    en="The address holds a NUL character. Check the link.",
)

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors 'none'"
)
_QUIET: Final = ("/healthz", "/readyz", "/metrics", "/static/")
_UPLOADS: Final = re.compile(r"/(api/v1/verifications|verify|api/v1/imports|imports)/?")
_SMALL_BODY: Final = 1024 * 1024


class RequestContext:
    """Gives each request an identifier (in logs, in the answer and in the jobs it sends), counts and logs it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        status = 500

        async def send_with_id(event: Message) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
                MutableHeaders(scope=event)["X-Request-ID"] = request_id
            await send(event)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.record_request(scope["method"], route, status, seconds)
            if not scope["path"].startswith(_QUIET):
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    milliseconds=round(seconds * 1000, 1),
                )


class SecurityHeaders:
    """Headers that take rights away from whatever a page might contain."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_static = scope["path"].startswith("/static/")

        async def send_with_headers(event: Message) -> None:
            if event["type"] == "http.response.start":
                headers = MutableHeaders(scope=event)
                headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("X-Frame-Options", "DENY")
                headers["Referrer-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                if not is_static:
                    # Pages show personal data and depend on who is signed in.
                    headers.setdefault("Cache-Control", "no-store")
                if self.is_https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(event)

        await self.app(scope, receive, send_with_headers)


class UnexpectedErrors:
    """Turns an error that nobody foresaw into a page or problem, inside the security headers, and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_started = False

        async def watch(event: Message) -> None:
            nonlocal has_started
            has_started = has_started or event["type"] == "http.response.start"
            await send(event)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            log.exception("unexpected_error", path=scope["path"])
            if has_started:
                raise
            await unexpected(Request(scope, receive))(scope, receive, send)


class InputLimits:
    """Refuses bodies past the limit while they arrive, and NUL characters in addresses."""

    def __init__(self, app: ASGIApp, *, upload_limit_bytes: int) -> None:
        self.app = app
        self.upload_limit_bytes = upload_limit_bytes + _SMALL_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            problem = problem_of(InvalidInput(message("web.nul_in_address")))
            await answer(request, problem)(scope, receive, send)
            return
        limit = self.upload_limit_bytes if _UPLOADS.fullmatch(scope["path"]) else _SMALL_BODY
        too_large = TooLarge(message("web.body_too_large", limit=limit // _SMALL_BODY))
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            await answer(request, problem_of(too_large))(scope, receive, send)
            return
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            event = await receive()
            received += len(event.get("body", b""))
            if received > limit:
                raise too_large
            return event

        await self.app(scope, receive_bounded, send)
