"""How far the sheets of an OpenDocument spreadsheet reach (ODF 1.3 part 3, 9.1), told before anything makes room for them."""

import re
from typing import Final

_ATTRIBUTES: Final = rb"""((?:[^<>"']|"[^<"]*"|'[^<']*')*)"""
_TAG: Final = re.compile(rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])" + _ATTRIBUTES + rb">")
_REPEATED: Final = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"']([^\"']*)[\"']")
_HOLDS_VALUE: Final = re.compile(rb"\b(?:value-type|formula)\s*=")
_TOO_MANY: Final = 1 << 31


def open_document_extent(content: bytes) -> tuple[int, int]:
    """The last row and the last column that hold something, of all sheets in `content.xml`.

    Rows and cells say how often they are repeated; programs fill a sheet to its end with empty ones, which count for
    nothing. What is no plain number counts as more than anything may have.
    """
    rows = columns = row = column = 0
    repeated, is_filled = 1, False
    for closing, name, attributes in _TAG.findall(content):
        if name == b"table":
            row = 0
        elif name == b"table-row":
            if not closing:
                repeated, is_filled, column = _repetitions(attributes), False, 0
            if closing or attributes.endswith(b"/"):
                row += repeated
                rows = max(rows, row) if is_filled else rows
        elif not closing:
            column += _repetitions(attributes)
            if not attributes.endswith(b"/") or _HOLDS_VALUE.search(attributes):
                columns, is_filled = max(columns, column), True
    return rows, columns


def _repetitions(attributes: bytes) -> int:
    found = _REPEATED.search(attributes)
    if found is None:
        return 1
    return int(found[1]) if found[1].isdigit() and len(found[1]) < 10 else _TOO_MANY
