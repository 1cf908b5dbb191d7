"""Errors as problems for programs and as pages for people."""

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

import registry
from registry.errors import RegistryError
from registry.runtime import Runtime
from registry.web.app import create_app
from registry.web.problems import STATUSES
from tests.registry.web.browsing import Browser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def subclasses(kind: type[RegistryError]) -> Iterator[type[RegistryError]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_error_has_a_status(database_url: str) -> None:
    for module in pkgutil.walk_packages(registry.__path__, "registry."):
        if module.name.endswith(".errors") or ".errors." in module.name:
            import_module(module.name)
    found = [kind for kind in subclasses(RegistryError) if kind.__module__.startswith("registry.")]
    assert len(found) > 8
    assert [kind.__name__ for kind in found if not any(base in STATUSES for base in kind.__mro__)] == []


def test_a_program_gets_a_problem_in_its_language(browser: Browser) -> None:
    answer = browser.client.get("/api/v1/certificates", headers={"accept-language": "en-GB,en"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "registry.not_signed_in"
    assert (problem["title"], problem["status"], problem["detail"]) == ("Not signed in", 401, "Sign in to see this.")
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert browser.client.get("/api/v1/certificates").json()["detail"].startswith("Bạn cần đăng nhập")


def test_a_person_gets_a_page(browser: Browser) -> None:
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert "Không có trang này" in answer.text
    assert browser.get("/login", accept="application/json").status_code == 200
    assert browser.client.delete("/login", headers={"accept": "text/html"}).status_code == 405


def test_whoever_has_to_sign_in_comes_back_afterwards(browser: Browser) -> None:
    answer = browser.get("/certificates?status=active&q=an")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fcertificates%3Fstatus%3Dactive%26q%3Dan"
    inside = browser.get("/certificates", **{"hx-request": "true"})
    assert (inside.status_code, inside.headers["hx-redirect"]) == (401, "/login?next=%2Fcertificates")


def test_wrong_parameters_are_named(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("quantri")
    problem = browser.client.get("/api/v1/certificates?status=lost").json()
    assert (problem["status"], problem["field"]) == (422, "status")
    fields = browser.client.get("/api/v1/certificates?limit=many").json()["errors"]
    assert [error["field"] for error in fields] == ["query.limit"]
    assert browser.get("/certificates?cursor=%21").status_code == 422
    for place in ("certificates", "imports"):
        assert browser.get(f"/{place}/99999999999999999999999").status_code == 422
    assert browser.get("/certificates?q=%00").status_code == 422


def failing(error: Exception) -> APIRouter:
    router = APIRouter()

    @router.get("/api/v1/fail")
    @router.get("/fail")
    def fail() -> None:
        raise error

    return router


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("a secret of the inside"), 500, "web.unexpected"),
        (OperationalError("SELECT a secret", {}, Exception("a secret")), 503, "web.database_unavailable"),
    ],
)
def test_what_nobody_foresaw_says_nothing_of_the_inside(
    runtime: Runtime, error: Exception, status: int, code: str
) -> None:
    app: FastAPI = create_app(runtime)
    app.include_router(failing(error))
    client = TestClient(app, raise_server_exceptions=False)
    with capture_logs() as logs:
        answer: Any = client.get("/api/v1/fail")
        page = client.get("/fail", headers={"accept": "text/html"})
    assert [entry["log_level"] for entry in logs if entry["event"] != "request"] == ["error", "error"]
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert page.status_code == status
    for shown in (answer, page):
        assert "secret" not in shown.text
        assert shown.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "address", ["/healthz", "/login", "/api/v1/openapi.json", "/static/favicon.svg", "/nowhere", "/api/v1/certificates"]
)
def test_head_is_answered_as_get_is_without_content(browser: Browser, address: str) -> None:
    """Monitors and load balancers ask so (RFC 9110, 9.3.2)."""
    asked, read = browser.client.head(address), browser.client.get(address)
    assert asked.status_code == read.status_code
    assert asked.content == b""
    assert asked.headers["content-length"] == str(len(read.content))
    assert asked.headers["content-type"] == read.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("DELETE", "/api/v1/verifications", "GET, HEAD, POST"),
        ("DELETE", "/login", "GET, HEAD, POST"),
        ("HEAD", "/logout", "POST"),
        ("PUT", "/healthz", "GET, HEAD"),
    ],
)
def test_a_refused_method_names_every_other(browser: Browser, method: str, address: str, allowed: str) -> None:
    answer = browser.client.request(method, address)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
