"""How the widgets of a field look at one revision, and by which flags they do not (ISO 32000-2, 12.5.3 and 12.5.6.19)."""

from certs.pdf.appearance import appearances, paints, rectangle_of
from certs.pdf.document import Document
from certs.pdf.form import Field
from certs.pdf.values import Ref, Value, integer

_READ_ONLY = 1
_PRINT = 4
_NO_VIEW = 32
_HIDING = 1 | 2 | 32 | 256
"""Invisible, Hidden, NoView, ToggleNoView (table 167)."""


class Looks:
    """The looks of widgets at a revision."""

    def __init__(self, document: Document, revision: int) -> None:
        self.document = document
        self.revision = revision

    def are_painted(self, field: Field) -> bool:
        """Whether a widget of the field has an area and paints something there, as far as its content can be read."""
        return any(self._is_painted(self._widget(number, self.revision)) for number in field.widgets)

    def are_of_widgets(self, field: Field) -> bool:
        """False where a part of the field is another annotation, which readers draw from its entries (12.5.6)."""
        kinds = (self._widget(number, self.revision).get("Subtype") for number in field.widgets)
        return all(self.document.resolve(kind, self.revision) in ("Widget", None) for kind in kinds)

    def are_hidden_or_shown(self, field: Field) -> bool:
        """Whether flags made a widget visible, or hid it, or took it off the printed page, or put it there alone."""
        for number in field.widgets:
            old, new = (self._flags(number, revision) for revision in (self.revision - 1, self.revision))
            is_printed_alone = new & _NO_VIEW and new & ~old & _PRINT
            if (old ^ new) & _HIDING or old & ~new & _PRINT or is_printed_alone:
                return True
        return False

    def _widget(self, number: int, revision: int) -> dict[str, Value]:
        return self.document.dictionary(Ref(number, 0), revision)

    def _flags(self, number: int, revision: int) -> int:
        return integer(self.document.resolve(self._widget(number, revision).get("F", 0), revision)) or 0

    def _is_painted(self, widget: dict[str, Value]) -> bool:
        rectangle = rectangle_of(self.document, widget.get("Rect"), self.revision)
        if rectangle is not None and (rectangle[0] == rectangle[2] or rectangle[1] == rectangle[3]):
            return False
        streams = appearances(self.document, widget, self.revision)
        return self._has_background(widget) or any(paints(self.document, stream, self.revision) for stream in streams)

    def _has_background(self, widget: dict[str, Value]) -> bool:
        """Whether readers that draw widgets themselves fill or frame this one (table 192)."""
        look = self.document.dictionary(widget.get("MK"), self.revision)
        return any(self.document.array(look.get(key), self.revision) for key in ("BG", "BC"))


def only_read_only(document: Document, old: Field, new: Field, revision: int) -> bool:
    """Whether the flags of a field differ from those of the previous revision in nothing but ReadOnly (table 227)."""
    before = integer(document.resolve(old.dictionary.get("Ff", 0), revision - 1)) or 0
    after = integer(document.resolve(new.dictionary.get("Ff", 0), revision)) or 0
    return after & ~_READ_ONLY == before & ~_READ_ONLY
