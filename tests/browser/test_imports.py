"""Importing with preview in the browser: drop files, look, confirm, enter, take back; nothing for axe-core to find."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from registry.imports.processing import process_import
from registry.jobs import ProcessImportJob
from tests.browser.conftest import OpenPage, Site
from tests.browser.test_accessibility import look_at
from tests.factories.spreadsheets import make_workbook
from tests.fakes.reader import DirectReader
from tests.registry.imports.conftest import person

pytestmark = pytest.mark.browser

HEADER = (
    "STT",
    "Họ và tên",
    "Chức vụ",
    "Đơn vị",
    "Thư công vụ",
    "Số hiệu chứng thư",
    "Ngày cấp",
    "Ngày hết hạn",
    "Mật khẩu",
)
ROWS = (
    (1, "LÊ THỊ HOA", "Văn thư", "Sở Y tế", "hoa.lethi@x.example", "7F0A01", "02/01/2025", "02/01/2030", "12345678"),
    (3, "TRẦN THỊ BƯỞI", "Kế toán", "So Y te", "buoi@x.example", "7F0A03", "31/02/2025", "02/01/2030", "1"),
)


def work(site: Site) -> None:
    """Do the worker's part for every import that waits."""
    for job in site.queue.take():
        if isinstance(job, ProcessImportJob):
            directory = site.runtime.settings.data_dir / "imports"
            process_import(site.runtime.database, directory, job.import_id, reader=DirectReader())


def picture(page: Page, name: str) -> None:
    """Keep how a page looks where somebody asked for it with `REGISTRY_PICTURES`."""
    if directory := os.environ.get("REGISTRY_PICTURES"):
        page.screenshot(path=str(Path(directory) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("width", "dark"), [(1366, False), (360, True)])
def test_a_person_imports_with_preview(open_page: OpenPage, site: Site, width: int, dark: bool) -> None:  # noqa: FBT001
    page = open_page("/imports", username="quantri", width=width, dark=dark)
    # What one person confirmed is remembered for the next.
    unknown = f"Phòng {width} không có trong sổ"
    rows = [*ROWS, (4, "ĐỖ VĂN ĐẬM", "Kế toán", unknown, "dam@x.example", "7F0A02", "02/01/2025", "02/01/2030", "1")]
    workbook = make_workbook(HEADER, rows)
    stranger = person("Nguyễn Lạ", "Sở Y tế", f"Phòng Kế hoạch {width}")
    page.set_input_files(
        "#files",
        [
            {"name": "danh sách.xlsx", "mimeType": "application/octet-stream", "buffer": workbook},
            {"name": "lạ.cer", "mimeType": "application/pkix-cert", "buffer": stranger},
        ],
    )
    page.click("main form button")
    page.wait_for_url("**/imports/*")
    expect(page.locator("h1")).to_contain_text("Đang đọc")
    wrong = look_at(page)
    work(site)
    expect(page.locator("h2").first).to_have_text("Ghi những gì?")
    expect(page.locator(".notice").first).to_contain_text("Mật khẩu")
    picture(page, f"import-preview-{width}")
    wrong += look_at(page)

    page.get_by_role("link", name="Xem và sửa ý nghĩa các cột").click()
    picture(page, f"import-columns-{width}")
    wrong += look_at(page)
    page.go_back()

    page.get_by_role("link", name="xem tất cả trên một trang").click()
    picture(page, f"import-agencies-{width}")
    wrong += look_at(page)
    code = page.get_by_label(unknown)
    code.fill("H02.16")
    page.get_by_role("button", name="Xác nhận cơ quan").click()
    expect(page.locator("h1")).to_contain_text("Chờ quyết định")
    assert wrong == []

    page.get_by_role("button", name="mục tốt").click()
    work(site)
    expect(page.locator("h1")).to_contain_text("Đã ghi")
    picture(page, f"import-applied-{width}")
    wrong += look_at(page)
    page.reload()
    page.get_by_text("Hoàn tác lần nhập").click()
    page.get_by_role("button", name="Hoàn tác").click()
    work(site)
    expect(page.locator("h1")).to_contain_text("Đã hoàn tác")
    page.goto("/imports")
    picture(page, f"imports-{width}")
    assert wrong == []
