"""Writing lists into files, whichever list it is."""

import errno
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write what is to stand at `path`: it takes that place when all of it is written, and not before.

    What is broken off leaves no half list, and an earlier file as it was. A pipe or a device is written to directly.
    Raises `OSError` naming `path`.
    """
    target = path.resolve()  # a link goes on to lead where it led
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if target.exists() and not target.is_file():
        yield target
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.touch()  # before anything is read or put together that could not be written in the end
        yield part
        part.replace(target)
    except OSError as error:
        if error.filename == str(part):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        part.unlink(missing_ok=True)


def write_list(path: Path, columns: Sequence[SheetColumn[T]], rows: Iterable[T], *, title: str, language: str) -> int:
    """Write a list into a file, or as CSV to standard output for `-`, row by row; returns the number of rows."""
    words = words_of(language)
    if format_of(path) == ".xlsx":
        name = load_translations(language).gettext(title)
        with whole_file(path) as part:
            return write_workbook(columns, rows, part, words, title=name, language=language)
    counted = _Counted(rows)
    pieces = csv_pieces(columns, counted, words, language=language)
    if str(path) == "-":
        sys.stdout.writelines(pieces)
    else:
        with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
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
