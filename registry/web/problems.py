"""Errors as answers: RFC 9457 problems for programs, a page with the same sentence for people. One table for all."""

from dataclasses import dataclass
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from certs.messages import Message, define, message
from registry.accounts.errors import TooManyAttempts
from registry.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotSignedIn,
    RegistryError,
    TooLarge,
    Unavailable,
)
from registry.forms import FormReader
from registry.verifications.errors import StorageFull
from registry.web.dependencies import current_language
from registry.web.templating import render_error

log = structlog.get_logger(__name__)

STATUSES: Final[dict[type[RegistryError], int]] = {
    NotFound: 404,
    InvalidInput: 422,
    Conflict: 409,
    NotSignedIn: 401,
    NotPermitted: 403,
    TooLarge: 413,
    TooManyAttempts: 429,
    Unavailable: 503,
    StorageFull: 507,
}
"""The HTTP status of each error; a subclass without an entry of its own has its parent's."""

define(
    "web.not_found", vi="Không có trang này. Hãy kiểm tra lại địa chỉ.", en="There is no such page. Check the address."
)
define(
    "web.method_not_allowed",
    vi="Địa chỉ này không nhận yêu cầu kiểu {method}.",
    en="This address does not take {method} requests.",
)
define("web.bad_request", vi="Yêu cầu không đọc được.", en="The request could not be read.")
define(
    "web.invalid_request", vi="Có {count} chỗ trong yêu cầu chưa đúng.", en="{count} parts of the request are wrong."
)
define(
    "web.unexpected",
    vi="Hệ thống gặp lỗi ngoài dự kiến; không có gì bị thay đổi. Hãy thử lại; nếu vẫn lỗi, báo mã {request_id} cho quản trị viên.",
    en="Something unexpected happened; nothing was changed. Try again, and if it stays tell the administrator {request_id}.",
)
define(
    "web.database_unavailable",
    vi="Cơ sở dữ liệu tạm thời không hoạt động. Hãy thử lại sau ít phút.",
    en="The database is down for the moment. Try again in a few minutes.",
)


class FieldProblem(BaseModel):
    """One part of a request that cannot be used."""

    field: str
    detail: str


class ProblemView(BaseModel):
    """A problem as RFC 9457 describes it; `code` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    errors: list[FieldProblem] = []
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """An error on its way out."""

    status: int
    reason: Message
    field: str | None = None
    errors: tuple[FieldProblem, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


_TITLES: Final[dict[int, str]] = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    422: "Invalid input",
    429: "Too many attempts",
    500: "Unexpected error",
    503: "Unavailable",
    507: "No space left",
}


def problem_of(error: RegistryError) -> Problem:
    """Translate an error of the register."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(error, TooManyAttempts):
        headers = (("Retry-After", str(error.retry_seconds)),)
    return Problem(status, error.reason, field=error.field, headers=headers)


def tell_in(reader: FormReader, error: RegistryError, *, otherwise: str = "") -> int:
    """Say in a form what was refused, at its field or at `otherwise`; returns the status of the answer."""
    reader.fail(error.field or otherwise, error.reason)
    return problem_of(error).status


def is_for_browser(request: Request) -> bool:
    """Whether a person's browser waits for the answer, rather than a program."""
    if request.url.path.startswith("/api/v1/"):
        return False
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def answer(request: Request, problem: Problem) -> Response:
    """The answer for `problem`, in the form and language of the request."""
    language = current_language(request, request.app.state.runtime)
    headers = dict(problem.headers)
    if is_for_browser(request):
        return render_error(request, problem.status, problem.reason.text(language), language, headers)
    view = ProblemView(
        type=f"urn:registry:problem:{problem.reason.code}",
        title=_TITLES.get(problem.status, "Error"),
        status=problem.status,
        detail=problem.reason.text(language),
        code=problem.reason.code,
        field=problem.field,
        errors=list(problem.errors),
        request_id=request.scope.get("state", {}).get("request_id"),
    )
    return JSONResponse(
        view.model_dump(exclude_none=True), problem.status, headers, media_type="application/problem+json"
    )


def _on_registry_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RegistryError):
        raise error
    if type(error) is NotSignedIn and is_for_browser(request):
        return _to_sign_in(request)
    return answer(request, problem_of(error))


def _to_sign_in(request: Request) -> Response:
    wanted = request.url.path
    if request.url.query:
        wanted += f"?{request.url.query}"
    target = request.url_for("sign_in_page").include_query_params(next=wanted if request.method == "GET" else "/")
    location = f"{target.path}?{target.query}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": location})
    return RedirectResponse(location, 303)


def _on_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, RegistryError):
        # Raised while the body was read, and wrapped by the framework.
        return answer(request, problem_of(error.__cause__))
    reasons = {
        404: message("web.not_found"),
        405: message("web.method_not_allowed", method=request.method),
    }
    reason = reasons.get(error.status_code, message("web.bad_request"))
    return answer(request, Problem(error.status_code, reason, headers=tuple((error.headers or {}).items())))


def _on_invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = tuple(
        FieldProblem(field=".".join(str(part) for part in item["loc"] if part != "body"), detail=str(item["msg"]))
        for item in error.errors()
    )
    return answer(request, Problem(422, message("web.invalid_request", count=len(errors)), errors=errors))


def _on_database_error(request: Request, error: Exception) -> Response:
    log.error("database_unavailable", exc_info=error)
    reason = message("web.database_unavailable")
    return answer(request, Problem(503, reason, headers=(("Retry-After", "30"),)))


def unexpected(request: Request) -> Response:
    """The answer when nobody foresaw the error; says nothing about its cause."""
    request_id = request.scope.get("state", {}).get("request_id", "?")
    return answer(request, Problem(500, message("web.unexpected", request_id=request_id)))


def add_problem_handlers(app: FastAPI) -> None:
    """Make `app` answer errors as problems."""
    app.add_exception_handler(RegistryError, _on_registry_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(OperationalError, _on_database_error)


PROBLEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ProblemView, "description": title}
    for status, title in _TITLES.items()
    if status in {401, 404, 422}
}
"""For `responses=` of API routers, so that the documentation names the errors."""
