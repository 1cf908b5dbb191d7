"""The calendar file reads back, with a library that is not ours, as what was put into it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from certs.names import display_name
from registry.alerts.calendar_file import write_calendar
from registry.alerts.digest import Advice, DigestLine
from registry.certificates.tables import Medium, SubscriberKind
from registry.clock import start_of_day
from registry.settings import Settings

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NAMES = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(["Nguyễn", "a;b", "c,d", "e\\n", "🏛", '"']), max_size=40).map(" ".join),
)


def line(number: int, holder: str, agency: str, advice: Advice, day: date) -> DigestLine:
    return DigestLine(
        certificate_id=number,
        holder=display_name(holder),
        position="",
        agency=display_name(agency),
        serial="01",
        medium=Medium.TOKEN,
        device="",
        not_after=start_of_day(day) + timedelta(hours=17),
        left=1,
        advice=advice,
        extend_by=day - timedelta(days=30),
        act_by=day if advice is Advice.ISSUE_ANEW else day - timedelta(days=30),
        kind=SubscriberKind.PERSON,
    )


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(NAMES, NAMES, st.sampled_from(Advice), st.dates(date(2026, 1, 1), date(2099, 1, 1))), max_size=4)
)
def test_what_is_written_reads_back(given_lines: list[tuple[str, str, Advice, date]]) -> None:
    lines = [line(number, *each) for number, each in enumerate(given_lines)]
    written = write_calendar(lines, "vi", Settings(), at=AT)
    wanted = [each for each in lines if each.advice is not Advice.EXPIRED]
    if not wanted:
        assert written is None
        return
    assert written is not None
    assert all(len(text.encode()) <= 75 for text in written.split("\r\n"))
    calendar = Calendar.from_ical(written)
    assert calendar["method"] == "PUBLISH"
    assert len(calendar.events) == len(wanted)
    for event, each in zip(calendar.events, wanted, strict=True):
        assert str(event["uid"]) == f"certificate-{each.certificate_id}@tinh.example"
        assert str(event["summary"]).partition(": ")[2] == each.holder
        assert str(event["location"]) == each.agency
        assert str(event["url"]) == f"http://127.0.0.1:8000/certificates/{each.certificate_id}"
        assert (event.start, event.end) == (each.act_by, each.act_by + timedelta(days=1))
        assert event["dtstamp"].dt == AT
        assert event["sequence"] == AT.date().toordinal()
        (alarm,) = event.subcomponents
        assert (str(alarm["action"]), alarm["trigger"].dt) == ("DISPLAY", timedelta(days=-1))
