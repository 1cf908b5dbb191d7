"""Hold, release, hurry and resend; previews and samples: what a person does about mails, and that nothing else happens."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import func, select

from registry.accounts.service import submit_user
from registry.accounts.tables import Role, UserRow
from registry.accounts.viewer import Viewer
from registry.alerts.kinds import compose_mail, prepare_mails
from registry.alerts.planning.actions import (
    MailAction,
    act_on_mail,
    find_day_hold,
    hold_day,
    list_day_holds,
    offered_actions,
    release_day,
)
from registry.alerts.planning.bodies import MailBody, mail_body
from registry.alerts.planning.preview import preview_mail, send_planned_now
from registry.alerts.planning.sample_mail import PER_DAY
from registry.alerts.planning.samples import MARK, request_sample
from registry.alerts.proving.ledger import mail_ledger
from registry.alerts.scan import scan_expiries
from registry.alerts.tables import ExpiryNoticeRow
from registry.clock import local_day
from registry.errors import Conflict, InvalidInput, NotFound, NotPermitted
from registry.mail.tables import MailRow, MailState
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate

TODAY = date(2026, 11, 23)
EVERYBODY = Viewer.everything()
AUDITOR = Viewer(user_id=1, role=Role.AUDITOR, agency_path=None)


@pytest.fixture
def health(runtime: Runtime) -> int:
    """A certificate of the health department that is told of today, and again a week before its end."""
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        return add_certificate(uow.session, agency, TODAY + timedelta(days=14), holder="Nguyễn Thị Lan")


def only_mail(runtime: Runtime) -> MailRow:
    with runtime.database.read() as uow:
        return uow.session.exec(select(MailRow)).one()


def count_rows(runtime: Runtime) -> tuple[int, int]:
    """Notices and mails."""
    with runtime.database.read() as uow:
        return tuple(uow.session.exec(select(func.count()).select_from(t)).one() for t in (ExpiryNoticeRow, MailRow))  # type: ignore[return-value]


def test_what_can_be_done_follows_the_state_and_stands_in_the_ledger(runtime: Runtime, health: int) -> None:
    scan_expiries(runtime.database, runtime.settings)
    mail_id = only_mail(runtime).id or 0
    with runtime.database.write() as uow:
        entry = mail_ledger(uow, EVERYBODY, mail_id)
        assert offered_actions(EVERYBODY, entry.mail) == (MailAction.SEND_NOW, MailAction.HOLD)
        assert offered_actions(AUDITOR, entry.mail) == ()
        with pytest.raises(NotPermitted):
            act_on_mail(uow, AUDITOR, mail_id, MailAction.HOLD, actor="kiemtoan", reason="x")
        act_on_mail(uow, EVERYBODY, mail_id, MailAction.HOLD, actor="quantri", reason="chờ đính chính")
        with pytest.raises(Conflict):
            act_on_mail(uow, EVERYBODY, mail_id, MailAction.HOLD, actor="quantri", reason="lần nữa")
        act_on_mail(uow, EVERYBODY, mail_id, MailAction.RELEASE, actor="quantri", reason="xong")
    with runtime.database.read() as uow:
        mail = mail_ledger(uow, EVERYBODY, mail_id).mail
    assert mail.state is MailState.PENDING
    assert [(event.kind.value, event.actor, event.words) for event in mail.events] == [
        ("held", "quantri", "chờ đính chính"),
        ("released", "quantri", "xong"),
    ]


def test_a_held_day_keeps_back_what_waits_and_what_is_written_later(
    runtime: Runtime, health: int, clock: FakeClock
) -> None:
    later = TODAY + timedelta(days=7)
    with runtime.database.write() as uow:
        assert hold_day(uow, EVERYBODY, TODAY, actor="quantri", reason="bảo trì") == 0
        assert hold_day(uow, EVERYBODY, later, actor="quantri", reason="bảo trì") == 0
        with pytest.raises(Conflict):
            hold_day(uow, EVERYBODY, TODAY, actor="khác", reason="bảo trì")
    scan_expiries(runtime.database, runtime.settings)
    mail = only_mail(runtime)
    assert mail.state is MailState.HELD
    with runtime.database.read() as uow:
        ledger = mail_ledger(uow, EVERYBODY, mail.id or 0).mail
        assert [(event.kind.value, event.actor, event.words) for event in ledger.events] == [
            ("held", "quantri", "bảo trì")
        ]
    with runtime.database.write() as uow:
        assert [hold.day for hold in list_day_holds(uow)] == [TODAY, later]
        assert release_day(uow, EVERYBODY, TODAY, actor="quantri", reason="xong") == 1
        assert find_day_hold(uow, TODAY) is None
        with pytest.raises(Conflict):
            release_day(uow, EVERYBODY, TODAY, actor="quantri", reason="xong")
    assert only_mail(runtime).state is MailState.PENDING


def test_a_released_day_keeps_what_was_held_one_by_one(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        for address in ("before", "during", "with", "again"):
            agency = add_agency(uow.session, f"Xã {address}", f"{address}@xa.example")
            add_certificate(uow.session, agency, TODAY + timedelta(days=14))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        keys = {row.recipient.partition("@")[0]: row.id or 0 for row in uow.session.exec(select(MailRow))}

    def do(action: MailAction, mail: str) -> None:
        clock.advance(timedelta(minutes=1))
        with runtime.database.write() as uow:
            act_on_mail(uow, EVERYBODY, keys[mail], action, actor="quantri", reason="chờ đính chính")

    do(MailAction.HOLD, "before")
    do(MailAction.HOLD, "again")
    do(MailAction.RELEASE, "again")
    clock.advance(timedelta(minutes=1))
    with runtime.database.write() as uow:
        assert hold_day(uow, EVERYBODY, TODAY, actor="quantri", reason="bảo trì") == 3
        new = add_agency(uow.session, "Xã mới", "new@xa.example")
        add_certificate(uow.session, new, TODAY + timedelta(days=14))
    scan_expiries(runtime.database, runtime.settings)
    do(MailAction.RELEASE, "during")
    do(MailAction.HOLD, "during")
    with runtime.database.write() as uow:
        assert release_day(uow, EVERYBODY, TODAY, actor="quantri", reason="xong") == 3
    with runtime.database.read() as uow:
        states = {row.recipient.partition("@")[0]: row.state for row in uow.session.exec(select(MailRow))}
    assert states == dict.fromkeys(("with", "again", "new"), MailState.PENDING) | dict.fromkeys(
        ("before", "during"), MailState.HELD
    )
    do(MailAction.RELEASE, "before")


@pytest.mark.parametrize(
    ("day", "reason"), [(TODAY - timedelta(days=1), "x"), (TODAY + timedelta(days=500), "x"), (TODAY, "  ")]
)
def test_a_day_that_cannot_be_held(runtime: Runtime, day: date, reason: str) -> None:
    with runtime.database.write() as uow, pytest.raises(InvalidInput):
        hold_day(uow, EVERYBODY, day, actor="quantri", reason=reason)


def test_the_preview_is_what_is_then_sent_and_keeps_nothing(runtime: Runtime, health: int, clock: FakeClock) -> None:
    previewed = preview_mail(runtime.database, runtime.settings, day=TODAY, recipient="syt@tinh.example")
    assert count_rows(runtime) == (0, 0)
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        row = uow.session.exec(select(MailRow)).one()
        assert previewed.body == MailBody.of(compose_mail(uow, row, runtime.settings))
    assert "Nguyễn Thị Lan" in previewed.body.html

    ahead = TODAY + timedelta(days=7)
    later = preview_mail(runtime.database, runtime.settings, day=ahead, recipient="syt@tinh.example")
    clock.advance(timedelta(days=7))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        row = uow.session.exec(select(MailRow).where(MailRow.day == ahead)).one()
        assert later.body == MailBody.of(compose_mail(uow, row, runtime.settings))
    with pytest.raises(NotFound):
        preview_mail(runtime.database, runtime.settings, day=ahead, recipient="khac@tinh.example")


def test_who_looks_at_a_mail_cannot_answer_it(runtime: Runtime, health: int) -> None:
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        row = uow.session.exec(select(MailRow)).one()
        sent = compose_mail(uow, row, runtime.settings)
        seen = mail_body(uow, row.id or 0, runtime.settings)
    proof = f"token={row.id}."
    html, text = (sent.get_body((form,)) for form in ("html", "plain"))
    assert html is not None
    assert text is not None
    assert proof in html.get_content()
    assert proof in text.get_content()
    assert "acknowledge?token=" in seen.html
    assert proof not in seen.html + seen.text


def test_a_planned_mail_of_today_is_sent_now_once(runtime: Runtime, health: int) -> None:
    arguments = {"recipient": "syt@tinh.example", "actor": "quantri", "reason": "cần gấp"}
    with pytest.raises(InvalidInput):
        send_planned_now(runtime.database, runtime.settings, day=TODAY + timedelta(days=7), **arguments)
    mail_id = send_planned_now(runtime.database, runtime.settings, day=TODAY, **arguments)
    scan_expiries(runtime.database, runtime.settings)
    mail = only_mail(runtime)
    assert (mail.id, mail.state, mail.not_before) == (mail_id, MailState.PENDING, runtime.clock.now())
    with runtime.database.read() as uow:
        assert [event.kind.value for event in mail_ledger(uow, EVERYBODY, mail_id).mail.events] == ["hurried"]
    with pytest.raises(NotFound):
        send_planned_now(runtime.database, runtime.settings, day=TODAY, **arguments)


@pytest.fixture
def asking(runtime: Runtime) -> Callable[[str | None], Viewer]:
    """A signed-in person with this address."""

    def ask(address: str | None) -> Viewer:
        with runtime.database.write() as uow:
            submit_user(
                uow,
                username="quantri",
                full_name="x",
                password="mật khẩu dài để thử",
                role=Role.ADMINISTRATOR,
                email=address,
            )
        with runtime.database.read() as uow:
            key = uow.session.exec(select(UserRow.id)).one()
        return Viewer(user_id=key, role=Role.ADMINISTRATOR, agency_path=None)

    return ask


def test_a_sample_goes_to_the_own_address_marked_and_tells_nobody(
    runtime: Runtime, health: int, asking: Callable[[str | None], Viewer]
) -> None:
    viewer = asking("quantri@tinh.example")
    body = preview_mail(runtime.database, runtime.settings, day=TODAY, recipient="syt@tinh.example").body
    for number in range(PER_DAY + 1):
        with runtime.database.write() as uow:
            if number == PER_DAY:
                with pytest.raises(Conflict):
                    request_sample(uow, viewer, runtime.settings, body, day=TODAY, recipient="syt@tinh.example")
                break
            to = request_sample(uow, viewer, runtime.settings, body, day=TODAY, recipient="syt@tinh.example")
            assert to == "quantri@tinh.example"
    assert count_rows(runtime) == (0, PER_DAY)
    with runtime.database.read() as uow:
        rows = uow.session.exec(select(MailRow)).all()
        assert {row.recipient for row in rows} == {"quantri@tinh.example"}
        message = prepare_mails(uow, rows, runtime.settings)(rows[0])
    html = message.get_body(("html",))
    assert html is not None
    assert str(message["Subject"]).startswith(f"[{MARK}]")
    assert MARK in html.get_content()
    assert "Nguyễn Thị Lan" in html.get_content()
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        told = uow.session.exec(select(MailRow).where(MailRow.kind == "expiry_digest")).one()
    assert (told.recipient, told.day) == ("syt@tinh.example", local_day(runtime.clock.now()))


def test_without_an_own_address_there_is_no_sample(runtime: Runtime, asking: Callable[[str | None], Viewer]) -> None:
    viewer = asking(None)
    with runtime.database.write() as uow, pytest.raises(InvalidInput):
        request_sample(uow, viewer, runtime.settings, MailBody("a", "b", "<main>c"), day=TODAY, recipient="x@y.example")
