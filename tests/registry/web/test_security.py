"""What a hostile page or sender meets: headers, tokens, origins, limits."""

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from registry.runtime import Runtime
from registry.web.app import create_app
from registry.web.dependencies import SESSION_COOKIE
from tests.registry.web.browsing import PASSWORD, Browser
from tests.registry.web.conftest import SmallRegister

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_answer_takes_rights_away_from_its_content(browser: Browser) -> None:
    for address in ("/login", "/nowhere", "/healthz", "/api/v1/certificates", "/static/css/site.css"):
        headers = browser.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert browser.get("/login").headers["cache-control"] == "no-store"


def test_pages_hold_no_inline_script_or_style(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    browser = signed_in("quantri")
    addresses = ("/", "/certificates", f"/certificates/{register.lan}", "/agencies", f"/agencies/{register.health}")
    for address in (*addresses, "/verify", "/alerts", "/api/docs"):
        page = browser.get(address).text
        assert "<style" not in page, address
        assert " style=" not in page, address
        assert re.search(r"<script(?![^>]* src=)", page) is None, address
        assert re.search(r"\son\w+=", page) is None, address


def test_names_of_strangers_are_text(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    page = signed_in("quantri").get("/certificates").text
    assert "Trần &lt;b&gt;Đậm&lt;/b&gt;" in page
    assert "<b>Đậm" not in page


def test_the_session_cookie_is_out_of_reach(runtime: Runtime, register: SmallRegister) -> None:
    object.__setattr__(runtime, "settings", runtime.settings.model_copy(update={"public_url": "https://so.example"}))
    client = TestClient(create_app(runtime), base_url="https://so.example", follow_redirects=False)
    answer = Browser(client).sign_in("quantri")
    (cookie,) = [value for value in answer.headers.get_list("set-cookie") if value.startswith(SESSION_COOKIE)]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" in cookie
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_requests_from_other_sites_are_refused_even_with_a_token(
    signed_in: Callable[[str], Browser], headers: dict[str, str]
) -> None:
    browser = signed_in("quantri")
    assert browser.post("/logout", token=browser.token("/"), headers=headers).status_code == 403
    assert browser.get("/").status_code == 200


def test_our_own_origin_is_accepted(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("quantri")
    own = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
    assert browser.post("/preferences", {"language": "en"}, token=browser.token("/"), headers=own).status_code == 303


def test_a_form_without_the_token_of_its_page_is_refused(browser: Browser, signed_in: Callable[[str], Browser]) -> None:
    staff = signed_in("quantri")
    for token in ("", "x", browser.token(), "ngườiđi"):
        assert staff.post("/logout", token=token).status_code == 403
    assert staff.get("/").status_code == 200
    # Not even without a session: nobody may be signed in as somebody else from another site.
    fresh = TestClient(browser.client.app, follow_redirects=False)
    assert fresh.post("/login", data={"username": "quantri", "password": PASSWORD}).status_code == 403


def test_the_api_needs_the_token_only_where_a_cookie_speaks_for_somebody(
    browser: Browser, signed_in: Callable[[str], Browser]
) -> None:
    files = {"files": ("a.pdf", b"%PDF-1.7", "application/pdf")}
    address = "/api/v1/verifications"
    assert browser.client.post(address, files=files, headers={"prefer": "wait=0"}).status_code == 202
    staff = signed_in("quantri")
    assert staff.client.post(address, files=files).status_code == 403
    headers = {"x-csrf-token": staff.token("/verify"), "prefer": "wait=0"}
    assert staff.client.post(address, files=files, headers=headers).status_code == 202


def test_nobody_is_led_to_another_site(browser: Browser, register: SmallRegister) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"):
        assert browser.sign_in("quantri", next=target).headers["location"] == "/"
        browser.client.cookies.clear()
    assert browser.sign_in("quantri", next="/certificates?q=a").headers["location"] == "/certificates?q=a"


def test_bodies_are_bounded(app: FastAPI, browser: Browser) -> None:
    token = browser.token()
    huge = "x" * (2 * 1024 * 1024)
    assert browser.post("/preferences", {"theme": huge}, token=token).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * 65536

    kind = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    assert browser.client.post("/preferences", content=endless(), headers=kind).status_code == 413


def test_a_nul_in_a_form_is_refused(browser: Browser) -> None:
    assert browser.post("/login", {"username": "a\0b", "password": "x"}).status_code == 422


def test_static_files_are_kept_by_their_digest(browser: Browser) -> None:
    page = browser.get("/login").text
    address = re.search(r'href="(/static/css/site.css\?v=[0-9a-f]{10})"', page)
    assert address
    assert "immutable" in browser.get(address[1]).headers["cache-control"]
    assert browser.get("/static/../app.py").status_code == 404
