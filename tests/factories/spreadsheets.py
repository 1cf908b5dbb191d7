"""Lists as offices keep them, made with XlsxWriter."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

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
