"""The default resources of a form may grow (ISO 32000-2, 12.7.3)."""

from certs.pdf.appearance import appearances, names_in, names_of
from certs.pdf.compare.drawn import drawn_by_readers
from certs.pdf.compare.step import Step
from certs.pdf.form import Field
from certs.pdf.pages import inherited
from certs.pdf.values import Ref, Value

_UNUSED = frozenset({"ProcSet"})
"""Procedure sets are obsolete and read by nobody (14.2)."""


class OnlyAdded:
    """Compares the default resources of one revision with those of its predecessor."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.document = step.document
        self.before = step.revision - 1

    def are_resources(self, old: Value, new: Value) -> bool:
        """Whether all that was there, and everything it uses, is still the same wherever somebody may look for it."""
        kinds = self.document.dictionary(old, self.before)
        dictionaries = {item.number for item in (old, *kinds.values()) if isinstance(item, Ref)}
        for number in self.step.touched - dictionaries:
            is_default = any(owner.kind == "form" and owner.key == "DR" for owner in self.step.index.of(number))
            if is_default and not self.step.comparison.same_object(number):
                return False
        renewed = self.document.dictionary(new, self.step.revision)
        added = self._added(kinds, renewed)
        if added and (self._are_looked_up(added) or self._are_drawn_with(added)):
            return False
        return all(
            self._is_kept(kind, resources, renewed.get(kind))
            for kind, resources in kinds.items()
            if kind not in _UNUSED
        )

    def _added(self, old: dict[str, Value], new: dict[str, Value]) -> set[str]:
        """The names that come in, of whatever kind."""
        names: set[str] = set()
        for kind, resources in new.items():
            if kind not in _UNUSED:
                known = self.document.dictionary(old.get(kind), self.before)
                names |= self.document.dictionary(resources, self.step.revision).keys() - known.keys()
        return names

    def _are_drawn_with(self, names: set[str]) -> bool:
        """Whether readers draw a value with one of these: until it came they took another font, or drew nothing."""
        form = self.step.before.form
        for field in drawn_by_readers(self.document, form, self.before):
            for number in (field.number, *field.widgets):
                part = self.document.dictionary(Ref(number, 0), self.before)
                default = inherited(self.document, part, "DA", self.before) or form.dictionary.get("DA")
                written = self.document.resolve(default, self.before)
                if isinstance(written, bytes) and (b"#" in written or names & names_of(written)):
                    return True
        return False

    def _is_kept(self, kind: str, old: Value, new: Value) -> bool:
        known = self.document.resolve(old, self.before)
        if not isinstance(known, dict):
            return self.step.comparison.same(old, new)
        now = self.document.dictionary(new, self.step.revision)
        changed = {name for name, value in known.items() if not self.step.comparison.same(value, now.get(name))}
        # Appearances made anew from default resources use fonts alone; a picture is looked for here only by an appearance
        # without resources of its own. Signing programs point one name to the picture of the newest signature.
        return not changed or (kind == "XObject" and not self._are_looked_up(changed))

    def _are_looked_up(self, names: set[str]) -> bool:
        return any(self._looks_up(field, names) for field in self.step.before.form.fields)

    def _looks_up(self, field: Field, names: set[str]) -> bool:
        for number in field.widgets:
            widget = self.document.dictionary(Ref(number, 0), self.before)
            for stream in appearances(self.document, widget, self.before):
                if "Resources" in stream.dictionary:
                    continue
                mentioned = names_in(self.document, stream, self.before)
                if mentioned is None or names & mentioned:
                    return True
        return False
