"""From the cells of one row of a list of certificates to typed values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.legacy_text import LegacyEncoding
from certs.messages import Message, define
from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody, Medium, SubscriberKind
from registry.imports.cells import (
    BAD_WORD,
    LOST_DIGITS,
    BadCell,
    CellReader,
    read_cells,
    read_code,
    read_email,
    read_last_moment,
    read_moment,
    read_text,
    read_words,
)
from registry.imports.columns import ListField
from registry.imports.spreadsheets import Cell

BAD_SERIAL = define(
    "imports.cell.serial",
    vi="Cột {column}: “{value}” không phải là số hiệu chứng thư (chữ số thập lục phân).",
    en="Column {column}: “{value}” is no serial number (hexadecimal digits).",
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
    """Serial number, or SHA-256, of the certificate whose place it took."""
    named_agency_code: str | None = None
    """Of the agency that the certificate names, where another one is responsible for it."""
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
    read = read_cells(cells, mapping, READERS, labels=labels, encodings=encodings)
    values = {field.value: value for field, value in read.values.items()}
    return ParsedRow(RowValues(**values, exact_times=read.exact_times), read.problems, read.originals)


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
        raise BadCell(LOST_DIGITS)
    if re.fullmatch(r"\d+[.,]\d+E\+?\d+", text, re.IGNORECASE):
        raise BadCell(LOST_DIGITS)
    serial = parse_serial(text)
    if serial is None:
        raise BadCell(BAD_SERIAL)
    return serial


def _sha256(text: str, cell: Cell) -> str:
    del cell
    digits = re.sub(r"[\s:]", "", text).lower()
    if re.fullmatch(r"[0-9a-f]{64}", digits) is None:
        raise BadCell(BAD_SERIAL)
    return digits


def _replaced(text: str, cell: Cell) -> str:
    """A serial number, or the fingerprint where the register that wrote the list knew it."""
    digits = text.lower()
    return digits if re.fullmatch(r"[0-9a-f]{64}", digits) else _serial(text, cell)


def _iccid(text: str, cell: Cell) -> str:
    digits = re.sub(r"[\s.\-']", "", text)
    if isinstance(cell, (int, float)) and abs(cell) >= _MOST_EXACT:
        raise BadCell(LOST_DIGITS)
    if re.fullmatch(r"[0-9A-Fa-f]{10,22}", digits) is None:
        raise BadCell(BAD_WORD)
    return digits


_KIND = read_words(
    ("thiet bi|phan mem|dich vu|server|he thong|device", SubscriberKind.DEVICE),
    ("nguoi|ca nhan|can bo|person|cn", SubscriberKind.PERSON),
    ("co quan|to chuc|don vi|organi[sz]ation|tc|con dau", SubscriberKind.ORGANISATION),
)
_MEDIUM = read_words(
    ("sim|sim pki|mobile", Medium.SIM),
    ("hsm|tap trung|central|tu xa|remote", Medium.CENTRAL),
    ("token|usb|usb token|the", Medium.TOKEN),
    ("unknown|not known|khong ro|chua ro", Medium.UNKNOWN),
)
_STATUS = read_words(
    ("tam dung|tam ngung|suspended", CertificateStatus.SUSPENDED),
    ("thu hoi|huy|revoked", CertificateStatus.REVOKED),
    # Expiry is no state of its own: it follows from the validity.
    ("hieu luc|hoat dong|su dung|active|expired|het han|valid|con han|not_yet_valid|da cap", CertificateStatus.ACTIVE),
)
_CUSTODY = read_words(
    ("chua ban giao|chua giao|not_handed_over|not handed over", Custody.NOT_HANDED_OVER),
    ("tra|thu hoi|thu lai|nop lai|returned", Custody.RETURNED),
    ("mat|that lac|lost", Custody.LOST),
    ("khoa|locked", Custody.LOCKED),
    ("ban giao|da giao|da nhan|su dung|handed_over|handed over", Custody.HANDED_OVER),
)
_REASON = read_words(
    ("keycompromise|lo khoa|mat thiet bi|mat token|hong", "keyCompromise"),
    ("affiliationchanged|chuyen|thay doi|sap nhap|hop nhat|dieu dong|luan chuyen", "affiliationChanged"),
    ("superseded|thay the|cap lai|cap moi", "superseded"),
    ("privilegewithdrawn|theo yeu cau|vi pham", "privilegeWithdrawn"),
    ("cessationofoperation|nghi huu|nghi viec|giai the|cham dut|ngung|dung|chet|tu tran", "cessationOfOperation"),
    ("unspecified|khac", "unspecified"),
)
_ORIGIN = read_words(
    ("extended|gia han", CertificateEventKind.EXTENDED),
    ("content_changed|changed content|thay doi", CertificateEventKind.CONTENT_CHANGED),
    ("renewed|cap lai", CertificateEventKind.RENEWED),
    ("issued|cap moi|moi", CertificateEventKind.ISSUED),
)

READERS: Final[Mapping[ListField, CellReader]] = {
    ListField.SERIAL: _serial,
    ListField.SHA256: _sha256,
    ListField.HOLDER: read_text(300),
    ListField.KIND: _KIND,
    ListField.POSITION: read_text(200),
    ListField.AGENCY: read_text(300),
    ListField.AGENCY_CODE: read_code,
    ListField.PARENT_AGENCY: read_text(300),
    ListField.TAX_CODE: read_code,
    ListField.BUDGET_CODE: read_code,
    ListField.EMAIL: read_email,
    ListField.MEDIUM: _MEDIUM,
    ListField.DEVICE_NUMBER: read_text(60),
    ListField.ICCID: _iccid,
    ListField.ISSUER: read_text(400),
    ListField.ISSUED_AT: read_moment,
    ListField.NOT_BEFORE: read_moment,
    ListField.NOT_AFTER: read_last_moment,
    ListField.STATUS: _STATUS,
    ListField.REVOKED_AT: read_moment,
    ListField.REVOCATION_REASON: _REASON,
    ListField.CUSTODY: _CUSTODY,
    ListField.HANDED_OVER_AT: read_moment,
    ListField.HANDED_OVER_BY: read_text(200),
    ListField.ORIGIN: _ORIGIN,
    ListField.REPLACES: _replaced,
    ListField.NAMED_AGENCY_CODE: read_code,
    ListField.NOTE: read_text(1000),
    ListField.FORMER_POSITION: read_text(200),
    ListField.FORMER_AGENCY: read_text(300),
}
