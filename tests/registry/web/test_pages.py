"""What people see of the register: numbers that are lists, the past, the search, one certificate, one agency."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import register_certificate
from registry.runtime import Runtime
from tests.factories.agencies import EVERYTHING, make_agency
from tests.factories.certificates import make_certificate, make_der, name_of
from tests.fakes.clock import FakeClock
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The queries themselves are tested on both databases; the rest of a page is the same on either."""


def links(page: str, label: str) -> list[tuple[str, str]]:
    """Address and text of the links whose accessible name or text holds `label`."""
    found = re.findall(r'<a [^>]*?href="([^"]+)"([^>]*)>(.*?)</a>', page, re.DOTALL)
    return [(unescape(target), unescape(text)) for target, more, text in found if label in unescape(more + text)]


def total(page: str) -> int:
    found = re.search(r"<strong>([\d.]+) (?:chứng thư|cơ quan)</strong>", page)
    assert found, page
    return int(found[1].replace(".", ""))


def test_every_number_of_the_first_page_is_the_length_of_its_list(
    signed_in: Callable[[str], Browser], register: SmallRegister
) -> None:
    browser = signed_in("quantri")
    home = browser.get("/").text
    figures = re.findall(r'<a class="figure" href="([^"]+)"[^>]*>([\d.]+)</a>', home)
    bars = re.findall(r'<a target="_self" aria-label="[^"]*: (\d+) [^"]*" href="([^"]+)"', home)
    assert len(figures) >= 2
    assert len(bars) == 1  # only one certificate expires within the next 18 months
    for address, count in [*figures, *((target, count) for count, target in bars)]:
        assert total(browser.get(unescape(address)).text) == int(count.replace(".", "")), address


@ON_SQLITE
def test_the_officer_sees_the_own_subtree_only(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    page = signed_in("yte").get("/certificates").text
    assert total(page) == 2
    assert "Nguyễn Thị Lan" in page
    assert "Đậm" not in page
    tree = signed_in("yte").get("/agencies").text
    assert "Bệnh viện Đa khoa tỉnh" in tree
    assert "Sở Tài chính" not in tree


@ON_SQLITE
@pytest.mark.parametrize("text", ["nguyen thi lan", "NGUYỄN  Thị", "lan"])
def test_search_ignores_marks_and_case(signed_in: Callable[[str], Browser], register: SmallRegister, text: str) -> None:
    browser = signed_in("quantri")
    assert total(browser.get(f"/certificates?q={text}").text) == 1
    assert browser.get(f"/search?q={text}").headers["location"] == f"/certificates/{register.lan}"


@ON_SQLITE
def test_one_field_finds_agencies_and_certificates(
    signed_in: Callable[[str], Browser], register: SmallRegister
) -> None:
    page = signed_in("quantri").get("/search?q=y te").text
    assert links(page, "Sở Y tế")[0][0] == f"/agencies/{register.health}"
    assert links(page, "SỞ Y TẾ")[0][0] == f"/certificates/{register.seal}"
    assert "Không tìm thấy" in signed_in("quantri").get("/search?q=zzz").text


@ON_SQLITE
def test_filters_read_as_a_sentence_and_come_off_one_by_one(
    signed_in: Callable[[str], Browser], register: SmallRegister
) -> None:
    browser = signed_in("quantri")
    page = browser.get(f"/certificates?status=active&agency={register.health}&expiring=60").text
    words = [unescape(text) for text in re.findall(r'<a class="chip on"[^>]*>([^<]+)<', page)]
    assert words == ["đang hiệu lực", "thuộc Sở Y tế và đơn vị trực thuộc", "hết hạn trong 60 ngày"]
    assert total(page) == 1
    (without, _) = links(page, "hết hạn trong 60 ngày")[0]
    assert total(browser.get(without).text) == 2


def test_pages_of_a_list_joined_are_the_list(
    signed_in: Callable[[str], Browser], runtime: Runtime, register: SmallRegister
) -> None:
    with runtime.database.write() as uow:
        for number in range(60):
            make_certificate(uow, register.tax, holder=f"Lê Văn {number:02}")
    browser = signed_in("quantri")
    address, seen = f"/certificates?agency={register.tax}", []
    while True:
        page = browser.get(address).text
        seen += re.findall(r'<th scope="row"><a href="/certificates/(\d+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        address = unescape(following[1])
    assert len(seen) == len(set(seen)) == 61 == total(page)


@ON_SQLITE
def test_a_past_day_shows_what_was_true_then_and_says_so(
    signed_in: Callable[[str], Browser], register: SmallRegister
) -> None:
    browser = signed_in("quantri")
    page = browser.get("/certificates?as_of=2015-06-30").text
    assert total(page) == 0
    assert "Bạn đang xem sổ đăng ký tại ngày 30/06/2015." in page
    page = browser.get(f"/agencies/{register.health}?as_of=2015-06-30").text
    assert "tại ngày 30/06/2015" in page
    assert links(page, "Bệnh viện Đa khoa tỉnh")[0][0] == f"/agencies/{register.hospital}?as_of=2015-06-30"
    assert "Bạn đang xem" not in browser.get("/certificates").text


def test_a_certificate_on_one_page(
    signed_in: Callable[[str], Browser], runtime: Runtime, register: SmallRegister, clock: FakeClock
) -> None:
    with runtime.database.write() as uow:
        der = make_der(name_of(c="VN", o="Sở Y tế", cn="Nguyễn Thị Lan"), not_before=clock.now() - timedelta(days=1))
        submission = CertificateSubmission(der=der, agency_id=register.hospital, replaces_id=register.lan)
        successor = register_certificate(uow, EVERYTHING, submission, actor="lan").certificate_id
    browser = signed_in("quantri")
    page = browser.get(f"/certificates/{register.lan}").text
    assert "13/12/2026" in page  # until when
    assert links(page, "Bệnh viện Đa khoa tỉnh")[0][0] == f"/agencies/{register.hospital}"
    assert "Được thay bằng chứng thư khác" in page
    assert links(page, "Nguyễn Thị Lan")[-1][0] == f"/certificates/{successor}"
    assert f"/certificates/{register.lan}" in [
        target for target, _ in links(browser.get(f"/certificates/{successor}").text, "Lan")
    ]
    seal = browser.get(f"/certificates/{register.seal}").text
    assert 'data-copy="abcdef12"' in seal
    assert "abcd ef12" in seal


@ON_SQLITE
def test_the_tree_counts_own_and_all(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    browser = signed_in("quantri")
    page = browser.get("/agencies").text
    for target, text in links(page, "chứng thư đang hiệu lực của"):
        assert total(browser.get(target).text) == int(text)
    assert [text for _, text in links(page, "của Sở Y tế và các đơn vị trực thuộc")] == ["2"]


@ON_SQLITE
def test_lists_of_agencies(signed_in: Callable[[str], Browser], runtime: Runtime, register: SmallRegister) -> None:
    with runtime.database.write() as uow:
        make_agency(uow, "Trường Mầm non Hoa Sen")
    browser = signed_in("quantri")
    assert total(browser.get("/agencies?coverage=uncovered").text) == 3
    assert total(browser.get("/agencies?q=hoa+sen").text) == 1
    assert "Không có cơ quan nào phù hợp" in browser.get("/agencies?q=zzz").text


@ON_SQLITE
def test_an_empty_register_says_what_to_do(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("quantri").get("/certificates?q=khong co ai nhu the").text
    assert "Hãy bỏ bớt điều kiện" in page
