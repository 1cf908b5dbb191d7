"""The deadlines of a digest as a calendar file (RFC 5545), for the calendar of whoever has to act."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from registry.alerts.digest import Advice, DigestLine
from registry.clock import local_day
from registry.settings import Settings

_LINE: Final = 75
"""Octets."""
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
    Written here rather than by a library, which takes longer for it than all the rest of a mail; a test reads it back
    with one.
    """
    words = _WORDS.get(language, _WORDS["vi"])
    domain = settings.mail_from.rpartition("@")[2]
    site = settings.public_url.rstrip("/")
    events = [
        field
        for line in lines
        if line.advice in words
        for field in _event(line, words[line.advice].format(holder=line.holder), domain, site, at)
    ]
    if not events:
        return None
    head = ("BEGIN:VCALENDAR", "PRODID:-//Certificate register//Alerts//VI", "VERSION:2.0", "METHOD:PUBLISH")
    return "".join(f"{_fold(field)}\r\n" for field in (*head, *events, "END:VCALENDAR"))


def _event(line: DigestLine, title: str, domain: str, site: str, at: datetime) -> tuple[str, ...]:
    summary = _escape(title)
    return (
        "BEGIN:VEVENT",
        f"UID:certificate-{line.certificate_id}@{domain}",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{local_day(at).toordinal()}",
        f"DTSTART;VALUE=DATE:{line.act_by:%Y%m%d}",
        f"DTEND;VALUE=DATE:{line.act_by + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{summary}",
        f"LOCATION:{_escape(line.agency)}",
        f"URL:{site}/certificates/{line.certificate_id}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{summary}",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
    )


def _escape(text: str) -> str:
    """RFC 5545, 3.3.11. Names were made displayable before, so no control character is left but a line break at most."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _fold(field: str) -> str:
    """RFC 5545, 3.1: at most 75 octets a line, and no letter is divided."""
    octets = field.encode()
    if len(octets) <= _LINE:
        return field
    lines, start, end = [], 0, _LINE
    while end < len(octets):
        while octets[end] & 0b1100_0000 == 0b1000_0000:  # within a letter (RFC 3629)
            end -= 1
        lines.append(octets[start:end])
        start, end = end, end + _LINE - 1  # the space that continues a line is one of its octets
    lines.append(octets[start:])
    return b"\r\n ".join(lines).decode()
