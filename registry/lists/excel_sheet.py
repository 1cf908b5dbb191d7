"""How far a sheet of Excel reaches (ECMA-376 part 1, 18.3.1), told before anything makes room for it."""

import re
from collections.abc import Iterator
from typing import Final

_NAME: Final = rb"<(?:[\w.-]+:)?"
_ATTRIBUTES: Final = rb"""(?:[^<>"']|"[^<"]*"|'[^<']*')*?"""
_PLACE: Final = rb"""\sr\s*=\s*["']\s*"""
_ROW: Final = re.compile(_NAME + rb"row(?=[\s/>])")
_CELL: Final = re.compile(_NAME + rb"c(?=[\s/>])")
_NAMED_ROW: Final = re.compile(_NAME + rb"row(?=\s)" + _ATTRIBUTES + _PLACE + rb"([0-9]{1,10})")
_NAMED_CELL: Final = re.compile(_NAME + rb"c(?=\s)" + _ATTRIBUTES + _PLACE + rb"([A-Za-z]+)[0-9]")
_CELL_ROW: Final = re.compile(_NAME + rb"c(?=\s)" + _ATTRIBUTES + _PLACE + rb"[A-Za-z]+([0-9]{1,10})")
_ODD_PLACE: Final = re.compile(_PLACE + rb"""[A-Za-z0-9]*[^A-Za-z0-9"'\s]|""" + _PLACE + rb"[A-Za-z]*[0-9]{11}")
_TOO_MANY: Final = 1 << 31
_BLOCK: Final = 1 << 20


def excel_extent(content: bytes) -> tuple[int, int]:
    """At least the last row and the last column that the sheet names or counts up to.

    Rows and cells without a place follow the one before them. Places that are written in another way than programs
    write them, and text that is not in an ASCII code, count as more than anything may have.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
        return _TOO_MANY, _TOO_MANY
    last_row = nameless_rows = columns = 0
    all_cells = named_cells = 0
    for block in _blocks(content):
        if _ODD_PLACE.search(block):
            return _TOO_MANY, _TOO_MANY
        named = _NAMED_ROW.findall(block)
        letters = _NAMED_CELL.findall(block)
        last_row = max(last_row, *map(int, {*named, *_CELL_ROW.findall(block), b"0"}))
        columns = max(columns, *map(_column_number, {*letters, b""}))
        nameless_rows += len(_ROW.findall(block)) - len(named)
        all_cells += len(_CELL.findall(block))
        named_cells += len(letters)
    if all_cells > named_cells:
        columns += max(len(_CELL.findall(row)) for row in _ROW.split(content))
    return last_row + nameless_rows, columns


def _blocks(content: bytes) -> Iterator[bytes]:
    """Pieces that end where a tag begins, so that what is found in one is forgotten before the next."""
    start = 0
    while start < len(content):
        end = content.find(b"<", start + _BLOCK)
        end = len(content) if end < 0 else end
        yield content[start:end]
        start = end


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:5].upper():
        number = number * 26 + letter - 64
    return number
