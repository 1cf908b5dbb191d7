"""Lists and reports on their way to a browser as files."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from enum import StrEnum
from typing import IO, Final, TypeVar
from urllib.parse import quote

from starlette.responses import StreamingResponse

from registry.spreadsheets import SheetColumn, Words, csv_pieces, write_workbook
from registry.web.labels import label
from registry.web.translation import load_translations

T = TypeVar("T")

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF: Final = "application/pdf"
ZIP: Final = "application/zip"
_CHUNK: Final = 256 * 1024
_KEPT_IN_MEMORY: Final = 4 * 1024 * 1024


def words_of(language: str) -> Words:
    """What the members of enumerations are called in `language`."""
    translations = load_translations(language)

    def word(member: StrEnum) -> str:
        return translations.gettext(label(member))

    return word


def stream_csv(columns: Sequence[SheetColumn[T]], rows: Iterable[T], *, name: str, language: str) -> StreamingResponse:
    """A list as CSV; it begins to arrive while it is still being read."""
    pieces = csv_pieces(columns, rows, words_of(language), language=language)
    return StreamingResponse(
        (piece.encode() for piece in pieces), media_type="text/csv; charset=utf-8", headers=_attachment(f"{name}.csv")
    )


def stream_xlsx(
    columns: Sequence[SheetColumn[T]], rows: Iterable[T], *, name: str, title: str, language: str
) -> StreamingResponse:
    """A list as a workbook. Its parts refer to each other, so it is finished on disk before it leaves."""
    file = new_file()
    write_workbook(columns, rows, file, words_of(language), title=title, language=language)
    return stream_file(file, name=f"{name}.xlsx", media_type=XLSX)


def stream_pieces(pieces: Iterable[bytes], *, name: str, media_type: str) -> StreamingResponse:
    """A file that begins to arrive while it is still being made."""
    return StreamingResponse(pieces, media_type=media_type, headers=_attachment(name))


def new_file() -> IO[bytes]:
    """A place for a file that is being made; it disappears when it is closed."""
    return tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)


def stream_file(file: IO[bytes], *, name: str, media_type: str) -> StreamingResponse:
    """A file that was made with `new_file`, from its beginning."""
    file.seek(0)
    return StreamingResponse(_chunks(file), media_type=media_type, headers=_attachment(name))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        while chunk := file.read(_CHUNK):
            yield chunk


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
