"""The deadlines of a digest as a calendar file (RFC 5545), for the calendar of whoever has to act."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar, Event

from registry.alerts.digest import Advice, DigestLine
from registry.clock import local_day
from registry.settings import Settings

_WORDS: Final = {
    "vi": {
        Advice.EXTEND_BY: "Hạn cuối đề nghị gia hạn chứng thư: {holder}",
        Advice.EXTEND_TODAY: "Hạn cuối đề nghị gia hạn chứng thư: {holder}",
        Advice.ISSUE_ANEW: "Chứng thư hết hạn, cần cấp mới: {holder}",
    },
    "en": {
        Advice.EXTEND_BY: "Last day to ask for the extension: {holder}",
        Advice.EXTEND_TODAY: "Last day to ask for the extension: {holder}",
        Advice.ISSUE_ANEW: "Certificate expires, to be issued anew: {holder}",
    },
}


def write_calendar(lines: Sequence[DigestLine], language: str, settings: Settings, *, at: datetime) -> str | None:
    """One all-day event for each certificate that has not expired, with an alarm a day before; None if there is none.

    The identifier of an event stays the same in every mail, and its sequence grows, so a calendar keeps one entry.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Certificate register//Alerts//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    domain = settings.mail_from.rpartition("@")[2]
    words = _WORDS.get(language, _WORDS["vi"])
    for line in lines:
        if line.advice in words:
            calendar.add_component(_event(line, words[line.advice], domain, settings, at))
    return calendar.to_ical().decode() if calendar.subcomponents else None


def _event(line: DigestLine, words: str, domain: str, settings: Settings, at: datetime) -> Event:
    day: date = local_day(line.not_after) if line.advice is Advice.ISSUE_ANEW else line.extend_by
    title = words.format(holder=line.holder)
    event = Event()
    event.add("uid", f"certificate-{line.certificate_id}@{domain}")
    event.add("dtstamp", at)
    event.add("sequence", local_day(at).toordinal())
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", title)
    event.add("location", line.agency)
    event.add("url", f"{settings.public_url.rstrip('/')}/certificates/{line.certificate_id}")
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(days=-1))
    event.add_component(alarm)
    return event
