"""Workbooks and CSV files of strangers as plain cells. Nothing here knows what a column means.

    SpreadsheetRefused (ValueError)    it cannot be read; `reason` is a `Message`

Numbers, days and texts keep their types, because a serial number that a spreadsheet took for a number has lost digits
and must be recognised as such.
"""

import csv
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from certs.messages import Message, define, message
from certs.zip_members import is_zip
from registry.lists.excel_sheet import excel_extent
from registry.lists.open_document import open_document_extent

__all__ = ["Cell", "Sheet", "SheetLimits", "SpreadsheetRefused", "is_spreadsheet", "read_spreadsheet"]

DAMAGED = define(
    "imports.sheet.damaged",
    vi="Không mở được bảng tính: tệp bị hỏng hoặc không phải XLSX, XLS, ODS, CSV.",
    en="The spreadsheet cannot be opened: it is damaged, or no XLSX, XLS, ODS or CSV.",
)
ENCRYPTED = define(
    "imports.sheet.encrypted",
    vi="Bảng tính có mật khẩu mở tệp. Hãy lưu lại không đặt mật khẩu.",
    en="The spreadsheet needs a password to open. Save it without one.",
)
OTHER_KIND = define(
    "imports.sheet.other_kind",
    vi="Loại bảng tính này không đọc được; hãy lưu thành XLSX.",
    en="This kind of spreadsheet cannot be read; save it as XLSX.",
)
BOMB = define(
    "imports.sheet.bomb",
    vi="Bảng tính phình to bất thường khi mở nên không được đọc.",
    en="The spreadsheet expands abnormally and was not read.",
)
TOO_MANY_CELLS = define(
    "imports.sheet.too_many_cells",
    vi="Bảng tính có quá nhiều dòng hoặc cột (giới hạn {rows} dòng, {columns} cột, {cells} ô); hãy xóa vùng trống hoặc chia nhỏ.",
    en="The spreadsheet has too many rows or columns (limit {rows}, {columns}; {cells} cells); delete empty areas or divide it.",
)
EMPTY = define(
    "imports.sheet.empty",
    vi="Bảng tính không có dữ liệu.",
    en="The spreadsheet holds nothing.",
)

Cell = str | int | float | bool | date | datetime | None
"""What a cell holds; an empty one is None."""


