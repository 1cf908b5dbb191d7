"""Which column of a list means what: the header row is found, its columns are recognised, secrets are dropped.

Everything here proposes; a person may correct it, and the correction is remembered under the fingerprint of the header.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from certs.legacy_text import LegacyEncoding, convert_legacy, recognise_legacy
from certs.text import fold
from registry.imports.spreadsheets import Cell, Sheet, show_cell


class ListField(StrEnum):
    """What the columns of lists that offices keep can mean."""

    SERIAL = "serial"
    SHA256 = "sha256"
    HOLDER = "holder"
    KIND = "kind"
    POSITION = "position"
    AGENCY = "agency"
    AGENCY_CODE = "agency_code"
    PARENT_AGENCY = "parent_agency"
    TAX_CODE = "tax_code"
    BUDGET_CODE = "budget_code"
    EMAIL = "email"
    MEDIUM = "medium"
    DEVICE_NUMBER = "device_number"
    ICCID = "iccid"
    ISSUER = "issuer"
    ISSUED_AT = "issued_at"
    NOT_BEFORE = "not_before"
    NOT_AFTER = "not_after"
    STATUS = "status"
    REVOKED_AT = "revoked_at"
    REVOCATION_REASON = "revocation_reason"
    CUSTODY = "custody"
    HANDED_OVER_AT = "handed_over_at"
    HANDED_OVER_BY = "handed_over_by"
    ORIGIN = "origin"
    REPLACES = "replaces"
    NOTE = "note"
    NUMBER = "number"
    """STT: the row's number in the list, passed over."""
    FORMER_POSITION = "former_position"
    FORMER_AGENCY = "former_agency"


