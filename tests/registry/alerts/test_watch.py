"""The watch alarms the administrators whatever is broken, once a kind and day, and says when it is over."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from registry.alerts import canary, scan
from registry.alerts.canary import scan_with_canary
from registry.alerts.health import find_health
from registry.alerts.kinds import compose_mail
from registry.alerts.tables import AlarmKind, AlarmSpellRow
from registry.alerts.watch import watch_alerts
from registry.clock import FOREVER
from registry.db.unit_of_work import UnitOfWork
from registry.jobs import SendOutboxJob
from registry.mail.ledger import record_event
from registry.mail.tables import MailEventKind, MailRow, MailState
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import at_once

TODAY = date(2026, 11, 23)
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def alarms(runtime: Runtime) -> list[tuple[str, date]]:
    """The mails of the watch: kind and day."""
    with runtime.database.read() as uow:
        mails = uow.session.exec(select(MailRow).order_by(MailRow.id)).all()  # type: ignore[arg-type]
        return [(m.kind, m.day) for m in mails if m.kind.startswith(("alarm_", "all_clear_"))]


def scan_breaks(*_: object, **__: object) -> None:
    raise RuntimeError("the register cannot be read")


def add_due(runtime: Runtime, days: int = 7) -> int:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", f"{uuid4().hex}@xa.example")
        return add_certificate(uow.session, agency, TODAY + timedelta(days=days))


def test_a_scan_that_always_fails_alarms_each_day_until_it_works(
    runtime: Runtime, clock: FakeClock, queue: RecordingQueue
) -> None:
    watch_alerts(runtime.database, runtime.settings)
    scan_with_canary(runtime.database, runtime.settings)
    add_due(runtime)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "iter_due", scan_breaks)
        for _ in range(60):  # two and a half days
            clock.advance(timedelta(hours=1))
            with pytest.raises(RuntimeError):
                scan_with_canary(runtime.database, runtime.settings)
            watch_alerts(runtime.database, runtime.settings)
    expected = [("alarm_due_unsent", TODAY + timedelta(days=1)), ("alarm_scan_missing", TODAY + timedelta(days=1))]
    expected += [("alarm_scan_missing", TODAY + timedelta(days=2)), ("alarm_due_unsent", TODAY + timedelta(days=2))]
    assert sorted(alarms(runtime)) == sorted(expected)
    assert SendOutboxJob() in queue.take()
    report = watch_alerts(runtime.database, runtime.settings)
    assert "the register cannot be read" in report.conditions[AlarmKind.SCAN_MISSING].text("en")
    assert report.due_unsent == 1

    scan_with_canary(runtime.database, runtime.settings)
    report = watch_alerts(runtime.database, runtime.settings)
    assert AlarmKind.SCAN_MISSING not in report.conditions
    assert ("all_clear_scan_missing", TODAY + timedelta(days=2)) in alarms(runtime)


def test_no_scan_ever_is_an_alarm_too(runtime: Runtime, clock: FakeClock) -> None:
    assert watch_alerts(runtime.database, runtime.settings).is_fine
    clock.advance(timedelta(hours=25))
    assert watch_alerts(runtime.database, runtime.settings).is_fine
    clock.advance(timedelta(hours=2))
    assert set(watch_alerts(runtime.database, runtime.settings).conditions) == {AlarmKind.SCAN_MISSING}


def test_what_is_due_and_told_to_nobody_is_missed(runtime: Runtime, clock: FakeClock) -> None:
    """The scan runs and finds nothing: nothing fails, and nobody is told."""
    add_due(runtime)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "iter_due", lambda *_, **__: iter(()))
        for _ in range(28):
            scan_with_canary(runtime.database, runtime.settings)
            report = watch_alerts(runtime.database, runtime.settings)
            clock.advance(timedelta(hours=1))
    assert set(report.conditions) == {AlarmKind.DUE_UNSENT}
    assert report.due_unsent == 1


def test_what_came_late_or_was_told_to_somebody_is_not_late(runtime: Runtime, clock: FakeClock) -> None:
    """A certificate entered today whose step passed last month is due since today; a new address is no delay."""
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", "chu@xa.example")
        add_certificate(uow.session, agency, TODAY + timedelta(days=7))
    scan_with_canary(runtime.database, runtime.settings)
    with runtime.database.write() as uow:
        agency.email = "moi@xa.example"
        uow.session.add(agency)
    clock.advance(timedelta(hours=27))
    report = watch_alerts(runtime.database, runtime.settings)
    assert report.due_unsent == 0
    # The first mail waits for a sender all the while, and that is late.
    assert AlarmKind.DUE_UNSENT in report.conditions


@SQLITE
def test_mail_that_waits_for_a_day_is_late_and_held_mail_is_not(runtime: Runtime, clock: FakeClock) -> None:
    add_due(runtime)
    scan_with_canary(runtime.database, runtime.settings)
    clock.advance(timedelta(hours=27))
    with runtime.database.write() as uow:
        mail = uow.session.exec(select(MailRow)).one()
        mail.state = MailState.HELD
    scan_with_canary(runtime.database, runtime.settings)
    assert watch_alerts(runtime.database, runtime.settings).is_fine
    with runtime.database.write() as uow:
        uow.session.exec(select(MailRow)).one().state = MailState.PENDING
    assert set(watch_alerts(runtime.database, runtime.settings).conditions) == {AlarmKind.DUE_UNSENT}


@SQLITE
def test_a_lost_canary_alarms(runtime: Runtime) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canary, "compose_mail", scan_breaks)
        scan_with_canary(runtime.database, runtime.settings)
    report = watch_alerts(runtime.database, runtime.settings)
    assert "cannot be read" in report.conditions[AlarmKind.CANARY_LOST].text("en")
    scan_with_canary(runtime.database, runtime.settings)
    assert watch_alerts(runtime.database, runtime.settings).is_fine
    assert alarms(runtime) == [("alarm_canary_lost", TODAY), ("all_clear_canary_lost", TODAY)]


def add_refused(uow: UnitOfWork, number: int, code: str, *, channel: str = "") -> None:
    mail = MailRow(
        kind="expiry_digest",
        recipient=f"{number}@xa.example",
        recipient_name="",
        language="vi",
        day=TODAY,
        message_id=f"<{number}@x>",
        state=MailState.FAILED,
        not_before=uow.now,
        created_at=uow.now,
    )
    uow.session.add(mail)
    uow.session.flush()
    for _ in range(2):
        record_event(uow, mail.id or 0, MailEventKind.REFUSED, channel=channel, code=code, words="550 no such user")


def test_many_refused_mails_alarm_and_a_few_do_not(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        for number in range(9):
            add_refused(uow, number, "5.1.1")
        add_refused(uow, 100, "")  # nothing was left to tell: no server said so
        add_refused(uow, 101, "410", channel="Cổng dịch vụ")  # a web address is no mail server
    scan_with_canary(runtime.database, runtime.settings)
    assert watch_alerts(runtime.database, runtime.settings).is_fine
    with runtime.database.write() as uow:
        add_refused(uow, 9, "550")
    assert set(watch_alerts(runtime.database, runtime.settings).conditions) == {AlarmKind.MAILS_REFUSED}
    clock.advance(timedelta(hours=37))
    scan_with_canary(runtime.database, runtime.settings)
    assert AlarmKind.MAILS_REFUSED not in watch_alerts(runtime.database, runtime.settings).conditions


def test_ten_watches_at_once_alarm_once(runtime: Runtime, clock: FakeClock) -> None:
    watch_alerts(runtime.database, runtime.settings)
    clock.advance(timedelta(hours=30))
    for _ in range(2):
        at_once(10, lambda: watch_alerts(runtime.database, runtime.settings))
        scan_with_canary(runtime.database, runtime.settings)  # the second time it is over
    day = TODAY + timedelta(days=1)
    assert alarms(runtime) == [("alarm_scan_missing", day), ("all_clear_scan_missing", day)]
    with runtime.database.read() as uow:
        spell = uow.session.exec(select(AlarmSpellRow)).one()
        assert spell.ended_at < FOREVER


@SQLITE
def test_a_search_that_breaks_is_said_and_stops_no_alarm(runtime: Runtime, clock: FakeClock) -> None:
    watch_alerts(runtime.database, runtime.settings)
    clock.advance(timedelta(hours=30))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("registry.alerts.watch.iter_due", scan_breaks)
        report = watch_alerts(runtime.database, runtime.settings)
    assert not report.is_fine
    assert report.due_unsent is None
    assert "cannot be read" in (report.failure or "")
    assert set(report.conditions) == {AlarmKind.SCAN_MISSING}


@SQLITE
@pytest.mark.parametrize("language", ["vi", "en"])
def test_alarm_and_all_clear_read_as_they_should(runtime: Runtime, clock: FakeClock, language: str) -> None:
    settings = runtime.settings.model_copy(update={"language": language})
    watch_alerts(runtime.database, settings)
    clock.advance(timedelta(hours=30))
    watch_alerts(runtime.database, settings)
    with runtime.database.read() as uow:
        mail = uow.session.exec(select(MailRow)).one()
        alarm = compose_mail(uow, mail, settings)
    scan_with_canary(runtime.database, settings)
    watch_alerts(runtime.database, settings)
    with runtime.database.read() as uow:
        mails = {mail.kind: mail for mail in uow.session.exec(select(MailRow))}
        clear = compose_mail(uow, mails["all_clear_scan_missing"], settings)
    begun = {"vi": "thứ Ba, 24/11/2026 15:00 +07:00", "en": "Tuesday, 24/11/2026 15:00 +07:00"}[language]
    for message in (alarm, clear):
        for kind in ("plain", "html"):
            body = message.get_body((kind,))
            assert body is not None
            assert begun in body.get_content()
    assert "9999" not in clear.as_string()
    assert {"vi": "BÁO ĐỘNG", "en": "ALARM"}[language] in alarm["Subject"]


def test_the_home_page_can_say_it_in_words(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.read() as uow:
        health = find_health(uow, runtime.settings)
        assert [said.code for said in health.sentences] == ["alerts.never_watched"]
    scan_with_canary(runtime.database, runtime.settings)
    watch_alerts(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        health = find_health(uow, runtime.settings)
        assert (health.is_working, [said.code for said in health.sentences]) == (True, ["alerts.working"])
    clock.advance(timedelta(hours=4))
    with runtime.database.read() as uow:
        assert [said.code for said in find_health(uow, runtime.settings).sentences] == ["alerts.watch_missing"]
