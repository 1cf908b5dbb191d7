"""Warnings about a document that was built to be changed later, and about additions that cover what was signed.

These are hints from the research on shadow and certification attacks: what is found is worth a look, and finding nothing
proves nothing.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.appearance import Pictures, appearance_differs, normal_appearance, page_box, rectangle_of
from certs.pdf.compare.findings import Finding
from certs.pdf.content import text_positions
from certs.pdf.document import Document
from certs.pdf.dropped import dropped_signatures, pages_of_lost_signatures
from certs.pdf.form import Field, Form, catalog_of
from certs.pdf.pages import PageTree
from certs.pdf.signatures import FoundSignature
from certs.pdf.values import Ref, Stream, Value, integer, text_of
from certs.pdf.xref import IN_USE

_PAGE_TYPE = re.compile(rb"/Type\s{0,8}/Page(?![A-Za-z])")
_SCRIPT = re.compile(rb"/S\s{0,8}/JavaScript")
_OBJECT = re.compile(rb" obj(?=[\s<\[(/])")
_OBJECT_HEAD = re.compile(rb"(?:^|[\r\n \x00])(\d{1,10})[ \r\n]{1,4}\d{1,5}$")
_SHOWN_LATER = re.compile(rb"/(?:AP|Contents|Kids|Resources|Catalog|XObject|Annots)(?![A-Za-z])|stream[\r\n]")
_LEADING_SPACE = 16
_HIDDEN = 1 | 2 | 32
_MUCH_OF_A_PAGE = 0.15
_MOSTLY = 0.8
_MOST_WARNINGS = 20
_MOST_PAGES = 200
_MOST_WIDGETS = 400

Rectangle = tuple[float, float, float, float]


def warnings_about(
    document: Document, form: Form, tree: PageTree, signatures: list[FoundSignature], findings: list[Finding]
) -> list[Message]:
    """Everything worth a warning, each once and at most a few of each kind."""
    found: list[Message] = []
    if document.base:
        found.append(message(codes.WARN_BYTES_BEFORE_HEADER, length=document.base))
    if _has_scripts(document):
        found.append(message(codes.WARN_JAVASCRIPT))
    found.extend(_hidden_layers(document))
    unused = _unused_pages(document, tree)
    if unused:
        found.append(message(codes.WARN_UNUSED_PAGES, count=unused))
    unlisted = _unlisted_objects(document)
    if unlisted:
        found.append(message(codes.WARN_UNLISTED_OBJECTS, count=unlisted))
    if not signatures and _has_attachments(document):
        found.append(message(codes.WARN_ATTACHMENTS))
    if signatures:
        dropped = dropped_signatures(document, signatures)
        if dropped:
            found.append(message(codes.WARN_DROPPED_SIGNATURES, count=dropped))
        lost = pages_of_lost_signatures(document, form, tree)
        if lost:
            found.append(message(codes.WARN_LOST_SIGNATURES, pages=", ".join(map(str, lost))))
        found.extend(_covering_widgets(document, form, tree))
        found.extend(_differing_appearances(document, form))
        found.extend(_covering_additions(document, form, tree, findings))
    return list(dict.fromkeys(found))


def _has_scripts(document: Document) -> bool:
    revision = document.last
    catalog = catalog_of(document, revision)
    names = document.dictionary(catalog.get("Names"), revision)
    opening = document.dictionary(catalog.get("OpenAction"), revision)
    return (
        "JavaScript" in names
        or document.resolve(opening.get("S"), revision) == "JavaScript"
        or _SCRIPT.search(document.data) is not None
    )


def _has_attachments(document: Document) -> bool:
    revision = document.last
    names = document.dictionary(catalog_of(document, revision).get("Names"), revision)
    return bool(document.dictionary(names.get("EmbeddedFiles"), revision))


def _hidden_layers(document: Document) -> list[Message]:
    """Optional content that the default configuration switches off (8.11.4)."""
    revision = document.last
    properties = document.dictionary(catalog_of(document, revision).get("OCProperties"), revision)
    default = document.dictionary(properties.get("D"), revision)
    off = document.array(default.get("OFF"), revision)
    if document.resolve(default.get("BaseState"), revision) == "OFF":
        on = document.array(default.get("ON"), revision)
        off = [group for group in document.array(properties.get("OCGs"), revision) if group not in on]
    names = [
        text_of(document.resolve(document.dictionary(group, revision).get("Name"), revision)) or "?"
        for group in off[:8]
    ]
    return [message(codes.WARN_HIDDEN_LAYERS, layers=", ".join(names))] if names else []


def _unused_pages(document: Document, tree: PageTree) -> int:
    """Complete page objects that no page tree leads to."""
    revision = document.last
    spans = sorted((item.start, item.end) for page in tree.pages if (item := document.read(page, revision)).start >= 0)
    starts = [start for start, _ in spans]
    places = []
    for match in _PAGE_TYPE.finditer(document.data):
        index = bisect_right(starts, match.start()) - 1
        if index < 0 or match.start() >= spans[index][1]:
            places.append(match.start())
    if not places:
        return 0
    offsets = _current_offsets(document)
    keys = [offset for offset, _ in offsets]
    known = set(tree.pages)
    unused: set[int] = set()
    for place in places:
        index = bisect_right(keys, place) - 1
        if index < 0 or (number := offsets[index][1]) in known or number in unused:
            continue
        value = document.get(number, revision)
        if isinstance(value, dict) and value.get("Type") == "Page" and "Contents" in value:
            unused.add(number)
    return len(unused)


def _current_offsets(document: Document) -> list[tuple[int, int]]:
    entries = ((document.entry(number, document.last), number) for number in document.numbers(document.last))
    return sorted((entry.where, number) for entry, number in entries if entry.kind == IN_USE)


def _unlisted_objects(document: Document) -> int:
    """Objects in the bytes that no cross-reference section of any revision lists.

    Uncompressed PDF files inside streams look the same, so what lies in the stream of a listed object does not count.
    """
    listed: set[int] = set()
    for revision in document.revisions:
        listed.update(entry.where for entry in revision.entries.values() if entry.kind == IN_USE)
        for section in revision.sections:
            listed.update(entry.where for entry in section.entries.values() if entry.kind == IN_USE)
            listed.add(section.start)
            if section.hybrid is not None:
                listed.add(section.hybrid.start)
    places = []
    for match in _OBJECT.finditer(document.data):
        end = match.start()
        head = _OBJECT_HEAD.search(document.data[max(0, end - 18) : end])
        if head is None:
            continue
        start = max(0, end - 18) + head.start(1)
        if not any(start - space in listed for space in range(_LEADING_SPACE)):
            places.append(start)
    if not places:
        return 0
    offsets = _current_offsets(document)
    keys = [offset for offset, _ in offsets]
    known = sorted(listed)
    count = 0
    for place in places[:_MOST_WIDGETS]:
        index = bisect_right(keys, place) - 1
        value = document.get(offsets[index][1], document.last) if index >= 0 else None
        inside = isinstance(value, Stream) and value.start <= place < value.start + value.length
        nearest = known[bisect_right(known, place) - 1] if known else -1
        is_between = index < 0 or nearest <= keys[index]
        if not inside and is_between and _SHOWN_LATER.search(document.data, place, place + 600):
            count += 1
    return count


@dataclass(frozen=True, slots=True)
class _Widget:
    number: int
    page: int
    rectangle: Rectangle
    dictionary: dict[str, Value]


def _drawn_widgets(document: Document, form: Form, tree: PageTree) -> dict[int, list[_Widget]]:
    """Visible widgets with an appearance, those of signatures left out, by 1-based page."""
    revision = document.last
    found: dict[int, list[_Widget]] = {}
    count = 0
    for index, page in enumerate(tree.pages[:_MOST_PAGES], 1):
        for item in document.array(document.dictionary(Ref(page, 0), revision).get("Annots"), revision):
            widget = document.dictionary(item, revision)
            number = item.number if isinstance(item, Ref) else -1
            owner = form.widget_owner.get(number)
            kind = owner.type if owner is not None else document.resolve(widget.get("FT"), revision)
            if widget.get("Subtype") != "Widget" or kind == "Sig":
                continue
            rectangle = rectangle_of(document, widget.get("Rect"), revision)
            flags = integer(document.resolve(widget.get("F", 0), revision)) or 0
            if rectangle is None or flags & _HIDDEN or normal_appearance(document, widget, revision) is None:
                continue
            count += 1
            if count > _MOST_WIDGETS:
                return found
            found.setdefault(index, []).append(_Widget(number, index, rectangle, widget))
    return found


def _covering_widgets(document: Document, form: Form, tree: PageTree) -> list[Message]:
    """Widgets over text of the page, or over each other: removing the upper one shows the lower one."""
    warnings = []
    for page, widgets in _drawn_widgets(document, form, tree).items():
        points = text_positions(document, tree.pages[page - 1], document.last)
        for index, widget in enumerate(widgets):
            left, bottom, right, top = widget.rectangle
            covers = any(left + 1 < x < right - 1 and bottom <= y < top - 1 for x, y in points)
            covers = covers or any(_overlap(widget.rectangle, other.rectangle) > _MOSTLY for other in widgets[:index])
            if covers and _is_opaque(document, widget):
                owner = form.widget_owner.get(widget.number)
                name = (
                    owner.name
                    if owner is not None
                    else text_of(document.resolve(widget.dictionary.get("T"), document.last))
                )
                warnings.append(message(codes.WARN_COVERING_WIDGET, field=name or "?", page=page))
    return warnings[:_MOST_WARNINGS]


def _is_opaque(document: Document, widget: _Widget) -> bool:
    """True when the appearance fills an area or draws a picture."""
    background = document.dictionary(widget.dictionary.get("MK"), document.last).get("BG")
    if document.array(background, document.last):
        return True
    return _drawing(document, widget.dictionary).is_opaque


def _drawing(document: Document, widget: dict[str, Value]) -> Pictures:
    pictures = Pictures(document)
    stream = normal_appearance(document, widget, document.last)
    if stream is not None:
        pictures.look(stream, 0)
    return pictures


def _overlap(one: Rectangle, other: Rectangle) -> float:
    """The shared area as a part of the smaller rectangle."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / smaller if width > 0 and height > 0 and smaller > 0 else 0.0


