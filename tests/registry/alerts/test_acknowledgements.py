"""What an answer to a mail does: reminders stop until the day that was chosen, and one goes on it."""

from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from pydantic import SecretStr
from sqlmodel import select

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.alerts.acknowledgements import (
    Acknowledgement,
    find_acknowledgeable,
    list_acknowledgements,
    read_acknowledgement,
    recent_acknowledgements,
    record_acknowledgement,
)
from registry.alerts.calendar.planned import preview_mails
from registry.alerts.compose import compose_digest
from registry.alerts.links import VALID_DAYS, LinkPurpose, MailLink
from registry.alerts.scan import scan_expiries
from registry.alerts.tables import ExpiryNoticeRow
from registry.certificates.tables import CertificatePeriodRow, CertificateStatus
from registry.clock import local_day
from registry.errors import NotFound
from registry.forms import FormReader
from registry.mail.headers import MAIL_POLICY
from registry.mail.tables import MailRow
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import as_read

TODAY = date(2026, 11, 23)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def travelled(message: EmailMessage) -> EmailMessage:
    return message_from_bytes(message.as_bytes(policy=MAIL_POLICY), policy=default)


def first_mail(runtime: Runtime) -> MailRow:
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        mail = uow.session.exec(select(MailRow).order_by(MailRow.id)).first()  # type: ignore[arg-type]
    assert mail is not None
    return mail


def token_of(runtime: Runtime, mail: MailRow) -> str:
    """The token as it stands in the mail."""
    with runtime.database.read() as uow:
        text = as_read(compose_digest(uow, mail, runtime.settings)).text
    link = next(line for line in text.splitlines() if "/acknowledge?" in line)
    return parse_qs(urlsplit(link.strip()).query)["token"][0]


def answer(runtime: Runtime, token: str, remind_on: date, *keys: int, requested_on: date | None = TODAY) -> int:
    with runtime.database.write() as uow:
        mail = find_acknowledgeable(uow, token, runtime.settings)
        return record_acknowledgement(uow, mail, Acknowledgement(keys, requested_on, remind_on))


def scan_days(runtime: Runtime, clock: FakeClock, days: int) -> dict[tuple[int, date], int]:
    """Scan every day from tomorrow; return the steps told, by certificate and day."""
    for _ in range(days):
        clock.advance(timedelta(days=1))
        scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        query = select(ExpiryNoticeRow, MailRow).join(MailRow, MailRow.id == ExpiryNoticeRow.mail_id)  # type: ignore[arg-type]
        return {(n.certificate_id, m.day): n.step_days for n, m in uow.session.exec(query) if m.day > TODAY}


def test_reminders_stop_until_the_day_chosen_and_one_goes_on_it(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "UBND xã Đồng Kỳ", "dongky@xa.example")
        answered = add_certificate(uow.session, agency, in_days(60))
        other = add_certificate(uow.session, agency, in_days(60))
    token = token_of(runtime, first_mail(runtime))
    assert answer(runtime, token, in_days(40), answered) == 1
    with runtime.database.read() as uow:
        everybody = Viewer.everything()
        days = {
            ahead: [
                c.certificate_id
                for m in preview_mails(uow, everybody, runtime.settings, day=in_days(ahead))
                for c in m.certificates
            ]
            for ahead in (15, 30, 38, 40, 46)
        }
    told = scan_days(runtime, clock, 68)
    assert {day: step for (key, day), step in told.items() if key == other} == {
        in_days(60 - step): step for step in (45, 30, 14, 7, 1, 0, -7)
    }
    # 45 and 30 fall into the silence; the day chosen, 20 days before the end, is a step of its own. It is a Saturday
    # after New Year's Day, so the reminder goes on New Year's Eve.
    assert {day: step for (key, day), step in told.items() if key == answered} == {
        in_days(38): 20,
        **{in_days(60 - step): step for step in (14, 7, 1, 0, -7)},
    }
    assert days == {15: [other], 30: [other], 38: [answered], 40: [], 46: [answered, other]}


def test_the_day_chosen_is_made_up_for_after_an_outage(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, add_agency(uow.session, "Xã A", "a@xa.example"), in_days(60))
    answer(runtime, token_of(runtime, first_mail(runtime)), in_days(10), key)
    clock.advance(timedelta(days=12))
    assert scan_days(runtime, clock, 1) == {(key, in_days(13)): 50}
    assert scan_days(runtime, clock, 1) == {(key, in_days(13)): 50}


