"""Two of the journeys as a person does them, in a browser."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("site", ["sqlite"], indirect=True)]

PATIENCE = 30_000
"""Milliseconds that the browser looks again; what is expected comes much sooner."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_clerk_drops_a_document_and_reads_who_stands_behind_it(site: Site, page: Page) -> None:
    hand_in(page, site, "van-ban-hop-le.pdf")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^hợp lệ", re.IGNORECASE))
    expect(page.get_by_text("Sở Y tế").first).to_be_visible()

    hand_in(page, site, "van-ban-bi-sua.pdf")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^không hợp lệ", re.IGNORECASE))


def hand_in(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/verify")
    page.locator("input[type=file]").set_input_files(site.documents / name)
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page).to_have_url(re.compile(r"/verify/[0-9a-f]{32}"), timeout=PATIENCE)


def test_somebody_reads_the_expiry_mail_that_has_arrived(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/demo/mail")
    first = page.get_by_role("link", name=re.compile("chứng thư chữ ký số", re.IGNORECASE)).first
    expect(first).to_be_visible(timeout=60_000)
    first.click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("Kính gửi")).to_be_visible()
    expect(mail.get_by_text(re.compile("Việc cần làm")).first).to_be_visible()


def test_the_mail_fits_a_phone(site: Site, browser: Browser, page: Page) -> None:
    page.goto(f"{site.url}/demo/mail")
    page.get_by_role("link", name=re.compile("chứng thư chữ ký số", re.IGNORECASE)).first.click()
    address = page.locator("iframe").get_attribute("src")
    context = browser.new_context(viewport={"width": 360, "height": 740})
    phone = context.new_page()
    phone.goto(f"{site.url}{address}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