def _differing_appearances(document: Document, form: Form) -> list[Message]:
    """Text fields that show other words than their value: what the replace attack prepares."""
    revision = document.last
    warnings = []
    for field in form.fields[:_MOST_WIDGETS]:
        if appearance_differs(document, field, revision):
            value = text_of(document.resolve(field.value, revision)) or ""
            warnings.append(message(codes.WARN_APPEARANCE_DIFFERS, field=field.name, value=value[:80]))
    return warnings[:_MOST_WARNINGS]


def _covering_additions(document: Document, form: Form, tree: PageTree, findings: list[Finding]) -> list[Message]:
    """Signatures and annotations added after signing that take much of a page or lie over its text."""
    warnings = []
    for finding in findings:
        if finding.page is None or finding.page > len(tree.pages):
            continue
        if finding.rule == "annotation_added":
            warnings.append(message(codes.WARN_ANNOTATION_COVERS, page=finding.page))
        elif (
            finding.rule in ("signature_added", "signature_field_added", "timestamp_added")
            and finding.field is not None
        ):
            field = next((one for one in form.fields if one.name == finding.field), None)
            if field is not None and _covers_much(document, field, tree, finding.page):
                warnings.append(message(codes.WARN_SIGNATURE_COVERS, field=field.name, page=finding.page))
    return warnings[:_MOST_WARNINGS]


def _covers_much(document: Document, field: Field, tree: PageTree, page: int) -> bool:
    """Whether a widget of the field takes much of the page, or lies over its text without letting it through."""
    number = tree.pages[page - 1]
    box = page_box(document, document.dictionary(Ref(number, 0), document.last), document.last)
    area = (box[2] - box[0]) * (box[3] - box[1])
    for item in field.widgets:
        widget = document.dictionary(Ref(item, 0), document.last)
        rectangle = rectangle_of(document, widget.get("Rect"), document.last)
        if rectangle is None or area <= 0:
            continue
        left, bottom, right, top = rectangle
        if (right - left) * (top - bottom) / area > _MUCH_OF_A_PAGE:
            return True
        points = text_positions(document, number, document.last)
        is_over_text = any(left < x < right and bottom < y < top for x, y in points)
        if is_over_text and _drawing(document, widget).is_opaque:
            return True
    return False
