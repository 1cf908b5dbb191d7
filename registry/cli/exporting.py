"""Writing lists into files, whichever list it is."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from certs.messages import define, message
from registry.errors import InvalidInput
from registry.spreadsheets import SheetColumn, csv_pieces, write_workbook
from registry.web.files import words_of
from registry.web.translation import load_translations

T = TypeVar("T")

define(
    "cli.export_format",
    vi="Tên tệp {path} phải kết thúc bằng {formats}.",
    en="The file name {path} must end in {formats}.",
)

LIST_FORMATS = (".csv", ".xlsx")


def format_of(path: Path, formats: tuple[str, ...] = LIST_FORMATS) -> str:
    """The format that a file name asks for; `-` is CSV. Raises `InvalidInput` for any other than `formats`."""
    suffix = ".csv" if str(path) == "-" else path.suffix.lower()
    if suffix not in formats:
        raise InvalidInput(message("cli.export_format", path=path, formats=", ".join(formats)), field="path")
    return suffix


def write_list(path: Path, columns: Sequence[SheetColumn[T]], rows: Iterable[T], *, title: str, language: str) -> int:
    """Write a list into a file, or as CSV to standard output for `-`, row by row; returns the number of rows."""
    words = words_of(language)
    if format_of(path) == ".xlsx":
        name = load_translations(language).gettext(title)
        return write_workbook(columns, rows, path, words, title=name, language=language)
    counted = _Counted(rows)
    pieces = csv_pieces(columns, counted, words, language=language)
    if str(path) == "-":
        sys.stdout.writelines(pieces)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
    return counted.count


class _Counted(Iterable[T]):
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterable[T]) -> None:
        self.count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[T]:
        for row in self._rows:
            self.count += 1
            yield row
