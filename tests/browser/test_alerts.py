"""The calendar of the mails in the browser: a day, a mail, a sample that really arrives; holding back and letting go."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from registry.accounts.viewer import Viewer
from registry.alerts.calendar.forecast import make_forecast
from registry.alerts.kinds import prepare_mails
from registry.alerts.planning.actions import find_day_hold
from registry.alerts.planning.mails import MailQuery, find_mails
from registry.alerts.scan import fallback_of, policy_of, scan_expiries
from registry.clock import local_day
from registry.mail import service
from registry.mail.smtp import MailServer, SMTPSender
from registry.mail.tables import MailState
from registry.paging import PageRequest
from tests.browser.conftest import OpenPage, Site
from tests.browser.test_accessibility import look_at
from tests.services import Mailbox

pytestmark = pytest.mark.browser


def send(site: Site, mailbox: Mailbox) -> None:
    """Do the worker's part for the outbox."""
    settings, server = site.runtime.settings, MailServer.parse(mailbox.url)
    service.send_outbox(
        site.runtime.database,
        lambda: SMTPSender(server),
        lambda uow, mails: prepare_mails(uow, mails, settings),
        envelope=service.Envelope(settings.envelope_from),
    )


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_from_the_calendar_to_a_sample_in_the_mailbox(
    open_page: OpenPage,
    site: Site,
    mailbox: Mailbox,
    width: int,
    dark: bool,  # noqa: FBT001 (a parameter)
) -> None:
    page = open_page("/alerts/calendar", username="quantri", width=width, dark=dark)
    wrong = look_at(page)
    page.locator(".month li:not(.today) a").first.click()
    wrong += look_at(page)
    page.get_by_role("link", name="Xem trước thư gửi").first.click()
    frame = page.frame_locator("iframe.mail")
    expect(frame.get_by_text("Kính gửi").first).to_be_visible()
    wrong += look_at(page)
    assert wrong == []
    page.get_by_role("button", name="Gửi cho tôi thư mẫu").click()
    expect(page.get_by_role("status").filter(has_text="quantri@bacgiang.example")).to_be_visible()
    send(site, mailbox)
    samples = [mail for mail in mailbox.wait_for(1) if "THƯ MẪU" in str(mail["Subject"])]
    assert ["quantri@bacgiang.example" in str(mail["To"]) for mail in samples] == [True]
    page.goto("/alerts/mails?kind=sample&state=sent")
    expect(page.locator("tbody tr").first).to_contain_text("quantri@bacgiang.example")


def test_a_day_is_held_and_a_mail_is_held_and_let_go(open_page: OpenPage, site: Site) -> None:
    settings, database = site.runtime.settings, site.runtime.database
    with database.read() as uow:
        forecast = make_forecast(uow, policy_of(settings), fallback=fallback_of(settings))
        day = next(day for day in sorted(forecast.told) if day > local_day(uow.now) + timedelta(days=20))
    page = open_page(f"/alerts/days/{day}", username="quantri")
    page.get_by_role("button", name="Giữ thư lại").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Lý do").fill("chờ đính chính danh sách")
    page.get_by_role("button", name="Giữ thư lại").click()
    expect(page.get_by_text("chờ đính chính danh sách")).to_be_visible()
    page.get_by_label("Lý do").fill("đã đính chính")
    page.get_by_role("button", name="Thả cho gửi").click()
    expect(page.get_by_role("button", name="Giữ thư lại")).to_be_visible()
    with database.read() as uow:
        assert find_day_hold(uow, day) is None

    scan_expiries(database, settings)
    with database.read() as uow:
        waiting = find_mails(uow, Viewer.everything(), MailQuery(states=(MailState.PENDING,)), PageRequest(limit=1))
    page.goto(f"/alerts/mails/{waiting.items[0].id}")
    page.get_by_label("Lý do").fill("hỏi lại cơ quan")
    page.get_by_role("button", name="Giữ lại").click()
    expect(page.locator(".timeline")).to_contain_text("hỏi lại cơ quan")
    page.get_by_label("Lý do").fill("đã rõ")
    page.get_by_role("button", name="Thả cho gửi").click()
    expect(page.locator(".timeline")).to_contain_text("đã rõ")
    assert look_at(page) == []
