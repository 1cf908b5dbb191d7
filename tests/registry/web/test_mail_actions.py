"""What a person does about mails, on the pages and over HTTP, on each database, and when two do it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import col, select

from registry.accounts.viewer import Viewer
from registry.alerts.notices import put_mail_once
from registry.alerts.planning.actions import MailAction, act_on_mail
from registry.alerts.recipients import Recipient
from registry.alerts.scan import scan_expiries
from registry.clock import local_day
from registry.errors import Conflict
from registry.mail.ledger import list_events
from registry.mail.tables import MailRow, MailState
from registry.runtime import Runtime
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_certificate
from tests.fakes.clock import FakeClock
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister
from tests.services import Mailbox
from tests.workers.in_process import send_outbox

REASON = "chờ đính chính"


@pytest.fixture
def mails(runtime: Runtime, register: SmallRegister) -> list[int]:
    """Four mails of today that wait."""
    del register
    with runtime.database.write() as uow:
        for number in range(4):
            agency = make_agency(uow, f"Xã {number}", email=f"x{number}@xa.example")
            make_certificate(uow, agency, not_after=uow.now + timedelta(days=7))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        wanted = col(MailRow.recipient).startswith("x")
        return [key or 0 for key in uow.session.exec(select(MailRow.id).where(wanted).order_by(col(MailRow.recipient)))]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_superseded_mail_names_the_one_that_tells_it_instead(
    runtime: Runtime, clock: FakeClock, mails: list[int], mailbox: Mailbox, signed_in: Callable[[str], Browser]
) -> None:
    older = mails[0]
    with runtime.database.write() as uow:
        mail = uow.session.get_one(MailRow, older)
        newer = put_mail_once(
            uow,
            runtime.settings,
            kind=mail.kind,
            recipient=Recipient(mail.recipient, mail.recipient_name),
            day=mail.day + timedelta(days=1),
        )
    clock.advance(timedelta(days=1))
    send_outbox(runtime, smtp_url=mailbox.url)
    assert mailbox.recipients.count("x0@xa.example") == 1
    browser = signed_in("quantri")
    page = browser.get(f"/alerts/mails/{older}").text
    assert "Đã gộp vào thư sau" in page
    assert f'href="/alerts/mails/{newer}"' in page
    assert "Nhận nội dung của thư trước chưa gửi được" in browser.get(f"/alerts/mails/{newer}").text
    assert browser.get("/alerts/mails?state=superseded").text.count("x0@xa.example") == 1
    assert browser.client.get("/api/v1/alerts/mails?state=superseded").json()["items"][0]["id"] == older


def states(runtime: Runtime, mails: list[int]) -> list[str]:
    with runtime.database.read() as uow:
        return [uow.session.get_one(MailRow, key).state.value for key in mails]


def test_each_act_over_http_does_what_it_says(
    runtime: Runtime, clock: FakeClock, mails: list[int], mailbox: Mailbox, signed_in: Callable[[str], Browser]
) -> None:
    client = signed_in("quantri").client
    headers = {"X-CSRF-Token": Browser(client).token("/alerts/mails")}

    def act(mail: int, action: str) -> int:
        clock.advance(timedelta(seconds=1))
        address = f"/api/v1/alerts/mails/{mail}/{action}"
        return int(client.post(address, json={"reason": REASON}, headers=headers).status_code)

    def day(action: str) -> dict[str, int]:
        clock.advance(timedelta(seconds=1))
        address = f"/api/v1/alerts/days/{local_day(runtime.clock.now())}/{action}"
        answer = client.post(address, json={"reason": REASON}, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, int] = answer.json()
        return found

    first, second, third, fourth = mails
    assert act(first, "hold") == 200
    assert act(first, "hold") == 409
    assert day("hold") == {"mails": 4}  # one goes to the administrators
    assert states(runtime, mails) == ["held"] * 4
    assert act(second, "send_now") == 200
    assert day("release") == {"mails": 3}
    assert states(runtime, mails) == ["held", "pending", "pending", "pending"]
    mailbox.refuse["x2@xa.example"] = "554 5.7.1 not today"
    send_outbox(runtime, smtp_url=mailbox.url)
    assert states(runtime, mails) == ["held", "sent", "failed", "sent"]
    assert act(fourth, "resend") == 409
    mailbox.refuse.clear()
    assert (act(third, "resend"), act(first, "release")) == (200, 200)
    send_outbox(runtime, smtp_url=mailbox.url)
    arrived = [recipient for recipient in mailbox.recipients if recipient.startswith("x")]
    assert sorted(arrived) == [f"x{number}@xa.example" for number in range(4)]
    with runtime.database.read() as uow:
        events = list_events(uow, mails)
    assert [(event.kind.value, event.actor) for event in events[first]] == [
        ("held", "quantri"),
        ("released", "quantri"),
        ("accepted", ""),
    ]


def test_each_act_on_the_pages_does_what_it_says(
    runtime: Runtime, clock: FakeClock, mails: list[int], signed_in: Callable[[str], Browser]
) -> None:
    browser = signed_in("quantri")
    today = f"/alerts/days/{local_day(runtime.clock.now())}"
    one = f"/alerts/mails/{mails[0]}"

    def submit(address: str, action: str) -> int:
        clock.advance(timedelta(seconds=1))
        token = browser.token(address)
        return int(browser.post(address, {"action": action, "reason": REASON}, token=token).status_code)

    assert submit(one, "hold") == 303
    assert submit(today, "hold") == 303
    assert states(runtime, mails) == ["held"] * 4
    assert submit(today, "release") == 303
    assert states(runtime, mails) == ["held", "pending", "pending", "pending"]
    assert submit(one, "send_now") == 303
    assert states(runtime, mails) == ["pending"] * 4
    assert submit(one, "release") == 409


def test_of_two_who_do_the_same_at_once_one_is_told_that_it_is_done(runtime: Runtime, mails: list[int]) -> None:
    def hold(mail: int) -> bool:
        try:
            with runtime.database.write() as uow:
                act_on_mail(uow, Viewer.everything(), mail, MailAction.HOLD, actor="quantri", reason=REASON)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(hold, mails * 4))
    assert sum(done) == len(mails)
    assert states(runtime, mails) == ["held"] * 4


def test_a_mail_that_leaves_at_the_moment_in_which_it_is_held_does_one_of_both(
    runtime: Runtime, mails: list[int], mailbox: Mailbox
) -> None:
    def hold() -> None:
        for mail in mails:
            try:
                with runtime.database.write() as uow:
                    act_on_mail(uow, Viewer.everything(), mail, MailAction.HOLD, actor="quantri", reason=REASON)
            except Conflict:
                continue

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda act: act(), (hold, lambda: send_outbox(runtime, smtp_url=mailbox.url))))
    sent = [state for state in states(runtime, mails) if state == MailState.SENT.value]
    assert len(sent) == sum(recipient.startswith("x") for recipient in mailbox.recipients)
    assert set(states(runtime, mails)) <= {"held", "sent"}
