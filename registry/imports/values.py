"""From the cells of one row to typed values. Whatever cannot be read is named with its column and left out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from certs.legacy_text import LegacyEncoding
from certs.messages import Message, define, message
from certs.names import display_name
from certs.text import fold, normalise
from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody, Medium, SubscriberKind
from registry.clock import VIETNAM, start_of_day
from registry.imports.columns import ListField
from registry.imports.headers import convert_cell, redact
from registry.imports.spreadsheets import Cell, show_cell

BAD_DATE = define(
    "imports.cell.date",
    vi="Cột {column}: “{value}” không phải là ngày (dd/mm/yyyy).",
    en="Column {column}: “{value}” is no date (dd/mm/yyyy).",
)
BAD_SERIAL = define(
    "imports.cell.serial",
    vi="Cột {column}: “{value}” không phải là số hiệu chứng thư (chữ số thập lục phân).",
    en="Column {column}: “{value}” is no serial number (hexadecimal digits).",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RowValues:
    """What one row says, in the types of the register. None: it says nothing about that."""

    serial: str | None = None
    """Lower-case hex, whole octets."""
    sha256: str | None = None
    holder: str | None = None
    kind: SubscriberKind | None = None
    position: str | None = None
    agency: str | None = None
    agency_code: str | None = None
    parent_agency: str | None = None
    tax_code: str | None = None
    budget_code: str | None = None
    email: str | None = None
    medium: Medium | None = None
    device_number: str | None = None
    iccid: str | None = None
    issuer: str | None = None
    issued_at: datetime | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    """The end of the day where the list gives a day."""
    status: CertificateStatus | None = None
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    custody: Custody | None = None
    handed_over_at: datetime | None = None
    handed_over_by: str | None = None
    origin: CertificateEventKind | None = None
    replaces: str | None = None
    """Serial number of the certificate whose place it took."""
    note: str | None = None
    former_position: str | None = None
    former_agency: str | None = None
    exact_times: frozenset[ListField] = frozenset()
    """Times given to the second; the others are days."""


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One row with what could not be read of it."""

    values: RowValues
    problems: tuple[Message, ...]
    originals: Mapping[str, str]
    """Texts as they stood in legacy encoding, by field, to be shown beside their conversion."""

    @property
    def is_empty(self) -> bool:
        """Whether it names no certificate and nobody: a line between groups, a sum, a signature block."""
        values = self.values
        return not any((values.serial, values.sha256, values.email, values.device_number)) and not (
            values.holder and (values.not_after or values.agency)
        )


def parse_row(
    cells: Sequence[Cell],
    mapping: Mapping[int, ListField],
    *,
    labels: Mapping[int, str],
    encodings: Mapping[int, LegacyEncoding],
) -> ParsedRow:
    """Read one row. Never raises; a cell that cannot be read is a problem that names its column."""
    found: dict[str, Any] = {}
    problems: list[Message] = []
    originals: dict[str, str] = {}
    exact: set[ListField] = set()
    for column, field in mapping.items():
        cell = cells[column] if column < len(cells) else None
        if cell is None or field is ListField.NUMBER:
            continue
        label = labels.get(column, str(column + 1))
        encoding = encodings.get(column)
        text, was_secret = redact(normalise(display_name(convert_cell(cell, encoding))))
        if was_secret:
            problems.append(message(SECRET, column=label))
        if text in _NOTHING:
            continue
        if encoding is not None and isinstance(cell, str) and text != normalise(show_cell(cell)):
            originals[field.value] = redact(normalise(display_name(show_cell(cell))))[0]
        try:
            found[field.value] = _READERS[field](text, cell)
        except _BadCell as bad:
            problems.append(message(bad.code, column=label, value=text[:60], **bad.parameters))
            continue
        if field in _DAYS and _has_time(cell, text):
            exact.add(field)
    return ParsedRow(RowValues(**found, exact_times=frozenset(exact)), tuple(problems), originals)


_NOTHING: Final = frozenset(
    {"", "-", "--", "—", "–", "x", "X", "/", ".", "...", "N/A", "n/a", "không", "Không", "null", "NULL"}
)


class _BadCell(ValueError):
    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


def parse_day(text: str) -> datetime | None:
    """Read a day as lists write it, `dd/mm/yyyy` with any of `/ - .`, ISO 8601, or Vietnamese words, with or without a time.

    Times without a zone are those of Viet Nam. None for anything else: `13/25/2020` is not turned round.
    """
    plain = _DAY_WORDS.sub("", fold(text)).strip()
    if match := _DAY.fullmatch(plain):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
        year += 2000 if year < 100 else 0
        parts = (year, month, day, *_clock(match[4]))
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


