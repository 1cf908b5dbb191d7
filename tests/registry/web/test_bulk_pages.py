"""Changing many certificates as a person does it without scripts, and as a program does it over HTTP."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography import x509
from python_calamine import CalamineWorkbook

from registry.accounts.viewer import Viewer
from registry.bulk import service
from registry.bulk.processing import process_bulk_change
from registry.certificates.detail import get_certificate
from registry.certificates.query import Standing
from registry.certificates.tables import Custody, Medium
from registry.runtime import Runtime
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EVERYTHING = Viewer.everything()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found if name not in ("csrf_token", "next")}


def preview(browser: Browser, address: str, **values: str) -> Any:
    """Open the form at `address`, fill it in and send it."""
    form = browser.get(address)
    assert form.status_code == 200, unescape(form.text)
    return browser.post("/bulk", {**hidden(form.text), **values}, token=browser.token("/verify"))


def test_ticked_rows_are_previewed_and_recorded(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    shown = browser.get("/certificates").text
    assert f'form="selection" name="id" value="{register.lan}"' in shown
    form = browser.get(f"/bulk/new?change=revoked&id={register.lan}&id={register.seal}&list=")
    assert "Thu hồi: 2 chứng thư" in form.text
    assert "Nguyễn Thị Lan" in form.text
    wrong = preview(browser, f"/bulk/new?change=revoked&id={register.lan}&id={register.seal}", effective_at="31/2/26")
    assert wrong.status_code == 422
    assert "Hãy chọn một mục" in wrong.text
    assert "31/2/26" in wrong.text
    assert hidden(wrong.text)["ids"] == f"{register.lan},{register.seal}"

    sent = preview(
        browser,
        f"/bulk/new?change=revoked&id={register.lan}&id={register.seal}",
        effective_at="20/11/2026",
        reason="superseded",
        note="QĐ 12",
    )
    assert sent.status_code == 303
    address = sent.headers["location"]
    page = unescape(browser.get(address).text)
    assert "Ghi nhận cho 2 chứng thư" in page
    assert "Đang hiệu lực → <strong>Đã thu hồi</strong>" in page
    with runtime.database.read() as uow:
        assert get_certificate(uow, EVERYTHING, register.lan, uow.now).certificate.standing is Standing.ACTIVE
    for _ in range(2):
        done = browser.post(f"{address}/apply", {"choice": "good"}, token=browser.token(address))
        assert done.status_code == 303
    page = unescape(browser.get(f"{address}?show=done").text)
    assert "QĐ 12" in page
    assert "Đã thay đổi 2" in page
    assert "Đợt thay đổi số 1" in browser.get("/bulk").text
    with runtime.database.read() as uow:
        events = get_certificate(uow, EVERYTHING, register.lan, uow.now).events
    assert [event.note for event in events].count("QĐ 12") == 1
    history = browser.get(f"/certificates/{register.lan}").text
    assert f'href="{address}"' in history

    again = preview(browser, "/bulk/new?change=lost&earlier=1", effective_at="21/11/2026")
    assert "Ghi nhận cho 2 chứng thư" in browser.get(again.headers["location"]).text


def test_many_get_a_note_or_are_put_right_alike(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    chosen = f"id={register.lan}&id={register.seal}"
    empty = preview(browser, f"/bulk/new?change=noted&{chosen}", effective_at="20/11/2026")
    assert (empty.status_code, "Cần nhập mục này" in empty.text) == (422, True)
    sent = preview(browser, f"/bulk/new?change=noted&{chosen}", effective_at="20/11/2026", note="Kiểm kê tháng 11")
    shown = unescape(browser.get(sent.headers["location"]).text)
    assert "Thêm ghi chú vào lịch sử" in shown
    assert "Ghi nhận cho 2 chứng thư" in shown

    nothing = preview(browser, f"/bulk/new?change=corrected&{chosen}")
    assert (nothing.status_code, "Hãy chọn ít nhất một" in nothing.text) == (422, True)
    sent = preview(browser, f"/bulk/new?change=corrected&{chosen}", medium="token", agency_id="Sở Tài chính")
    address = sent.headers["location"]
    shown = " ".join(unescape(browser.get(address).text).split())
    assert "Không rõ → <strong>USB token</strong>" in shown
    assert "Bệnh viện Đa khoa tỉnh → <strong>Sở Tài chính</strong>" in shown
    assert browser.post(f"{address}/apply", {"choice": "good"}, token=browser.token(address)).status_code == 303
    with runtime.database.read() as uow:
        for key in (register.lan, register.seal):
            right = get_certificate(uow, EVERYTHING, key, uow.now).certificate
            assert (right.agency_id, right.medium) == (register.tax, Medium.TOKEN)


def test_all_rows_of_a_list_are_those_of_the_list(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    browser = signed_in("yte")
    shown = browser.get(f"/certificates?agency={register.health}&kind=person").text
    assert "Tất cả 1 chứng thư của danh sách" in shown
    chosen = hidden(shown)["list"]
    sent = preview(browser, f"/bulk/new?change=lost&rows=all&{_encoded('list', chosen)}", effective_at="20/11/2026")
    page = unescape(browser.get(sent.headers["location"]).text)
    assert "Nguyễn Thị Lan" in page
    assert "SỞ Y TẾ" not in page
    assert f"/certificates?{chosen}" in page
    assert "Trần" not in unescape(browser.get(f"/bulk/new?change=lost&rows=all&{_encoded('list', '')}").text)


def _encoded(name: str, value: str) -> str:
    return urlencode({name: value})


def test_nothing_chosen_too_much_or_nonsense_is_said_in_a_sentence(
    signed_in: Callable[[str], Browser], register: SmallRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in("quantri")
    assert "Chưa chọn chứng thư nào" in browser.get("/bulk/new?change=lost").text
    assert browser.get("/bulk/new?change=lost").status_code == 422
    assert browser.get(f"/bulk/new?change=replaced&id={register.lan}").status_code == 422
    token = browser.token("/verify")
    for values in ({"ids": "1,x"}, {"ids": ""}, {"rows": "all", "list": "status=nonsense"}, {"earlier": "77"}):
        sent = browser.post("/bulk", {"change": "lost", "effective_at": "20/11/2026", **values}, token=token)
        assert sent.status_code in (404, 422), values
        assert "Cần sửa" in sent.text or "error-summary" in sent.text
    monkeypatch.setattr("registry.bulk.pages.MAXIMUM", 1)
    assert "tối đa 1 chứng thư" in browser.get(f"/bulk/new?change=lost&id={register.lan}&id={register.seal}").text


def test_who_only_reads_and_who_looks_at_the_past_is_offered_nothing(
    signed_in: Callable[[str], Browser], register: SmallRegister
) -> None:
    assert 'id="selection"' not in signed_in("kiemtoan").get("/certificates").text
    browser = signed_in("quantri")
    assert 'id="selection"' in browser.get("/certificates").text
    assert 'id="selection"' not in browser.get("/certificates?as_of=2026-11-01").text


def test_a_preview_in_which_nothing_is_possible_says_so(
    signed_in: Callable[[str], Browser], register: SmallRegister
) -> None:
    browser = signed_in("quantri")
    sent = preview(browser, f"/bulk/new?change=recovered&id={register.lan}", effective_at="20/11/2026")
    address = sent.headers["location"]
    assert "Thiết bị chưa được bàn giao" in browser.get(address).text
    refused = browser.post(f"{address}/apply", {"choice": "good"}, token=browser.token(address))
    assert refused.status_code == 409
    assert "Không có chứng thư nào thay đổi được" in refused.text
    browser.post(f"{address}/apply", {"choice": "none"}, token=browser.token(address))
    assert browser.post(f"{address}/apply", {"choice": "good"}, token=browser.token(address)).status_code == 409


def test_a_large_change_shows_how_far_it_is(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    object.__setattr__(runtime, "settings", runtime.settings.model_copy(update={"verification_wait_seconds": 0.0}))
    monkeypatch.setattr(service, "AT_ONCE", 1)
    browser = signed_in("quantri")
    sent = preview(browser, f"/bulk/new?change=lost&id={register.lan}&id={register.seal}", effective_at="20/11/2026")
    address = sent.headers["location"]
    assert "Đã xem 0 trên 2 chứng thư" in browser.get(address).text
    process_bulk_change(runtime.database, 1)
    assert browser.post(f"{address}/apply", {"choice": "good"}, token=browser.token("/verify")).status_code == 303
    assert "Đang ghi nhận" in browser.get(address).text
    process_bulk_change(runtime.database, 1)
    assert "Đã thay đổi 2" in unescape(browser.get(address).text)


def test_a_program_previews_and_decides(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser = signed_in("yte")
    client, headers = browser.client, {"X-CSRF-Token": browser.token("/verify")}
    body = {
        "selection": {"ids": [register.lan, register.other]},
        "event": {"kind": "handed_over", "effective_at": "2026-11-20T00:00:00+07:00", "note": "Biên bản 7"},
        "token": "of-the-program-1",
    }
    first = client.post("/api/v1/bulk-changes", json=body, headers=headers)
    assert first.status_code == 200, first.text
    assert client.post("/api/v1/bulk-changes", json=body, headers=headers).json() == first.json()
    change = first.json()
    assert (change["state"], change["counts"]["good"], change["counts"]["refused"]) == ("ready", 1, 1)
    address = first.headers["location"]
    items = client.get(f"{address}/items").json()["items"]
    assert items[0]["custody"] == ["not_handed_over", "handed_over"]
    assert items[1]["reason"]["code"] == "certificates.not_found"
    assert items[1]["holder"] == ""
    done = client.post(f"{address}/apply", json={"choice": "good"}, headers=headers)
    assert done.json()["counts"]["done"] == 1
    assert client.get(address).json() == done.json()
    assert [each["id"] for each in client.get("/api/v1/bulk-changes").json()] == [change["id"]]
    with runtime.database.read() as uow:
        assert get_certificate(uow, EVERYTHING, register.lan, uow.now).certificate.custody is Custody.HANDED_OVER
    two = {**body, "selection": {"ids": [register.lan], "list": ""}, "token": "of-the-program-2"}
    assert client.post("/api/v1/bulk-changes", json=two, headers=headers).status_code == 422
    single = {
        **body,
        "event": {"kind": "holder_changed", "custodian": "x", "effective_at": "2026-11-20T00:00:00+07:00"},
    }
    assert client.post("/api/v1/bulk-changes", json=single, headers=headers).status_code == 422


def test_what_is_chosen_is_downloaded_and_nothing_else(
    signed_in: Callable[[str], Browser], register: SmallRegister
) -> None:
    officer = signed_in("yte")
    got = officer.get(f"/bulk/chosen.csv?id={register.seal}&id={register.other}&id={register.lan}")
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert [row["Chủ thể"] for row in rows] == ["SỞ Y TẾ", "Nguyễn Thị Lan"]
    everything = officer.get(f"/bulk/chosen.xlsx?rows=all&{_encoded('list', 'kind=person')}")
    header, *found = CalamineWorkbook.from_filelike(io.BytesIO(everything.content)).get_sheet_by_index(0).to_python()
    assert [row[header.index("Chủ thể")] for row in found] == ["Nguyễn Thị Lan"]
    packed = officer.get(f"/bulk/chosen.zip?id={register.seal}&id={register.other}&id={register.lan}")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.testzip() is None
        assert [name.partition("_")[0] for name in archive.namelist()] == ["so-y-te", "nguyen-thi-lan"]
        certificate = x509.load_der_x509_certificate(archive.read(archive.namelist()[0]))
        assert certificate.serial_number == 0xABCDEF12
    assert "/bulk/chosen.zip" in officer.get("/certificates").text
    assert officer.get("/bulk/chosen.zip").status_code == 422
    assert officer.get("/bulk/chosen.csv").status_code == 422
    assert officer.get("/bulk/chosen.csv?earlier=9").status_code == 404
