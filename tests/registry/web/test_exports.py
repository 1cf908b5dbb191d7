"""Lists as files: exactly what the page shows, harmless in a spreadsheet, and whole however long."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from python_calamine import CalamineWorkbook

from registry.certificates.changes import Change, revoke_certificate
from registry.certificates.tables import CertificateEventKind
from registry.paging import MAXIMUM_PAGE
from registry.runtime import Runtime
from tests.factories.certificates import EVERYTHING, make_certificate
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister


def rows_of_csv(answer: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def rows_of_workbook(answer: object) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_a_list_is_exported_as_shown(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    with runtime.database.write() as uow:
        evil = make_certificate(
            uow,
            register.tax,
            holder="=cmd|' /C calc'!A1",
            replaces_id=register.other,
            origin=CertificateEventKind.RENEWED,
        )
        change = Change(effective_at=datetime(2020, 2, 3, tzinfo=UTC), actor="test")
        revoke_certificate(uow, EVERYTHING, evil, reason="superseded", change=change)
    browser = signed_in("quantri")
    address = f"?agency={register.tax}&sort=-holder"
    listed = browser.get(f"/certificates{address}").text
    assert f'href="/certificates.xlsx?agency={register.tax}&amp;sort=-holder"' in listed
    answer = browser.get(f"/certificates.csv{address}")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''chung-thu-2026-11-23.csv"
    first, second = rows_of_csv(answer)
    assert first["Chủ thể"] == "Trần <b>Đậm</b>"
    assert second["Chủ thể"] == "'=cmd|' /C calc'!A1"
    assert (second["Trạng thái"], second["Ngày thu hồi"], second["Lý do thu hồi"]) == (
        "Đã thu hồi",
        "03/02/2020",
        "superseded",
    )
    assert (second["Hình thức cấp"], second["Thay cho"]) == ("Cấp lại", first["Số hiệu chứng thư"])
    assert (second["Ngày cấp"], second["Cơ quan quản lý"]) == ("18/05/2016", "Sở Tài chính")

    heading, *lines = rows_of_workbook(browser.get(f"/certificates.xlsx{address}"))
    assert [line[1] for line in lines] == ["Trần <b>Đậm</b>", "=cmd|' /C calc'!A1"]
    assert lines[1][heading.index("Ngày cấp")] == date(2016, 5, 18)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_of_many_pages_is_whole_and_within_ones_rights(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    with runtime.database.write() as uow:
        for number in range(MAXIMUM_PAGE):
            make_certificate(uow, register.hospital, holder=f"Bác sĩ {number:03}")
    rows = rows_of_csv(signed_in("yte").get("/certificates.csv"))
    assert len(rows) == MAXIMUM_PAGE + 2, "those of the officer's agencies, and not the one of the tax department"
    assert len({row["Số hiệu chứng thư"] for row in rows}) == len(rows)


def test_agencies_are_exported_as_shown(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    browser = signed_in("quantri")
    rows = rows_of_csv(browser.get("/agencies.csv"))
    assert [row["Tên cơ quan"] for row in rows] == ["Bệnh viện Đa khoa tỉnh", "Sở Tài chính", "Sở Y tế"]
    assert rows[0]["Cơ quan cấp trên"] == "Sở Y tế"
    assert rows[0]["Cấp"] == "Đơn vị trực thuộc"
    assert "/agencies.csv?level=province" in browser.get("/agencies?level=province").text
    _, *lines = rows_of_workbook(browser.get("/agencies.xlsx?level=province"))
    assert [line[1] for line in lines] == ["Sở Tài chính", "Sở Y tế"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_speaks_the_language_of_the_page(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    browser = signed_in("quantri")
    browser.post("/preferences", {"language": "en"}, token=browser.token("/"))
    assert rows_of_csv(browser.get("/certificates.csv?kind=organisation"))[0]["Kind"] == "Organisation"
    assert browser.get("/certificates.csv?kind=robot").status_code == 422
