"""How values are written on pages and in reports: days and times of Viet Nam, counts, hashes."""

from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from babel.dates import format_date

from registry.clock import FOREVER, local_day, local_time

UNKNOWN: Final = "—"


def format_day(value: date | datetime | None) -> str:
    """`23/11/2026`, the day in Viet Nam."""
    if value is None or value == FOREVER:
        return UNKNOWN
    day = local_day(value) if isinstance(value, datetime) else value
    return f"{day:%d/%m/%Y}"


def format_weekday(value: date, language: str) -> str:
    """`Thứ Hai, 23/11/2026`: a day with its name, where people plan by it."""
    return f"{format_date(value, 'EEEE', locale=language)}, {value:%d/%m/%Y}"


def format_moment(value: datetime | str | None) -> str:
    """`23/11/2026 14:05 +07:00`; text is read as ISO 8601 and shown as it is when it is not that.

    No zone is claimed where none was given.
    """
    if value is None or value == FOREVER:
        return UNKNOWN
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
    else:
        moment = value
    if moment.tzinfo is None:
        return f"{moment:%d/%m/%Y %H:%M}"
    return f"{local_time(moment):%d/%m/%Y %H:%M} +07:00"


def format_count(value: int, language: str) -> str:
    """`2.098` in Vietnamese, `2,098` in English."""
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", ".")


def format_share(value: float, language: str) -> str:
    """A share between 0 and 1 as percent with at most one decimal, never rounded up to 100 %."""
    percent = int(value * 1000) / 10
    text = f"{percent:.0f}" if percent == int(percent) else f"{percent:.1f}"
    return f"{text if language == 'en' else text.replace('.', ',')} %"


def format_size(size: int, language: str) -> str:
    """A file size in the unit that people read: `1,4 MB`."""
    if size < 1024:
        return f"{size} B"
    value, unit = (size / 1024, "KB") if size < 1024 * 1024 else (size / 1024 / 1024, "MB")
    text = f"{value:.1f}" if value < 10 else f"{value:.0f}"
    return f"{text if language == 'en' else text.replace('.', ',')} {unit}"


def group_in_fours(value: str) -> str:
    """A hash or serial in groups of four characters."""
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def local_target(target: str | None) -> str:
    """`target` when it is a place on this site, else `/`: a link must not carry a person to another site."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    if any(ord(character) < 32 for character in target):
        return "/"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/"