# Folded, without punctuation. The first is the usual one; the names of the register's own export are among them.
SYNONYMS: Final[Mapping[ListField, tuple[str, ...]]] = {
    ListField.SERIAL: (
        *("so hieu chung thu", "so hieu chung thu so", "so hieu", "so serial", "serial", "serial number"),
        *("so seri", "seri", "ma chung thu", "ma chung thu so", "so chung thu", "so chung thu so", "cert serial"),
        *("so hieu chung thu so thue bao", "so hieu cts", "so cts", "serial cts", "so seri chung thu so"),
    ),
    ListField.SHA256: ("sha256", "sha 256", "van tay", "dau van tay", "fingerprint", "van tay sha 256"),
    ListField.HOLDER: (
        *("ho va ten", "ho ten", "ten thue bao", "thue bao", "chu the", "ho va ten nguoi su dung", "nguoi su dung"),
        *("ten nguoi dung", "full name", "name", "holder", "ho ten can bo", "ten chung thu", "ten chung thu so"),
        *("ho ten thue bao", "ho va ten thue bao", "chu so huu", "nguoi duoc cap", "ten doi tuong", "ten"),
        *("ten ca nhan to chuc", "ho ten nguoi duoc cap", "subject"),
    ),
    ListField.KIND: (
        *("doi tuong", "loai thue bao", "loai doi tuong", "loai", "loai chung thu", "loai chung thu so", "kind"),
        *("ca nhan to chuc", "subscriber kind", "loai cts", "nguoi co quan", "doi tuong nguoi co quan"),
    ),
    ListField.POSITION: ("chuc vu", "chuc danh", "chuc vu hien tai", "chuc vu moi", "position", "chuc vu chuc danh"),
    ListField.AGENCY: (
        *("don vi", "co quan", "ten co quan to chuc", "co quan don vi", "ten co quan", "ten don vi", "don vi cong tac"),
        *("co quan to chuc", "noi cong tac", "agency", "don vi moi", "don vi quan ly", "co quan quan ly"),
        *(
            "co quan to chuc quan ly truc tiep",
            "don vi su dung",
            "agency name",
            "managing agency",
            "co quan cong tac",
            "phong ban don vi",
        ),
    ),
    ListField.AGENCY_CODE: (
        *("ma dinh danh", "ma dinh danh dien tu", "ma co quan", "ma don vi", "agency code", "ma dinh danh co quan"),
        *("ma dinh danh dien tu co quan",),
    ),
    ListField.PARENT_AGENCY: (
        *("don vi cap tren", "co quan cap tren", "co quan chu quan", "don vi chu quan", "truc thuoc"),
        *("co quan cap tren truc tiep", "thuoc co quan", "huyen", "huyen thanh pho"),
    ),
    ListField.TAX_CODE: ("ma so thue", "mst", "tax code", "ma so thue don vi"),
    ListField.BUDGET_CODE: (
        *("ma quan he ngan sach", "ma qhns", "mns", "ma ngan sach", "budget code", "ma don vi quan he ngan sach"),
        *("ma so quan he ngan sach", "ma qhnsnn"),
    ),
    ListField.EMAIL: (
        *("thu cong vu", "email", "e mail", "dia chi thu dien tu cong vu", "thu dien tu cong vu", "thu dien tu"),
        *("email cong vu", "hop thu cong vu", "dia chi email", "mail", "mail cong vu", "dia chi thu dien tu"),
        *("hom thu cong vu", "email cong vu thue bao", "dia chi thu cong vu"),
    ),
    ListField.MEDIUM: (
        *("loai thiet bi", "phuong tien", "loai thiet bi luu khoa", "phuong tien luu khoa", "medium", "hinh thuc ky"),
        *("thiet bi", "loai thiet bi luu khoa bi mat"),
        *("loai token", "phuong tien luu khoa bi mat"),
    ),
    ListField.DEVICE_NUMBER: (
        *(
            "so hieu thiet bi luu khoa",
            "so hieu thiet bi",
            "so token",
            "so usb token",
            "ma thiet bi",
            "so serial token",
        ),
        *("so hieu thiet bi luu khoa bi mat", "device number", "thiet bi luu khoa", "so hieu token", "so thiet bi"),
        *("serial token", "ma token", "token", "so hieu usb token", "so seri thiet bi", "so seri token", "device"),
    ),
    ListField.ICCID: ("iccid", "iccid sim", "so iccid", "so sim", "sim", "ma sim", "so hieu sim", "so iccid sim"),
    ListField.ISSUER: (
        "don vi cap",
        "to chuc cap",
        "co quan cap",
        "issuer",
        "nha cung cap",
        "to chuc chung thuc",
        "ca",
    ),
    ListField.ISSUED_AT: (
        *("ngay cap", "ngay cap chung thu", "issued", "ngay cap cts", "ngay cap chung thu so", "thoi gian cap"),
        *("issued at", "ngay phat hanh", "cap ngay"),
    ),
    ListField.NOT_BEFORE: (
        *("hieu luc tu", "ngay bat dau", "ngay hieu luc", "ngay bat dau hieu luc", "tu ngay", "valid from"),
        *("not before", "co hieu luc tu", "ngay co hieu luc", "thoi han tu ngay", "thoi han hieu luc tu ngay"),
    ),
    ListField.NOT_AFTER: (
        *("ngay het han", "het han", "han su dung", "hieu luc den", "den ngay", "ngay het hieu luc", "valid to"),
        *("valid until",),
        *("not after", "expiry", "ngay het han cts", "thoi han den ngay", "thoi diem het han", "co hieu luc den"),
        *("thoi han hieu luc den ngay", "thoi han", "ngay het han chung thu so", "expires", "ngay ket thuc"),
    ),
    ListField.STATUS: ("trang thai", "tinh trang", "status", "trang thai chung thu", "hien trang", "tinh trang cts"),
    ListField.REVOKED_AT: ("ngay thu hoi", "thu hoi ngay", "revoked", "revoked at", "thoi diem thu hoi"),
    ListField.REVOCATION_REASON: ("ly do thu hoi", "revocation reason", "ly do"),
    ListField.CUSTODY: (
        "tinh trang thiet bi",
        "custody",
        "trang thai thiet bi",
        "tinh trang ban giao",
        "thiet bi o dau",
    ),
    ListField.HANDED_OVER_AT: (
        *("ngay ban giao", "ngay giao", "ngay nhan", "ngay ban giao thiet bi", "handed over", "handed over at"),
        *("ngay nhan thiet bi", "ngay giao nhan", "thoi gian ban giao"),
    ),
    ListField.HANDED_OVER_BY: (
        *("nguoi ban giao", "nguoi giao", "can bo ban giao", "handed over by", "nguoi giao thiet bi"),
        *("ho ten nguoi ban giao",),
    ),
    ListField.ORIGIN: ("hinh thuc cap", "loai yeu cau", "origin", "hinh thuc", "loai cap", "cap moi gia han"),
    ListField.REPLACES: (
        "thay cho",
        "thay the chung thu",
        "replaces",
        "so hieu chung thu cu",
        "chung thu cu",
        "thay the",
    ),
    ListField.NOTE: ("ghi chu", "note", "chu thich", "noi dung khac", "notes", "y kien"),
    ListField.NUMBER: ("stt", "tt", "so tt", "so thu tu", "no", "thu tu"),
    ListField.FORMER_POSITION: ("chuc vu cu", "chuc vu truoc day"),
    ListField.FORMER_AGENCY: ("don vi cu", "co quan cu", "don vi truoc day", "co quan truoc day", "don vi cong tac cu"),
}