_YEARS: Final = (1990, 2100)
_DAY_WORDS: Final = re.compile(r"^ngay (?=\d+[/.-])")
_DAY: Final = re.compile(
    r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})(?:[ ,t]+(\d{1,2}:\d{2}(?::\d{2})?))?(?:\s*\+07:?00)?"
)
_VIETNAMESE_DAY: Final = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?")


def _clock(text: str | None) -> tuple[int, int, int]:
    hour, minute, second = ([*map(int, text.split(":")), 0] if text else [0, 0, 0])[:3]
    return hour, minute, second


def _has_time(cell: Cell, text: str) -> bool:
    if isinstance(cell, datetime):
        return (cell.hour, cell.minute, cell.second) != (0, 0, 0)
    return isinstance(cell, str) and ":" in text


def _moment(text: str, cell: Cell) -> datetime:
    if isinstance(cell, datetime):
        moment = cell if cell.tzinfo else cell.replace(tzinfo=VIETNAM)
    elif isinstance(cell, date):
        moment = start_of_day(cell)
    elif isinstance(cell, str) and (parsed := parse_day(text)) is not None:
        moment = parsed
    else:
        # A bare number may be a day's number in any of several calendars; guessing would put people into wrong years.
        raise _BadCell(BAD_DATE)
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise _BadCell(BAD_DATE)
    return moment


def _last_moment(text: str, cell: Cell) -> datetime:
    """The end of a period: a day belongs to it as a whole."""
    moment = _moment(text, cell)
    return moment if _has_time(cell, text) else moment.astimezone(VIETNAM).replace(hour=23, minute=59, second=59)


_HEX: Final = re.compile(r"(?:0x)?([0-9a-f]{1,60})", re.IGNORECASE)
_MOST_EXACT: Final = 2**53
"""Above, a spreadsheet's number stands for several whole numbers."""


def parse_serial(text: str) -> str | None:
    """A serial number in the form of the register, however the octets are separated; None for what is none."""
    match = _HEX.fullmatch(re.sub(r"[\s:.\-]", "", text))
    if match is None:
        return None
    digits = match[1].lower().lstrip("0") or "0"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _serial(text: str, cell: Cell) -> str:
    if isinstance(cell, (int, float)) and (abs(cell) >= _MOST_EXACT or not float(cell).is_integer()):
        raise _BadCell(LOST_DIGITS)
    if re.fullmatch(r"\d+[.,]\d+E\+?\d+", text, re.IGNORECASE):
        raise _BadCell(LOST_DIGITS)
    serial = parse_serial(text)
    if serial is None:
        raise _BadCell(BAD_SERIAL)
    return serial


def _sha256(text: str, cell: Cell) -> str:
    del cell
    digits = re.sub(r"[\s:]", "", text).lower()
    if re.fullmatch(r"[0-9a-f]{64}", digits) is None:
        raise _BadCell(BAD_SERIAL)
    return digits


_EMAIL: Final = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,180}\.[^@\s,;<>.]{1,63}")


def _email(text: str, cell: Cell) -> str:
    del cell
    address = text.lower().replace(" ", "").strip("<>;,")
    if _EMAIL.fullmatch(address) is None:
        raise _BadCell(BAD_EMAIL)
    return address


def _text(limit: int) -> Callable[[str, Cell], str]:
    def read(text: str, cell: Cell) -> str:
        del cell
        if len(text) > limit:
            raise _BadCell(TOO_LONG, length=len(text), limit=limit)
        return text

    return read


def _code(text: str, cell: Cell) -> str:
    del cell
    return _text(35)("".join(text.split()).strip("'"), None)


def _iccid(text: str, cell: Cell) -> str:
    digits = re.sub(r"[\s.\-']", "", text)
    if isinstance(cell, (int, float)) and abs(cell) >= _MOST_EXACT:
        raise _BadCell(LOST_DIGITS)
    if re.fullmatch(r"[0-9A-Fa-f]{10,22}", digits) is None:
        raise _BadCell(BAD_WORD)
    return digits


def _words(*choices: tuple[str, Any]) -> Callable[[str, Cell], Any]:
    """Read a word; the first choice one of whose words occurs in the text is taken."""
    compiled = tuple((re.compile(rf"\b(?:{words})\b"), member) for words, member in choices)

    def read(text: str, cell: Cell) -> Any:
        del cell
        folded = fold(text)
        for pattern, member in compiled:
            if pattern.search(folded):
                return member
        raise _BadCell(BAD_WORD)

    return read


