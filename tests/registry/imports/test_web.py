"""Importing as a person does it on the pages without scripts, and as a program does it over HTTP."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from registry.accounts.service import submit_user
from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import find_certificates
from registry.imports.tables import ImportState
from registry.runtime import Runtime
from registry.web.app import create_app
from tests.factories.spreadsheets import make_workbook
from tests.registry.imports.conftest import Importing, person
from tests.registry.web.browsing import PASSWORD, Browser

HEADER = ("Họ và tên", "Đơn vị", "Thư công vụ", "Số hiệu", "Ngày cấp", "Ngày hết hạn", "Mật khẩu")
LIST = make_workbook(
    HEADER,
    [
        ("LÊ THỊ HOA", "Sở Y tế", "hoa@x.example", "0A01", "02/01/2021", "02/01/2026", "bimat"),
        ("<b>ĐẬM</b>\u202e", "Phòng lạ", "dam@x.example", "0A02", "02/01/2021", "02/01/2026", "bimat"),
    ],
)

KNOWN = person("Nguyễn Lan", "Sở Y tế")


@pytest.fixture
def browser(runtime: Runtime, bodies: dict[str, int]) -> Iterator[Browser]:
    with runtime.database.write() as uow:
        submit_user(uow, username="quantri", full_name="Quản trị", password=PASSWORD, role=Role.ADMINISTRATOR)
        submit_user(uow, username="kiemtoan", full_name="Kiểm toán", password=PASSWORD, role=Role.AUDITOR)
    with TestClient(create_app(runtime), follow_redirects=False, raise_server_exceptions=False) as client:
        yield Browser(client)


def test_a_person_imports_without_scripts(browser: Browser, importing: Importing, bodies: dict[str, int]) -> None:
    assert browser.sign_in("quantri").status_code == 303
    token = browser.token("/imports")
    files = [("files", ("ds.xlsx", LIST)), ("files", ("lan.cer", person("Nguyễn Lan", "Sở Y tế")))]
    sent = browser.post("/imports", token=token, files=files)
    assert sent.status_code == 303
    address = sent.headers["location"]
    import_id = int(address.rpartition("/")[2])
    assert "Đang đọc" in browser.get(address).text

    importing.process(import_id)
    shown = browser.get(address).text
    assert "Nguyễn Lan" in shown
    assert "Mật khẩu" in shown, "the dropped column is named"
    assert "bimat" not in shown
    assert "<b>ĐẬM" not in shown
    assert "\u202e" not in shown
    assert "Chưa tìm thấy cơ quan" in shown

    for show in ("good", "missing", "refused", "new"):
        assert browser.get(f"{address}?show={show}").status_code == 200
    columns = browser.get(f"{address}/columns").text
    assert "Số hiệu" in columns
    assert "bimat" not in columns
    changed = browser.post(
        f"{address}/columns", {"sheet": "0", "field_0_2": "email", "field_0_1": "agency"}, token=token
    )
    assert changed.status_code == 303
    importing.process(import_id)

    agencies = browser.get(f"{address}/agencies").text
    assert "Phòng lạ" in agencies
    wrong = browser.post(f"{address}/agencies", {"key_1": "phong la", "code_1": "H99"}, token=token)
    assert wrong.status_code == 422
    assert "H99" in wrong.text
    right = browser.post(f"{address}/agencies", {"key_1": "phong la", "code_1": "H02.14 Sở Y tế"}, token=token)
    assert right.status_code == 303
    assert "Mọi cơ quan đều đã chắc chắn" in browser.get(f"{address}/agencies").text

    assert browser.post(f"{address}/apply", {"choice": "good"}, token=token).status_code == 303
    assert importing.process(import_id).applied_count == 3
    assert "Đã ghi hoặc thay đổi 3 chứng thư" in browser.get(address).text
    for late, values in (("apply", {"choice": "none"}), ("columns", {"sheet": "0"})):
        answer = browser.post(f"{address}/{late}", values, token=token)
        assert answer.status_code == 409
        assert "đã được quyết định" in answer.text
        assert "Đã ghi hoặc thay đổi 3 chứng thư" in answer.text, "the import itself, not a bare error"
    with importing.runtime.database.read() as uow:
        found = find_certificates(uow, Viewer.everything(), CertificateQuery(as_of=uow.now))
        assert {view.agency_id for view in found.items} == {bodies["health"]}

    assert browser.post(f"{address}/undo", token=token).status_code == 303
    assert importing.process(import_id).state is ImportState.UNDONE
    assert "Đã hoàn tác" in browser.get("/imports").text


def test_what_a_list_says_otherwise_is_told_in_the_words_of_the_register(
    browser: Browser, importing: Importing, bodies: dict[str, int]
) -> None:
    header = ("Họ và tên", "Đơn vị", "Số hiệu", "Ngày cấp", "Ngày hết hạn", "Tình trạng thiết bị", "Loại thiết bị")
    known = ("Lê Thị Hoa", "Sở Y tế", "0A01", "02/01/2021", "02/01/2036")
    importing.apply(importing.preview({"1.xlsx": make_workbook(header, [(*known, "Đã bàn giao", "USB token")])}))
    browser.sign_in("quantri")
    other = importing.preview({"2.xlsx": make_workbook(header, [(*known, "Đã mất", "SIM")])})
    shown = " ".join(browser.get(f"/imports/{other}").text.split())
    assert "Phương tiện: USB token → <strong>SIM PKI</strong>" in shown
    assert "→ <strong>Báo mất</strong>" in shown
    assert "Ghi những gì?" in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no certificate", "sửa tệp rồi nộp lại"), (KNOWN, "đã có đủ các mục này")],
)
def test_an_import_of_which_nothing_can_be_entered_says_what_to_do(
    browser: Browser, importing: Importing, bodies: dict[str, int], content: bytes, said: str
) -> None:
    importing.apply(importing.preview({"lan.cer": KNOWN}))
    browser.sign_in("quantri")
    shown = browser.get(f"/imports/{importing.preview({'a.cer': content})}").text
    assert said in shown
    assert "Nộp tệp khác" in shown
    assert "Đóng lần nhập này" in shown


def test_nothing_handed_in_is_told_beside_the_form(browser: Browser) -> None:
    browser.sign_in("quantri")
    answer = browser.post("/imports", token=browser.token("/imports"), files=[("files", ("", b""))])
    assert answer.status_code == 422
    assert "Chưa có tệp nào" in answer.text


def test_an_auditor_looks_and_does_not_touch(browser: Browser, importing: Importing) -> None:
    import_id = importing.preview({"lan.cer": person("Nguyễn Lan", "Sở Y tế")})
    browser.sign_in("kiemtoan")
    page = browser.get(f"/imports/{import_id}")
    assert page.status_code == 200
    assert 'name="choice"' not in page.text
    token = browser.token("/imports")
    assert browser.post(f"/imports/{import_id}/apply", {"choice": "good"}, token=token).status_code == 403
    assert browser.post("/imports", token=token, files=[("files", ("a.cer", b"x"))]).status_code == 403


def test_a_program_imports_over_http(browser: Browser, importing: Importing, bodies: dict[str, int]) -> None:
    browser.sign_in("quantri")
    client = browser.client
    headers = {"x-csrf-token": browser.token("/imports"), "prefer": "wait=0"}
    sent = client.post("/api/v1/imports", files=[("files", ("ds.xlsx", LIST))], headers=headers)
    assert sent.status_code == 202
    address = sent.headers["location"]
    import_id = sent.json()["summary"]["id"]
    importing.process(import_id)
    detail = client.get(address).json()
    assert (detail["summary"]["state"], detail["summary"]["counts"]["new"]) == ("ready", 2)
    assert detail["sheets"][0]["secrets"] == ["Mật khẩu"]

    items = client.get(f"{address}/items", params={"limit": 1}).json()
    assert (items["items"][0]["holder"], items["items"][0]["outcome"]) == ("LÊ THỊ HOA", "new")
    more = client.get(f"{address}/items", params={"limit": 1, "cursor": items["next"]}).json()
    assert (len(more["items"]), more["next"]) == (1, None)

    (question,) = client.get(f"{address}/agencies").json()
    answers = {"answers": [{"agency_key": question["agency_key"], "agency_id": bodies["health"]}]}
    assert client.post(f"{address}/agencies", json=answers, headers=headers).json()["summary"]["counts"]["good"] == 2
    mapping = {"columns": [{"sheet": 0, "column": 99, "field": None}]}
    assert client.post(f"{address}/mapping", json=mapping, headers=headers).status_code == 422

    assert client.post(f"{address}/apply", json={"choice": "good"}, headers=headers).status_code == 202
    importing.process(import_id)
    assert client.get(address).json()["summary"]["applied_count"] == 2
    again = client.post(f"{address}/apply", json={"choice": "good"}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "imports.not_in_state")
    assert client.post(f"{address}/undo", headers=headers).status_code == 202
    assert importing.process(import_id).state is ImportState.UNDONE
    assert [each["id"] for each in client.get("/api/v1/imports").json()] == [import_id]
