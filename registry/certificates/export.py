"""Lists as files, as shown: CSV and XLSX, written row by row so that memory does not grow with them."""

import csv
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

import xlsxwriter

from registry.certificates.schemas import CertificateView
from registry.clock import VIETNAM

_COLUMNS: Final[tuple[tuple[str, str, Callable[[CertificateView], str | int]], ...]] = (
    ("Số hiệu chứng thư", "Serial number", lambda view: view.serial),
    ("Chủ thể", "Holder", lambda view: view.holder),
    ("Đối tượng", "Kind", lambda view: view.kind.value),
    ("Chức vụ", "Position", lambda view: view.position or ""),
    ("Thư công vụ", "E-mail", lambda view: view.email or ""),
    ("Mã cơ quan", "Agency code", lambda view: view.agency_code),
    ("Cơ quan quản lý", "Managing agency", lambda view: view.agency_name),
    ("Cấp", "Level", lambda view: view.agency_level.value),
    ("Thiết bị", "Medium", lambda view: view.medium.value),
    ("Số hiệu thiết bị", "Device number", lambda view: view.device_number or ""),
    ("Tình trạng thiết bị", "Custody", lambda view: view.custody.value),
    ("Ngày cấp", "Issued", lambda view: _day(view.issued_at)),
    ("Ngày hiệu lực", "Valid from", lambda view: _day(view.not_before)),
    ("Ngày hết hạn", "Valid until", lambda view: _day(view.not_after)),
    ("Trạng thái", "Status", lambda view: view.standing.value),
    ("Lý do thu hồi", "Revocation reason", lambda view: view.revocation_reason or ""),
    ("Thế hệ CA", "CA generation", lambda view: view.generation),
    ("Đơn vị cấp", "Issuer", lambda view: view.issuer),
    ("SHA-256", "SHA-256", lambda view: view.sha256 or ""),
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(views: Iterable[CertificateView], file: TextIO, *, language: str = "vi") -> int:
    """Write a list as CSV and return the number of rows.

    It begins with a byte order mark, without which spreadsheets show Vietnamese wrongly. What a spreadsheet would take
    for a formula gets an apostrophe before it: names come from certificates of strangers.
    """
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow(_headings(language))
    count = 0
    for view in views:
        writer.writerow([_harmless(str(value(view))) for _, _, value in _COLUMNS])
        count += 1
    return count


def write_xlsx(views: Iterable[CertificateView], path: Path, *, language: str = "vi") -> int:
    """Write a list as a workbook and return the number of rows; every cell is text, never a formula."""
    workbook = xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        sheet = workbook.add_worksheet("Chứng thư" if language == "vi" else "Certificates")
        bold = workbook.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(_headings(language)):
            sheet.write_string(0, column, heading, bold)
        count = 0
        for count, view in enumerate(views, start=1):
            for column, (_, _, value) in enumerate(_COLUMNS):
                sheet.write_string(count, column, str(value(view)))
    finally:
        workbook.close()
    return count


def _headings(language: str) -> list[str]:
    return [vietnamese if language == "vi" else english for vietnamese, english, _ in _COLUMNS]


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
