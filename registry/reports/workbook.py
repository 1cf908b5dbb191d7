"""The report as a workbook: totals, levels, groups, the ranking of agencies, and the agencies without a certificate."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Final

import xlsxwriter

from registry.agencies.schemas import AgencyView
from registry.reports.schemas import IssuanceView
from registry.reports.words import FIGURES, show_day, word

Value = str | int | float | None

_COUNTS: Final = ("cumulative", "issued_in_period", "active")
_SHEET_NAME: Final = 31
"""Characters that a spreadsheet allows."""


def write_report_workbook(
    report: IssuanceView, uncovered: Iterable[AgencyView], file: IO[bytes] | Path, *, language: str
) -> None:
    """Write the report into `file`; numbers are numbers, shares are shares, and no text is ever a formula."""
    workbook = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    try:
        book = _Book(workbook, language)
        day, begin = show_day(report.as_of), show_day(report.begin)
        title = (word("title", language).format(day=day), word("period", language).format(begin=begin, day=day))
        book.sheet(
            "totals",
            ("figure", "count"),
            [(word(name, language), getattr(report, name)) for name in FIGURES],
            above=title,
        )
        book.sheet(
            "levels",
            ("level", "agencies", "covered", "coverage", "certificates", "active"),
            [
                (word(line.level, language), line.agencies, line.covered, line.coverage, line.certificates, line.active)
                for line in report.levels
            ],
        )
        for name in ("by_kind", "by_medium", "by_generation"):
            lines = [
                (word(line.key, language), line.cumulative, line.issued_in_period, line.active)
                for line in getattr(report, name)
            ]
            book.sheet(name, ("figure", *_COUNTS), lines)
        book.sheet(
            "by_agency",
            ("rank", "code", "agency", "level", "active", "issued_in_period", "cumulative"),
            [
                (
                    *(line.place, line.code, line.name, word(line.level, language)),
                    *(line.active, line.issued_in_period, line.cumulative),
                )
                for line in report.by_agency
            ],
        )
        book.sheet(
            "uncovered",
            ("code", "agency", "level"),
            [(view.code, view.name, word(view.level, language)) for view in uncovered],
        )
    finally:
        workbook.close()


class _Book:
    def __init__(self, workbook: Any, language: str) -> None:
        self._workbook = workbook
        self._language = language
        self._bold = workbook.add_format({"bold": True})
        self._head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._count = workbook.add_format({"num_format": "#,##0"})
        self._share = workbook.add_format({"num_format": "0.0%"})

    def sheet(
        self, name: str, headings: Sequence[str], lines: Iterable[Sequence[Value]], *, above: Sequence[str] = ()
    ) -> None:
        sheet = self._workbook.add_worksheet(word(name, self._language)[:_SHEET_NAME])
        sheet.set_landscape()
        sheet.set_paper(9)
        for row, text in enumerate(above):
            sheet.write_string(row, 0, text, self._bold)
        first = len(above) + 1 if above else 0
        for column, heading in enumerate(headings):
            is_wide = heading in ("agency", "figure")
            sheet.set_column(column, column, 44 if is_wide else 18)
            sheet.write_string(first, column, word(heading, self._language), self._head)
        sheet.freeze_panes(first + 1, 0)
        sheet.repeat_rows(first)
        for row, line in enumerate(lines, start=first + 1):
            for column, value in enumerate(line):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif isinstance(value, float):
                    sheet.write_number(row, column, value, self._share)
                elif value is not None:
                    sheet.write_number(row, column, value, self._count)
