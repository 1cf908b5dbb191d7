"""From the cells of one row of a list of certificates to typed values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.legacy_text import LegacyEncoding
from certs.messages import Message, define
from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody, Medium, SubscriberKind
from registry.imports.columns import ListField
from registry.lists.cells import (
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
from registry.lists.spreadsheets import Cell

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

    @property
    def is_of_certificate(self) -> bool:
        """Whether it speaks of one without doubt: a sum, too, may stand in the column of the serial numbers."""
        return bool(self.sha256 or self.email or (self.serial and self.not_after))


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
        if values.serial or values.is_of_certificate or _NAMES_DEVICE.fullmatch(values.device_number or ""):
            return False
        return not (values.holder and values.agency) and not ((values.holder or values.agency) and values.not_after)


# Below the table, signatures stand in any column.
_NAMES_DEVICE: Final = re.compile(r"(?=.*\d)[ -~]+")


def parse_row(
    cells: Sequence[Cell],
    mapping: Mapping[int, ListField],
    *,
    labels: Mapping[int, str],
    encodings: Mapping[int, LegacyEncoding],
    heading: str | None = None,
) -> ParsedRow:
    """Read one row. Never raises; a cell that cannot be read is a problem that names its column.

    `heading` is the agency of a row that names none itself.
    """
    read = read_cells(cells, mapping, READERS, labels=labels, encodings=encodings)
    values = {field.value: value for field, value in read.values.items()}
    if family_name := values.pop("family_name", None):
        values["holder"] = " ".join((family_name, values.get("holder", ""))).strip()
    for name, moment in zip(("not_before", "not_after"), values.pop("validity", ()), strict=False):
        if moment is not None:
            values.setdefault(name, moment)
    if not {"agency", "agency_code"} & values.keys():
        values["agency"] = heading
    return ParsedRow(RowValues(**values, exact_times=read.exact_times), read.problems, read.originals)


_HEX: Final = re.compile(r"(?:0x)?([0-9a-f]{1,60})", re.IGNORECASE)
_MOST_EXACT: Final = 2**53
"""Above, a spreadsheet's number stands for several whole numbers."""


# What people and spreadsheets put round it so that it stays text, or say of it.
_AROUND_SERIAL: Final = re.compile(r"(?i)^=?[\"']+|[\"']+$|^(?:sn|s/n|serial(?: number)?|số)\s*[:.]\s*|\s*\(hex\)$")


def parse_serial(text: str) -> str | None:
    """A serial number in the form of the register, however the octets are separated; None for what is none."""
    match = _HEX.fullmatch(re.sub(r"[\s:.\-]", "", _AROUND_SERIAL.sub("", text)))
    if match is None:
        return None
    digits = match[1].lower().lstrip("0") or "0"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _serial(text: str, cell: Cell) -> str:
    if isinstance(cell, (int, float)) and (abs(cell) >= _MOST_EXACT or not float(cell).is_integer()):
        raise BadCell(LOST_DIGITS)
    if re.fullmatch(r"\d+[.,]\d+E\+?\d+|\d+E\+\d+", text, re.IGNORECASE):
        raise BadCell(LOST_DIGITS)
    if isinstance(cell, float) and len(text) - len(text.rstrip("0")) >= _ZEROS_OF_A_POWER:
        # `5403E8` was taken for a number in scientific notation.
        raise BadCell(LOST_DIGITS)
    serial = parse_serial(text)
    if serial is None:
        raise BadCell(BAD_SERIAL)
    return serial


_ZEROS_OF_A_POWER: Final = 4


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
    # ITU-T E.118: cards of telephones begin with 89, their telephone numbers do not.
    if re.fullmatch(r"89[0-9A-Fa-f]{8,20}", digits) is None:
        raise BadCell(BAD_WORD)
    return digits


def _validity(text: str, cell: Cell) -> tuple[datetime | None, datetime]:
    """The first and the last moment of `01/09/2016 - 01/09/2026`; a single day is the last one."""
    days = _DAYS.findall(text) if isinstance(cell, str) else []
    if len(days) != 2:
        return None, read_last_moment(text, cell)
    return read_moment(days[0], days[0]), read_last_moment(days[1], days[1])


_DAYS: Final = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}|\d{4}-\d{2}-\d{2}")


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
    ("chua (?:bi )?(?:thu hoi|huy)", CertificateStatus.ACTIVE),
    # Nobody knows whether that means revoked.
    ("(?:khong|ngung|dung|chua)(?: con)?(?: duoc)? (?:hoat dong|su dung|kich hoat|cap)", None),
    ("tam dung|tam ngung|suspended", CertificateStatus.SUSPENDED),
    ("thu hoi|huy|revoked", CertificateStatus.REVOKED),
    # Expiry is no state of its own: it follows from the validity.
    (
        "hieu luc|hoat dong|su dung|dang dung|active|expired|het han|valid|con han|not_yet_valid|da cap",
        CertificateStatus.ACTIVE,
    ),
)
_CUSTODY = read_words(
    ("(?:chua|khong) (?:tra|thu hoi|thu lai|nop lai|mat)|mo khoa|khoi phuc", Custody.HANDED_OVER),
    ("chua ban giao|chua giao|chua nhan|not_handed_over|not handed over", Custody.NOT_HANDED_OVER),
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
    ListField.FAMILY_NAME: read_text(200),
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
    ListField.VALIDITY: _validity,
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
