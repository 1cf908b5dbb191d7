"""Which part of the document a reader sees through which object.

A reader sees an object through the pages, annotations, fields and document-level entries that lead to it. The index
follows those paths once, from the roots down, and afterwards answers for any object number who would look different if
it changed. References to objects that do not exist are followed too: somebody could fill them in later.
"""

from collections.abc import Iterable
from typing import NamedTuple

from certs.pdf.document import Document
from certs.pdf.values import Ref, Stream, Value


class Owner(NamedTuple):
    """A part of the document: `kind` and `number` or `key` tell which."""

    kind: str
    """`content`, `annotation`, `field`, `form`, `catalog`, `silent`, `tree`, `annotations`, `fields`."""
    number: int
    """Object number of the page, annotation or field; 0 for the others."""
    key: str
    """Entry of the part through which the object is reached."""


class OwnerIndex:
    """From object numbers to the parts that show them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._owners: dict[int, set[Owner]] = {}
        self._drawn: set[int] = set()
        self.barriers: set[int] = set()
        """Objects that are compared as parts of their own: references to them are not followed."""

    def of(self, number: int) -> frozenset[Owner]:
        """The parts through which a reader sees the object."""
        return frozenset(self._owners.get(number, ()))

    def add(
        self, owner: Owner, value: Value, revision: int, *, ignored: Iterable[str] = (), is_drawn: bool = False
    ) -> None:
        """Record `owner` for everything that `value` leads to at the revision.

        `ignored` are keys, at any depth, that lead a reader nowhere. What `is_drawn` is followed through annotations and
        fields too: a resource dictionary that doubles as a form field would otherwise change unnoticed.
        """
        skip = frozenset(ignored)
        pending: list[Value] = [value]
        spent = 0
        while pending:
            item = pending.pop()
            spent += 1
            if isinstance(item, Ref):
                if (is_drawn or item.number not in self.barriers) and self._record(
                    item.number, owner, is_drawn=is_drawn
                ):
                    pending.append(self._document.get(item.number, revision))
            elif isinstance(item, dict):
                pending.extend(v for k, v in item.items() if k not in skip) if skip else pending.extend(item.values())
            elif isinstance(item, list):
                pending.extend(item)
            elif isinstance(item, Stream):
                pending.append(item.dictionary)
            if spent >= 256:
                self._document.budget.spend(spent)
                spent = 0
        self._document.budget.spend(spent)

    def _record(self, number: int, owner: Owner, *, is_drawn: bool) -> bool:
        owners = self._owners.setdefault(number, set())
        if owner.kind == "content":
            # One page is enough to know that page content changes; shared fonts would otherwise multiply. What is drawn
            # leads further than what was reached in another way before.
            if any(known.kind == "content" for known in owners) and (not is_drawn or number in self._drawn):
                return False
            if is_drawn:
                self._drawn.add(number)
        elif owner in owners:
            return False
        owners.add(owner)
        return True