def test_the_same_answer_again_adds_nothing_and_the_latest_counts(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        key = add_certificate(uow.session, add_agency(uow.session, "Xã A", "a@xa.example"), in_days(60))
    token = token_of(runtime, first_mail(runtime))
    assert answer(runtime, token, in_days(30), key) == 1
    assert answer(runtime, token, in_days(30), key) == 0
    clock.advance(timedelta(hours=1))
    assert answer(runtime, token, in_days(15), key, requested_on=None) == 1
    with runtime.database.read() as uow:
        said = list_acknowledgements(uow, key)
    assert [(one.recipient, one.requested_on, one.remind_on) for one in said] == [
        ("a@xa.example", None, in_days(15)),
        ("a@xa.example", TODAY, in_days(30)),
    ]
    assert (key, in_days(15)) in scan_days(runtime, clock, 16)


def test_a_link_reaches_what_its_mail_told_of_and_no_more(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        mine, theirs = add_agency(uow.session, "Xã A", "a@xa.example"), add_agency(uow.session, "Xã B", "b@xa.example")
        keys = [add_certificate(uow.session, mine, in_days(days)) for days in (7, 30)]
        revoked = add_certificate(uow.session, mine, in_days(14))
        add_certificate(uow.session, theirs, in_days(7))
    token = token_of(runtime, first_mail(runtime))
    with runtime.database.write() as uow:
        period = uow.session.exec(
            select(CertificatePeriodRow).where(CertificatePeriodRow.certificate_id == revoked)
        ).one()
        period.status = CertificateStatus.REVOKED
    with runtime.database.read() as uow:
        mail = find_acknowledgeable(uow, token, runtime.settings)
    assert (mail.recipient, [entry.line.certificate_id for entry in mail.lines]) == ("a@xa.example", keys)


def test_a_link_ends(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        add_certificate(uow.session, add_agency(uow.session, "Xã A", "a@xa.example"), in_days(7))
    token = token_of(runtime, first_mail(runtime))
    clock.advance(timedelta(days=VALID_DAYS))
    with runtime.database.read() as uow:
        assert find_acknowledgeable(uow, token, runtime.settings).lines
    clock.advance(timedelta(days=1))
    with runtime.database.read() as uow, pytest.raises(NotFound, match="ended"):
        find_acknowledgeable(uow, token, runtime.settings)


LINK = MailLink(LinkPurpose.ACKNOWLEDGE, 12, in_days(30))
KEYS = Settings(secret_key=SecretStr("k" * 40))


def test_a_token_of_another_key_mail_or_day_is_none(clock: FakeClock) -> None:
    token = LINK.token(KEYS)
    assert MailLink.verify(token, LinkPurpose.ACKNOWLEDGE, KEYS, at=clock.at) == LINK
    signature = token.rpartition(".")[2]
    foreign = LINK.token(Settings(secret_key=SecretStr("x" * 40)))
    for wrong in (foreign, f"13.20261223.{signature}", f"12.20271223.{signature}", token[:-1], token + "A", ""):
        with pytest.raises(NotFound):
            MailLink.verify(wrong, LinkPurpose.ACKNOWLEDGE, KEYS, at=clock.at)


@given(st.text(max_size=60) | st.from_regex(r"[0-9]{1,20}\.[0-9]{8}\.[A-Za-z0-9_-]{43}", fullmatch=True))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_text_is_a_token(clock: FakeClock, text: str) -> None:
    with pytest.raises(NotFound):
        MailLink.verify(text, LinkPurpose.ACKNOWLEDGE, KEYS, at=clock.at)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"remind_on": "07/12/2026"}, {"certificates"}),
        ({"certificate-1": "1"}, {"remind_on"}),
        ({"certificate-1": "1", "remind_on": "23/11/2026"}, {"remind_on"}),
        ({"certificate-1": "1", "remind_on": "23/01/2027"}, {"remind_on"}),
        ({"certificate-1": "1", "remind_on": "22/01/2027"}, set()),
        ({"certificate-1": "1", "remind_on": "24/11/2026", "requested_on": "24/11/2026"}, {"requested_on"}),
        ({"certificate-1": "1", "remind_on": "24/11/2026", "requested_on": "hôm qua"}, {"requested_on"}),
        ({"certificate-9": "1", "remind_on": "24/11/2026"}, {"certificates"}),
    ],
)
def test_what_the_form_takes(typed: dict[str, str], wrong: set[str]) -> None:
    reader = FormReader(typed)
    said = read_acknowledgement(reader, (1, 2), today=TODAY)
    assert set(reader.problems) == wrong
    assert (said is None) == bool(wrong)


def test_an_officer_sees_the_answers_of_the_own_subtree(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        mine, other = add_agency(uow.session, "Xã A", "a@xa.example"), add_agency(uow.session, "Xã B", "b@xa.example")
        key = add_certificate(uow.session, mine, in_days(7))
    answer(runtime, token_of(runtime, first_mail(runtime)), in_days(3), key)
    with runtime.database.read() as uow:
        seen = {
            agency.name: recent_acknowledgements(uow, Viewer(user_id=1, role=Role.OFFICER, agency_path=agency.path))
            for agency in (mine, other)
        }
        everything = recent_acknowledgements(uow, Viewer.everything())
    assert seen == {"Xã A": everything, "Xã B": ()}
    assert [(said.certificate_id, holder) for said, holder in everything] == [(key, "Nguyễn Thị Ngọc Ánh")]


def test_the_deadlines_travel_as_a_calendar_file(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "UBND xã Đồng Kỳ", "dongky@xa.example")
        by = add_certificate(uow.session, agency, in_days(58), holder="Lê Thị Hạnh; phó, A\nB")
        late = add_certificate(uow.session, agency, in_days(6))
        add_certificate(uow.session, agency, in_days(-2))
    mail = first_mail(runtime)
    with runtime.database.read() as uow:
        message = compose_digest(uow, mail, runtime.settings)
    (attached,) = travelled(message).iter_attachments()
    assert isinstance(attached, EmailMessage)
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "han-chung-thu.ics")
    events = Calendar.from_ical(attached.get_content()).events
    assert {str(event["summary"]).partition(": ")[2] for event in events} == {
        "Lê Thị Hạnh; phó, A␊B",
        "Nguyễn Thị Ngọc Ánh",
    }
    assert {(str(event["uid"]), event.start) for event in events} == {
        (f"certificate-{by}@tinh.example", in_days(28)),
        (f"certificate-{late}@tinh.example", local_day(runtime.clock.now()) + timedelta(days=6)),
    }
    assert all(str(event["summary"]).startswith(("Hạn cuối", "Chứng thư hết hạn")) for event in events)
