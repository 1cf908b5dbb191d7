"""The interactive form: its fields with their names, and the widgets that show them (ISO 32000-2, 12.7)."""

from collections import Counter
from dataclasses import dataclass

from certs.pdf.document import Document
from certs.pdf.limits import exceeded
from certs.pdf.values import Ref, Value, text_of


@dataclass(frozen=True, slots=True)
class Field:
    """One node of the field tree that has a name of its own or a type; widgets without a name are kids of it."""

    name: str
    """Fully qualified."""
    number: int
    """Object number; -1 for a direct dictionary."""
    type: str
    """/FT, inherited; empty when there is none."""
    dictionary: dict[str, Value]
    value: Value
    """/V, inherited, unresolved."""
    widgets: tuple[int, ...]
    """Object numbers of its widget annotations (its own when merged)."""
    is_terminal: bool


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of one revision."""

    dictionary: dict[str, Value]
    fields: tuple[Field, ...]
    by_number: dict[int, Field]
    widget_owner: dict[int, Field]
    shared_widgets: frozenset[int]
    """Widgets that more than one field has."""
    arrays: frozenset[int]
    """Object numbers of indirect /Fields and /Kids arrays."""


def catalog_of(document: Document, revision: int) -> dict[str, Value]:
    """The document catalog of the revision, empty when there is none."""
    return document.dictionary(document.trailer(revision).get("Root"), revision)


def read_form(document: Document, revision: int, known: Form | None = None) -> Form:
    """Walk the field tree. A node met twice is not entered again; depth is bounded.

    Fields without kids whose objects are those of `known`, an earlier revision, are taken over.
    """
    dictionary = document.dictionary(catalog_of(document, revision).get("AcroForm"), revision)
    walk = _Walk(document, revision, known.by_number if known is not None else {})
    walk.array(dictionary.get("Fields"))
    for item in document.array(dictionary.get("Fields"), revision):
        walk.node(item, "", "", None, 0)
    by_number = {found.number: found for found in walk.fields if found.number >= 0}
    widget_owner = {number: found for found in walk.fields for number in found.widgets}
    counted = Counter(number for found in walk.fields for number in found.widgets)
    shared = frozenset(number for number, count in counted.items() if count > 1)
    return Form(dictionary, tuple(walk.fields), by_number, widget_owner, shared, frozenset(walk.arrays))


class _Walk:
    def __init__(self, document: Document, revision: int, known: dict[int, Field]) -> None:
        self.document = document
        self.revision = revision
        self.fields: list[Field] = []
        self.arrays: set[int] = set()
        self._known = known
        self._seen: set[int] = set()

    def array(self, value: Value) -> None:
        if isinstance(value, Ref):
            self.arrays.add(value.number)

    def node(self, item: Value, prefix: str, kind: str, value: Value, depth: int) -> None:
        limits = self.document.budget.limits
        if depth > limits.depth:
            raise exceeded("depth", limits.depth)
        self.document.budget.spend(1)
        number = item.number if isinstance(item, Ref) else -1
        if number in self._seen:
            return
        if number >= 0:
            self._seen.add(number)
        dictionary = self.document.resolve(item, self.revision)
        known = self._known.get(number)
        if known is not None and known.dictionary is dictionary and depth == 0 and "Kids" not in known.dictionary:
            self.fields.append(known)
            return
        if not isinstance(dictionary, dict):
            return
        own = text_of(self.document.resolve(dictionary.get("T"), self.revision))
        name = prefix if own is None else f"{prefix}.{own}" if prefix else own
        own_kind = self.document.resolve(dictionary.get("FT"), self.revision)
        kind = own_kind if isinstance(own_kind, str) else kind
        value = dictionary.get("V", value)
        self.array(dictionary.get("Kids"))
        kids = self.document.array(dictionary.get("Kids"), self.revision)
        widgets = [number] if _is_widget(dictionary) and number >= 0 else []
        named_kids = []
        for kid in kids:
            kid_dictionary = self.document.dictionary(kid, self.revision)
            if "T" in kid_dictionary or "Kids" in kid_dictionary:
                named_kids.append(kid)
            elif isinstance(kid, Ref):
                widgets.append(kid.number)
        self.fields.append(Field(name, number, kind, dictionary, value, tuple(widgets), not named_kids))
        for kid in named_kids:
            self.node(kid, name, kind, value, depth + 1)


def _is_widget(dictionary: dict[str, Value]) -> bool:
    return dictionary.get("Subtype") == "Widget" or "Rect" in dictionary
