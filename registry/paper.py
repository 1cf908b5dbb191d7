"""Documents on paper: A4, in Vietnamese, after the layout of Nghị định 30/2020/NĐ-CP, with their fonts embedded."""

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

from registry.fonts import FONTS

REGULAR: Final = "Report"
BOLD: Final = "Report-Bold"
WIDTH: Final = A4[0] - 30 * mm - 20 * mm
"""Between the margins."""

TEXT: Final = ParagraphStyle("text", fontName=REGULAR, fontSize=11, leading=14)
SMALL: Final = ParagraphStyle("small", fontName=REGULAR, fontSize=10, leading=12.5)
COUNT: Final = ParagraphStyle("count", parent=SMALL, alignment=TA_RIGHT)
STRONG: Final = ParagraphStyle("strong", fontName=BOLD, fontSize=10, leading=12.5)
CENTRED: Final = ParagraphStyle("centred", parent=TEXT, alignment=TA_CENTER)
HEAD: Final = ParagraphStyle("head", fontName=BOLD, fontSize=11, leading=14, alignment=TA_CENTER)
TITLE: Final = ParagraphStyle("title", fontName=BOLD, fontSize=14, leading=18, alignment=TA_CENTER, spaceBefore=14)
SECTION: Final = ParagraphStyle(
    "section", fontName=BOLD, fontSize=12, leading=15, spaceBefore=14, spaceAfter=4, keepWithNext=1
)
_SPACES: Final = str.maketrans(dict.fromkeys("\n\r\t", " "))


def paragraph(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    """A paragraph of plain text: nothing in it is read as markup."""
    return Paragraph(escape(text.translate(_SPACES)), style)


def letterhead(province: str, made_on: date) -> Any:
    """The head of an official document: who issues it at the left, the motto and the day at the right."""
    left = [Paragraph(f"ỦY BAN NHÂN DÂN<br/>{escape(province.upper())}", HEAD)]
    right = [
        Paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", HEAD),
        Paragraph("Độc lập - Tự do - Hạnh phúc", HEAD),
        Spacer(1, 6),
        Paragraph(f"Ngày {made_on:%d} tháng {made_on:%m} năm {made_on.year}", CENTRED),
    ]
    return Table(
        [[left, right]],
        colWidths=[WIDTH * 0.38, WIDTH * 0.62],
        style=[("FONTNAME", (0, 0), (-1, -1), REGULAR), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )


def grid(headings: Sequence[str], lines: Sequence[Sequence[Any]], shares: Sequence[float]) -> Table:
    """A table with a head that every page repeats; `shares` of the width, one for each column."""
    return Table(
        [[paragraph(each, STRONG) for each in headings], *lines],
        colWidths=[WIDTH * share for share in shares],
        repeatRows=1,
        style=[
            ("FONTNAME", (0, 0), (-1, -1), REGULAR),
            ("GRID", (0, 0), (-1, -1), 0.4, HexColor("#777777")),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eeeeee")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ],
    )


def write_paper(story: Sequence[Any], file: IO[bytes] | Path, *, title: str, author: str) -> None:
    """Write the document into `file`. It is the same for the same story, apart from the time that PDF records."""
    document = SimpleDocTemplate(
        str(file) if isinstance(file, Path) else file,
        pagesize=A4,
        leftMargin=30 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=title,
        author=author,
        lang="vi",
        # Else every page would name Helvetica, which is not embedded.
        initialFontName=REGULAR,
    )
    document.build(list(story), onFirstPage=_number_page, onLaterPages=_number_page)


@cache
def register_fonts() -> None:
    """Make the embedded fonts known; needed before the first paragraph is measured."""
    for name, file in ((REGULAR, "Tinos-Regular"), (BOLD, "Tinos-Bold")):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{file}.ttf")))


def _number_page(canvas: Any, document: Any) -> None:
    canvas.setFont(REGULAR, 10)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, str(document.page))
