"""Every page in the light theme on an office screen and in the dark one on a phone: no finding of axe-core, nothing wider than the screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, Site

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/certificates?status=active&expiring=60",
    "/certificates?as_of=2016-12-31",
    "/certificates?q=khong-co-ai-nhu-the",
    "/certificates/500",
    "/agencies",
    "/agencies?level=commune",
    "/agencies/1",
    "/search?q=y+te",
    "/alerts",
    "/alerts/mails",
    "/alerts/addresses",
    "/alerts/webhooks",
    "/certificates/500/alerts",
    "/agencies/1/alerts",
    "/imports",
    "/certificates/500/changes/corrected",
    "/certificates/500/changes/reassigned",
    "/agencies/merge",
    "/agencies/1/changes/split",
    "/agencies/1/certificates",
    "/bulk",
    "/bulk/new?change=revoked&id=500&id=501",
    "/bulk/new?change=lost",
    "/reports?as_of=31/12/2016",
    "/reports?as_of=x",
    "/views",
    "/verify",
    "/demo/mail",
    "/api/docs",
)


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response
    assert len(found["passes"]) > 5, "axe-core did not look at the page"
    return [
        f"{page.url}: {violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def look_at(page: Page) -> list[str]:
    """What is wrong with a page, with everything that can be unfolded unfolded."""
    page.evaluate(
        "for (const fold of document.querySelectorAll('details.fold, details.filter-form, details.save-list')) fold.open = true"
    )
    wrong = violations(page)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*wrong, *([f"{page.url}: {overflow} px too wide"] if overflow else [])]


@pytest.mark.parametrize(("width", "dark"), [(1366, False), (360, True)])
def test_pages_of_the_staff(open_page: OpenPage, width: int, dark: bool) -> None:  # noqa: FBT001 (a parameter)
    page = open_page("/", username="quantri", width=width, dark=dark)
    wrong = []
    for address in PAGES:
        page.goto(address)
        wrong += look_at(page)
    assert wrong == []


@pytest.mark.parametrize("width", [1366, 360])
def test_a_name_of_hundreds_of_letters_leaves_every_page_as_wide_as_it_was(open_page: OpenPage, width: int) -> None:
    page = open_page("/", username="quantri", width=width)
    for address in ("/certificates?q=nguyen", "/certificates/500", "/agencies?level=commune", "/agencies/1"):
        page.goto(address)
        changed = page.evaluate(
            """() => {
                const names = document.querySelectorAll("h1, .crumbs a, tbody th a, tbody td a, .chip.on, dd a");
                for (const each of names) each.textContent = "W".repeat(300);
                return names.length;
            }"""
        )
        assert changed > 1
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, (
            address
        )


@pytest.mark.parametrize(("width", "dark"), [(1366, False), (360, True)])
def test_pages_of_everybody(open_page: OpenPage, site: Site, width: int, dark: bool) -> None:  # noqa: FBT001
    page = open_page("/login", width=width, dark=dark)
    wrong = look_at(page)
    page.goto("/verify")
    wrong += look_at(page)
    for name in ("van-ban-hop-le.pdf", "van-ban-bi-sua.pdf"):
        page.goto("/verify")
        page.set_input_files("#file", site.documents / name)
        page.click("main form button")
        page.wait_for_url("**/verify/*")
        site.judge_what_waits()
        page.wait_for_selector(".band")
        wrong += look_at(page)
    assert wrong == []


def test_the_page_of_an_error(open_page: OpenPage, site: Site) -> None:
    page = open_page("/login")
    page.route("**/missing", lambda route: route.fulfill(body=route.fetch().text(), content_type="text/html"))
    page.goto("/missing")
    assert look_at(page) == []
