"""The report on paper."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

from certs.names import display_name
from registry.agencies.schemas import AgencyView
from registry.paper import (
    CENTRED,
    COUNT,
    HEAD,
    SECTION,
    SMALL,
    TITLE,
    grid,
    letterhead,
    paragraph,
    register_fonts,
    write_paper,
)
from registry.reports.schemas import IssuanceView
from registry.reports.words import FIGURES, show_day, show_number, show_share, word

_RANKED: Final = 30
"""Agencies of the ranking that are printed; all are in the workbook."""
_LISTED: Final = 1000
"""Agencies without a certificate that are printed."""


def write_report_pdf(
    report: IssuanceView, uncovered: Sequence[AgencyView], file: IO[bytes] | Path, *, province: str, made_on: date
) -> None:
    """Write the report into `file`. It is the same for the same arguments, apart from the time that PDF records."""
    register_fonts()
    title = word("title", "vi").format(day=show_day(report.as_of))
    story: list[Any] = [
        letterhead(province, made_on),
        paragraph("BÁO CÁO", TITLE),
        paragraph(title, HEAD),
        paragraph(word("period", "vi").format(begin=show_day(report.begin), day=show_day(report.as_of)), CENTRED),
        *_section("totals", ("figure", "count"), [(_said(name), _count(getattr(report, name))) for name in FIGURES]),
        *_section(
            "levels",
            ("level", "agencies", "covered", "coverage", "certificates", "active"),
            [
                (
                    *(_said(line.level), _count(line.agencies), _count(line.covered), show_share(line.coverage, "vi")),
                    *(_count(line.certificates), _count(line.active)),
                )
                for line in report.levels
            ],
        ),
    ]
    for name in ("by_kind", "by_medium", "by_generation"):
        lines = [
            (_said(line.key), _count(line.cumulative), _count(line.issued_in_period), _count(line.active))
            for line in getattr(report, name)
        ]
        story += _section(name, ("figure", "cumulative", "issued_in_period", "active"), lines)
    story += _section(
        "by_agency",
        ("agency", "active", "issued_in_period", "cumulative"),
        [
            (
                f"{line.place}. {display_name(line.name)}",
                *map(_count, (line.active, line.issued_in_period, line.cumulative)),
            )
            for line in report.by_agency[:_RANKED]
        ],
        more=len(report.by_agency) - _RANKED,
    )
    story += _section(
        "uncovered",
        ("agency", "level", "code"),
        [(display_name(view.name), _said(view.level), view.code) for view in uncovered[:_LISTED]],
        more=len(uncovered) - _LISTED,
    )
    write_paper(story, file, title=title, author=province)


def _section(name: str, headings: Sequence[str], lines: Sequence[Sequence[str]], *, more: int = 0) -> tuple[Any, ...]:
    heading = paragraph(_said(name), SECTION)
    if not lines:
        return heading, paragraph("Không có.")
    rest = 0.62 if len(headings) < 4 else 0.40
    shares = [rest] + [(1 - rest) / (len(headings) - 1)] * (len(headings) - 1)
    cells = [[paragraph(cell, COUNT if _is_count(cell) else SMALL) for cell in line] for line in lines]
    table = grid([_said(each) for each in headings], cells, shares)
    note = (paragraph(f"Còn {_count(more)} cơ quan nữa, xem bảng tính kèm theo.", SMALL),) if more > 0 else ()
    return heading, table, *note


def _said(key: str) -> str:
    return word(key, "vi")


def _is_count(cell: str) -> bool:
    return cell.rstrip(" %").replace(".", "").replace(",", "").isdecimal()


def _count(value: int) -> str:
    return show_number(value, "vi")
