"""What a signer claims about the time, and how that fits the time-stamps (EN 319 102-1, 5.4; ISO 32000-2, 7.9.4)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from certs.messages import Message, message
from certs.validation import messages

VIET_NAM = timezone(timedelta(hours=7))
_HABIT = timedelta(hours=7)
_HABIT_TOLERANCE = timedelta(minutes=45)
"""Clocks of time-stamping units are minutes off; the habit is recognised around seven hours."""
_PDF_DATE = re.compile(
    r"D?:?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:(Z)|([+-])(\d{2})'?(\d{2})?'?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class ClaimedTime:
    """The claim in UTC, and what is to be said about it."""

    time: datetime | None
    warnings: tuple[Message, ...]
    notes: tuple[Message, ...]
    habit: Message | None
    """Set when the claim is local time marked as UTC."""


@dataclass(frozen=True, slots=True)
class PDFDate:
    """A date of ISO 32000-2, 7.9.4: the digits, and the offset when one is written."""

    local: datetime
    """The digits as if in UTC; see `time`."""
    offset: timedelta | None

    @property
    def time(self) -> datetime | None:
        """The moment in UTC; None without an offset, for then nobody knows it."""
        return self.local - self.offset if self.offset is not None else None


def parse_pdf_date(text: str | None) -> PDFDate | None:
    """Read a PDF date; None when it is none."""
    match = _PDF_DATE.match(text or "")
    if match is None:
        return None
    year, month, day, hour, minute, second, zulu, sign, hours, minutes = match.groups()
    try:
        local = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) if zulu or sign else None
        result = PDFDate(local, -offset if offset is not None and sign == "-" else offset)
        _ = result.time
    except (ValueError, OverflowError):
        return None
    return result


def assess_claimed_time(
    dictionary_time: str | None, attribute: datetime | None, timestamp: datetime | None
) -> ClaimedTime:
    """Bring /M, the signing-time attribute and an authentic time-stamp together. The time-stamp is never shifted.

    Desktop tools of this PKI write the attribute as local time marked as UTC while /M has the right offset.
    """
    written = parse_pdf_date(dictionary_time)
    moment = written.time if written is not None else None
    claim = moment or attribute
    warnings: list[Message] = []
    notes: list[Message] = []
    habit: Message | None = None
    if attribute is not None and _is_local_marked_utc(attribute, written, timestamp):
        meant = _local(attribute)
        habit = message(messages.CLAIMED_TIME_IS_LOCAL, local=meant)
        warnings.append(habit)
    if claim is not None and timestamp is not None and not (habit is not None and moment is None):
        difference = claim - timestamp
        days, hours = round(abs(difference) / timedelta(days=1)), round(abs(difference) / timedelta(hours=1))
        if difference >= timedelta(days=2):
            warnings.append(message(messages.CLAIMED_TIME_AFTER_DAYS, days=days))
        elif difference >= timedelta(hours=1):
            warnings.append(message(messages.CLAIMED_TIME_AFTER_HOURS, hours=hours))
        elif difference >= timedelta(minutes=1):
            notes.append(message(messages.CLAIMED_TIME_AFTER_MINUTES, minutes=round(difference / timedelta(minutes=1))))
        elif difference <= -timedelta(days=1):
            warnings.append(message(messages.CLAIMED_TIME_LONG_BEFORE, days=days))
    return ClaimedTime(claim, tuple(warnings), tuple(notes), habit)


def _is_local_marked_utc(attribute: datetime, written: PDFDate | None, timestamp: datetime | None) -> bool:
    if written is not None and written.offset is not None:
        same_digits = abs(attribute - written.local) <= timedelta(minutes=2)
        return same_digits and written.offset == _HABIT
    if timestamp is not None:
        return abs(attribute - timestamp - _HABIT) <= _HABIT_TOLERANCE
    return False


def _local(attribute: datetime) -> str:
    return attribute.strftime("%d/%m/%Y %H:%M:%S +07:00")


def show(moment: datetime) -> str:
    """A moment as offices write it: in Viet Nam time with its offset; the last hours that there are, in UTC."""
    try:
        local = moment.astimezone(VIET_NAM)
    except OverflowError:
        # 99991231235959Z: no end is known (RFC 5280, 4.1.2.5).
        return moment.strftime("%d/%m/%Y %H:%M:%S +00:00")
    return local.strftime("%d/%m/%Y %H:%M:%S +07:00")