_BY_SYNONYM: Final = {synonym: field for field, synonyms in SYNONYMS.items() for synonym in synonyms}
_KEYS: Final = frozenset({ListField.SERIAL, ListField.SHA256, ListField.HOLDER, ListField.EMAIL, ListField.AGENCY})

_SECRET_LABEL: Final = re.compile(
    r"\b(?:mat khau|mat ma|password|passwd|pass|pwd|mk|passphrase|(?:ma |so |so ma )?pin|puk|ma bao ve|ma mo khoa|khoa bi mat"
    r"|ma kich hoat|activation code|secret|private key)\b"
)
# `Thiết bị lưu khóa bí mật` is a device that holds a key, not the key.
_KEY_HOLDER: Final = re.compile(r"\bluu khoa(?: bi mat)?\b")
_SECRET_IN_CELL: Final = re.compile(
    r"(?i)(?<!\w)((?:mật\s*khẩu|mat\s*khau|mật\s*mã|password|pass|pwd|mk|(?:mã\s*)?pin|puk)\s*(?:token|sim|usb)?\s*(?:[:=]|là|la)\s*)\S+"
)
REDACTED: Final = "[…]"
"""Stands where a secret stood."""

_ROWS_LOOKED_AT: Final = 40
_SAMPLE: Final = 40
_LONGEST_LABEL: Final = 80


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of a list and what it probably means."""

    column: int
    label: str
    """As it stands in the header, converted from legacy text."""
    field: ListField | None
    score: int
    """0 to 100; 100: the label is a known one."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet."""

    row: int
    """0-based place of its first row."""
    height: int
    """2 where a row of groups (`Thời hạn`) stands above the labels (`Từ ngày`, `Đến ngày`)."""
    columns: tuple[ColumnMatch, ...]
    """Every column with a label, secrets apart."""
    secrets: tuple[tuple[int, str], ...]
    """Columns that hold secrets by their labels: they are never read."""

    @property
    def fingerprint(self) -> str:
        """Equal for two sheets with the same labels in the same order, whatever stands above and below."""
        labels = "\x1f".join(f"{column.column}:{fold(column.label)}" for column in self.columns)
        return hashlib.sha256(labels.encode()).hexdigest()

    @property
    def mapping(self) -> dict[int, ListField]:
        """The proposed meaning of each column that has one."""
        return {column.column: column.field for column in self.columns if column.field is not None}

    @property
    def first_data_row(self) -> int:
        """0-based place of the first row below the header."""
        return self.row + self.height


def find_header(sheet: Sheet) -> Header | None:
    """Find the header row and recognise its columns; None for a sheet without one. Never raises.

    The row that has most known labels wins; it needs two, one of which can identify somebody. Rows above it are a
    title block, and it may be two rows high.
    """
    best: Header | None = None
    best_weight = 0
    # All single rows first: a second row of labels has to tell more than the better row alone.
    for height in (1, 2):
        for row in range(min(len(sheet.rows) - height + 1, _ROWS_LOOKED_AT)):
            header = _read_header(sheet, row, height)
            fields = set(header.mapping.values())
            weight = sum(column.score for column in header.columns if column.field) + 100 * len(header.secrets)
            if len(fields) >= 2 and fields & _KEYS and weight > best_weight:
                best, best_weight = header, weight
    return best


def recognise_columns(labels: Mapping[int, str], samples: Mapping[int, Sequence[str]]) -> tuple[ColumnMatch, ...]:
    """Propose a field for each labelled column; every field is given once, to the column that fits it best."""
    candidates: list[tuple[int, int, ListField]] = []
    for column, label in labels.items():
        scores = _label_scores(_plain(label))
        hint = _content_hint(samples.get(column, ()))
        if hint is not None:
            scores[hint[0]] = max(scores.get(hint[0], 0), hint[1])
        candidates.extend((score, -column, field) for field, score in scores.items())
    taken: dict[int, tuple[ListField, int]] = {}
    given: set[ListField] = set()
    for score, negative, field in sorted(candidates, reverse=True):
        if -negative not in taken and field not in given:
            taken[-negative] = (field, score)
            given.add(field)
    return tuple(
        ColumnMatch(column, label, *(taken.get(column) or (None, 0))) for column, label in sorted(labels.items())
    )


def is_secret_label(label: str) -> bool:
    """Whether a column under this label holds passwords, PINs or keys."""
    plain = _plain(label)
    return _SECRET_LABEL.search(_KEY_HOLDER.sub(" ", plain)) is not None