class SpreadsheetRefused(ValueError):
    """The bytes are no spreadsheet that can be read."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.text("en"))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; row `n` of the program that made it is `rows[n - 1]`."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[tuple[int, int, int], ...] = ()
    """Cells of a column that are merged into the first of them, where the workbook says so: 0-based column, first, last row."""
    is_hidden: bool = False
    """Who made it does not show it: read only where somebody asks for it."""

    @property
    def filled_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows with what stands in merged cells in each of them, as a person reads it."""
        if not self.merged:
            return self.rows
        rows = [list(row) for row in self.rows]
        # Workbooks of strangers may name the same cells any number of times.
        room = sum(map(len, rows))
        for column, first, last in self.merged:
            below = rows[first + 1 : last + 1]
            room -= len(below)
            if room < 0:
                break
            for row in below:
                row[column] = rows[first][column] if row[column] is None else row[column]
        return tuple(map(tuple, rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLimits:
    """How much is read."""

    max_rows: int = 200_000
    max_columns: int = 200
    max_cells: int = 5_000_000
    """Of one sheet, empty ones among them: room is made for every cell up to the last one."""
    max_sheets: int = 50
    max_unpacked_bytes: int = 512 * 1024 * 1024
    max_ratio: int = 300
    """Unpacked to packed size of a workbook past 8 MiB; honest lists reach 30."""
    max_cell_characters: int = 4000


_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOOK_EXTENSIONS: Final = (".xlsx", ".xlsm", ".xls", ".ods")
LIST_EXTENSIONS: Final = (*_BOOK_EXTENSIONS, ".csv", ".tsv")
"""By which names people know a list."""
_ZIP_ERRORS: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


def is_spreadsheet(data: bytes, *, file_name: str) -> bool:
    """Whether the content, or for text the name, says that this is a list. Never raises."""
    if data.startswith(_OLE):
        return True
    lowered = file_name.lower()
    if is_zip(data):
        return lowered.endswith(_BOOK_EXTENSIONS) or _workbook_kind(data) is not None
    # Many programs write text and call it `.xls`.
    return lowered.endswith(LIST_EXTENSIONS) and b"-----BEGIN " not in data and not data.startswith(b"%PDF-")


def read_spreadsheet(data: bytes, *, file_name: str, limits: SheetLimits | None = None) -> tuple[Sheet, ...]:
    """Read every sheet that holds something. Raises `SpreadsheetRefused`, and nothing else, for whatever bytes."""
    bounds = limits or SheetLimits()
    if data.startswith(_OLE) or is_zip(data):
        sheets = _read_workbook(data, bounds)
    else:
        stem = file_name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
        sheets = (Sheet(stem or file_name, _read_text(data, bounds)),)
    filled = tuple(sheet for sheet in sheets if sheet.rows)
    if not filled:
        raise SpreadsheetRefused(message(EMPTY))
    return filled


def _workbook_kind(data: bytes) -> str | None:
    # The directory names every member in plain bytes: a ZIP of 100,000 certificates need not be parsed to be none.
    if not any(name in data for name in (b"xl/workbook.xml", b"xl/workbook.bin", b"content.xml")):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except _ZIP_ERRORS:
        return None
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    return "other" if "xl/workbook.bin" in names else None


def _read_workbook(data: bytes, limits: SheetLimits) -> tuple[Sheet, ...]:
    if is_zip(data):
        if _workbook_kind(data) == "other":
            raise SpreadsheetRefused(message(OTHER_KIND))
        _refuse_bomb(data, limits)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return tuple(_read_sheets(workbook, limits))
    except PasswordError as error:
        raise SpreadsheetRefused(message(ENCRYPTED)) from error
    except (CalamineError, ValueError, OSError, TypeError, OverflowError, zipfile.BadZipFile) as error:
        raise error if isinstance(error, SpreadsheetRefused) else SpreadsheetRefused(message(DAMAGED)) from error
    except BaseException as error:
        # The reader is written in Rust; where it meets what its authors held impossible, it raises this class, which
        # no module offers for import and which is no `Exception`.
        if type(error).__name__ == "PanicException":
            raise SpreadsheetRefused(message(DAMAGED)) from error
        raise


_ALWAYS_FINE_BYTES: Final = 8 * 1024 * 1024


def _refuse_bomb(data: bytes, limits: SheetLimits) -> None:
    """Look at the packed parts first: the reader makes room for every cell up to the last one, were it XFD1048576."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > min(limits.max_unpacked_bytes, max(_ALWAYS_FINE_BYTES, len(data) * limits.max_ratio)):
                raise SpreadsheetRefused(message(BOMB))
            for entry in entries:
                with archive.open(entry) as stream:
                    content = stream.read(entry.file_size + 1)
                # A sheet may stand under any name: what the workbook says of it is not asked here.
                if entry.filename == "content.xml":
                    _check_extent(*open_document_extent(content), limits)
                elif b"sheetData" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
                    _check_extent(*excel_extent(content), limits)
    except _ZIP_ERRORS as error:
        raise error if isinstance(error, SpreadsheetRefused) else SpreadsheetRefused(message(DAMAGED)) from error


def _check_extent(rows: int, columns: int, limits: SheetLimits) -> None:
    if rows > limits.max_rows or columns > limits.max_columns or rows * columns > limits.max_cells:
        raise SpreadsheetRefused(_too_many(limits))


def _too_many(limits: SheetLimits) -> Message:
    return message(TOO_MANY_CELLS, rows=limits.max_rows, columns=limits.max_columns, cells=limits.max_cells)


def _read_sheets(workbook: CalamineWorkbook, limits: SheetLimits) -> Iterable[Sheet]:
    for place, metadata in enumerate(workbook.sheets_metadata[: limits.max_sheets]):
        if metadata.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_index(place)
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        _check_extent(len(rows), len(rows[0]) if rows else 0, limits)
        kept = _without_empty_end(tuple(_cell(value, limits) for value in row) for row in rows)
        merged = tuple(
            (left, top, bottom)
            for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
            if top < bottom and top < len(kept) and left < len(kept[top])
        )
        yield Sheet(metadata.name, kept, merged, metadata.visible is not SheetVisibleEnum.Visible)


def _cell(value: Any, limits: SheetLimits) -> Cell:
    if isinstance(value, str):
        return value.replace("\0", "")[: limits.max_cell_characters] if value.strip() else None
    if isinstance(value, (bool, int, float, date)) or value is None:
        return value
    if isinstance(value, (time, timedelta)):
        return str(value)
    return str(value)[: limits.max_cell_characters]


def _without_empty_end(rows: Iterable[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    kept = list(rows)
    while kept and all(cell is None for cell in kept[-1]):
        kept.pop()
    return tuple(kept)


_BYTE_ORDER_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DELIMITERS: Final = ",;\t|"


def _read_text(data: bytes, limits: SheetLimits) -> tuple[tuple[Cell, ...], ...]:
    text = _decode(data).replace("\0", "")
    if text.lstrip().startswith("<"):
        # A page or an XML document that calls itself a list.
        raise SpreadsheetRefused(message(OTHER_KIND))
    delimiter = _find_delimiter(text)
    rows: list[tuple[Cell, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) >= limits.max_rows or len(row) > limits.max_columns:
                raise SpreadsheetRefused(_too_many(limits))
            rows.append(tuple(_cell(value, limits) for value in row))
    except csv.Error as error:
        raise SpreadsheetRefused(message(DAMAGED)) from error
    width = max(map(len, rows), default=0)
    return _without_empty_end(row + (None,) * (width - len(row)) for row in rows)


def _decode(data: bytes) -> str:
    """Read text in its own code, or byte by byte as Windows-1252, from which legacy letters are recognised later."""
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, errors="replace")
    if wide := _wide_codec(data[:_LOOKED_AT_FOR_CODE]):
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(bytes([octet]).decode("cp1252", errors="ignore") or chr(octet) for octet in data)


_LOOKED_AT_FOR_CODE: Final = 4096


def _wide_codec(beginning: bytes) -> str | None:
    """UTF-16 without its mark: of Vietnamese, too, half of the letters have a zero for their upper octet."""
    upper = {"utf-16-le": beginning[1::2], "utf-16-be": beginning[::2]}
    return next((codec for codec, octets in upper.items() if octets.count(0) * 2 > len(octets)), None)


_LINES_LOOKED_AT: Final = 50


def _find_delimiter(text: str) -> str:
    """The delimiter that cuts most lines, into the most parts. `;` is what Vietnamese systems write."""
    lines = [line for line in text.splitlines()[:_LINES_LOOKED_AT] if line.strip()]

    def weight(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        return sum(1 for count in counts if count), sum(counts)

    return max(_DELIMITERS, key=weight) if lines else ","


def show_cell(cell: Cell) -> str:
    """A cell as the text that a person sees in it: days as `dd/mm/yyyy`, whole numbers without a fraction, NFC."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "x" if cell else ""
    if isinstance(cell, datetime):
        at_midnight = cell.time() == time()
        return f"{cell:%d/%m/%Y}" if at_midnight else f"{cell:%d/%m/%Y %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return unicodedata.normalize("NFC", str(cell)) if not isinstance(cell, str) else cell
