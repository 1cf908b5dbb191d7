"""Lists as files: CSV and XLSX, written row by row so that memory does not grow with them."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Generic, Self, TypeVar

import xlsxwriter

from registry.clock import local_time

T = TypeVar("T")

Words = Callable[[StrEnum], str]
"""Says what a member of an enumeration is called in the language of the file."""
Cell = str | int | date | None

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_LINES_OF_A_PIECE: Final = 200
_LAST_ROW: Final = 1_048_575
"""Of a worksheet, counted from 0."""


@dataclass(frozen=True, slots=True)
class SheetColumn(Generic[T]):
    """One column: its heading in both languages, and its cell for each row."""

    vi: str
    en: str
    cell: Callable[[T, Words], Cell]
    width: int = 16
    """In characters."""

    def heading(self, language: str) -> str:
        """The heading in `vi` or `en`."""
        return self.en if language == "en" else self.vi


def csv_pieces(columns: Sequence[SheetColumn[T]], rows: Iterable[T], words: Words, *, language: str) -> Iterator[str]:
    """A list as CSV, in pieces of some hundred lines.

    It begins with a byte order mark, without which spreadsheets show Vietnamese wrongly. What a spreadsheet would take
    for a formula gets an apostrophe before it: names come from certificates of strangers. Days are `dd/mm/yyyy`.
    """
    piece = io.StringIO()
    piece.write("\ufeff")
    writer = csv.writer(piece)
    writer.writerow([column.heading(language) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_harmless(_text(column.cell(row, words))) for column in columns])
        if number % _LINES_OF_A_PIECE == 0:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def write_workbook(
    columns: Sequence[SheetColumn[T]],
    rows: Iterable[T],
    file: IO[bytes] | Path,
    words: Words,
    *,
    title: str,
    language: str,
) -> int:
    """Write a list as a workbook and return the number of rows. See `WorkbookWriter`."""
    with WorkbookWriter(file, words, language=language) as workbook:
        writer = workbook.add_list(columns, title=title)
        for row in rows:
            writer.write(row)
        return writer.count


class WorkbookWriter:
    """A workbook of several lists that are written side by side, row by row.

    No cell is ever a formula or a link, and days are days. A list that is longer than `rows_of_a_sheet` goes on in the
    next sheet.
    """

    def __init__(
        self, file: IO[bytes] | Path, words: Words, *, language: str, rows_of_a_sheet: int = _LAST_ROW
    ) -> None:
        self.words = words
        self.language = language
        self.rows_of_a_sheet = rows_of_a_sheet
        self._workbook = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._bold = self._workbook.add_format({"bold": True, "bottom": 1})
        self.day = self._workbook.add_format({"num_format": "dd/mm/yyyy", "align": "left"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._workbook.close()

    def add_list(self, columns: Sequence[SheetColumn[T]], *, title: str) -> "ListWriter[T]":
        """Begin a list; it has its sheet, with the headings, even when no row follows."""
        return ListWriter(self, columns, title)

    def add_sheet(self, columns: Sequence[SheetColumn[T]], title: str) -> "xlsxwriter.worksheet.Worksheet":
        """A sheet with the headings of a list."""
        sheet = self._workbook.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, column.width)
            sheet.write_string(0, position, column.heading(self.language), self._bold)
        return sheet


class ListWriter(Generic[T]):
    """One list of a workbook."""

    def __init__(self, workbook: WorkbookWriter, columns: Sequence[SheetColumn[T]], title: str) -> None:
        self.count = 0
        self._workbook = workbook
        self._columns = columns
        self._title = title
        self._sheet = workbook.add_sheet(columns, title)
        self._line = 0

    def write(self, row: T) -> None:
        """Add a row."""
        if self._line >= self._workbook.rows_of_a_sheet:
            number = self.count // self._workbook.rows_of_a_sheet + 1
            self._sheet, self._line = self._workbook.add_sheet(self._columns, f"{self._title} {number}"), 0
        self._line += 1
        self.count += 1
        for position, column in enumerate(self._columns):
            value = column.cell(row, self._workbook.words)
            if isinstance(value, date):
                self._sheet.write_datetime(self._line, position, value, self._workbook.day)
            elif isinstance(value, int):
                self._sheet.write_number(self._line, position, value)
            elif value:
                self._sheet.write_string(self._line, position, value)


def exact_cell(moment: datetime | None) -> Cell:
    """A moment so that an import reads the same one: a day where it begins one in Viet Nam, else ISO 8601 as text."""
    if moment is None:
        return None
    local = local_time(moment)
    return local.date() if local.time() == time() else local.isoformat()


def _text(value: Cell) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
