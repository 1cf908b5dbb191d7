"""One step from a revision to the next: what there was, what there is, what differs, and what was found so far.

The rules read all this and report to it. What a difference means is for them to say, and nothing here knows them.
"""

from certs.messages import message
from certs.pdf import messages as codes
from certs.pdf.compare.equality import Comparison
from certs.pdf.compare.findings import Finding, Need
from certs.pdf.compare.owners import Owner, OwnerIndex
from certs.pdf.compare.state import State, read_annotations, read_state
from certs.pdf.document import Document
from certs.pdf.values import Ref


class Step:
    """One revision against its predecessor."""

    def __init__(self, document: Document, before: State, index: OwnerIndex, revision: int) -> None:
        """Read the revision that follows `before`; `index` knows what was seen through which object until then."""
        self.document = document
        self.before = before
        self.index = index
        self.revision = revision
        self.touched = document.touched(revision)
        """Numbers of the objects that the revision writes or frees."""
        self.comparison = Comparison(document, revision - 1, revision)
        self.findings: dict[tuple[object, ...], Finding] = {}
        self.tree_changed = self._may_change_the_tree()
        self.after = read_state(document, revision, before, None if self.tree_changed else before.tree)
        self.reached = self._reached()
        """The parts that show an object which is no longer the same."""
        self.hits: dict[tuple[str, int], set[str]] = {}
        """The same by kind and number of the part: the entries through which such objects are reached."""
        for owner in self.reached:
            self.hits.setdefault((owner.kind, owner.number), set()).add(owner.key)
        self.listed_anew = self._read_annotations()
        """The pages whose lists of annotations may differ, and new pages."""

    def report(
        self,
        rule: str,
        need: Need,
        *,
        page: int | None = None,
        field: str | None = None,
        is_new_field: bool = False,
        **parameters: object,
    ) -> None:
        """Note a difference once."""
        shown = {name: value for name, value in (("page", page), ("field", field)) if value is not None}
        finding = Finding(
            rule, message(codes.CHANGED[rule], **shown, **parameters), self.revision, need, page, field, is_new_field
        )
        self.findings.setdefault((rule, need, page, field, *sorted(map(str, parameters.values()))), finding)

    def _may_change_the_tree(self) -> bool:
        document, before, revision = self.document, self.before, self.revision
        tree_changed = before.catalog_number in self.touched or not self.touched.isdisjoint(before.tree.nodes)
        tree_changed = tree_changed or any(self._has_owner(number, "tree") for number in self.touched)
        tree_changed = tree_changed or document.trailer(revision).get("Root") != document.trailer(revision - 1).get(
            "Root"
        )
        return tree_changed or any(
            "Kids" in document.dictionary(Ref(page, 0), revision) or not document.dictionary(Ref(page, 0), revision)
            for page in self.touched.intersection(before.tree.pages)
        )

    def _has_owner(self, number: int, kind: str) -> bool:
        return any(owner.kind == kind for owner in self.index.of(number))

    def _reached(self) -> tuple[Owner, ...]:
        """Objects that are seen through some part, each asked once whether it is still the same."""
        reached: dict[Owner, None] = {}
        for number in self.touched:
            owners = self.index.of(number)
            if owners and not self.comparison.same_object(number):
                reached.update(dict.fromkeys(owners))
        return tuple(reached)

    def _read_annotations(self) -> set[int]:
        """Take over the annotations of the earlier revision, and read those lists that may differ."""
        self.after.annotations = dict(self.before.annotations)
        self.after.page_of = dict(self.before.page_of)
        pages = {page for page in self.after.tree.pages if page in self.touched or ("annotations", page) in self.hits}
        pages |= set(self.after.tree.pages) - set(self.before.annotations)
        read_annotations(self.after, pages)
        return pages
