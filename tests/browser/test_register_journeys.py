"""The work of the IT staff on the register, as they do it in a browser; what they see is what is asserted."""

import base64
import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from registry.bulk.processing import process_bulk_change
from registry.certificates.tables import SubscriberKind
from registry.clock import SystemClock
from registry.imports.processing import process_import
from registry.jobs import ProcessBulkChangeJob, ProcessImportJob
from registry.web.formats import format_day
from tests.browser.conftest import OpenPage, Site
from tests.browser.test_accessibility import look_at
from tests.factories.certificates import make_certificate
from tests.factories.spreadsheets import make_workbook
from tests.fakes.reader import DirectReader
from tests.registry.imports.conftest import person

pytestmark = pytest.mark.browser

WIDE = 1280
PHONE = 360
DROP = """async ([selector, files]) => {
    const transfer = new DataTransfer();
    for (const [name, content] of files) {
        const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
    }
    document.querySelector(selector).dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true}));
}"""


def work(site: Site) -> None:
    """Do the worker's part for everything that waits."""
    for job in site.queue.take():
        if isinstance(job, ProcessImportJob):
            directory = site.runtime.settings.data_dir / "imports"
            process_import(site.runtime.database, directory, job.import_id, reader=DirectReader())
        elif isinstance(job, ProcessBulkChangeJob):
            process_bulk_change(site.runtime.database, job.bulk_change_id)


def count_shown(page: Page, *, with_scripts: bool = True) -> int:
    """The number that stands above a list; what takes long to count is counted by a second request."""
    exactly = page.get_by_role("link", name="Đếm chính xác")
    if not with_scripts and exactly.count():
        exactly.click()
    expect(page.locator(".table-bar")).not_to_contain_text("Hơn")
    text = page.locator(".table-bar strong").inner_text()
    found = re.search(r"\d[\d.]*", text)
    assert found, text
    return int(found[0].replace(".", ""))


def holders(page: Page) -> list[str]:
    return page.locator("tbody th[scope=row] a").all_inner_texts()


def test_a_list_and_a_certificate_are_dropped_corrected_entered_and_taken_back(open_page: OpenPage, site: Site) -> None:
    page = open_page("/imports", username="quantri", width=WIDE)
    header = (
        "STT",
        "Họ và tên",
        "Nhiệm vụ được giao",
        "Đơn vị",
        "Thư công vụ",
        "Số hiệu chứng thư",
        "Ngày cấp",
        "Ngày hết hạn",
    )
    rows = [
        (
            1,
            "NGUYỄN KHUYNH DIỆP",
            "Văn thư",
            "Phòng Lạ Trên Sông",
            "trinh@x.example",
            "7E0A01",
            "02/01/2025",
            "02/01/2030",
        ),
        (2, "TRẦN KHUYNH DIỆP", "Kế toán", "Sở Y tế", "trinh2@x.example", "7E0A02", "02/01/2025", "02/01/2030"),
    ]
    files = {"danh sách.xlsx": make_workbook(header, rows), "khuynh diệp.cer": person("Lê Khuynh Diệp", "Sở Y tế")}
    encoded = [[name, base64.b64encode(content).decode()] for name, content in files.items()]
    page.evaluate(DROP, [".drop", encoded])
    page.wait_for_url("**/imports/*")
    work(site)
    expect(page.locator("h2").first).to_have_text("Ghi những gì?")
    expect(page.locator("tbody tr")).to_have_count(3)

    page.get_by_role("link", name="Xem và sửa ý nghĩa các cột").click()
    page.get_by_label("Nhiệm vụ được giao").select_option(label="Chức vụ")
    page.get_by_role("button", name="Đọc lại").click()
    work(site)
    page.get_by_role("link", name="xem tất cả trên một trang").click()
    field = page.get_by_label("Phòng Lạ Trên Sông")
    field.press_sequentially("so y te")
    option = page.get_by_role("option", name="Sở Y tế").first
    expect(option).to_be_visible()
    assert look_at(page) == []
    option.click()
    expect(field).to_have_value("H02.16 Sở Y tế")
    page.get_by_role("button", name="Xác nhận cơ quan").click()
    page.get_by_role("button", name="Ghi 3 mục tốt").click()
    work(site)
    expect(page.locator("h1")).to_contain_text("Đã ghi")

    page.goto("/certificates?q=khuynh+diep&sort=holder")
    assert count_shown(page) == 3
    assert sorted(holders(page)) == sorted(["NGUYỄN KHUYNH DIỆP", "TRẦN KHUYNH DIỆP", "Lê Khuynh Diệp"])
    page.get_by_role("link", name="NGUYỄN KHUYNH DIỆP").click()
    expect(page.locator("main")).to_contain_text("Văn thư")
    expect(page.locator("main")).to_contain_text("Sở Y tế")

    page.goto("/imports")
    page.get_by_role("link", name="Lần nhập").first.click()
    page.get_by_text("Hoàn tác lần nhập").click()
    page.get_by_role("button", name="Hoàn tác 3 chứng thư").click()
    work(site)
    expect(page.locator("h1")).to_contain_text("Đã hoàn tác")
    page.goto("/certificates?q=khuynh+diep")
    expect(page.locator(".empty")).to_contain_text("Không có chứng thư nào phù hợp")


