"""Doing without the weekly summary by the link in it, with one click and by hand, and having it again."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from registry.alerts.links import LinkPurpose, MailLink
from registry.alerts.summary.mail import summarise_week
from registry.mail.tables import MailOptOutRow, MailRow
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.web.browsing import Browser


@pytest.fixture
def link(runtime: Runtime) -> str:
    """The address in the mail, without the host."""
    assert summarise_week(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        mail = uow.session.exec(select(MailRow)).one()
    parts = urlsplit(MailLink.for_mail(mail, LinkPurpose.UNSUBSCRIBE).url(runtime.settings))
    return f"{parts.path}?{parts.query}"


def declined(runtime: Runtime) -> list[str]:
    with runtime.database.read() as uow:
        return [row.recipient for row in uow.session.exec(select(MailOptOutRow))]


def test_looking_changes_nothing_and_the_button_does_and_undoes(
    browser: Browser, runtime: Runtime, link: str, clock: FakeClock
) -> None:
    assert "Không nhận bản tổng hợp nữa" in browser.get(link).text
    assert declined(runtime) == []
    for _ in range(2):
        assert browser.post(link, token=browser.token(link)).status_code == 303
    assert declined(runtime) == ["chungthuso@tinh.example"]
    assert "không còn được gửi" in browser.get(link).text
    clock.advance(timedelta(days=7))
    assert not summarise_week(runtime.database, runtime.settings)
    assert browser.post(link, {"again": "1"}, token=browser.token(link)).status_code == 303
    assert declined(runtime) == []
    assert summarise_week(runtime.database, runtime.settings)


def test_a_mail_program_does_it_with_one_click(browser: Browser, runtime: Runtime, link: str) -> None:
    """RFC 8058, 3.1: a POST with nothing but this, without cookies."""
    for _ in range(2):
        answer = browser.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 204
    assert declined(runtime) == ["chungthuso@tinh.example"]


@pytest.mark.parametrize("data", [{}, {"again": "1"}, {"List-Unsubscribe": "Two-Clicks"}])
def test_without_our_page_nothing_else_is_done(
    browser: Browser, runtime: Runtime, link: str, data: dict[str, str]
) -> None:
    assert browser.client.post(link, data=data).status_code == 403
    assert declined(runtime) == []


def test_the_right_is_the_links_own(browser: Browser, runtime: Runtime, link: str, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        mail = uow.session.exec(select(MailRow)).one()
        acknowledge = MailLink.for_mail(mail, LinkPurpose.ACKNOWLEDGE).token(runtime.settings)
    one_click = {"List-Unsubscribe": "One-Click"}
    assert browser.client.post(f"/unsubscribe?token={acknowledge}", data=one_click).status_code == 404
    assert browser.client.post(f"{link[:-1]}x", data=one_click).status_code == 404
    with runtime.database.write() as uow:
        uow.session.exec(select(MailRow)).one().kind = "expiry_digest"
    assert browser.client.post(link, data=one_click).status_code == 404
    clock.advance(timedelta(days=130))
    assert browser.get(link).status_code == 404
    assert declined(runtime) == []
