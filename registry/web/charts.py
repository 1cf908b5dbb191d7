"""Charts as SVG with links, drawn by pygal and dressed by our own style sheet: they work without script and in print."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pygal
from markupsafe import Markup

# On import pygal puts a finder of an outdated kind before all others, only to find plugins, of which there are none; every
# later import in the process would warn about it.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

_XLINK: Final = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar: how long, where it leads and what it says to somebody who cannot see it."""

    value: int
    target: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """Bars of one colour, one for each label of the chart."""

    name: str
    bars: tuple[ChartBar, ...]


def stacked_bars(labels: Sequence[str], series: Sequence[ChartSeries], *, marked: int) -> Markup:
    """A chart of stacked bars; the label with the index `marked` is emphasised. Every bar is a link."""
    chart = pygal.StackedBar(
        width=1040,
        height=260,
        margin=4,
        margin_left=16,
        spacing=6,
        js=(),
        css=(),
        show_legend=False,
        truncate_label=-1,
        no_prefix=True,
        disable_xml_declaration=True,
    )
    chart.y_labels = _scale(max(sum(entry.bars[index].value for entry in series) for index in range(len(labels))))
    chart.x_labels = list(labels)
    for entry in series:
        chart.add(entry.name, [_value(bar) for bar in entry.bars])
    chart.add_xml_filter(lambda root: _dress(root, marked))
    return Markup(chart.render(is_unicode=True))  # noqa: S704 (built by the library, which escapes its texts)


def _scale(highest: int) -> list[int]:
    """Four or five round numbers from 0 to at least `highest`."""
    magnitude = 10 ** (len(str(max(highest // 4, 1))) - 1)
    step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude * 4 >= highest)
    return [step * index for index in range(5)]


def _value(bar: ChartBar) -> dict[str, object] | None:
    if bar.value == 0:
        return None
    return {"value": bar.value, "label": bar.sentence, "xlink": {"href": bar.target, "target": "_self"}}


def _dress(root: Any, marked: int) -> Any:
    """Take out inline styles and scripts, which the page's policy forbids, and name the links for screen readers.

    `root` is an element of lxml, with which pygal builds the picture where it is installed.
    """
    removed = (
        "//*[local-name()='defs' or local-name()='title']",
        "//*[contains(@class, 'text-overlay') or contains(@class, 'tooltip-overlay')]",
        "//comment()",
    )
    for path in removed:
        for element in root.xpath(path):
            element.getparent().remove(element)
    for link in root.iter("a"):
        sentence = link.xpath("string(*[local-name()='desc'][@class='label'])")
        link.set("aria-label", sentence)
        link.set("href", link.attrib.pop(_XLINK))
    for description in root.xpath("//*[local-name()='desc']"):
        description.getparent().remove(description)
    for index, text in enumerate(root.xpath("//*[contains(@class, 'axis x')]//*[local-name()='text']")):
        text.set("class", "marked" if index == marked else "")
    root.attrib.pop("id", None)
    root.set("role", "group")
    return root
