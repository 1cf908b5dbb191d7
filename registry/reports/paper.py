"""The report on paper: A4, in Vietnamese, after the layout of Nghị định 30/2020/NĐ-CP, with its fonts embedded."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import IO, Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from certs.names import display_name
from registry.agencies.schemas import AgencyView
from registry.fonts import FONTS
from registry.reports.schemas import IssuanceView
from registry.reports.words import FIGURES, show_day, show_number, show_share, word

_REGULAR: Final = "Report"
_BOLD: Final = "Report-Bold"
_RANKED: Final = 30
"""Agencies of the ranking that are printed; all are in the workbook."""
_LISTED: Final = 1000
"""Agencies without a certificate that are printed."""
_WIDTH: Final = A4[0] - 30 * mm - 20 * mm

_TEXT: Final = ParagraphStyle("text", fontName=_REGULAR, fontSize=11, leading=14)
_SMALL: Final = ParagraphStyle("small", fontName=_REGULAR, fontSize=10, leading=12.5)
_COUNT: Final = ParagraphStyle("count", parent=_SMALL, alignment=TA_RIGHT)
_STRONG: Final = ParagraphStyle("strong", fontName=_BOLD, fontSize=10, leading=12.5)
_CENTRED: Final = ParagraphStyle("centred", parent=_TEXT, alignment=TA_CENTER)
_HEAD: Final = ParagraphStyle("head", fontName=_BOLD, fontSize=11, leading=14, alignment=TA_CENTER)
_TITLE: Final = ParagraphStyle("title", fontName=_BOLD, fontSize=14, leading=18, alignment=TA_CENTER, spaceBefore=14)
_SECTION: Final = ParagraphStyle(
    "section", fontName=_BOLD, fontSize=12, leading=15, spaceBefore=14, spaceAfter=4, keepWithNext=1
)


def write_report_pdf(
    report: IssuanceView, uncovered: Sequence[AgencyView], file: IO[bytes] | Path, *, province: str, made_on: date
) -> None:
    """Write the report into `file`. It is the same for the same arguments, apart from the time that PDF records."""
    _register_fonts()
    title = word("title", "vi").format(day=show_day(report.as_of))
    document = SimpleDocTemplate(
        str(file) if isinstance(file, Path) else file,
        pagesize=A4,
        leftMargin=30 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=title,
        author=province,
        lang="vi",
        # Else every page would name Helvetica, which is not embedded.
        initialFontName=_REGULAR,
    )
    story: list[Any] = [
        _head(province, made_on),
        Paragraph("BÁO CÁO", _TITLE),
        Paragraph(escape(title), _HEAD),
        Paragraph(word("period", "vi").format(begin=show_day(report.begin), day=show_day(report.as_of)), _CENTRED),
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
            (f"{rank}. {display_name(line.name)}", *map(_count, (line.active, line.issued_in_period, line.cumulative)))
            for rank, line in enumerate(report.by_agency[:_RANKED], start=1)
        ],
        more=len(report.by_agency) - _RANKED,
    )
    story += _section(
        "uncovered",
        ("agency", "level", "code"),
        [(display_name(view.name), _said(view.level), view.code) for view in uncovered[:_LISTED]],
        more=len(uncovered) - _LISTED,
    )
    document.build(story, onFirstPage=_number_page, onLaterPages=_number_page)


@cache
def _register_fonts() -> None:
    for name, file in ((_REGULAR, "Tinos-Regular"), (_BOLD, "Tinos-Bold")):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{file}.ttf")))


def _head(province: str, made_on: date) -> Any:
    left = [Paragraph(f"ỦY BAN NHÂN DÂN<br/>{escape(province.upper())}", _HEAD)]
    right = [
        Paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", _HEAD),
        Paragraph("Độc lập - Tự do - Hạnh phúc", _HEAD),
        Spacer(1, 6),
        Paragraph(f"Ngày {made_on:%d} tháng {made_on:%m} năm {made_on.year}", _CENTRED),
    ]
    return Table(
        [[left, right]],
        colWidths=[_WIDTH * 0.38, _WIDTH * 0.62],
        style=[("FONTNAME", (0, 0), (-1, -1), _REGULAR), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )


def _section(name: str, headings: Sequence[str], lines: Sequence[Sequence[str]], *, more: int = 0) -> tuple[Any, ...]:
    heading = Paragraph(f"{escape(_said(name))}", _SECTION)
    if not lines:
        return heading, Paragraph("Không có.", _TEXT)
    rest = 0.62 if len(headings) < 4 else 0.40
    widths = [_WIDTH * rest] + [_WIDTH * (1 - rest) / (len(headings) - 1)] * (len(headings) - 1)
    cells = [[Paragraph(escape(_said(each)), _STRONG) for each in headings]]
    cells += [[Paragraph(escape(cell), _COUNT if _is_count(cell) else _SMALL) for cell in line] for line in lines]
    table = Table(
        cells,
        colWidths=widths,
        repeatRows=1,
        style=[
            ("FONTNAME", (0, 0), (-1, -1), _REGULAR),
            ("GRID", (0, 0), (-1, -1), 0.4, HexColor("#777777")),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eeeeee")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ],
    )
    note = (Paragraph(f"Còn {_count(more)} cơ quan nữa, xem bảng tính kèm theo.", _SMALL),) if more > 0 else ()
    return heading, table, *note


def _number_page(canvas: Any, document: Any) -> None:
    canvas.setFont(_REGULAR, 10)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, str(document.page))


def _said(key: str) -> str:
    return word(key, "vi")


def _is_count(cell: str) -> bool:
    return cell.rstrip(" %").replace(".", "").replace(",", "").isdecimal()


def _count(value: int) -> str:
    return show_number(value, "vi")