def test_two_communes_are_merged_and_every_certificate_is_asked_about(open_page: OpenPage, site: Site) -> None:
    page = open_page("/agencies/merge", username="quantri", width=WIDE)
    day = format_day(SystemClock().now() - timedelta(days=1))
    ending, chosen = page.get_by_label("Các cơ quan kết thúc"), page.locator(".chosen li")
    for words, name in (("phuong van ha", "Vân Hà"), ("phường nếnh", "phường Nếnh"), ("H02.101", "Bắc Giang")):
        ending.press_sequentially(words)
        expect(page.locator("[role=option]").first).to_contain_text(name)
        ending.press("ArrowDown")
        ending.press("Enter")
        expect(chosen.last).to_contain_text(name)
    assert look_at(page) == []
    page.get_by_role("button", name="Bỏ H02.101 Ủy ban nhân dân phường Bắc Giang").click()
    expect(chosen).to_have_count(2)
    page.get_by_label("Tên", exact=True).fill("Ủy ban nhân dân phường Sông Cầu")
    page.get_by_label("Mã định danh").fill("H02.199")
    page.get_by_label("Cấp", exact=True).select_option(label="Cấp xã")
    page.get_by_label("Có hiệu lực từ ngày").fill(day)
    page.get_by_role("button", name="Hợp nhất").click()
    expect(page.locator("h1")).to_contain_text("Chứng thư của các cơ quan")
    found = re.search(r"/agencies/(\d+)/", page.url)
    assert found
    merged = int(found[1])
    total = page.locator("tbody tr").count()
    assert total == 17, "nine of one and eight of the other"

    # One certificate of the organisations is proposed for a change, the other for revocation: the guidance of 2025.
    seal = page.get_by_label("ỦY BAN NHÂN DÂN PHƯỜNG NẾNH")
    other = page.get_by_label("ỦY BAN NHÂN DÂN PHƯỜNG VÂN HÀ")
    assert sorted((seal.input_value(), other.input_value())) == ["change", "revoke"]
    choices = page.locator("tbody select")
    for number in range(total):
        choices.nth(number).select_option("revoke")
    seal.select_option("change")
    kept = page.get_by_label("Nguyễn Trọng Lâm")
    kept.select_option("keep")
    assert look_at(page) == []
    page.get_by_role("button", name="Ghi nhận các quyết định").click()
    expect(page.locator("[role=status]").first).to_contain_text(f"{total - 1} quyết định")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Nguyễn Trọng Lâm")

    remaining = page.get_by_role("link", name="chứng thư ghi tên cơ quan đã kết thúc")
    expect(remaining).to_contain_text("Còn 1 chứng thư")
    remaining.click()
    assert holders(page) == ["ỦY BAN NHÂN DÂN PHƯỜNG NẾNH"]
    expect(page.locator("tbody tr")).to_contain_text("Tên cơ quan cũ")
    flagged = page.url

    with site.runtime.database.write() as uow:
        make_certificate(
            uow,
            merged,
            holder="ỦY BAN NHÂN DÂN PHƯỜNG SÔNG CẦU",
            kind=SubscriberKind.ORGANISATION,
            serial=0x7E0B01,
            not_before=SystemClock().now() - timedelta(hours=1),
        )
    page.get_by_role("link", name="ỦY BAN NHÂN DÂN PHƯỜNG NẾNH").click()
    page.get_by_role("link", name="Được thay bằng chứng thư mới").click()
    page.get_by_label("Số hiệu chứng thư mới").fill("7e0b01")
    page.get_by_role("button", name="Được thay bằng chứng thư mới").click()
    expect(page.locator("main")).to_contain_text("ỦY BAN NHÂN DÂN PHƯỜNG SÔNG CẦU")
    page.goto(flagged)
    expect(page.locator(".empty")).to_be_visible()


