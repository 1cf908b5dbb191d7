"""A list of agencies in the browser and over HTTP: preview, decision, result, undone."""

from collections.abc import Callable
from typing import Any

from registry.agencies.query import AgencyQuery
from registry.agencies.repository import iterate_agencies
from registry.runtime import Runtime
from tests.factories.agencies import EVERYTHING
from tests.factories.spreadsheets import make_workbook
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister, app, cheap_passwords, register, signed_in

__all__ = ["app", "cheap_passwords", "register", "signed_in"]

HEADER = ("Mã định danh", "Tên cơ quan", "Cấp", "Mã cơ quan cấp trên", "Thư công vụ")
ROWS = (
    ("H09.1", "Sở Khoa học và Công nghệ", "Cấp tỉnh", None, "skhcn@tinh.example"),
    ("H09.1.1", "Trung tâm Tin học", "Đơn vị trực thuộc", "H09.1", None),
    ("H09.2", "Trung tâm Lạc", "Đơn vị trực thuộc", "H99", None),
)


def names(runtime: Runtime) -> set[str]:
    with runtime.database.read() as uow:
        return {view.name for view in iterate_agencies(uow, EVERYTHING, AgencyQuery(as_of=uow.now))}


def hand_in(browser: Browser, **data: str) -> Any:
    content = make_workbook(HEADER, ROWS)
    token = browser.token("/agencies/imports")
    given = {"csrf_token": token, "since": "01/01/2020", "effective_at": "01/07/2025", **data}
    return browser.client.post(
        "/agencies/imports", data=given, files={"file": ("co-quan.xlsx", content)}, headers={"accept": "text/html"}
    )


def test_a_list_is_previewed_entered_and_taken_back(
    runtime: Runtime, register: SmallRegister, signed_in: Callable[[str], Browser]
) -> None:
    del register
    browser = signed_in("quantri")
    answer = hand_in(browser)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    preview = browser.get(address).text
    assert "Sở Khoa học và Công nghệ" in preview
    assert "Không có cơ quan cấp trên “H99”" in preview
    assert "Ghi 2 dòng vào sổ" in preview
    assert "Trung tâm Lạc" not in browser.get(f"{address}?show=new").text
    before = names(runtime)

    token = browser.token(address)
    assert browser.post(f"{address}/apply", {"choice": "all"}, token=token).status_code == 303
    assert names(runtime) == before | {"Sở Khoa học và Công nghệ", "Trung tâm Tin học"}
    assert browser.post(f"{address}/apply", {"choice": "all"}, token=token).status_code == 409
    assert "Đã ghi hoặc thay đổi 2 cơ quan" in browser.get(address).text

    assert browser.post(f"{address}/undo", token=token).status_code == 303
    assert names(runtime) == before
    assert "co-quan.xlsx" in browser.get("/agencies/imports").text


def test_the_page_says_which_old_fonts_were_converted(
    register: SmallRegister, signed_in: Callable[[str], Browser]
) -> None:
    del register
    browser = signed_in("quantri")
    # `Sở Y tế` in TCVN3, read as Windows-1252.
    content = "Mã định danh,Tên cơ quan\nH02.1,Së Y tÕ\nH02.2,Tr­êng TiÓu häc T©n Mü\n".encode()
    token = browser.token("/agencies/imports")
    given = {"csrf_token": token, "since": "01/01/2020", "effective_at": "01/07/2025"}
    answer = browser.client.post(
        "/agencies/imports", data=given, files={"file": ("a.csv", content)}, headers={"accept": "text/html"}
    )
    page = browser.get(answer.headers["location"]).text
    assert "Trường Tiểu học Tân Mỹ" in page
    assert "chuyển mã từ TCVN3 (ABC)" in page


def test_what_is_wrong_with_the_form_is_shown_beside_it(
    register: SmallRegister, signed_in: Callable[[str], Browser]
) -> None:
    del register
    browser = signed_in("quantri")
    answer = hand_in(browser, since="31/02/2020")
    assert answer.status_code == 422
    assert "31/02/2020" in answer.text
    token = browser.token("/agencies/imports")
    assert "Chưa chọn tệp" in browser.post("/agencies/imports", token=token).text


def test_the_template_is_a_list_that_can_be_imported(
    register: SmallRegister, signed_in: Callable[[str], Browser]
) -> None:
    del register
    browser = signed_in("quantri")
    template = browser.get("/agencies/imports/template.xlsx").content
    token = browser.token("/verify")
    answer = browser.client.post(
        "/api/v1/agencies/imports",
        files={"file": ("mau.xlsx", template)},
        data={"since": "2020-01-01"},
        headers={"X-CSRF-Token": token},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["summary"]["counts"]["new"] == 2
    assert all(column["field"] for column in answer.json()["sheets"][0]["columns"])


def test_a_program_imports_and_reads_what_happened(
    runtime: Runtime, register: SmallRegister, signed_in: Callable[[str], Browser]
) -> None:
    del register
    browser = signed_in("quantri")
    headers = {"X-CSRF-Token": browser.token("/verify")}
    answer = browser.client.post(
        "/api/v1/agencies/imports", files={"file": ("a.xlsx", make_workbook(HEADER, ROWS))}, headers=headers
    )
    address = answer.headers["location"]
    rows = browser.client.get(f"{address}/rows", params={"outcome": "refused"}).json()
    assert [row["code"] for row in rows["items"]] == ["H09.2"]
    first = browser.client.get(f"{address}/rows", params={"limit": 2}).json()
    rest = browser.client.get(f"{address}/rows", params={"limit": 2, "cursor": first["next"]}).json()
    assert [row["position"] for row in (*first["items"], *rest["items"])] == [0, 1, 2]
    applied = browser.client.post(f"{address}/apply", json={"choice": "good"}, headers=headers)
    assert applied.json()["summary"]["applied_count"] == 2
    assert "Trung tâm Tin học" in names(runtime)
    assert browser.client.post(f"{address}/undo", headers=headers).json()["summary"]["state"] == "undone"
    assert [each["state"] for each in browser.client.get("/api/v1/agencies/imports").json()] == ["undone"]