_KIND = _words(
    ("thiet bi|phan mem|dich vu|server|he thong|device", SubscriberKind.DEVICE),
    ("nguoi|ca nhan|can bo|person|cn", SubscriberKind.PERSON),
    ("co quan|to chuc|don vi|organi[sz]ation|tc|con dau", SubscriberKind.ORGANISATION),
)
_MEDIUM = _words(
    ("sim|sim pki|mobile", Medium.SIM),
    ("hsm|tap trung|central|tu xa|remote", Medium.CENTRAL),
    ("token|usb|usb token|the", Medium.TOKEN),
    ("unknown|not known|khong ro|chua ro", Medium.UNKNOWN),
)
_STATUS = _words(
    ("tam dung|tam ngung|suspended", CertificateStatus.SUSPENDED),
    ("thu hoi|huy|revoked", CertificateStatus.REVOKED),
    # Expiry is no state of its own: it follows from the validity.
    ("hieu luc|hoat dong|su dung|active|expired|het han|valid|con han|not_yet_valid|da cap", CertificateStatus.ACTIVE),
)
_CUSTODY = _words(
    ("chua ban giao|chua giao|not_handed_over|not handed over", Custody.NOT_HANDED_OVER),
    ("tra|thu hoi|thu lai|nop lai|returned", Custody.RETURNED),
    ("mat|that lac|lost", Custody.LOST),
    ("khoa|locked", Custody.LOCKED),
    ("ban giao|da giao|da nhan|su dung|handed_over|handed over", Custody.HANDED_OVER),
)
_REASON = _words(
    ("keycompromise|lo khoa|mat thiet bi|mat token|hong", "keyCompromise"),
    ("affiliationchanged|chuyen|thay doi|sap nhap|hop nhat|dieu dong|luan chuyen", "affiliationChanged"),
    ("superseded|thay the|cap lai|cap moi", "superseded"),
    ("privilegewithdrawn|theo yeu cau|vi pham", "privilegeWithdrawn"),
    ("cessationofoperation|nghi huu|nghi viec|giai the|cham dut|ngung|dung|chet|tu tran", "cessationOfOperation"),
    ("unspecified|khac", "unspecified"),
)
_ORIGIN = _words(
    ("extended|gia han", CertificateEventKind.EXTENDED),
    ("content_changed|changed content|thay doi", CertificateEventKind.CONTENT_CHANGED),
    ("renewed|cap lai", CertificateEventKind.RENEWED),
    ("issued|cap moi|moi", CertificateEventKind.ISSUED),
)

_DAYS: Final = frozenset(
    {
        *(ListField.ISSUED_AT, ListField.NOT_BEFORE, ListField.NOT_AFTER),
        *(ListField.REVOKED_AT, ListField.HANDED_OVER_AT),
    }
)
_READERS: Final[Mapping[ListField, Callable[[str, Cell], Any]]] = {
    ListField.SERIAL: _serial,
    ListField.SHA256: _sha256,
    ListField.HOLDER: _text(300),
    ListField.KIND: _KIND,
    ListField.POSITION: _text(200),
    ListField.AGENCY: _text(300),
    ListField.AGENCY_CODE: _code,
    ListField.PARENT_AGENCY: _text(300),
    ListField.TAX_CODE: _code,
    ListField.BUDGET_CODE: _code,
    ListField.EMAIL: _email,
    ListField.MEDIUM: _MEDIUM,
    ListField.DEVICE_NUMBER: _text(60),
    ListField.ICCID: _iccid,
    ListField.ISSUER: _text(400),
    ListField.ISSUED_AT: _moment,
    ListField.NOT_BEFORE: _moment,
    ListField.NOT_AFTER: _last_moment,
    ListField.STATUS: _STATUS,
    ListField.REVOKED_AT: _moment,
    ListField.REVOCATION_REASON: _REASON,
    ListField.CUSTODY: _CUSTODY,
    ListField.HANDED_OVER_AT: _moment,
    ListField.HANDED_OVER_BY: _text(200),
    ListField.ORIGIN: _ORIGIN,
    ListField.REPLACES: _serial,
    ListField.NOTE: _text(1000),
    ListField.FORMER_POSITION: _text(200),
    ListField.FORMER_AGENCY: _text(300),
}
