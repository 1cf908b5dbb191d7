"""The parts of one revision that are compared."""

from dataclasses import dataclass

from certs.pdf.document import Document
from certs.pdf.form import Form, catalog_of, read_form
from certs.pdf.pages import PageTree, page_tree
from certs.pdf.values import Ref, Value

SILENT_CATALOG = frozenset(
    {
        "Type",
        "Version",
        "Extensions",
        "Metadata",
        "MarkInfo",
        "StructTreeRoot",
        "PieceInfo",
        "LastModified",
        "DSS",
        "SpiderInfo",
    }
)
"""Entries of the catalog that change nothing a reader sees."""
SILENT_PAGE = frozenset({"StructParents", "Tabs", "LastModified", "PieceInfo", "Metadata", "ID"})
INHERITED = frozenset({"Resources", "MediaBox", "CropBox", "Rotate"})
"""What pages take from the nodes of their tree (table 31); tools leave private marks beside these."""
SILENT_ANNOTATION = frozenset({"P", "Parent", "StructParent", "M", "NM"})


@dataclass(slots=True)
class State:
    """One revision, divided into what is compared."""

    document: Document
    revision: int
    catalog_number: int
    catalog: dict[str, Value]
    form: Form
    form_number: int
    tree: PageTree
    annotations: dict[int, list[Value]]
    """For each page object number the items of its /Annots."""
    page_of: dict[int, int]
    """1-based page of each annotation object."""

    def page_number(self, number: int) -> int | None:
        """1-based number of a page object."""
        return self.tree.index(number)


def read_state(document: Document, revision: int, known: State | None = None, tree: PageTree | None = None) -> State:
    """Read the parts of the revision. What is the same as in the `known` earlier one is taken over."""
    root = document.trailer(revision).get("Root")
    catalog = catalog_of(document, revision)
    form_reference = catalog.get("AcroForm")
    return State(
        document,
        revision,
        root.number if isinstance(root, Ref) else -1,
        catalog,
        read_form(document, revision, known.form if known is not None else None),
        form_reference.number if isinstance(form_reference, Ref) else -1,
        tree or page_tree(document, revision),
        {},
        {},
    )


def read_annotations(state: State, pages: set[int]) -> None:
    """(Re)read the annotation lists of the given pages."""
    for page in pages:
        items = state.document.array(
            state.document.dictionary(Ref(page, 0), state.revision).get("Annots"), state.revision
        )
        state.annotations[page] = items
        shown = state.page_number(page) or 0
        for item in items:
            if isinstance(item, Ref):
                state.page_of.setdefault(item.number, shown)
