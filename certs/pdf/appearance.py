"""How a signature shows itself: page, rectangle, picture, text (ISO 32000-2, 12.5.5)."""

import re

from certs.pdf.document import Document
from certs.pdf.form import Field
from certs.pdf.model import Appearance
from certs.pdf.pages import PageTree, inherited
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import Ref, Stream, Value, integer, numbers, text_of

_HIDDEN = 1 | 2 | 32
_PASSWORD = 1 << 13
_DEPTH = 6
_LONGEST_TEXT = 500
_LARGEST_CONTENT = 1 << 20
# An escaped character is taken first, so that what follows it never starts a string again: reading stays linear.
_TEXT = re.compile(rb"\\.|\(((?:[^()\\]|\\.)*+)\)\s*(?:Tj|'|\")|\[((?:[^\[\]\\]|\\.)*+)\]\s*TJ", re.DOTALL)
_FILL = re.compile(rb"(?<=[\x00\t\n\x0c\r \d])(?:[fbB]\*?|F|sh|BI)(?=[\x00\t\n\x0c\r ]|$)")
# Several readers end a number at the first letter, so an operator may follow it without a space.
_PAINTING = re.compile(
    rb"(?<![^\x00\t\n\x0c\r \])>}0-9.+-])(?:Tj|TJ|'|\"|Do|sh|BI|[fFbBsS]|[fbB]\*)(?=[\x00\t\n\x0c\r /\[(<{%]|$)"
)
# An operator, then an empty string that is shown; a bracket after white space is no escaped one.
_EMPTY = re.compile(rb"(?<=[A-Za-z*][\r\n ])\(\) {0,4}Tj(?=[\r\n ]|$)")
_NAME = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]+)")
_PIECE = re.compile(rb"\\.|\(((?:[^()\\]|\\.)*+)\)", re.DOTALL)


def rectangle_of(document: Document, value: Value, revision: int) -> tuple[float, float, float, float] | None:
    """A rectangle with left ≤ right and bottom ≤ top, None when it is none."""
    corners = numbers([document.resolve(item, revision) for item in document.array(value, revision)])
    if corners is None or len(corners) != 4:
        return None
    left, bottom, right, top = corners
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def page_box(document: Document, page: dict[str, Value], revision: int) -> tuple[float, float, float, float]:
    """The crop box, or the media box, or US letter as readers assume."""
    for key in ("CropBox", "MediaBox"):
        box = rectangle_of(document, inherited(document, page, key, revision), revision)
        if box is not None:
            return box
    return 0.0, 0.0, 612.0, 792.0


def appearance_of(document: Document, field: Field, tree: PageTree, pages_of: dict[int, int]) -> Appearance | None:
    """The appearance of the first widget of the field that stands on a page; None when none does."""
    revision = document.last
    for number in field.widgets:
        widget = document.dictionary(Ref(number, 0), revision)
        rectangle = rectangle_of(document, widget.get("Rect"), revision)
        page = pages_of.get(number) or _page_of_widget(widget, tree)
        if rectangle is None or not page:
            continue
        box = page_box(document, document.dictionary(Ref(tree.pages[page - 1], 0), revision), revision)
        pictures = Pictures(document)
        normal = normal_appearance(document, widget, revision)
        if normal is not None:
            pictures.look(normal, 0)
        flags = integer(document.resolve(widget.get("F", 0), revision)) or 0
        is_empty = rectangle[0] == rectangle[2] or rectangle[1] == rectangle[3]
        return Appearance(
            page,
            rectangle,
            (box[2] - box[0], box[3] - box[1]),
            pictures.has_image,
            pictures.has_transparency,
            bool(flags & _HIDDEN) or is_empty or normal is None,
            " ".join(pictures.texts)[:_LONGEST_TEXT],
        )
    return None


def normal_appearance(document: Document, widget: dict[str, Value], revision: int) -> Stream | None:
    """The stream drawn for the widget: /AP /N, by /AS where there are several states."""
    normal = document.resolve(document.dictionary(widget.get("AP"), revision).get("N"), revision)
    if isinstance(normal, dict):
        state = document.resolve(widget.get("AS"), revision)
        normal = document.resolve(normal.get(state), revision) if isinstance(state, str) else None
    return normal if isinstance(normal, Stream) else None


def _page_of_widget(widget: dict[str, Value], tree: PageTree) -> int | None:
    page = widget.get("P")
    return tree.index(page.number) if isinstance(page, Ref) else None


