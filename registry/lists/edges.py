"""What stands below the last row of a table: sums, place and day, and who signs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from certs.legacy_text import LegacyEncoding
from certs.text import fold
from registry.lists.headers import convert_cell
from registry.lists.spreadsheets import Cell


def is_sum(cells: Sequence[Cell], encodings: Mapping[int, LegacyEncoding]) -> bool:
    """Whether a row that names no certificate, and no agency by its code, says how many the others are."""
    return any(_SUM.match(text) for text in _folded(cells, encodings))


def ends_table(cells: Sequence[Cell], encodings: Mapping[int, LegacyEncoding]) -> bool:
    """Whether such a row begins what stands below the last one: place and day, and who signs."""
    return any(_SIGNATURE.match(text) for text in _folded(cells, encodings))


def _folded(cells: Sequence[Cell], encodings: Mapping[int, LegacyEncoding]) -> Iterator[str]:
    return (fold(convert_cell(cell, encodings.get(column))) for column, cell in enumerate(cells) if cell is not None)


_SUM: Final = re.compile(r"tong (?:so|cong)|cong\s*(?:[:.]|$)")
_SIGNATURE: Final = re.compile(
    r"(?:can bo |nguoi )lap (?:bieu|bang|danh sach)|thu truong(?: don vi| co quan)?$|noi nhan\b|xac nhan cua|t[ml]\.|kt\."
    r"|[(]ky\b|ky ten|[^,\d]{3,40}, ngay "
)
