"""What the rows of a list leave to the lines around them: ditto marks, headings of groups, signatures below the table."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from certs.legacy_text import LegacyEncoding
from certs.names import display_name
from certs.text import fold, normalise
from registry.imports.columns import ListField
from registry.lists.edges import ends_table, is_sum
from registry.lists.headers import convert_cell
from registry.lists.spreadsheets import Cell


@dataclass(frozen=True, slots=True)
class Line:
    """One filled row of the data."""

    number: int
    """1-based, in the sheet."""
    cells: Sequence[Cell]
    heading: str | None
    """The line above the group that it stands in, such as the name of an agency."""


def read_lines(
    rows: Iterable[Sequence[Cell]],
    mapping: Mapping[int, ListField],
    *,
    first_row: int,
    labels: Mapping[int, str],
    encodings: Mapping[int, LegacyEncoding],
) -> Iterator[Line]:
    """The filled rows below the header, with what `-nt-` stands for.

    Headings, the columns' numbers, and labels that stand again on the next page are left out.
    """
    heading: str | None = None
    above: Sequence[Cell] = ()
    folded = {column: fold(label) for column, label in labels.items()}
    for number, row in enumerate(rows, start=first_row):
        if all(cell is None for cell in row) or (number == first_row and _numbers_the_columns(row)):
            continue
        if _repeats_labels(row, folded, encodings):
            continue
        if (title := _heading(row, mapping, encodings)) is not None:
            heading = title
            continue
        above = [
            (above[column] if column < len(above) else None) if _is_ditto(cell, encodings.get(column)) else cell
            for column, cell in enumerate(row)
        ]
        yield Line(number, above, heading)


_HEADED: Final = frozenset({ListField.NUMBER, ListField.HOLDER, None})
_POINT: Final = re.compile(r"(?:[ivxlc]{1,6}|\d{1,3}(?:\.\d{1,3})*|[a-zđ])[.)/:–-]*\s*", re.IGNORECASE)
_LONGEST_HEADING: Final = 300
_DITTO: Final = re.compile(r"[\s\-–_.]*(?:n\.?t|nhu tren|[\"”“″〃]|'')[\s\-–_.]*")
_LONGEST_DITTO: Final = 12
_COLUMN_NUMBER: Final = re.compile(r"[(\[]?(\d{1,2})[)\]]?")
_FEWEST_NUMBERS: Final = 3


def _is_ditto(cell: Cell, encoding: LegacyEncoding | None) -> bool:
    if not isinstance(cell, str) or len(cell) > _LONGEST_DITTO:
        return False
    return _DITTO.fullmatch(fold(convert_cell(cell, encoding))) is not None


def _heading(
    row: Sequence[Cell], mapping: Mapping[int, ListField], encodings: Mapping[int, LegacyEncoding]
) -> str | None:
    """The text of a line that holds nothing but it, and the number of its point."""
    filled = list(islice(((column, cell) for column, cell in enumerate(row) if cell is not None), 3))
    if len(filled) == 2 and _POINT.fullmatch(convert_cell(filled[0][1], None).strip()):
        filled = filled[1:]
    if len(filled) != 1 or not isinstance(filled[0][1], str) or mapping.get(filled[0][0]) not in _HEADED:
        return None
    column, cell = filled[0]
    text = normalise(display_name(normalise(convert_cell(cell, encodings.get(column)))))
    title = text[point.end() :] if (point := _POINT.match(text)) and not point[0].isalpha() else text
    is_other = is_sum(row, encodings) or ends_table(row, encodings)
    return None if len(title) < 3 or is_other else title[:_LONGEST_HEADING]


def _repeats_labels(row: Sequence[Cell], folded: Mapping[int, str], encodings: Mapping[int, LegacyEncoding]) -> bool:
    again = 0
    for column, label in folded.items():
        cell = row[column] if column < len(row) else None
        if isinstance(cell, str) and fold(convert_cell(cell, encodings.get(column))) == label:
            again += 1
        elif cell is not None and not again:
            # Most rows are data from their first cell on.
            return False
    return again >= _FEWEST_LABELS


_FEWEST_LABELS: Final = 3


def has_month_first(rows: Iterable[Sequence[Cell]], mapping: Mapping[int, ListField]) -> bool:
    """Whether days are written month first throughout, as a computer with American settings does: `09/25/2016`.

    One day that can only be day first, and the list is what lists here are; one that cannot be is a slip of somebody's.
    """
    columns = [column for column, field in mapping.items() if field in _DAYS]
    found = 0
    for row in rows:
        for column in columns:
            cell = row[column] if column < len(row) else None
            if isinstance(cell, str) and (match := _TWO_NUMBERS.match(cell.strip())):
                first, second = int(match[1]), int(match[2])
                if first > _MONTHS:
                    return False
                found += second > _MONTHS
    return found >= _FEWEST_TURNED


def _day_first(cell: Cell) -> Cell:
    if isinstance(cell, str) and (match := _TWO_NUMBERS.match(cell.strip())):
        return f"{match[2]}/{match[1]}/{cell.strip()[match.end() :]}"
    return cell


_TWO_NUMBERS: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](?=\d{2})")
_MONTHS: Final = 12
_FEWEST_TURNED: Final = 2
_DAYS: Final = frozenset(
    {
        *(ListField.ISSUED_AT, ListField.NOT_BEFORE, ListField.NOT_AFTER, ListField.REVOKED_AT),
        ListField.HANDED_OVER_AT,
    }
)


def with_days_turned(cells: Sequence[Cell], mapping: Mapping[int, ListField]) -> Sequence[Cell]:
    """The cells of a row whose days are written month first, with them day first."""
    return [_day_first(cell) if mapping.get(column) in _DAYS else cell for column, cell in enumerate(cells)]


def _numbers_the_columns(row: Sequence[Cell]) -> bool:
    """Whether it is the line `(1) (2) (3) …` below the labels; the first columns may have letters."""
    texts = [convert_cell(cell, None).strip() for cell in row if cell is not None]
    while texts and len(texts[0]) == 1 and texts[0].isalpha():
        texts = texts[1:]
    numbers = [int(match[1]) for text in texts if (match := _COLUMN_NUMBER.fullmatch(text))]
    in_order = numbers == list(range(1, len(numbers) + 1))
    return len(texts) == len(numbers) >= _FEWEST_NUMBERS and in_order
