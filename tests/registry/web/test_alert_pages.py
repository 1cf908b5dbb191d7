"""The pages of the alerts: each number leads to exactly its rows, and an address that works again is written to."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlmodel import select

from registry.alerts.revocations import tell_revocations
from registry.alerts.scan import scan_expiries
from registry.clock import local_day
from registry.mail.addresses import find_dead, mark_dead
from registry.mail.tables import AddressFault, MailRow, MailState
from registry.runtime import Runtime
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_certificate
from tests.fakes.clock import FakeClock
from tests.registry.alerts.told import revoke
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADDRESSES = "/alerts/addresses"
DEAD = "khongco@soyte.example"


def rows_of(browser: Browser, address: str) -> int:
    """How many rows the table of a page has."""
    answer = browser.get(unescape(address))
    assert answer.status_code == 200
    _, table, body = answer.text.partition("<tbody>")
    return body.partition("</tbody>")[0].count("<tr>") if table else 0


@pytest.fixture
def written(runtime: Runtime, register: SmallRegister) -> None:
    """Mails in every state, and days to come with something on them."""
    del register
    with runtime.database.write() as uow:
        for number in range(9):
            agency = make_agency(uow, f"Xã {number}", email=f"x{number}@xa.example")
            for days in (7, 10 + number, 12):
                make_certificate(uow, agency, not_after=uow.now + timedelta(days=days))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        mails = uow.session.exec(select(MailRow).order_by(MailRow.recipient)).all()
        states = [state for state in MailState for _ in range(1 + (state is MailState.SENT))]
        assert len(mails) > len(states)
        for mail, state in zip(mails, states, strict=False):
            mail.state = state


@ON_SQLITE
@pytest.mark.parametrize("username", ["quantri", "yte"])
@pytest.mark.usefixtures("written")
def test_each_number_of_mails_is_that_of_its_list(signed_in: Callable[[str], Browser], username: str) -> None:
    browser = signed_in(username)
    figures = re.findall(
        r'<a class="calm" href="([^"]+)"><span class="figure">([\d.]+)</span>', browser.get("/alerts").text
    )
    assert len(figures) >= 3
    for address, count in figures:
        assert rows_of(browser, address) == int(count), address
        assert f"<strong>{count} thư</strong>" in browser.get(unescape(address)).text


@ON_SQLITE
@pytest.mark.usefixtures("written")
def test_each_day_of_the_calendar_counts_the_mails_of_its_page(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("quantri")
    calendar = browser.get("/alerts/calendar").text
    (written,) = re.findall(r'<a href="(/alerts/mails\?day=[\d-]+)"><span class="sub">đã lập (\d+) thư', calendar)
    assert rows_of(browser, written[0]) == int(written[1]) > 0
    days = re.findall(r'<a href="(/alerts/days/[\d-]+)"><strong>(\d+) thư</strong><span class="sub">(\d+) ', calendar)
    assert len(days) > 5
    for address, mails, certificates in days:
        assert rows_of(browser, address) == int(mails), address
        assert f"{mails} thư về {certificates} chứng thư" in browser.get(address).text


@pytest.mark.parametrize(("username", "count"), [("quantri", 2), ("yte", 1)])
def test_mail_that_is_written_for_a_day_to_come_stands_on_that_day(
    *,
    signed_in: Callable[[str], Browser],
    runtime: Runtime,
    register: SmallRegister,
    clock: FakeClock,
    username: str,
    count: int,
) -> None:
    clock.advance(timedelta(hours=13))  # at night, when what is due on the holiday tomorrow can wait for the morning
    with runtime.database.write() as uow:
        for agency in (register.health, make_agency(uow, "Xã Chu Điện", email="chu@xa.example")):
            make_certificate(uow, agency, not_after=uow.now + timedelta(days=8))
    scan_expiries(runtime.database, runtime.settings)
    browser = signed_in(username)
    tomorrow = local_day(clock.now()) + timedelta(days=1)
    linked = f'<a href="/alerts/mails?day={tomorrow}">'
    assert f'{linked}<span class="sub">đã lập {count} thư' in browser.get("/alerts/calendar").text
    assert f"{linked}đã lập {count} thư" in browser.get("/alerts").text
    assert rows_of(browser, f"/alerts/mails?day={tomorrow}") == count
    days = browser.client.get("/api/v1/alerts/calendar").json()["days"]
    assert [day["written"] for day in days if day["day"] == str(tomorrow)] == [count]


@ON_SQLITE
def test_a_notice_that_waits_for_the_next_mail_is_called_so(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime, clock: FakeClock
) -> None:
    tell_revocations(runtime.database, runtime.settings)
    for certificate_id in (register.seal, register.other):
        with runtime.database.write() as uow:
            revoke(uow, certificate_id)
        clock.advance(timedelta(minutes=5))
        tell_revocations(runtime.database, runtime.settings)
    browser = signed_in("quantri")
    assert "Chờ thư kế tiếp" not in browser.get(f"/certificates/{register.seal}/alerts").text
    assert "Chờ thư kế tiếp" in browser.get(f"/certificates/{register.other}/alerts").text


def test_an_address_that_works_again_is_written_to(
    signed_in: Callable[[str], Browser], runtime: Runtime, register: SmallRegister
) -> None:
    del register
    with runtime.database.write() as uow:
        mark_dead(uow, DEAD, AddressFault.REFUSED, code="550", words="5.1.1 no such user")
        mark_dead(uow, "khac@soyte.example", AddressFault.REFUSED)
    auditor, browser = signed_in("kiemtoan"), signed_in("quantri")
    assert rows_of(auditor, ADDRESSES) == rows_of(browser, ADDRESSES) == 2
    assert "2 địa chỉ" in browser.get("/alerts").text
    form = {"address": DEAD, "reason": "Sở Y tế đã mở lại hộp thư"}
    assert "Gửi lại đến địa chỉ này" not in auditor.get(ADDRESSES).text
    assert auditor.post(ADDRESSES, form, token=auditor.token("/verify")).status_code == 403
    assert signed_in("yte").get(ADDRESSES).status_code == 403

    token = browser.token(ADDRESSES)
    unexplained = browser.post(ADDRESSES, {"address": DEAD}, token=token)
    assert unexplained.status_code == 422
    assert 'href="#reason"' in unexplained.text
    assert 'id="reason" name="reason"' in unexplained.text
    cleared = browser.post(ADDRESSES, form, token=token)
    assert cleared.status_code == 303
    after = unescape(browser.get(cleared.headers["location"]).text)
    assert f"Từ nay lại gửi thư đến {DEAD}." in after
    assert rows_of(browser, ADDRESSES) == 1
    with runtime.database.read() as uow:
        assert find_dead(uow, [DEAD, "khac@soyte.example"]) == {"khac@soyte.example"}
    assert browser.post(ADDRESSES, form, token=token).status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("username", ["quantri", "kiemtoan", "yte"])
def test_every_page_of_the_alerts_that_is_offered_opens(signed_in: Callable[[str], Browser], username: str) -> None:
    browser = signed_in(username)
    _, tabs, rest = browser.get("/alerts").text.partition('<nav class="tabs')
    offered = re.findall(r'href="([^"]+)"', rest.partition("</nav>")[0])
    assert tabs
    assert {address: browser.get(address).status_code for address in offered} == dict.fromkeys(offered, 200)
    assert len(offered) == {"quantri": 5, "kiemtoan": 4, "yte": 3}[username]
