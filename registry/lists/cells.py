"""Cells of a list as typed values, whatever kind of list it is. What cannot be read is named with its column and left out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from certs.legacy_text import LegacyEncoding
from certs.messages import Message, define, message
from certs.names import display_name
from certs.text import fold, normalise
from registry.clock import VIETNAM, start_of_day
from registry.lists.headers import convert_cell, redact
from registry.lists.spreadsheets import Cell, show_cell

F = TypeVar("F", bound=StrEnum)

CellReader = Callable[[str, Cell], Any]
"""Gets the text of a cell, cleaned and converted, and the cell itself; raises `BadCell`."""

BAD_DATE = define(
    "imports.cell.date",
    vi="Cột {column}: “{value}” không phải là ngày (dd/mm/yyyy).",
    en="Column {column}: “{value}” is no date (dd/mm/yyyy).",
)
NUMBER_FOR_DATE = define(
    "imports.cell.number_for_date",
    vi="Cột {column}: ô chứa số {value}, không phải ngày. Hãy định dạng cột thành ngày trong bảng tính rồi nộp lại.",
    en="Column {column}: the cell holds the number {value}, no date. Format the column as dates in the spreadsheet.",
)
LOST_DIGITS = define(
    "imports.cell.lost_digits",
    vi="Cột {column}: bảng tính đã đổi số hiệu thành số và làm mất chữ số ({value}). Hãy định dạng cột là văn bản.",
    en="Column {column}: the spreadsheet made a number of it and lost digits ({value}). Format the column as text.",
)
BAD_EMAIL = define(
    "imports.cell.email",
    vi="Cột {column}: “{value}” không phải là địa chỉ thư điện tử.",
    en="Column {column}: “{value}” is no e-mail address.",
)
BAD_WORD = define(
    "imports.cell.word",
    vi="Cột {column}: không hiểu giá trị “{value}”.",
    en="Column {column}: the value “{value}” is not understood.",
)
TOO_LONG = define(
    "imports.cell.too_long",
    vi="Cột {column}: nội dung dài {length} ký tự, quá giới hạn {limit}.",
    en="Column {column}: the content is {length} characters long, past the limit of {limit}.",
)
SECRET = define(
    "imports.cell.secret",
    vi="Cột {column}: đã bỏ mật khẩu hoặc mã PIN ghi trong ô; hệ thống không lưu bí mật.",
    en="Column {column}: a password or PIN in the cell was taken out; no secret is stored.",
)


@dataclass(frozen=True, slots=True)
class CellsRead(Generic[F]):
    """What the cells of one row say, by field."""

    values: Mapping[F, Any]
    problems: tuple[Message, ...]
    originals: Mapping[str, str]
    """Texts as they stood in legacy encoding, by field."""
    exact_times: frozenset[F]
    """Times given to the second; the others are days."""


def read_cells(
    cells: Sequence[Cell],
    mapping: Mapping[int, F],
    readers: Mapping[F, CellReader],
    *,
    labels: Mapping[int, str],
    encodings: Mapping[int, LegacyEncoding],
) -> CellsRead[F]:
    """Read one row; fields without a reader are passed over. Never raises for content."""
    found: dict[F, Any] = {}
    problems: list[Message] = []
    originals: dict[str, str] = {}
    exact: set[F] = set()
    for column, field in mapping.items():
        cell = cells[column] if column < len(cells) else None
        if cell is None or field not in readers:
            continue
        label = labels.get(column, str(column + 1))
        encoding = encodings.get(column)
        # Lines broken inside a cell are one line here; what cannot be seen otherwise is shown as what it is.
        text, was_secret = redact(normalise(display_name(normalise(convert_cell(cell, encoding)))))
        if was_secret:
            problems.append(message(SECRET, column=label))
        if text in _NOTHING:
            continue
        if encoding is not None and isinstance(cell, str) and text != normalise(show_cell(cell)):
            originals[field.value] = redact(normalise(display_name(show_cell(cell))))[0]
        try:
            found[field] = readers[field](text, cell)
        except BadCell as bad:
            problems.append(message(bad.code, column=label, value=text[:60], **bad.parameters))
            continue
        if isinstance(found[field], datetime) and has_time(cell, text):
            exact.add(field)
    return CellsRead(found, tuple(problems), originals, frozenset(exact))


_NOTHING: Final = frozenset(
    {"", "-", "--", "—", "–", "x", "X", "/", ".", "...", "N/A", "n/a", "không", "Không", "null", "NULL"}
)


class BadCell(ValueError):
    """A cell that cannot be read: the code of the message that says why, and its parameters."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


