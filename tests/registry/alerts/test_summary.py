"""The weekly summary: once a week, with the register's own numbers and a chart, and only for who wants it."""

from datetime import date, datetime, timedelta
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import pytest
from PIL import Image
from sqlmodel import select

from registry.accounts.viewer import Viewer
from registry.alerts import scan
from registry.alerts.canary import scan_with_canary
from registry.alerts.coverage import tell_coverage
from registry.alerts.summary.figures import find_expiring, find_told, find_uncovered, find_working
from registry.alerts.summary.mail import summarise_week
from registry.alerts.summary.opt_out import WEEKLY_SUMMARY
from registry.alerts.tables import AcknowledgementRow
from registry.alerts.watch import watch_alerts
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import count_certificates
from registry.certificates.tables import SubscriberKind
from registry.mail.headers import MAIL_POLICY
from registry.mail.tables import MailRow, MailState
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import at_once, body, read_mail, told

MONDAY = date(2026, 11, 23)
ADMINISTRATORS = "chungthuso@tinh.example"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def parameters_of(url: str) -> CertificateQuery:
    now = datetime.fromisoformat("2026-11-23T09:00:00+07:00")
    return CertificateQuery.from_parameters(parse_qsl(urlsplit(url).query), now=now)


def test_once_a_week_from_its_hour_on_whenever_the_job_runs(runtime: Runtime, clock: FakeClock) -> None:
    clock.at = datetime.fromisoformat(
        "2026-11-18T10:00:00+07:00"
    )  # a Wednesday: that week's was due before there was one
    for _ in range(24 * 16):
        summarise_week(runtime.database, runtime.settings)
        clock.advance(timedelta(hours=1))
    assert told(runtime.database, WEEKLY_SUMMARY) == [(ADMINISTRATORS, MONDAY), (ADMINISTRATORS, date(2026, 11, 30))]
    with runtime.database.read() as uow:
        written = [mail.created_at.isoformat() for mail in uow.session.exec(select(MailRow))]
    assert written == ["2026-11-23T00:00:00+00:00", "2026-11-30T00:00:00+00:00"]
    # After an outage of two and a half weeks there is one for the latest week, and none for those that were missed.
    clock.advance(timedelta(days=18))
    at_once(5, lambda: summarise_week(runtime.database, runtime.settings))
    assert told(runtime.database, WEEKLY_SUMMARY)[2:] == [(ADMINISTRATORS, date(2026, 12, 21))]


@SQLITE
def test_day_and_hour_are_settings(runtime: Runtime, clock: FakeClock) -> None:
    clock.at = datetime.fromisoformat("2026-11-19T15:59:00+07:00")
    settings = runtime.settings.model_copy(update={"summary_weekday": "thursday", "summary_hour": 16})
    never = runtime.settings.model_copy(update={"summary_weekday": "never"})
    assert not summarise_week(runtime.database, settings)
    clock.advance(timedelta(minutes=2))
    assert not summarise_week(runtime.database, never)
    assert summarise_week(runtime.database, settings)
    assert told(runtime.database, WEEKLY_SUMMARY) == [(ADMINISTRATORS, date(2026, 11, 19))]


