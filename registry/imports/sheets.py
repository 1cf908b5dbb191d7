"""Sheets of an import as they wait for a person to look at their columns: without secrets, with a proposed mapping."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from certs.legacy_text import LegacyEncoding
from certs.messages import define
from certs.names import display_name
from certs.text import normalise
from registry.agency_imports.columns import is_tree_of_agencies
from registry.imports.columns import CERTIFICATE_LISTS, ListField
from registry.imports.history_sheets import HistoryField, find_history_header
from registry.imports.packing import pack_cells, unpack_cells
from registry.imports.reading import ListRow, parse_rows
from registry.imports.tables import ImportSheetRow, SheetKind
from registry.lists.headers import Header, column_encoding, convert_cell, find_header, redact
from registry.lists.spreadsheets import Cell, Sheet

NO_HEADER = define(
    "imports.sheet.no_header",
    vi="Không tìm thấy dòng tiêu đề cột (ví dụ: Số hiệu chứng thư, Họ và tên, Thư công vụ).",
    en="No row with the names of the columns was found (for example: serial number, full name, e-mail).",
)
OF_AGENCIES = define(
    "imports.sheet.of_agencies",
    vi="Đây là danh sách cơ quan, không phải danh sách chứng thư. Hãy nhập ở trang Cơ quan, mục Nhập danh sách cơ quan.",
    en="This is a list of agencies, not of certificates. Enter it under Agencies, “Import a list of agencies”.",
)

_SAMPLES: Final = 3


def make_sheet(
    import_id: int, position: int, place: str, sheet: Sheet, remembered: Mapping[str, Mapping[str, Any]]
) -> ImportSheetRow | None:
    """The row for a sheet; None when it has no header. `remembered`: corrected mappings by fingerprint."""
    history = find_history_header(sheet)
    if history is not None:
        return _history_sheet(import_id, position, place, sheet, history)
    header = find_header(sheet, CERTIFICATE_LISTS)
    if header is None or is_tree_of_agencies(sheet, header):
        return None
    encodings = _encodings(sheet, header)
    cells = _labelled_cells(sheet, header, encodings)
    return ImportSheetRow(
        import_id=import_id,
        position=position,
        place=place[:500],
        is_chosen=not sheet.is_hidden,
        fingerprint=header.fingerprint,
        columns=_columns(header, cells, encodings, remembered.get(header.fingerprint)),
        secrets=[display_name(label) for _, label in header.secrets],
        row_count=sum(1 for row in cells if any(cell is not None for cell in row)),
        first_row=header.first_data_row + 1,
        cells=pack_cells(cells),
    )


def is_of_agencies(sheet: Sheet) -> bool:
    """Whether a sheet of which `make_sheet` makes nothing is a list of agencies."""
    header = find_header(sheet, CERTIFICATE_LISTS)
    return header is not None and is_tree_of_agencies(sheet, header)


def _history_sheet(
    import_id: int, position: int, place: str, sheet: Sheet, history: tuple[SheetKind, Header[HistoryField]]
) -> ImportSheetRow:
    kind, header = history
    cells = _labelled_cells(sheet, header, {})
    return ImportSheetRow(
        import_id=import_id,
        position=position,
        place=place[:500],
        kind=kind,
        is_chosen=True,
        fingerprint=header.fingerprint,
        columns=[
            {"column": column.column, "label": display_name(column.label), "field": column.field}
            for column in header.columns
        ],
        row_count=len(cells),
        first_row=header.first_data_row + 1,
        cells=pack_cells(cells),
    )


def list_rows(row: ImportSheetRow) -> Iterator[ListRow]:
    """The data rows of a chosen sheet, read by its mapping."""
    mapping = {column["column"]: ListField(column["field"]) for column in row.columns if column["field"]}
    return parse_rows(
        unpack_cells(row.cells),
        mapping,
        place=row.place,
        first_row=row.first_row,
        labels={column["column"]: column["label"] for column in row.columns},
        encodings={
            column["column"]: LegacyEncoding(column["encoding"]) for column in row.columns if column["encoding"]
        },
    )


def change_mapping(row: ImportSheetRow, fields: Mapping[int, ListField | None]) -> dict[str, str]:
    """Give the columns of a sheet other meanings; returns what is to be remembered. A field is given once at most."""
    given: set[ListField] = set()
    columns = []
    for column in row.columns:
        chosen = fields.get(column["column"], ListField(column["field"]) if column["field"] else None)
        if chosen in given:
            chosen = None
        if chosen is not None:
            given.add(chosen)
        columns.append({**column, "field": chosen.value if chosen else None, "score": 100 if chosen else 0})
    row.columns = columns
    return {str(column["column"]): column["field"] or "" for column in columns}


def _encodings(sheet: Sheet, header: Header[Any]) -> dict[int, LegacyEncoding | None]:
    rows = sheet.rows[header.first_data_row :]
    return {
        column.column: column_encoding([row[column.column] for row in rows if column.column < len(row)])
        for column in header.columns
    }


def _labelled_cells(
    sheet: Sheet, header: Header[Any], encodings: Mapping[int, LegacyEncoding | None]
) -> list[tuple[Cell, ...]]:
    """The data below the labels; nobody can say what stands under a secret label or under none, and it is not kept."""
    kept = {column.column for column in header.columns}
    return [
        tuple(
            _without_secret(cell, encodings.get(column)) if column in kept else None for column, cell in enumerate(row)
        )
        for row in sheet.filled_rows[header.first_data_row :]
    ]


def _without_secret(cell: Cell, encoding: LegacyEncoding | None) -> Cell:
    if not isinstance(cell, str):
        return cell
    # `mËt khÈu` of an old font, and letters apart from their marks, announce a password too.
    text, was_secret = redact(cell if cell.isascii() else normalise(convert_cell(cell, encoding)))
    return text if was_secret else cell


def _columns(
    header: Header[ListField],
    cells: list[tuple[Cell, ...]],
    encodings: Mapping[int, LegacyEncoding | None],
    remembered: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    described = []
    for column in header.columns:
        own = [row[column.column] for row in cells if column.column < len(row)]
        encoding = encodings[column.column]
        field, score = column.field, column.score
        if remembered is not None and str(column.column) in remembered:
            chosen = remembered[str(column.column)]
            field, score = (ListField(chosen), 100) if chosen else (None, 0)
        filled = [cell for cell in own if cell is not None][:_SAMPLES]
        described.append(
            {
                "column": column.column,
                "label": display_name(normalise(column.label)),
                "field": field.value if field else None,
                "score": score,
                "encoding": encoding.value if encoding else None,
                "samples": [display_name(normalise(convert_cell(cell, encoding)))[:60] for cell in filled],
            }
        )
    return described
