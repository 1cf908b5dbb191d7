"""Signing in and out in the browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from registry.accounts.service import record_disabled
from registry.accounts.tables import SessionRow
from registry.runtime import Runtime
from registry.web.dependencies import SESSION_COOKIE
from tests.fakes.clock import FakeClock
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister


def test_a_session_lives_in_the_register_and_ends_there(signed_in: Callable[[str], Browser], runtime: Runtime) -> None:
    browser = signed_in("quantri")
    token = browser.client.cookies[SESSION_COOKIE]
    with runtime.database.read() as uow:
        row = uow.session.exec(select(SessionRow)).one()
        assert token not in (row.token_sha256, row.csrf_token)
    assert browser.get("/").status_code == 200
    assert browser.post("/logout", token=browser.token("/")).headers["location"] == "/login"
    browser.client.cookies.set(SESSION_COOKIE, token)
    assert browser.get("/certificates").status_code == 303


def test_a_session_ends_with_its_time(signed_in: Callable[[str], Browser], runtime: Runtime, clock: FakeClock) -> None:
    browser = signed_in("quantri")
    clock.advance(timedelta(hours=runtime.settings.session_hours) - timedelta(seconds=1))
    assert browser.get("/certificates").status_code == 200
    clock.advance(timedelta(seconds=1))
    assert browser.get("/certificates").status_code == 303


def test_a_disabled_person_is_out_at_once(signed_in: Callable[[str], Browser], runtime: Runtime) -> None:
    browser = signed_in("yte")
    with runtime.database.write() as uow:
        record_disabled(uow, username="yte", is_disabled=True)
    assert browser.get("/certificates").status_code == 303
    assert browser.sign_in("yte").status_code == 401


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_unknown_and_wrong_are_answered_alike(browser: Browser, register: SmallRegister) -> None:
    wrong = browser.sign_in("quantri", "không phải mật khẩu")
    unknown = browser.sign_in("khongai", "không phải mật khẩu")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("quantri", "") == unknown.text.replace("khongai", "")
    assert 'value="quantri"' in wrong.text  # nothing typed is lost, except the password
    assert "không phải mật khẩu" not in wrong.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_guessing_has_to_wait(browser: Browser, register: SmallRegister, clock: FakeClock) -> None:
    statuses = [browser.sign_in("quantri", f"đoán lần {number}").status_code for number in range(9)]
    assert statuses == [401] * 8 + [429]
    assert browser.sign_in("quantri").status_code == 429
    assert browser.sign_in("kiemtoan").status_code == 303  # others are not locked out
    browser.client.cookies.clear()
    clock.advance(timedelta(minutes=16))
    assert browser.sign_in("quantri").status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_language_and_theme_are_kept(browser: Browser) -> None:
    page = browser.get("/login").text
    assert '<html lang="vi" data-theme="auto">' in page
    assert "Đăng nhập" in page
    browser.post("/preferences", {"language": "en", "next": "/login"})
    browser.post("/preferences", {"theme": "dark", "next": "/login"})
    page = browser.get("/login").text
    assert '<html lang="en" data-theme="dark">' in page
    assert "Sign in" in page
    browser.post("/preferences", {"language": "xx", "theme": "<b>"})
    assert '<html lang="en" data-theme="dark">' in browser.get("/login").text