def redact(text: str) -> tuple[str, bool]:
    """Take out of a text what is announced as a password or PIN; the flag says whether there was one."""
    redacted, count = _SECRET_IN_CELL.subn(rf"\1{REDACTED}", text)
    return redacted, count > 0


def column_encoding(cells: Sequence[Cell]) -> LegacyEncoding | None:
    """How the texts of a column were written, judged as a whole; None for Unicode that needs nothing."""
    distinct = dict.fromkeys(cell for cell in cells if isinstance(cell, str) and not cell.isascii())
    found = recognise_legacy("\n".join(list(distinct)[:500]))
    return found.encoding if found else None


def convert_cell(cell: Cell, encoding: LegacyEncoding | None) -> str:
    """The text of a cell, out of the column's legacy encoding where it can be."""
    text = show_cell(cell)
    if encoding is None or text.isascii():
        return text
    try:
        return convert_legacy(text, encoding)
    except ValueError:
        # One cell of the column was typed in Unicode.
        return text


_PUNCTUATION: Final = re.compile(r"[^0-9a-z]+")
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def _plain(label: str) -> str:
    """A label without what its writer added: case, diacritics, brackets, asterisks, numbers of points."""
    folded = fold(label)
    short = _PUNCTUATION.sub(" ", _BRACKETS.sub(" ", folded)).strip()
    return short or _PUNCTUATION.sub(" ", folded).strip()


def _label_scores(plain: str) -> dict[ListField, int]:
    if not plain:
        return {}
    if exact := _BY_SYNONYM.get(plain):
        return {exact: 100}
    words = plain.split()
    scores: dict[ListField, int] = {}
    for synonym, field in _BY_SYNONYM.items():
        parts = synonym.split()
        score = 0
        if len(synonym) > 2 and _contains(words, parts):
            # The longer part of the label is understood, the surer.
            score = 55 + 40 * len(parts) // len(words)
        elif abs(len(synonym) - len(plain)) <= 3 and len(plain) >= 5:
            ratio = SequenceMatcher(None, plain, synonym).ratio()
            score = int(ratio * 80) if ratio >= 0.85 else 0
        if score > scores.get(field, 0):
            scores[field] = score
    return scores


def _contains(words: Sequence[str], parts: Sequence[str]) -> bool:
    return any(list(words[start : start + len(parts)]) == list(parts) for start in range(len(words) - len(parts) + 1))


_CONTENT: Final[tuple[tuple[re.Pattern[str], ListField, int], ...]] = (
    (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), ListField.EMAIL, 60),
    (re.compile(r"89\d{16,18}"), ListField.ICCID, 60),
    (re.compile(r"[0-9a-fA-F]{64}"), ListField.SHA256, 90),
)


def _content_hint(sample: Sequence[str]) -> tuple[ListField, int] | None:
    filled = [text.strip() for text in sample if text.strip()]
    for pattern, field, score in _CONTENT:
        fitting = sum(1 for text in filled if pattern.fullmatch(text))
        if filled and fitting * 5 >= len(filled) * 4:
            return field, score
    return None


def _read_header(sheet: Sheet, row: int, height: int) -> Header:
    labels = _labels(sheet, row, height)
    joined = "\n".join(labels.values())
    if legacy := recognise_legacy(joined):
        labels = {column: convert_cell(label, legacy.encoding) for column, label in labels.items()}
    secrets = tuple((column, label) for column, label in labels.items() if is_secret_label(label))
    open_labels = {column: label for column, label in labels.items() if column not in dict(secrets)}
    below = sheet.rows[row + height : row + height + _SAMPLE]
    samples = {
        column: tuple(show_cell(cells[column]) for cells in below if column < len(cells)) for column in open_labels
    }
    return Header(row, height, recognise_columns(open_labels, samples), secrets)


def _labels(sheet: Sheet, row: int, height: int) -> dict[int, str]:
    """The label of each column; in a header of two rows that of a merged group stands before those below it."""
    upper = [_label(cell) for cell in sheet.rows[row]]
    if height == 1:
        return {column: label for column, label in enumerate(upper) if label}
    lower = [_label(cell) for cell in sheet.rows[row + 1]]
    labels: dict[int, str] = {}
    group = ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        group = above or (group if below else "")
        if label := " ".join(part for part in (group if below else above, below) if part):
            labels[column] = label
    return labels


def _label(cell: Cell) -> str:
    """A text that can be a label: dates, numbers and long sentences are none."""
    if not isinstance(cell, str):
        return ""
    text = " ".join(cell.split())
    return text if len(text) <= _LONGEST_LABEL else ""
