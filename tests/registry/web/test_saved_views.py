"""A list kept under a name: its own link, its owner alone, and gone when it is deleted."""

from collections.abc import Callable
from html import unescape

import pytest

from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister


def save(browser: Browser, name: str, parameters: str = "expiring=30&kind=person", **more: str) -> object:
    values = {"name": name, "list_name": "certificates", "parameters": parameters, **more}
    return browser.post("/views", values, token=browser.token("/verify"))


def test_a_list_is_saved_opened_and_deleted(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    browser = signed_in("yte")
    listed = unescape(browser.get("/certificates?kind=person&expiring=30").text)
    assert 'name="parameters" value="expiring=30&kind=person"' in listed
    assert save(browser, "  \u202eSắp hết hạn ").headers["location"] == "/views"
    assert save(browser, "Đơn vị", "coverage=uncovered&unknown=1", list_name="agencies").status_code == 303
    page = browser.get("/views").text
    assert page.index("Đơn vị") < page.index("Sắp hết hạn"), "in Vietnamese order"
    assert "\u202e" not in page
    assert browser.get("/views/1").headers["location"] == "/certificates?expiring=30&kind=person"
    assert browser.get("/views/2").headers["location"] == "/agencies?coverage=uncovered"
    assert "Nguyễn Thị Lan" in browser.get(browser.get("/views/1").headers["location"]).text

    other = signed_in("quantri")
    assert "Sắp hết hạn" not in other.get("/views").text
    assert other.get("/views/1").status_code == 404
    assert other.post("/views/1/delete", token=other.token("/verify")).status_code == 404
    assert save(other, "Sắp hết hạn").status_code == 303, "names are one's own"

    assert browser.post("/views/1/delete", token=browser.token("/verify")).status_code == 303
    assert "Sắp hết hạn" not in browser.get("/views").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_saved_is_said_and_kept(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    browser = signed_in("kiemtoan")
    assert save(browser, "Một").status_code == 303
    taken = save(browser, "Một", "status=revoked")
    assert taken.status_code == 409
    assert "“Một”" in taken.text
    assert 'value="status=revoked"' in taken.text
    assert save(browser, " ").status_code == 422
    assert save(browser, "x" * 101).status_code == 422
    assert save(browser, "Hai", "kind=robot").status_code == 422
