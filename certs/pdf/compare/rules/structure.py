"""What is read aloud and copied instead of the page: replacement text in the structure tree (ISO 32000-2, 14.7 and 14.9).

The tree may grow and be rearranged. What may not happen is that text which was there for a reader of the page reads
otherwise to somebody who listens: known elements keep their replacement text, and none comes to lie over page content.
"""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.values import Ref, Value, integer

_TEXTS = ("ActualText", "Alt", "E")


class StructureRules(RuleGroup):
    """Compares the structure elements that one revision wrote with those of its predecessor."""

    def run(self) -> None:
        """Report every difference."""
        for number in self.step.touched:
            old = self.document.get(number, self.revision - 1)
            new = self.document.get(number, self.revision)
            if isinstance(old, dict) and _is_element(old):
                self._element(old, new if isinstance(new, dict) else {})
            elif isinstance(new, dict) and _is_element(new):
                self._entering(new)
            elif isinstance(old, list) and isinstance(new, list):
                self._kids(old, new)
        roots = [state.catalog.get("StructTreeRoot") for state in (self.step.before, self.step.after)]
        old, new = (
            self.document.dictionary(root, revision)
            for root, revision in zip(roots, (self.revision - 1, self.revision), strict=True)
        )
        if old is not new:
            self._kids(self._kids_of(old, self.revision - 1), self._kids_of(new, self.revision))

    def _element(self, old: dict[str, Value], new: dict[str, Value]) -> None:
        for key in _TEXTS:
            if not self.step.comparison.same(old.get(key), new.get(key)):
                self._report(key)
        before, after = self._kids_of(old, self.revision - 1), self._kids_of(new, self.revision)
        added = self._kids(before, after)
        texts = self._texts_of(new)
        if texts and self._holds_content(added):
            self._report(texts[0])
        self.step.report("structure", Need.NOTHING)

    def _kids(self, old: list[Value], new: list[Value]) -> list[Value]:
        """Judge the kids that were not there before, and return them."""
        known = {item for item in old if isinstance(item, Ref | int)}
        written = [item for item in old if _is_part(item)]
        self.document.budget.spend(len(new) // 16)
        added: list[Value] = [item for item in new if isinstance(item, Ref | int) and item not in known]
        for item in new:
            if _is_part(item):
                self.document.budget.spend(len(written))
                added.extend([] if item in written else [item])
        for item in added:
            self._entering(item)
        return added

    def _entering(self, item: Value) -> None:
        """Report replacement text over page content in an element that comes into the tree, or in those below it."""
        pending = [item]
        seen: set[int] = set()
        while pending:
            element = self._next(pending, seen)
            texts = self._texts_of(element)
            kids = self._kids_of(element, self.revision)
            if texts and self._holds_content(kids):
                self._report(texts[0])
                return
            pending.extend(kids)

    def _holds_content(self, kids: list[Value]) -> bool:
        """Whether marked content of a page lies below; the annotations and fields of a page are no part of it."""
        pending = list(kids)
        seen: set[int] = set()
        while pending:
            if integer(pending[-1]) is not None:
                return True
            element = self._next(pending, seen)
            if "MCID" in element:
                return True
            pending.extend(self._kids_of(element, self.revision))
        return False

    def _next(self, pending: list[Value], seen: set[int]) -> dict[str, Value]:
        """Take the next element; empty for what is none, or was taken before."""
        self.document.budget.spend(1)
        item = pending.pop()
        if isinstance(item, Ref):
            if item.number in seen:
                return {}
            seen.add(item.number)
        element = self.document.resolve(item, self.revision)
        return element if isinstance(element, dict) and _is_part(element) else {}

    def _kids_of(self, element: dict[str, Value], revision: int) -> list[Value]:
        kids = element.get("K")
        resolved = self.document.resolve(kids, revision)
        if isinstance(resolved, list):
            return resolved
        return [] if resolved is None else [kids]

    def _texts_of(self, element: dict[str, Value]) -> list[str]:
        return [key for key in _TEXTS if self.document.resolve(element.get(key), self.revision) is not None]

    def _report(self, key: str) -> None:
        self.step.report("structure_text", Need.NEVER, key=key)


def _is_part(value: Value) -> bool:
    """Whether it may be an element, or lead to marked content."""
    return isinstance(value, dict) and ("MCID" in value or _is_element(value))


def _is_element(dictionary: dict[str, Value]) -> bool:
    """Whether it may be a structure element; /Type is optional there (table 355)."""
    return dictionary.get("Type", "StructElem") == "StructElem" and "S" in dictionary and not dictionary.keys().isdisjoint({"P", "K", "Pg"})  # fmt: skip