def test_the_report_of_2016_says_what_the_province_said_and_its_numbers_are_lists(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("/reports", username="kiemtoan", width=WIDE)
    page.get_by_label("Từ ngày").fill("01/01/2016")
    page.get_by_label("đến hết ngày").fill("31/12/2016")
    page.get_by_role("button", name="Xem báo cáo").click()
    expect(page.locator("h1 + p")).to_contain_text("31/12/2016")
    levels = page.locator("section[aria-labelledby=levels] tbody tr")
    assert levels.count() == 5
    for level in levels.all():
        expect(level).to_contain_text("100 %")
    address = page.url
    for name, number in (("Đã cấp (lũy kế)", 2098), ("Cấp trong kỳ", 1171)):
        shown = f"{number:,}".replace(",", ".")
        page.goto(address)
        page.get_by_label(f"{name}: {shown}", exact=True).first.click()
        assert count_shown(page) == number
        assert len(rows_of(page, "CSV", tmp_path)) == number


def rows_of(page: Page, kind: str, directory: Path) -> list[dict[str, str]]:
    """The rows of the file that the list offers."""
    with page.expect_download() as download:
        page.get_by_role("link", name=kind).click()
    path = directory / download.value.suggested_filename
    download.value.save_as(path)
    if kind == "CSV":
        return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]


def test_a_list_is_saved_under_a_name_and_opened_again_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/certificates", username="quantri", width=PHONE)
    page.get_by_text("Thêm điều kiện lọc").click()
    page.get_by_label("Tổ chức").check()
    page.get_by_label("Đang hiệu lực").check()
    page.get_by_role("button", name="Xem danh sách").click()
    page.get_by_role("search").last.get_by_role("searchbox").fill("so")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=so**")
    shown, total = holders(page), count_shown(page)
    assert 0 < len(shown) <= total
    page.get_by_text("Lưu danh sách này").click()
    page.get_by_label("Tên danh sách").fill("Con dấu các sở")
    page.get_by_role("button", name="Lưu danh sách").click()
    link = page.get_by_role("link", name="Con dấu các sở", exact=True)
    expect(link).to_be_visible()
    assert look_at(page) == []
    again = open_page(str(link.get_attribute("href")), username="quantri", width=PHONE)
    assert parse_qs(urlsplit(again.url).query) == {"q": ["so"], "kind": ["organisation"], "status": ["active"]}
    assert (holders(again), count_shown(again)) == (shown, total)


