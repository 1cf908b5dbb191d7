"""An official letter on one page, laid out as Nghị định 30/2020/NĐ-CP, Phụ lục I asks."""

import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from registry.fonts import FONTS

REGULAR: Final = "Tinos"
BOLD: Final = "Tinos-Bold"
ITALIC: Final = "Tinos-Italic"
SUM_SIZE: Final = 14
"""In points."""

_LEFT: Final = 30 * mm
_RIGHT: Final = A4[0] - 18 * mm
_TOP: Final = A4[1] - 20 * mm

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says."""

    superior: str
    sender: str
    number: str
    place: str
    on: date
    subject: str
    addressee: str
    paragraphs: tuple[str, ...]
    sum_label: str
    sum_digits: str
    """The amount that matters, on a line of its own."""
    closing: str
    copies: tuple[str, ...]
    position: str
    signer: str


@dataclass(frozen=True, slots=True)
class Page:
    """A letter as PDF, and where things are on it."""

    pdf: bytes
    sum_box: Box
    """Around the digits of the amount; its lower edge is their base line."""
    signature_box: Box
    """For the picture of the signer's hand."""
    seal_box: Box
    """For the picture of the seal: over about a third of the hand, on its left."""


def draw_letter(letter: Letter) -> Page:
    """Draw the letter; the same letter gives the same bytes."""
    _register_fonts()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1, lang="vi")
    canvas.setTitle(letter.subject)
    canvas.setAuthor(letter.sender)
    canvas.setCreator("DEMO")
    y = _draw_head(canvas, letter)
    y = _text(canvas, f"Kính gửi: {letter.addressee}", REGULAR, 14, y - 10 * mm, align=TA_CENTER)
    y -= 6 * mm
    for paragraph in letter.paragraphs:
        y = _text(canvas, paragraph, REGULAR, 14, y, align=TA_JUSTIFY, indent=10 * mm) - 2.5 * mm
    y, sum_box = _draw_sum(canvas, letter, y)
    y = _text(canvas, letter.closing, REGULAR, 14, y, align=TA_JUSTIFY, indent=10 * mm)
    signature_box, seal_box = _draw_foot(canvas, letter, y - 8 * mm)
    canvas.setFont(ITALIC, 9)
    canvas.setFillGray(0.45)
    canvas.drawCentredString(A4[0] / 2, 10 * mm, "Văn bản mẫu của chương trình DEMO, không có giá trị pháp lý")
    canvas.showPage()
    canvas.save()
    return Page(buffer.getvalue(), sum_box, signature_box, seal_box)


@cache
def _register_fonts() -> None:
    for name, file in ((REGULAR, "Tinos-Regular"), (BOLD, "Tinos-Bold"), (ITALIC, "Tinos-Italic")):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{file}.ttf")))


def _draw_head(canvas: Any, letter: Letter) -> float:
    """Sender on the left, the country's name on the right, number, date and subject below."""
    left, right = _LEFT + 32 * mm, _RIGHT - 45 * mm
    canvas.setFont(REGULAR, 12.5)
    canvas.drawCentredString(left, _TOP, letter.superior)
    y = _beneath(canvas, letter.sender, BOLD, 12.5, _TOP - 1.3 * mm, centre=left)
    canvas.setLineWidth(0.7)
    canvas.line(left - 11 * mm, y - 1.5 * mm, left + 11 * mm, y - 1.5 * mm)
    y = _beneath(canvas, f"Số: {letter.number}", REGULAR, 13, y - 3.5 * mm, centre=left)
    y = _beneath(canvas, f"V/v {letter.subject}", REGULAR, 12, y - 0.5 * mm, centre=left)
    canvas.setFont(BOLD, 12.5)
    canvas.drawCentredString(right, _TOP, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    canvas.setFont(BOLD, 13.5)
    canvas.drawCentredString(right, _TOP - 5.5 * mm, "Độc lập - Tự do - Hạnh phúc")
    canvas.line(right - 32 * mm, _TOP - 7.5 * mm, right + 32 * mm, _TOP - 7.5 * mm)
    canvas.setFont(ITALIC, 13.5)
    # The decree asks for two digits in days up to 9 and months up to 2, so that none can be written in front.
    day = f"{letter.on.day:02}"
    month = f"{letter.on.month:02}" if letter.on.month < 3 else str(letter.on.month)
    canvas.drawCentredString(right, _TOP - 14 * mm, f"{letter.place}, ngày {day} tháng {month} năm {letter.on.year}")
    return y


def _beneath(canvas: Any, text: str, font: str, size: float, y: float, *, centre: float) -> float:
    """Set text below `y`, in as many lines as the left column of the head needs, and return where it ends."""
    width = 64 * mm
    paragraph = Paragraph(text, _style(font, size, TA_CENTER, 0))
    _, height = paragraph.wrap(width, A4[1])
    paragraph.drawOn(canvas, centre - width / 2, y - height)
    return float(y - height)


def _draw_sum(canvas: Any, letter: Letter, y: float) -> tuple[float, Box]:
    y -= 6 * mm
    x = _LEFT + 10 * mm
    canvas.setFont(REGULAR, 14)
    canvas.drawString(x, y, letter.sum_label)
    x += canvas.stringWidth(f"{letter.sum_label} ", REGULAR, 14)
    canvas.setFont(BOLD, SUM_SIZE)
    canvas.drawString(x, y, f"{letter.sum_digits} đồng")
    width = canvas.stringWidth(letter.sum_digits, BOLD, SUM_SIZE)
    return y - 3 * mm, (x, y, x + width, y + SUM_SIZE * 0.75)


def _draw_foot(canvas: Any, letter: Letter, y: float) -> tuple[Box, Box]:
    """Receivers on the left, signer on the right."""
    canvas.setFont(ITALIC, 12)
    canvas.drawString(_LEFT, y, "Nơi nhận:")
    canvas.setFont(REGULAR, 11)
    for line, copy in enumerate(letter.copies, start=1):
        canvas.drawString(_LEFT, y - line * 5 * mm, f"- {copy}")
    centre = _RIGHT - 38 * mm
    canvas.setFont(BOLD, 14)
    canvas.drawCentredString(centre, y, letter.position.upper())
    canvas.drawCentredString(centre, y - 40 * mm, letter.signer)
    hand = (centre - 26 * mm, y - 33 * mm, centre + 30 * mm, y - 7 * mm)
    # The seal has its real size, 36 mm, and covers the first third of the hand.
    right = hand[0] + (hand[2] - hand[0]) / 3
    middle = (hand[1] + hand[3]) / 2
    return hand, (right - 36 * mm, middle - 18 * mm, right, middle + 18 * mm)


def _text(canvas: Any, text: str, font: str, size: float, y: float, *, align: int, indent: float = 0) -> float:
    """Set a paragraph below `y` over the width of the page and return where it ends."""
    paragraph = Paragraph(text, _style(font, size, align, indent))
    _, height = paragraph.wrap(_RIGHT - _LEFT, A4[1])
    paragraph.drawOn(canvas, _LEFT, y - height)
    return float(y - height)


def _style(font: str, size: float, align: int, indent: float) -> Any:
    return ParagraphStyle(
        f"{font}-{size}-{align}",
        fontName=font,
        fontSize=size,
        leading=size * 1.32,
        alignment=align or TA_LEFT,
        firstLineIndent=indent,
    )