def content_of(document: Document, stream: Stream, revision: int) -> bytes:
    """The beginning of the content of a stream; empty when the stream is large or cannot be decoded."""
    if stream.length > _LARGEST_CONTENT:
        return b""
    try:
        content = document.decoded(stream, revision)
    except SyntaxFault:
        return b""
    document.budget.spend(len(content) // 64)
    return content[:_LARGEST_CONTENT]


def appearances(document: Document, widget: dict[str, Value], revision: int) -> list[Stream]:
    """Every stream that may be drawn for the widget, of all states and uses (12.5.5)."""
    found: list[Stream] = []
    for use in document.dictionary(widget.get("AP"), revision).values():
        states = document.resolve(use, revision)
        for state in states.values() if isinstance(states, dict) else [states]:
            stream = document.resolve(state, revision)
            if isinstance(stream, Stream):
                found.append(stream)
    return found


def paints(document: Document, stream: Stream, revision: int) -> bool:
    """Whether a content stream shows anything; True as well when it cannot be read."""
    try:
        content = document.decoded(stream, revision)
    except SyntaxFault:
        return True
    document.budget.spend(len(content) // 64)
    return _PAINTING.search(_EMPTY.sub(b" ", content)) is not None


def names_in(document: Document, stream: Stream, revision: int) -> set[str] | None:
    """The names a content stream mentions; None when it cannot be read or is very large."""
    try:
        content = document.decoded(stream, revision)
    except SyntaxFault:
        return None
    document.budget.spend(len(content) // 16)
    if len(content) > _LARGEST_CONTENT or b"#" in content:
        return None
    return names_of(content)


def names_of(content: bytes) -> set[str]:
    """The names in a piece of content, escapes as they are written."""
    return {name.decode("latin-1") for name in _NAME.findall(content)}


def texts_in(content: bytes) -> list[str]:
    """Text operands of a content stream, as far as they are plain Latin strings."""
    texts = []
    for match in _TEXT.finditer(content):
        if match.lastindex is None:
            continue
        raw = match[1] if match[1] is not None else b"".join(_PIECE.findall(match[2]))
        text = re.sub(rb"\\([()\\])", rb"\1", raw).decode("latin-1")
        if text.isprintable() and text.strip():
            texts.append(text)
        if len(texts) > _LONGEST_TEXT:
            break
    return texts


def appearance_differs(document: Document, field: Field, revision: int) -> bool:
    """Whether a text field shows other words than its value, as far as what it shows can be read."""
    if field.type != "Tx" or not field.is_terminal:
        return False
    value = text_of(document.resolve(field.value, revision))
    flags = integer(document.resolve(field.dictionary.get("Ff", 0), revision)) or 0
    if not value or flags & _PASSWORD:
        return False
    for number in field.widgets:
        stream = normal_appearance(document, document.dictionary(Ref(number, 0), revision), revision)
        shown = "".join(texts_in(content_of(document, stream, revision))) if stream is not None else ""
        if shown and not alike(shown, value):
            return True
    return False


def alike(shown: str, value: str) -> bool:
    """Whether what is shown may be the value; True where the value has letters that cannot be compared."""
    one, other = "".join(shown.split()), "".join(value.split())
    return one == other or not other.isascii() or one in other


class Pictures:
    """What a form XObject and those it uses draw."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.has_image = False
        self.has_transparency = False
        self.is_filled = False
        self.texts: list[str] = []
        self._seen: set[int] = set()

    @property
    def is_opaque(self) -> bool:
        """Whether it hides what lies beneath: a filled rectangle, or a picture without transparency."""
        return self.is_filled or (self.has_image and not self.has_transparency)

    def look(self, stream: Stream, depth: int) -> None:
        """Take in the stream and the form XObjects it uses, to a bounded depth."""
        if depth > _DEPTH or stream.start in self._seen:
            return
        self._seen.add(stream.start)
        revision = self.document.last
        content = content_of(self.document, stream, revision)
        self.texts.extend(texts_in(content))
        self.is_filled = self.is_filled or _FILL.search(content) is not None
        resources = self.document.dictionary(stream.dictionary.get("Resources"), revision)
        for item in self.document.dictionary(resources.get("XObject"), revision).values():
            used = self.document.resolve(item, revision)
            if not isinstance(used, Stream):
                continue
            if self.document.resolve(used.dictionary.get("Subtype"), revision) == "Image":
                self.has_image = True
                if {"SMask", "Mask"} & used.dictionary.keys() or "SMaskInData" in used.dictionary:
                    self.has_transparency = True
            else:
                self.look(used, depth + 1)
