"""The summary's chart as a PNG: mail programs show neither scripts nor SVG. The same numbers stand in the text."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import pypdfium2
from reportlab.graphics import renderPDF
from reportlab.graphics.charts.barcharts import HorizontalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor

from registry.paper import BOLD, REGULAR, register_fonts

_WIDTH: Final = 400
"""Points; a phone shows about 280 pixels, so that letters of 17 points stay readable there."""
_ROW: Final = 28
_LABELS: Final = 60
_NUMBERS: Final = 64
_SCALE: Final = 2
"""Pixels for a point."""
_BAR: Final = HexColor("#0b57a4")
_INK: Final = HexColor("#1c2430")


def draw_bars(labels: Sequence[str], values: Sequence[int]) -> bytes:
    """One lying bar for each label, from the top down, with its number; on white, also where mail is shown dark."""
    register_fonts()
    chart = HorizontalBarChart()
    chart.x, chart.y = _LABELS, 4
    chart.width, chart.height = _WIDTH - _LABELS - _NUMBERS, _ROW * len(values)
    chart.data = [tuple(values)]
    chart.bars[0].fillColor, chart.bars[0].strokeColor = _BAR, None
    chart.groupSpacing = 3
    chart.valueAxis.valueMin, chart.valueAxis.valueMax = 0, max(1, *values)
    chart.valueAxis.visible = False
    chart.categoryAxis.categoryNames = list(labels)
    chart.categoryAxis.reverseDirection = 1
    chart.categoryAxis.visibleTicks = False
    chart.categoryAxis.strokeColor = _INK
    for text, font in ((chart.categoryAxis.labels, REGULAR), (chart.barLabels, BOLD)):
        text.fontName, text.fontSize, text.fillColor = font, 17, _INK
    chart.barLabelFormat = "%d"
    chart.barLabels.boxAnchor = "w"
    chart.barLabels.dx = 5
    drawing = Drawing(_WIDTH, chart.height + 8)
    drawing.add(chart)
    return _to_png(drawing)


def _to_png(drawing: Drawing) -> bytes:
    # Through a PDF: the library's own way to pictures wants a drawing library of the system.
    paper = BytesIO()
    renderPDF.drawToFile(drawing, paper)
    with pypdfium2.PdfDocument(paper.getvalue()) as document:
        picture = document[0].render(scale=_SCALE).to_pil()
    png = BytesIO()
    picture.quantize(16).save(png, "PNG", optimize=True)
    return png.getvalue()
