"""Answering an expiry mail by its link, without signing in."""

import logging
import re
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from registry.alerts.acknowledgements import list_acknowledgements
from registry.alerts.compose import compose_digest
from registry.alerts.scan import scan_expiries
from registry.mail.tables import MailRow
from registry.runtime import Runtime
from tests.factories.certificates import make_certificate
from tests.registry.alerts.told import as_read
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister


@pytest.fixture
def link(runtime: Runtime, register: SmallRegister) -> str:
    """The address in the mail about the certificate of the hospital, without the host."""
    del register
    return address_of_answer(runtime)


def address_of_answer(runtime: Runtime) -> str:
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        text = as_read(compose_digest(uow, uow.session.exec(select(MailRow)).one(), runtime.settings)).text
    found = re.search(r"^http\S+/acknowledge\S+$", text, re.MULTILINE)
    assert found, text
    parts = urlsplit(found[0])
    return f"{parts.path}?{parts.query}"


def test_looking_records_nothing_and_answering_does(
    browser: Browser, signed_in: Callable[[str], Browser], runtime: Runtime, register: SmallRegister, link: str
) -> None:
    page = browser.get(link)
    assert page.status_code == 200
    assert "Nguyễn Thị Lan" in page.text
    assert 'value="07/12/2026"' in page.text
    with runtime.database.read() as uow:
        assert list_acknowledgements(uow, register.lan) == ()

    form = {f"certificate-{register.lan}": "1", "requested_on": "20/11/2026", "remind_on": "07/12/2026"}
    for _ in range(2):
        answered = browser.post(link, form, token=browser.token(link))
        assert answered.status_code == 303
    done = browser.get(answered.headers["location"])
    assert "Đã ghi nhận trả lời" in done.text
    assert "Đã gửi đề nghị ngày 20/11/2026, nhắc lại ngày 07/12/2026" in done.text
    with runtime.database.read() as uow:
        assert len(list_acknowledgements(uow, register.lan)) == 1
    staff = signed_in("yte")
    assert "nhắc lại ngày 07/12/2026" in staff.get(f"/certificates/{register.lan}").text
    assert "07/12/2026" in staff.get("/alerts").text


def test_what_is_wrong_is_said_beside_what_was_typed(browser: Browser, link: str) -> None:
    answered = browser.post(link, {"remind_on": "hôm kia"}, token=browser.token(link))
    assert answered.status_code == 422
    assert 'value="hôm kia"' in answered.text
    assert "Hãy đánh dấu ít nhất một chứng thư." in answered.text


def test_all_certificates_of_a_mail_are_answered_at_once(
    browser: Browser, runtime: Runtime, register: SmallRegister
) -> None:
    with runtime.database.write() as uow:
        others = [make_certificate(uow, register.hospital, not_after=uow.now + timedelta(days=7)) for _ in range(2)]
    link = address_of_answer(runtime)
    assert "Tất cả 3 chứng thư trong thư này" in browser.get(link).text
    form = {"everything": "1", "requested_on": "", "remind_on": "30/11/2026"}
    assert browser.post(link, form, token=browser.token(link)).status_code == 303
    with runtime.database.read() as uow:
        for certificate_id in (register.lan, *others):
            (answer,) = list_acknowledgements(uow, certificate_id)
            assert (answer.requested_on, answer.remind_on) == (None, date(2026, 11, 30))


def test_another_site_cannot_answer(browser: Browser, link: str) -> None:
    assert browser.post(link, {}, token="forged").status_code == 403


def test_a_link_that_was_cut_off_says_so(browser: Browser, link: str) -> None:
    answered = browser.get(link[:-3])
    assert answered.status_code == 404
    assert "bị cắt mất một phần" in answered.text


def test_the_token_stays_out_of_the_log(
    browser: Browser, link: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    # Whatever an earlier test left of the logging: quiet or loud, to the handlers of `logging` or straight to the output.
    caplog.set_level(logging.INFO, logger="registry")
    browser.get(link)
    browser.post(link, {"remind_on": ""}, token=browser.token(link))
    signature = link.rpartition(".")[2]
    written = capfd.readouterr()
    logged = written.out + written.err + caplog.text
    assert "/acknowledge" in logged
    assert signature not in logged
