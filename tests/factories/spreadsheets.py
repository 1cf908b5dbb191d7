"""Lists as offices keep them, made with XlsxWriter."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

TITLE = (
    "ỦY BAN NHÂN DÂN TỈNH BẮC GIANG",
    "DANH SÁCH CHỨNG THƯ SỐ CHUYÊN DÙNG CÔNG VỤ",
    "(Kèm theo Công văn số 12/STTTT)",
)


def make_workbook(
    header: Sequence[str] | Sequence[Sequence[str]],
    rows: Sequence[Sequence[Any]],
    *,
    title: Sequence[str] = TITLE,
    sheet: str = "Danh sách",
    more: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> bytes:
    """A workbook with a merged title block, a header of one or two rows, and the rows below it."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    headers = [header] if isinstance(header[0], str) else list(header)
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    page = workbook.add_worksheet(sheet)
    width = max(len(line) for line in headers)
    for number, line in enumerate(title):
        page.merge_range(number, 0, number, width - 1, line)
    first = len(title) + (1 if title else 0)
    for number, line in enumerate([*headers, *rows], start=first):
        _write(page, number, line, day)
    for name, lines in (more or {}).items():
        other = workbook.add_worksheet(name)
        for number, line in enumerate(lines):
            _write(other, number, line, day)
    workbook.close()
    return buffer.getvalue()


def _write(page: Any, number: int, cells: Sequence[Any], day: Any) -> None:
    for column, value in enumerate(cells):
        if isinstance(value, (datetime, date)):
            page.write_datetime(number, column, value, day)
        elif value is not None:
            page.write(number, column, value)


def make_open_document(rows: Sequence[Sequence[Any]], *, rest: str = "") -> bytes:
    """An OpenDocument spreadsheet with one sheet; `rest` is XML that follows its rows."""
    lines = "".join(f"<table:table-row>{''.join(map(_open_cell, cells))}</table:table-row>" for cells in rows)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="Danh sách">{lines}{rest}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
    return buffer.getvalue()


_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def _open_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'
