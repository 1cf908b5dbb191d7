"""Lists as files: CSV and XLSX, written row by row so that memory does not grow with them."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import IO, Final, Generic, TypeVar

import xlsxwriter

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
    """Write a list as a workbook and return the number of rows.

    No cell is ever a formula or a link, and days are days. A list that is longer than a worksheet goes on in the next.
    """
    workbook = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    count = 0
    try:
        bold = workbook.add_format({"bold": True, "bottom": 1})
        day = workbook.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
        sheet, line = None, _LAST_ROW
        for row in rows:
            if sheet is None or line >= _LAST_ROW:
                sheet, line = _add_sheet(workbook, columns, bold, title, language), 0
            line += 1
            count += 1
            for position, column in enumerate(columns):
                value = column.cell(row, words)
                if isinstance(value, date):
                    sheet.write_datetime(line, position, value, day)
                elif isinstance(value, int):
                    sheet.write_number(line, position, value)
                elif value:
                    sheet.write_string(line, position, value)
        if sheet is None:
            _add_sheet(workbook, columns, bold, title, language)
    finally:
        workbook.close()
    return count


def _add_sheet(
    workbook: "xlsxwriter.Workbook", columns: Sequence[SheetColumn[T]], bold: object, title: str, language: str
) -> "xlsxwriter.worksheet.Worksheet":
    number = len(workbook.worksheets()) + 1
    sheet = workbook.add_worksheet(title if number == 1 else f"{title} {number}")
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(0, position, column.heading(language), bold)
    return sheet


def _text(value: Cell) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
