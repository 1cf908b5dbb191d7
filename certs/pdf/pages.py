"""The page tree as a reader walks it (ISO 32000-2, 7.7.3)."""

from dataclasses import dataclass

from certs.pdf.document import Document
from certs.pdf.limits import exceeded
from certs.pdf.values import Ref, Value


@dataclass(frozen=True, slots=True)
class PageTree:
    """The pages in order, and every node on the way to them."""

    pages: tuple[int, ...]
    """Object numbers; a page that is no indirect object has the number -1."""
    nodes: frozenset[int]
    """Object numbers of the intermediate nodes."""

    positions: dict[int, int]
    """1-based page number of each page object; of a page shown twice the first."""

    def index(self, number: int) -> int | None:
        """The 1-based page number of a page object, None for any other."""
        return self.positions.get(number)


def page_tree(document: Document, revision: int) -> PageTree:
    """Walk the tree of the revision. A node met twice on one path ends the walk there; depth and size are bounded."""
    catalog = document.dictionary(document.trailer(revision).get("Root"), revision)
    pages: list[int] = []
    nodes: set[int] = set()
    limits = document.budget.limits
    stack: list[tuple[Value, int]] = [(catalog.get("Pages"), 0)]
    while stack:
        node, depth = stack.pop()
        document.budget.spend(1)
        if depth > limits.depth:
            raise exceeded("depth", limits.depth)
        dictionary = document.dictionary(node, revision)
        number = node.number if isinstance(node, Ref) else -1
        if "Kids" in dictionary and dictionary.get("Type") != "Page":
            if number in nodes:
                continue
            nodes.add(number)
            kids = document.array(dictionary["Kids"], revision)
            stack.extend((kid, depth + 1) for kid in reversed(kids))
        elif dictionary:
            pages.append(number)
    positions: dict[int, int] = {}
    for position, number in enumerate(pages, 1):
        positions.setdefault(number, position)
    return PageTree(tuple(pages), frozenset(nodes), positions)


def inherited(document: Document, page: dict[str, Value], key: str, revision: int) -> Value:
    """The value of an inheritable attribute for a page, unresolved; null when no ancestor has it."""
    node = page
    for _ in range(document.budget.limits.depth):
        if key in node:
            return node[key]
        parent = document.resolve(node.get("Parent"), revision)
        if not isinstance(parent, dict):
            return None
        node = parent
    return None