def test_its_numbers_are_those_of_the_lists_behind_them(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        first = add_agency(uow.session, "Xã Chu Điện", "chu@xa.example")
        second = add_agency(uow.session, "Xã Yên Mỹ", "yen@xa.example")
        for agency, days in ((first, (0, 5, 27, 28, 83, 84)), (second, (6, 30, -1))):
            for day in days:
                add_certificate(uow.session, agency, MONDAY + timedelta(days=day))
        add_certificate(uow.session, second, MONDAY + timedelta(days=3), is_replaced=True)
        for number in range(20):
            other = add_agency(uow.session, f"Trường {number}", None)
            add_certificate(uow.session, other, MONDAY + timedelta(days=40))
    with runtime.database.read() as uow:
        found = find_expiring(uow, runtime.settings, MONDAY)
        assert found.totals == (4, 26, 27)
        assert [week.count for week in found.weeks] == [3, 0, 0, 1, 2, 20, 0, 0, 0, 0, 0, 1]
        assert [(line.name, line.counts) for line in found.agencies[:2]] == [
            ("Xã Chu Điện", (3, 4, 5)),
            ("Xã Yên Mỹ", (1, 2, 2)),
        ]
        assert (found.others, found.others_count) == ((0, 7, 7), 7)
        for url, count in ((found.url, 27), (found.agencies[0].url, 5)):
            assert count_certificates(uow, Viewer.everything(), parameters_of(url)) == count


def test_what_happened_in_the_week(runtime: Runtime, clock: FakeClock) -> None:
    clock.at = datetime.fromisoformat("2026-11-16T08:00:00+07:00")
    monday = date(2026, 11, 16)
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã Chu Điện", "chu@xa.example")
        told_of = [add_certificate(uow.session, agency, monday + timedelta(days=days)) for days in (20, 60)]
        add_certificate(uow.session, agency, monday + timedelta(days=2), kind=SubscriberKind.ORGANISATION)
    watch_alerts(runtime.database, runtime.settings)
    for day in range(7):
        tell_coverage(runtime.database, runtime.settings)
        if day == 3:
            with pytest.MonkeyPatch.context() as patch, pytest.raises(RuntimeError):
                patch.setattr(scan, "iter_due", fail)
                scan_with_canary(runtime.database, runtime.settings)
        else:
            scan_with_canary(runtime.database, runtime.settings)
        watch_alerts(runtime.database, runtime.settings)
        if day == 0:
            with runtime.database.write() as uow:
                mail = uow.session.exec(select(MailRow).where(MailRow.kind == "expiry_digest")).one()
                mail.state, mail.sent_at = MailState.SENT, uow.now
                uow.session.add(
                    AcknowledgementRow(
                        certificate_id=told_of[0],
                        mail_id=mail.id or 0,
                        recipient="chu@xa.example",
                        requested_on=monday,
                        remind_on=MONDAY,
                        recorded_at=uow.now,
                    )
                )
        clock.advance(timedelta(days=1))
    with runtime.database.read() as uow:
        said = find_told(uow, monday, MONDAY - timedelta(days=1))
        assert (said.mails, said.certificates, said.answered, said.requested, said.refused) == (1, 3, 1, 1, 0)
        uncovered = find_uncovered(uow, runtime.settings, monday, MONDAY - timedelta(days=1))
        assert (uncovered.count, uncovered.newly, uncovered.newly_count) == (1, ("Xã Chu Điện",), 1)
        working = find_working(uow, monday, MONDAY - timedelta(days=1))
        assert (working.days, working.scanned_days, working.failed_scans) == (7, 6, 1)
        assert [spell.kind for spell in working.alarms] == ["due_unsent"]  # nobody sends the mail of the scans
        assert not working.is_fine


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("broken")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_message_carries_its_chart_and_a_way_out(runtime: Runtime, language: str) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Xã <b>Chu</b> Điện", "chu@xa.example")
        add_certificate(uow.session, agency, MONDAY + timedelta(days=5))
    assert summarise_week(runtime.database, runtime.settings)
    settings = runtime.settings
    message = read_mail(runtime, WEEKLY_SUMMARY, ADMINISTRATORS, language=language)
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 1
    assert pictures[0]["Content-ID"] == "<expiring>"
    with Image.open(BytesIO(pictures[0].get_payload(decode=True))) as picture:  # type: ignore[arg-type]
        assert picture.width == 800
    html, text = body(message, "html"), body(message)
    assert 'src="cid:expiring"' in html
    assert "Xã &lt;b&gt;Chu&lt;/b&gt; Điện" in html
    for week in ("23/11", "30/11", "08/02"):
        assert f"{week}: " in html
        assert week in text
    unsubscribe = f"<{settings.public_url}/unsubscribe?token="
    assert message["List-Unsubscribe"].startswith(unsubscribe)
    assert f"{settings.public_url}/unsubscribe?token=" in text
    assert b"multipart/related" in message.as_bytes(policy=MAIL_POLICY)


@SQLITE
def test_one_click_needs_https(runtime: Runtime) -> None:
    summarise_week(runtime.database, runtime.settings)
    assert read_mail(runtime, WEEKLY_SUMMARY, ADMINISTRATORS)["List-Unsubscribe-Post"] is None
    object.__setattr__(runtime, "settings", runtime.settings.model_copy(update={"public_url": "https://so.example"}))
    message = read_mail(runtime, WEEKLY_SUMMARY, ADMINISTRATORS)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
