"""What people do, with the keyboard alone, without scripts, on paper."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Site

pytestmark = pytest.mark.browser


def test_a_clerk_finds_a_certificate_with_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/login")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Đến nội dung chính")
    page.focus("#username")
    page.keyboard.type("kiemtoan")
    page.keyboard.press("Tab")
    page.keyboard.type("kiemtoan-demo")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Tổng quan")
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_id("search")
    page.keyboard.type("so y te")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("so y te")
    agency = page.get_by_role("link", name="Sở Y tế", exact=True)
    for _ in range(40):
        page.keyboard.press("Tab")
        if agency.evaluate("link => link === document.activeElement"):
            break
    outline = agency.evaluate("link => getComputedStyle(link).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Sở Y tế")


def test_what_has_to_be_put_right_names_its_fields_and_has_the_focus(open_page: OpenPage) -> None:
    page = open_page("/agencies/new", username="quantri")
    page.get_by_role("button", name="Thành lập").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_text(["Mã định danh: Cần nhập mục này.", "Tên: Cần nhập mục này."])
    summary.get_by_role("link", name="Tên:").click()
    expect(page.locator("#name")).to_be_focused()


def test_a_bar_of_the_chart_leads_to_its_certificates(open_page: OpenPage) -> None:
    page = open_page("/", username="quantri")
    bar = page.locator(".chart a").first
    name = bar.get_attribute("aria-label")
    assert name is not None
    bar.focus()
    page.keyboard.press("Enter")
    count = name.partition(": ")[2].split()[0]
    expect(page.locator(".table-bar strong")).to_have_text(f"{count} chứng thư")


def test_a_dropped_document_gets_its_verdict_in_place(open_page: OpenPage, site: Site) -> None:
    page = open_page("/verify")
    content = list((site.documents / "van-ban-bi-sua.pdf").read_bytes())
    transfer = page.evaluate_handle(
        """content => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(content)], "van-ban.pdf", {type: "application/pdf"}));
            return transfer;
        }""",
        content,
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer})
    page.wait_for_url("**/verify/*")
    expect(page.locator("h1")).to_have_text("Đang kiểm tra")
    site.judge_what_waits()
    expect(page.locator("h1")).to_have_text("Không hợp lệ")
    expect(page.locator(".band")).to_contain_text("Không sử dụng văn bản này.")


def test_a_form_works_without_script(open_page: OpenPage, site: Site) -> None:
    page = open_page("/verify", java_script_enabled=False)
    page.set_input_files("#file", site.documents / "van-ban-hop-le.pdf")
    page.click("main form button")
    site.judge_what_waits()
    page.goto(page.url)
    expect(page.locator("h1")).to_have_text("Hợp lệ")
    expect(page.locator("article").first).to_contain_text("thay mặt")
    page.click("text=Kiểm tra tệp khác")
    page.click("main form button")
    expect(page.locator("[role=alert]")).to_contain_text("Chưa có tệp nào")


def test_the_choice_of_language_and_theme_is_kept(open_page: OpenPage) -> None:
    page = open_page("/verify")
    page.click("text=English")
    expect(page.locator("h1")).to_have_text("Check a signed document")
    page.click("button[name=theme]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/login")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"


def test_a_hash_is_copied_whole(open_page: OpenPage) -> None:
    page = open_page("/certificates/500", username="quantri", permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("[data-copy]").first
    button.click()
    expect(page.locator("#announcements")).to_have_text("Đã sao chép.")
    assert page.evaluate("navigator.clipboard.readText()") == button.get_attribute("data-copy")


def test_what_is_printed_is_the_report_and_nothing_else(open_page: OpenPage) -> None:
    page = open_page("/certificates/500", username="quantri", dark=True)
    page.emulate_media(media="print")
    for hidden in (".top", ".side", ".copy"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.panel')).backgroundColor") == "rgb(255, 255, 255)"


def test_a_mail_of_the_demo_is_shown_apart_from_the_page(open_page: OpenPage) -> None:
    page = open_page("/demo/mail")
    page.click("text=Expiry")
    expect(page.locator("main")).to_contain_text("2 certificates expire.")