def test_a_list_is_downloaded_as_it_is_shown(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/certificates?expiring=200&kind=organisation&sort=not_after", username="quantri", width=WIDE)
    shown = [
        (row.locator("th a").inner_text(), row.locator("td[data-label='Hết hạn']").inner_text())
        for row in page.locator("tbody tr").all()
    ]
    total = count_shown(page)
    found = rows_of(page, "CSV", tmp_path)
    assert len(found) == total
    assert [(row["Chủ thể"], row["Ngày hết hạn"]) for row in found][: len(shown)] == shown
    workbook = rows_of(page, "XLSX", tmp_path)
    assert [row["Số hiệu chứng thư"] for row in workbook] == [row["Số hiệu chứng thư"] for row in found]
    assert [row["Chủ thể"] for row in workbook] == [row["Chủ thể"] for row in found]


@pytest.mark.parametrize(("width", "dark", "text"), [(WIDE, False, "luc+nam"), (PHONE, True, "son+dong")])
def test_rows_are_ticked_and_given_to_another_agency_after_a_preview(
    open_page: OpenPage,
    width: int,
    dark: bool,  # noqa: FBT001 (a parameter)
    text: str,
) -> None:
    page = open_page(f"/certificates?q={text}&status=active", username="quantri", width=width, dark=dark)
    counter = page.locator("[data-counter]")
    expect(counter).to_have_text("chưa chọn dòng nào")
    total = count_shown(page)
    expect(page.get_by_label(f"Tất cả {total} chứng thư của danh sách")).to_be_visible()
    page.get_by_label("Cả trang này").check()
    boxes = page.locator("td.tick input")
    expect(counter).to_have_text(f"đã chọn {boxes.count()} dòng")
    page.get_by_label("Cả trang này").uncheck()
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(counter).to_have_text("đã chọn 2 dòng")
    wrong = look_at(page)
    page.get_by_label("Việc cần ghi nhận", exact=True).select_option(label="Chuyển sang cơ quan khác")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator("h1")).to_have_text("Chuyển sang cơ quan khác: 2 chứng thư")

    field = page.get_by_role("combobox", name="Cơ quan mới")
    field.focus()
    page.keyboard.type("so thong tin va truyen thong")
    expect(page.get_by_role("option").first).to_contain_text("Sở Khoa học và Công nghệ")
    expect(page.get_by_role("option").first).to_contain_text("trước đây: Sở Thông tin và Truyền thông")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    wrong += look_at(page)
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile("Sở Khoa học và Công nghệ"))
    page.get_by_label("Ghi chú").fill("Quyết định 99")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("h1")).to_contain_text("Chờ quyết định")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").first).to_contain_text("→ Sở Khoa học và Công nghệ")
    wrong += look_at(page)
    page.get_by_role("button", name="Ghi nhận cho 2 chứng thư").click()
    expect(page.locator("h1")).to_contain_text("Đã ghi nhận")
    wrong += look_at(page)
    page.locator("tbody th a").first.click()
    history = page.get_by_role("region", name="Quá trình")
    expect(history).to_contain_text("Quyết định 99")
    history.get_by_role("link", name="Đợt thay đổi").click()
    expect(page.locator("dl")).to_contain_text("Quyết định 99")
    page.goto("/bulk")
    expect(page.locator("tbody tr").first).to_contain_text("Quyết định 99")
    wrong += look_at(page)
    assert wrong == []


def test_all_rows_of_a_list_are_changed_without_scripts(open_page: OpenPage) -> None:
    page = open_page(
        "/certificates?q=hiep+hoa&kind=organisation&status=active",
        username="quantri",
        width=WIDE,
        java_script_enabled=False,
    )
    total = count_shown(page, with_scripts=False)
    expect(page.get_by_label("Cả trang này")).to_be_hidden()
    page.get_by_label(re.compile("Tất cả .* danh sách")).check()
    page.get_by_label("Việc cần ghi nhận", exact=True).select_option(label="Chuyển sang cơ quan khác")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator("h1")).to_have_text(f"Chuyển sang cơ quan khác: {total} chứng thư")
    page.get_by_label("Cơ quan mới").fill("hiep hoa")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("[role=alert]")).to_contain_text("cơ quan phù hợp với “hiep hoa”")
    page.get_by_label("Ủy ban nhân dân xã Hiệp Hòa").check()
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("dl")).to_contain_text("tất cả các dòng của danh sách này")
    expect(page.locator("dl")).to_contain_text("Không thực hiện được")
    refused = page.get_by_role("link", name=re.compile("chứng thư, kèm lý do"))
    refused.click()
    expect(page.locator("tbody tr").first).to_contain_text("Chứng thư đã thuộc cơ quan này.")
    page.get_by_role("button", name=re.compile("^Ghi nhận cho")).click()
    expect(page.locator("h1")).to_contain_text("Đã ghi nhận")
    page.get_by_label("Việc cần ghi nhận", exact=True).select_option(label="Bàn giao thiết bị")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator("h1")).to_contain_text("Bàn giao thiết bị")
