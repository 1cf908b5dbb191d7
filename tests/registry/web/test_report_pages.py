"""The report as people get it: every number a list of that length, any period, a workbook, and paper."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pikepdf
import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from registry.agencies.tables import AgencyLevel
from registry.certificates.changes import Change, revoke_certificate
from registry.certificates.tables import CertificateEventKind, SubscriberKind
from registry.runtime import Runtime
from tests.factories.agencies import make_agency
from tests.factories.certificates import EVERYTHING, make_certificate
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister


@pytest.fixture
def busy(runtime: Runtime, register: SmallRegister) -> SmallRegister:
    """Some more history, so that few figures are nothing."""
    with runtime.database.write() as uow:
        make_agency(uow, "Trường Mầm non <Hoa Sen>", level=AgencyLevel.SCHOOL, parent_id=register.health)
        old = make_certificate(uow, register.tax, holder="SỞ TÀI CHÍNH", kind=SubscriberKind.ORGANISATION)
        make_certificate(
            uow,
            register.tax,
            holder="SỞ TÀI CHÍNH",
            kind=SubscriberKind.ORGANISATION,
            not_before=datetime(2026, 3, 1, tzinfo=UTC),
            origin=CertificateEventKind.RENEWED,
            replaces_id=old,
        )
        change = Change(effective_at=datetime(2026, 5, 1, tzinfo=UTC), actor="test")
        revoke_certificate(uow, EVERYTHING, register.other, reason="superseded", change=change)
    return register


@pytest.mark.parametrize("username", ["quantri", "yte"])
def test_every_number_is_the_length_of_its_list(
    signed_in: Callable[[str], Browser], busy: SmallRegister, username: str
) -> None:
    browser = signed_in(username)
    for address in ("/reports", "/reports?from=2016-01-01&as_of=31/12/2016"):
        page = browser.get(address).text
        links = re.findall(r'<a href="(/(?:certificates|agencies)\?[^"]*)"[^>]*>([\d.]+)</a>', page)
        bars = re.findall(r'<a [^>]*aria-label="[^"]*: ([\d.]+)"[^>]*href="(/certificates\?[^"]*)"', page)
        assert len(links) > 40
        assert len(bars) > 0 or username == "yte"
        for target, count in [*links, *((target, count) for count, target in bars)]:
            listed = browser.get(unescape(target)).text
            found = re.search(r"<strong>([\d.]+) (?:chứng thư|cơ quan)</strong>", listed)
            assert found, target
            assert found[1] == count, target


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_period_is_free_and_checked(signed_in: Callable[[str], Browser], busy: SmallRegister) -> None:
    browser = signed_in("quantri")

    def figure(page: str, name: str) -> str:
        found = re.search(rf'aria-label="{name}: ([\d.]+)"', page)
        assert found
        return found[1]

    year = browser.get("/reports").text
    assert (figure(year, "Cấp trong kỳ"), figure(year, "Cấp lại trong kỳ"), figure(year, "Thu hồi trong kỳ")) == (
        "1",
    ) * 3
    spring = browser.get("/reports?from=01/04/2026&as_of=30/06/2026").text
    assert (figure(spring, "Cấp trong kỳ"), figure(spring, "Thu hồi trong kỳ")) == ("0", "1")
    assert 'value="01/04/2026"' in spring
    wrong = browser.get("/reports?from=01/04/2026&as_of=30/02/2026")
    assert wrong.status_code == 422
    assert "“30/02/2026” không phải là ngày" in wrong.text
    assert 'value="30/02/2026"' in wrong.text
    reverse = browser.get("/reports?from=01/04/2026&as_of=01/03/2026")
    assert reverse.status_code == 422
    assert "bắt đầu (01/04/2026) sau khi kết thúc (01/03/2026)" in reverse.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_report_as_workbook_and_on_paper(signed_in: Callable[[str], Browser], busy: SmallRegister) -> None:
    browser = signed_in("quantri")
    address = "?from=2026-01-01&as_of=2026-11-23"
    page = browser.get(f"/reports{address}").text
    for suffix in ("xlsx", "pdf"):
        assert f'href="/reports.{suffix}{address.replace("&", "&amp;")}"' in page
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(browser.get(f"/reports.xlsx{address}").content))
    sheets = {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}
    totals = {row[0]: row[1] for row in sheets["Tổng hợp"] if row[1] != ""}
    assert (totals["Đã cấp (lũy kế)"], totals["Cấp trong kỳ"]) == (5, 1)
    assert [row[1] for row in sheets["Chưa có chứng thư tổ chức"] if "Hoa Sen" in row[1]] == [
        "Trường Mầm non <Hoa Sen>"
    ]
    assert sheets["Xếp hạng cơ quan"][1][0] == 1

    paper = browser.get(f"/reports.pdf{address}")
    assert paper.headers["content-type"] == "application/pdf"
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(paper.content))
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Kỳ báo cáo: từ 01/01/2026 đến 23/11/2026", "<Hoa Sen>"):
        assert words in text
    with pikepdf.open(io.BytesIO(paper.content)) as document:
        fonts = [font for page in document.pages for font in page.Resources.Font.values()]
        assert fonts
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