def parse_day(text: str) -> datetime | None:
    """Read a day as lists write it, with or without a time: `dd/mm/yyyy` with any of `/ - .`, the year first, in words.

    Times without a zone are those of Viet Nam. None for anything else: `13/25/2020` is not turned round.
    """
    plain = _DAY_WORDS.sub("", fold(text)).strip()
    if match := _DAY.fullmatch(plain):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
        year += 2000 if year < 100 else 0
        parts = (year, month, day, *_clock(match[4], match[5]))
    elif (match := _NAMED_MONTH.fullmatch(plain)) and match[2] in _MONTHS:
        year = int(match[3])
        parts = (year + 2000 if year < 100 else year, _MONTHS.index(match[2]) + 1, int(match[1]), 0, 0, 0)
    elif match := _YEAR_FIRST.fullmatch(plain):
        parts = (int(match[1]), int(match[2]), int(match[3]), 0, 0, 0)
    elif match := _VIETNAMESE_DAY.fullmatch(plain):
        parts = (int(match[3]), int(match[2]), int(match[1]), 0, 0, 0)
    elif match := _ISO.fullmatch(text.strip()):
        try:
            moment = datetime.fromisoformat(match[0])
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
    else:
        return None
    try:
        return datetime(*parts, tzinfo=VIETNAM) if _YEARS[0] <= parts[0] <= _YEARS[1] else None
    except ValueError:
        return None


_YEARS: Final = (1900, 2200)
_DAY_WORDS: Final = re.compile(r"^ngay (?=\d+[/.-])")
_DAY: Final = re.compile(
    r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})(?:[ ,t]+(\d{1,2}:\d{2}(?::\d{2})?)(?: ?(sa|ch|am|pm))?)?"
    r"(?:\s*\+07:?00)?"
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_NAMED_MONTH: Final = re.compile(r"(\d{1,2})[- ]([a-z]{3})[- ](\d{4}|\d{2})")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_VIETNAMESE_DAY: Final = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?")


def _clock(text: str | None, half: str | None) -> tuple[int, int, int]:
    """`half`: `SA` and `CH` as Windows writes morning and afternoon here, or `AM` and `PM`."""
    hour, minute, second = ([*map(int, text.split(":")), 0] if text else [0, 0, 0])[:3]
    if half:
        hour = hour % 12 + (12 if half in ("ch", "pm") else 0)
    return hour, minute, second


def has_time(cell: Cell, text: str) -> bool:
    """Whether the cell gives a time of day."""
    if isinstance(cell, datetime):
        return (cell.hour, cell.minute, cell.second) != (0, 0, 0)
    return isinstance(cell, str) and ":" in text


def moment_within(first: int, last: int) -> Callable[[str, Cell], datetime]:
    """Make the reader of moments, or beginnings of days in Viet Nam, between two years."""

    def read(text: str, cell: Cell) -> datetime:
        if isinstance(cell, datetime):
            moment = cell if cell.tzinfo else cell.replace(tzinfo=VIETNAM)
        elif isinstance(cell, date):
            moment = start_of_day(cell)
        elif isinstance(cell, str) and (parsed := parse_day(text)) is not None:
            moment = parsed
        else:
            # A bare number may be a day's number in any of several calendars; guessing would put people into wrong years.
            raise BadCell(NUMBER_FOR_DATE if isinstance(cell, (int, float)) else BAD_DATE)
        if not first <= moment.year <= last:
            raise BadCell(BAD_DATE)
        return moment

    return read


read_moment: Final = moment_within(1990, 2100)
"""Reads what concerns certificates, of which there are none from earlier years."""


def read_last_moment(text: str, cell: Cell) -> datetime:
    """The end of a period: a day belongs to it as a whole."""
    moment = read_moment(text, cell)
    return moment if has_time(cell, text) else moment.astimezone(VIETNAM).replace(hour=23, minute=59, second=59)


_EMAIL: Final = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,180}\.[^@\s,;<>.]{1,63}")


def read_email(text: str, cell: Cell) -> str:
    """An e-mail address in lower case."""
    del cell
    address = text.lower().replace(" ", "").removeprefix("mailto:").strip("<>;,.")
    if not address.isascii() or _EMAIL.fullmatch(address) is None:
        raise BadCell(BAD_EMAIL)
    return address


def read_text(limit: int) -> Callable[[str, Cell], str]:
    """Make the reader of texts of at most `limit` characters."""

    def read(text: str, cell: Cell) -> str:
        del cell
        if len(text) > limit:
            raise BadCell(TOO_LONG, length=len(text), limit=limit)
        return text

    return read


def read_code(text: str, cell: Cell) -> str:
    """A code of at most 35 characters, without blanks."""
    del cell
    return read_text(35)("".join(text.split()).strip("'"), None)


def read_words(*choices: tuple[str, Any]) -> Callable[[str, Cell], Any]:
    """Make the reader of words; the first choice one of whose words occurs in the text is taken. None: not understood."""
    compiled = tuple((re.compile(rf"\b(?:{words})\b"), member) for words, member in choices)

    def read(text: str, cell: Cell) -> Any:
        del cell
        folded = fold(text)
        for pattern, member in compiled:
            if pattern.search(folded):
                if member is None:
                    break
                return member
        raise BadCell(BAD_WORD)

    return read
