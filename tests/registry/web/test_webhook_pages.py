"""The systems that are told, on their pages: entered, tested, looked at and removed by the administrator."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest

from registry.alerts.scan import scan_expiries
from registry.runtime import Runtime
from registry.webhooks.service import list_webhooks
from tests.factories.agencies import EVERYTHING
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister
from tests.registry.webhooks.test_webhooks import Receiver
from tests.workers.fetch.test_client import server_that
from workers.webhooks import tell_addresses

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LIST = "/alerts/webhooks"


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """A register that may reach this machine."""
    settings = runtime.settings.model_copy(update={"outbound_allowed_hosts": ("127.0.0.1",)})
    return replace(runtime, settings=settings)


def text_of(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def enter(browser: Browser, url: str, name: str = "Cổng dịch vụ công") -> str:
    """Enter a system; return the address of its page."""
    answer = browser.post(LIST, {"name": name, "url": url}, token=browser.token(LIST))
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(rf'href="({LIST}/\d+)"', answer.text)
    assert found
    return found[1]


@ON_SQLITE
def test_a_secret_is_shown_once_and_a_mistake_loses_nothing(
    signed_in: Callable[[str], Browser], runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    assert "Chưa có hệ thống nào được báo" in text_of(browser, LIST)
    token = browser.token(LIST)
    refused = browser.post(LIST, {"name": "Cổng", "url": "http://cong.example/in"}, token=token)
    assert refused.status_code == 422
    assert 'value="http://cong.example/in"' in refused.text

    answer = browser.post(LIST, {"name": "Cổng", "url": "https://cong.example/in"}, token=token)
    found = re.search(r'data-copy="([\w-]{40,})"', answer.text)
    assert answer.status_code == 201
    assert found
    with runtime.database.read() as uow:
        (webhook,) = list_webhooks(uow, EVERYTHING)
    for address in (LIST, f"{LIST}/{webhook.id}"):
        assert "Cổng" in text_of(browser, address)
        assert found[1] not in browser.get(address).text
    assert browser.post(LIST, {"name": "Cổng", "url": "https://khac.example/"}, token=token).status_code == 409


@ON_SQLITE
def test_a_test_event_is_sent_and_its_answer_shown(signed_in: Callable[[str], Browser], runtime: Runtime) -> None:
    browser, receiver = signed_in("quantri"), Receiver(503, 204)
    with server_that(receiver) as (url, _):
        address = enter(browser, f"{url}/in")
        assert "chưa thử" in text_of(browser, address)
        for shown in ("không được nhận", "đã nhận"):
            token = browser.token(LIST)
            assert browser.post(address, {"action": "test"}, token=token).status_code == 303
            assert "đang gửi" in text_of(browser, address)
            assert browser.post(address, {"action": "test"}, token=token).status_code == 409
            tell_addresses(runtime)
            assert shown in text_of(browser, address)
            assert shown in text_of(browser, LIST)
    assert len(receiver.got) == 2


@ON_SQLITE
def test_deliveries_are_listed_with_their_answers_until_the_system_is_removed(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    del register
    browser = signed_in("quantri")
    with server_that(Receiver(418)) as (url, _):
        address = enter(browser, f"{url}/in")
        scan_expiries(runtime.database, runtime.settings)
        tell_addresses(runtime)
    shown = text_of(browser, address)
    assert "418" in shown
    assert "gửi lại lúc" in shown
    removed = browser.post(address, {"action": "remove"}, token=browser.token(address))
    assert removed.status_code == 303
    assert "không được báo nữa" in text_of(browser, removed.headers["location"])
    after = text_of(browser, address)
    assert "không còn được báo" in after
    assert "đã bỏ" in after
    assert "gửi lại lúc" not in after


@ON_SQLITE
def test_only_administrators_see_the_way_there(signed_in: Callable[[str], Browser]) -> None:
    link = f'href="{LIST}"'
    assert link in signed_in("quantri").get("/alerts").text
    assert link not in signed_in("kiemtoan").get("/alerts").text
