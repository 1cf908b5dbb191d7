"""What stands in a list of agencies: bytes go in, rows come out. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from certs.legacy_text import LegacyEncoding
from certs.messages import Message, define, message
from certs.names import display_name
from certs.text import normalise
from registry.agency_imports.columns import AgencyField, find_agency_header
from registry.agency_imports.outline import Outline, is_outline
from registry.agency_imports.values import NEEDED, READERS, ListedAgency, listed_agency
from registry.lists.cells import read_cells
from registry.lists.edges import ends_table, is_sum
from registry.lists.finding import find_sheets, holds_secret
from registry.lists.headers import Header, column_encoding, convert_cell
from registry.lists.spreadsheets import Cell, Sheet
from registry.views import MessageView, View

NO_LIST = define(
    "agency_imports.no_list",
    vi="Không tìm thấy danh sách cơ quan: cần dòng tiêu đề có ít nhất hai cột như Mã định danh, Tên cơ quan, Cấp.",
    en="No list of agencies was found: it needs a header with at least two columns such as Code, Name, Level.",
)


class ReadColumn(View):
    """One column of a list and what it is taken for."""

    label: str
    field: AgencyField | None
    encoding: str | None
    """Legacy encoding that was recognised; its texts are converted."""


class ReadSheet(View):
    """One list."""

    place: str
    columns: tuple[ReadColumn, ...]
    secrets: tuple[str, ...]
    """Labels of columns with passwords or PINs; they were not read."""
    row_count: int


class AgencyLists(View):
    """Everything that a file says about agencies."""

    sheets: tuple[ReadSheet, ...]
    rows: tuple[ListedAgency, ...]
    problems: tuple[MessageView, ...]
    """Why a file or none of its sheets could be read."""


def read_agency_lists(data: bytes, *, file_name: str) -> AgencyLists:
    """Read the lists of agencies of an XLSX, XLS, ODS or CSV, or of a ZIP of them. Never raises for content.

    Sheets of certificates are passed over, so that the file of a whole register can be read as it is.
    """
    sheets: list[ReadSheet] = []
    rows: list[ListedAgency] = []
    problems: list[Message] = []
    for place, sheet in find_sheets(data, file_name=file_name):
        if isinstance(sheet, Message):
            problems.append(sheet)
            continue
        header = None if sheet.is_hidden else find_agency_header(sheet)
        if header is None:
            continue
        encodings = _encodings(header, sheet)
        found = list(_rows(place, sheet, header, encodings, first=len(rows)))
        rows.extend(found)
        sheets.append(
            ReadSheet(
                place=place,
                columns=tuple(
                    ReadColumn(
                        label=display_name(normalise(column.label)),
                        field=column.field,
                        encoding=encodings.get(column.column),
                    )
                    for column in header.columns
                ),
                secrets=tuple(display_name(label) for _, label in header.secrets),
                row_count=len(found),
            )
        )
    if not sheets and not problems:
        problems.append(holds_secret(data, file_name=file_name) or message(NO_LIST))
    return AgencyLists(sheets=tuple(sheets), rows=tuple(rows), problems=tuple(map(MessageView.of, problems)))


def _encodings(header: Header[AgencyField], sheet: Sheet) -> dict[int, LegacyEncoding]:
    found = {}
    for column in header.columns:
        own = [row[column.column] for row in sheet.rows[header.first_data_row :] if column.column < len(row)]
        encoding = column_encoding(own)
        if encoding is not None:
            found[column.column] = encoding
    return found


def _rows(
    place: str,
    sheet: Sheet,
    header: Header[AgencyField],
    encodings: Mapping[int, LegacyEncoding],
    *,
    first: int,
) -> Iterator[ListedAgency]:
    mapping = header.mapping
    fields = set(mapping.values())
    by_field = {field: column for column, field in mapping.items()}
    labels = {column.column: column.label for column in header.columns}
    has_parent = bool(fields & {AgencyField.PARENT, AgencyField.PARENT_CODE})
    lines = [
        (number, cells, _mark(cells, by_field, encodings))
        for number, cells in enumerate(sheet.rows[header.first_data_row :], start=header.first_data_row + 1)
        if any(cell is not None for cell in cells)
    ]
    outline = Outline() if not has_parent and is_outline(mark for _, _, mark in lines) else None
    places: dict[int, int] = {}
    headings: dict[int, str] = {}
    taken, is_below = first, False
    for line, (number, cells, mark) in enumerate(lines):
        read = read_cells(cells, mapping, READERS, labels=labels, encodings=encodings)
        above = outline.above(*mark, line) if outline is not None else None
        name = read.values.get(AgencyField.NAME)
        if not set(read.values) & _CODES:
            # Who signs stands below the table.
            is_below = is_below or ends_table(cells, encodings)
            if is_below or is_sum(cells, encodings):
                continue
        if not set(read.values) & {AgencyField.NAME, *_CODES}:
            continue
        if AgencyField.CODE in fields and set(read.values) <= {AgencyField.NAME} and not read.problems:
            # A line between groups: it is no agency, but may name the one that the lines below it belong to.
            headings[line] = name or ""
            continue
        lines_above = _ancestry(outline, above)
        unreadable = tuple(
            field
            for field in NEEDED
            if field in by_field and field not in read.values and _is_filled(cells, by_field[field])
        )
        yield listed_agency(
            f"{place} › {number}",
            read,
            has_parent_column=has_parent,
            above=next((places[each] for each in lines_above if each in places), None),
            heading=next((headings[each] for each in lines_above if each in headings), None),
            unreadable=unreadable,
        )
        places[line] = taken
        taken += 1


_CODES: Final = frozenset({AgencyField.CODE, AgencyField.TAX_CODE, AgencyField.BUDGET_CODE})


def _ancestry(outline: Outline | None, above: int | None) -> Sequence[int]:
    """The lines that the last one read stands below, the nearest first."""
    if outline is None or above is None:
        return ()
    return [place for _, _, place in reversed(outline.stack[:-1])]


def _is_filled(cells: Sequence[Cell], column: int) -> bool:
    # A dash says "nothing", which the readers pass over without complaint.
    cell = cells[column] if column < len(cells) else None
    return cell is not None and str(cell).strip() not in _EMPTY


_EMPTY: Final = frozenset(
    {"", "-", "--", "—", "–", "x", "X", "/", ".", "...", "N/A", "n/a", "không", "Không", "null", "NULL"}
)
_BEFORE_NAME: Final = re.compile(r"^(\s*)([-+*•–](?=\s)|\d+(?:\.\d+)*[.)](?=\s))?")


def _mark(cells: Sequence[Cell], by_field: Mapping[AgencyField, int], encodings: Mapping[int, Any]) -> tuple[str, int]:
    """The number of a line in the outline, and by how many blanks its name is indented."""
    number = by_field.get(AgencyField.NUMBER)
    mark = convert_cell(cells[number], None) if number is not None and number < len(cells) else ""
    column = by_field.get(AgencyField.NAME)
    cell = cells[column] if column is not None and column < len(cells) else None
    if column is None or not isinstance(cell, str):
        return mark.strip(), 0
    match = _BEFORE_NAME.match(convert_cell(cell, encodings.get(column)))
    blanks, bullet = (match[1], match[2]) if match else ("", None)
    return mark.strip() or (bullet or ""), len(blanks.replace("\t", "    "))
