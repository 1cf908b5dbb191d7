"""Agencies are established, renamed, moved, merged and ended on their pages, and every certificate is asked about."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from registry.agencies.repository import find_agency_by_code, get_agency
from registry.agencies.schemas import AgencyDetail
from registry.certificates.detail import get_certificate
from registry.certificates.query import Flag, Standing
from registry.certificates.tables import SubscriberKind
from registry.runtime import Runtime
from tests.factories.agencies import EVERYTHING, make_agency
from tests.factories.certificates import make_certificate
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DAY = "01/07/2025"
NEW = {"code": "H02.900", "name": "UBND xã Gộp", "level": "commune", "effective_at": DAY}


def agency(runtime: Runtime, code: str) -> AgencyDetail:
    with runtime.database.read() as uow:
        found = find_agency_by_code(uow, EVERYTHING, code, uow.now)
        assert found is not None
        return get_agency(uow, EVERYTHING, found.id, uow.now)


def submit(browser: Browser, address: str, /, **values: str) -> object:
    return browser.post(address, values, token=browser.token("/verify"))


@pytest.fixture
def communes(runtime: Runtime, register: SmallRegister) -> dict[str, int]:
    """Two communes, each with a seal and a person; the seal of the second lives longer."""
    with runtime.database.write() as uow:
        now = uow.now
        a, b = (make_agency(uow, f"UBND xã {name}", code=f"H02.80{name}") for name in "AB")
        school = make_agency(uow, "Trường xã A", code="H02.80A.1", parent_id=a)
        common = {"kind": SubscriberKind.ORGANISATION}
        return {
            "a": a,
            "b": b,
            "school": school,
            "seal_a": make_certificate(uow, a, holder="XÃ A", not_after=now.replace(year=2028), **common),
            "seal_b": make_certificate(uow, b, holder="XÃ B", not_after=now.replace(year=2029), **common),
            "person": make_certificate(uow, a, holder="Lê Văn Chủ", not_after=now.replace(year=2028)),
        }


def test_two_communes_are_merged_and_each_certificate_is_asked_about(
    signed_in: Callable[[str], Browser], communes: dict[str, int], runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    answer = submit(browser, "/agencies/merge", agency_ids="H02.80A\nH02.80B UBND xã B\n", **NEW)
    merged = agency(runtime, "H02.900")
    address = f"/agencies/{merged.agency.id}/certificates"
    assert answer.headers["location"] == address
    assert [child.code for child in merged.children] == ["H02.80A.1"]
    page = unescape(browser.get(address).text)
    proposed = dict(re.findall(r'name="decision_(\d+)".*?value="(\w+)" selected', page, re.DOTALL))
    assert {int(key): value for key, value in proposed.items()} == {
        communes["seal_b"]: "change",
        communes["seal_a"]: "revoke",
        communes["person"]: "change",
    }
    assert "Còn 3 chứng thư của cơ quan đã kết thúc" in browser.get(f"/agencies/{merged.agency.id}").text

    wrong = submit(browser, address, effective_at="hôm nay", **{f"decision_{communes['person']}": "keep"})
    assert wrong.status_code == 422
    choices = {f"decision_{key}": value for key, value in proposed.items()}
    done = submit(browser, address, effective_at="15/07/2025", note="NQ sắp xếp", **choices)
    assert done.headers["location"] == f"{address}?done=3"
    with runtime.database.read() as uow:
        views = {
            name: get_certificate(uow, EVERYTHING, communes[name], uow.now) for name in ("seal_a", "seal_b", "person")
        }
    assert views["seal_a"].certificate.standing is Standing.REVOKED
    for name in ("seal_b", "person"):
        assert views[name].certificate.agency_id == merged.agency.id
        assert Flag.NAMES_ENDED_BODY in views[name].certificate.flags, "marked until it is replaced"
    page = unescape(browser.get(f"{address}?done=3").text)
    assert "Đã ghi nhận 3 quyết định" in page
    link = re.search(r'href="(/certificates\?[^"]+)">Còn 2 chứng thư ghi tên', page)
    assert link, page
    assert "<strong>2 chứng thư</strong>" in browser.get(link[1]).text
    assert submit(browser, address, effective_at=DAY, **choices).headers["location"] == f"{address}?done=0"


def test_an_agency_is_established_renamed_moved_and_dissolved(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    assert submit(browser, "/agencies/new", **NEW, legal_document="12/QĐ").headers["location"].startswith("/agencies/")
    created = agency(runtime, "H02.900")
    assert created.events[0].legal_document == "12/QĐ"
    address = f"/agencies/{created.agency.id}/changes"
    for action, values in (
        ("renamed", {"name": "UBND phường Mới"}),
        ("moved", {"parent_id": agency_code(runtime, register.health)}),
        ("contact_changed", {"email": "moi@bacgiang.example", "address": "Số 1"}),
        ("split", {"successors": "H02.901; Phần một\nH02.902; Phần hai", "goes_on": "1"}),
    ):
        assert browser.get(f"{address}/{action}").status_code == 200
        answer = submit(browser, f"{address}/{action}", effective_at="02/07/2025", **values)
        assert answer.status_code == 303, unescape(answer.text)
    changed = agency(runtime, "H02.900")
    assert (changed.agency.name, changed.agency.email) == ("UBND phường Mới", "moi@bacgiang.example")
    assert changed.agency.parent_id == register.health
    assert agency(runtime, "H02.902").agency.name == "Phần hai"
    assert (
        submit(browser, f"{address}/dissolved", effective_at="03/07/2025").headers["location"].endswith("/certificates")
    )
    assert agency(runtime, "H02.900").agency.ended_at is not None
    assert browser.get(f"{address}/renamed").status_code == 409
    absorbed = f"/agencies/{agency(runtime, 'H02.901').agency.id}/changes/merged"
    answer = submit(browser, absorbed, effective_at="04/07/2025", into_id="H02.902 Phần hai")
    assert answer.headers["location"] == f"/agencies/{agency(runtime, 'H02.902').agency.id}/certificates"


@ON_SQLITE
def test_a_form_that_is_sent_as_it_came_records_nothing(
    signed_in: Callable[[str], Browser], communes: dict[str, int], runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    address = f"/agencies/{communes['school']}/changes"
    for action, field in (("renamed", "name"), ("moved", "parent_id"), ("contact_changed", "email")):
        form = unescape(browser.get(f"{address}/{action}").text)
        shown = dict(re.findall(r'name="(name|parent_id|email|address|effective_at)" value="([^"]*)"', form))
        same = submit(browser, f"{address}/{action}", **shown)
        assert same.status_code == 422
        assert f'href="#{field}">Nội dung này đang đúng như vậy' in unescape(same.text)
    unchanged = agency(runtime, "H02.80A.1")
    assert unchanged.agency.parent_id == communes["a"], "an agency that is moved does not lose its superior by the way"
    assert [event.kind for event in unchanged.events] == ["established"]


@ON_SQLITE
def test_what_was_recorded_is_said_and_an_address_can_be_taken_away(
    signed_in: Callable[[str], Browser], communes: dict[str, int], runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    address = f"/agencies/{communes['a']}/changes/contact_changed"
    for email, held in (("a@bacgiang.example", "a@bacgiang.example"), ("", None)):
        answer = submit(browser, address, effective_at=DAY, email=email, address="Số 1")
        assert "Đã ghi nhận: " in browser.get(answer.headers["location"]).text
        assert agency(runtime, "H02.80A").agency.email == held


def agency_code(runtime: Runtime, agency_id: int) -> str:
    with runtime.database.read() as uow:
        return get_agency(uow, EVERYTHING, agency_id, uow.now).agency.code


@ON_SQLITE
def test_the_form_of_a_merger_says_whom_it_understood(
    signed_in: Callable[[str], Browser], communes: dict[str, int]
) -> None:
    browser = signed_in("quantri")
    assert ">H02.80A UBND xã A</textarea>" in unescape(browser.get("/agencies/merge?agency=H02.80A").text)
    typed = {**NEW, "name": "", "agency_ids": "xã nào đó\nH02.80B\nubnd xa a\nH02.80B"}
    page = unescape(submit(browser, "/agencies/merge", **typed).text)
    assert ">H02.80B UBND xã B\nH02.80A UBND xã A\nxã nào đó</textarea>" in page
    assert "Không tìm thấy cơ quan nào theo “xã nào đó”" in page


@ON_SQLITE
def test_wrong_fields_are_named_and_nothing_is_done(
    signed_in: Callable[[str], Browser], communes: dict[str, int], runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    page = unescape(submit(browser, "/agencies/merge", agency_ids="H77", effective_at="1.7", name="").text)
    for field in ("agency_ids", "effective_at", "name", "code", "level"):
        assert f'href="#{field}"' in page
    taken = submit(browser, "/agencies/new", **{**NEW, "code": "H02.80A"})
    assert taken.status_code == 409
    assert "đã thuộc về cơ quan khác" in taken.text
    units = submit(browser, f"/agencies/{communes['a']}/changes/dissolved", effective_at=DAY)
    assert "còn 1 đơn vị trực thuộc" in units.text
    assert agency(runtime, "H02.80A").agency.ended_at is None
    split = submit(browser, f"/agencies/{communes['b']}/changes/split", effective_at=DAY, successors="chỉ có tên")
    assert "“chỉ có tên” chưa đúng" in unescape(split.text)


@ON_SQLITE
def test_who_may_change_what(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    officer = signed_in("yte")
    page = officer.get(f"/agencies/{register.hospital}").text
    assert re.findall(r"/changes/(\w+)\"", page) == ["contact_changed"]
    assert officer.get(f"/agencies/{register.hospital}/changes/renamed").status_code == 403
    assert submit(officer, f"/agencies/{register.hospital}/changes/dissolved", effective_at=DAY).status_code == 403
    assert officer.get(f"/agencies/{register.tax}/changes/contact_changed").status_code == 404
    auditor = signed_in("kiemtoan")
    assert "/changes/" not in auditor.get(f"/agencies/{register.hospital}").text
    assert submit(auditor, f"/agencies/{register.hospital}/certificates", effective_at=DAY).status_code == 403
