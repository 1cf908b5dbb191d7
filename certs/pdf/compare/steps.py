"""The differences that one revision makes, each named by the rule that it falls under.

Revisions are compared with their predecessor only. What follows a signature is the sum of the later steps, so the work
grows with the number of revisions and not with its square.
"""

from certs.messages import message
from certs.pdf import messages as codes
from certs.pdf.compare.equality import Comparison
from certs.pdf.compare.findings import Finding, Need
from certs.pdf.compare.index import (
    build_index,
    index_annotation,
    index_catalog,
    index_container,
    index_field,
    index_form,
    index_node,
    index_page,
    is_drawn,
    set_barriers,
)
from certs.pdf.compare.owners import OwnerIndex
from certs.pdf.compare.state import (
    INHERITED,
    SILENT_ANNOTATION,
    SILENT_CATALOG,
    SILENT_PAGE,
    State,
    read_annotations,
    read_state,
)
from certs.pdf.compare.structure import StructureRules
from certs.pdf.compare.widgets import FieldRules
from certs.pdf.document import Document
from certs.pdf.pages import inherited
from certs.pdf.values import Ref, Value

_TREE = frozenset({"Kids", "Parent", "Count", "Type"})
"""What holds the page tree together. Readers follow different ones of these, so all of them must stay."""


class History:
    """Walks through the revisions after the first signed one."""

    def __init__(self, document: Document, first: int) -> None:
        """Start at the revision `first`; nothing before it is compared."""
        self.document = document
        self.state = read_state(document, first)
        read_annotations(self.state, set(self.state.tree.pages))
        self.index: OwnerIndex = build_index(self.state)

    def steps(self) -> list[Finding]:
        """All differences, in the order of revisions."""
        findings: list[Finding] = []
        for revision in range(self.state.revision + 1, self.document.last + 1):
            step = Step(self.document, self.state, self.index, revision)
            findings.extend(step.run())
            self.state = step.after
        return findings


class Step:
    """One revision against its predecessor."""

    def __init__(self, document: Document, before: State, index: OwnerIndex, revision: int) -> None:
        self.document = document
        self.before = before
        self.index = index
        self.revision = revision
        self.touched = document.touched(revision)
        self.comparison = Comparison(document, revision - 1, revision)
        self.findings: dict[tuple[object, ...], Finding] = {}
        tree_changed = before.catalog_number in self.touched or not self.touched.isdisjoint(before.tree.nodes)
        tree_changed = tree_changed or any(self._has_owner(number, "tree") for number in self.touched)
        tree_changed = tree_changed or document.trailer(revision).get("Root") != document.trailer(revision - 1).get(
            "Root"
        )
        self.tree_changed = tree_changed or any(
            "Kids" in document.dictionary(Ref(page, 0), revision) or not document.dictionary(Ref(page, 0), revision)
            for page in self.touched.intersection(before.tree.pages)
        )
        self.after = read_state(document, revision, before, None if self.tree_changed else before.tree)
        self.hits: dict[tuple[str, int], set[str]] = {}

    def _has_owner(self, number: int, kind: str) -> bool:
        return any(owner.kind == kind for owner in self.index.of(number))

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

    def run(self) -> list[Finding]:
        """Compare everything and bring the index up to date."""
        self._objects()
        self._trailer()
        self._catalog()
        self._pages()
        self._annotations()
        FieldRules(self).run()
        StructureRules(self).run()
        self._update_index()
        return list(self.findings.values())

    def _objects(self) -> None:
        """Objects that are seen through some part, each asked once whether it is still the same."""
        for number in self.touched:
            owners = self.index.of(number)
            if not owners or self.comparison.same_object(number):
                continue
            for owner in owners:
                if owner.kind == "content":
                    self._content(owner.number, owner.key)
                elif owner.kind == "catalog":
                    self.report("catalog_entry", Need.NEVER, key=owner.key)
                elif owner.kind == "tree":
                    # A list of kids, or a page written into such a list.
                    self._tree()
                elif owner.kind == "silent":
                    self._silent(owner.key)
                else:
                    self.hits.setdefault((owner.kind, owner.number), set()).add(owner.key)

    def _content(self, page: int, key: str) -> None:
        shown = self.before.page_number(page)
        if key in ("Contents", "Resources", "Group"):
            self.report("page_content", Need.NEVER, page=shown)
        else:
            self.report("page_entry", Need.NEVER, page=shown, key=key)

    def _silent(self, key: str) -> None:
        if key == "DSS":
            self.report("dss_extended", Need.NOTHING)
        else:
            self.report("metadata", Need.NOTHING, key=key)

    def _trailer(self) -> None:
        old, new = self.document.trailer(self.revision - 1), self.document.trailer(self.revision)
        reference = old.get("Encrypt")
        is_touched = isinstance(reference, Ref) and reference.number in self.touched
        if not self.comparison.same(reference, new.get("Encrypt")) or (
            is_touched and isinstance(reference, Ref) and not self.comparison.same_object(reference.number)
        ):
            self.report("encryption", Need.NEVER)
        if not self.comparison.same(old.get("Info"), new.get("Info")):
            self._silent("Info")

    def _catalog(self) -> None:
        if self.before.catalog is self.after.catalog:
            return
        for key in self.comparison.changed_keys(self.before.catalog, self.after.catalog):
            if (key == "Pages" and isinstance(self.after.catalog.get(key), Ref)) or key.partition("\0")[
                0
            ] == "AcroForm":
                # Compared as a tree and as a form; a form given twice by a careless program shows nothing of its own.
                continue
            if key == "Perms":
                self._perms()
            elif key == "StructTreeRoot":
                self.report("structure", Need.NOTHING)
            elif key in SILENT_CATALOG:
                self._silent(key)
            else:
                self.report("catalog_entry", Need.NEVER, key=key)

    def _perms(self) -> None:
        """/Perms may gain the certification that this revision makes; what was there stays (12.8.4)."""
        old = self.document.dictionary(self.before.catalog.get("Perms"), self.revision - 1)
        new = self.document.dictionary(self.after.catalog.get("Perms"), self.revision)
        changed = self.comparison.changed_keys(old, new)
        # Usage rights (12.8.2.3) unlock functions of one reader; signing programs remove them.
        changed -= {"UR", "UR3", "Type"}
        if changed and (changed != {"DocMDP"} or "DocMDP" in old):
            self.report("catalog_entry", Need.NEVER, key="Perms")

    def _pages(self) -> None:
        before, after = self.before.tree, self.after.tree
        if self.tree_changed and (before.pages, before.nodes) != (after.pages, after.nodes):
            self._tree()
        for node in self.touched & before.nodes & after.nodes:
            changed = self._changed_dictionary(node)
            if changed & _TREE:
                self._tree()
            if changed & INHERITED:
                self.report("page_content", Need.NEVER, page=1)
        for page in self.touched.intersection(before.pages).intersection(after.pages):
            for key in self._changed_dictionary(page) - SILENT_PAGE - {"Annots"}:
                if not self._same_effect(page, key):
                    self._page_key(page, key)

    def _tree(self) -> None:
        self.report("page_tree", Need.NEVER, old=len(self.before.tree.pages), new=len(self.after.tree.pages))

    def _page_key(self, page: int, key: str) -> None:
        if key in _TREE:
            self._tree()
        else:
            self._content(page, key)

    def _same_effect(self, page: int, key: str) -> bool:
        """Whether a rewritten page means the same: defaults spelled out, inherited values copied, one-part contents."""
        if key not in INHERITED and key != "Contents":
            return False
        values: list[Value] = []
        for revision in (self.revision - 1, self.revision):
            dictionary = self.document.dictionary(Ref(page, 0), revision)
            if key == "Contents":
                contents = self.document.resolve(dictionary.get(key), revision)
                single = contents[0] if isinstance(contents, list) and len(contents) == 1 else dictionary.get(key)
                values.append(single)
                continue
            value = inherited(self.document, dictionary, key, revision)
            if value is None and key == "Rotate":
                value = 0
            if value is None and key == "CropBox":
                value = inherited(self.document, dictionary, "MediaBox", revision)
            values.append(value)
        return self.comparison.same(values[0], values[1])

    def _changed_dictionary(self, number: int) -> set[str]:
        old, new = self.document.get(number, self.revision - 1), self.document.get(number, self.revision)
        if not isinstance(old, dict) or not isinstance(new, dict):
            return {"Contents"}
        return self.comparison.changed_keys(old, new)

    def _annotations(self) -> None:
        self.after.annotations = dict(self.before.annotations)
        self.after.page_of = dict(self.before.page_of)
        pages = {page for page in self.after.tree.pages if page in self.touched or ("annotations", page) in self.hits}
        pages |= set(self.after.tree.pages) - set(self.before.annotations)
        read_annotations(self.after, pages)
        for page in pages & set(self.before.annotations):
            self._annotation_list(page)
            self._annotation_key(page)
        for number in self.before.page_of:
            if number in self.touched or ("annotation", number) in self.hits:
                self._annotation(number)
        for kind, number in self.hits:
            if kind == "annotation" and number < 0:
                self.report("annotation_changed", Need.ANNOTATE, page=self.before.page_number(-number), kind="")

    def _annotation_key(self, page: int) -> None:
        """What stands in place of the list is no list to some readers, and one annotation to others."""
        old, new = (
            self.document.dictionary(Ref(page, 0), revision).get("Annots")
            for revision in (self.revision - 1, self.revision)
        )
        resolved = self.document.resolve(new, self.revision)
        if not isinstance(resolved, list | None) and not self.comparison.same(old, new):
            self._page_key(page, "Annots")

    def _annotation_list(self, page: int) -> None:
        old, new = self.before.annotations[page], self.after.annotations[page]
        shown = self.after.page_number(page)
        at = 0
        kept = []
        numbers = {item.number: index for index, item in enumerate(new) if isinstance(item, Ref)}
        for item in old:
            if isinstance(item, Ref):
                index = numbers.get(item.number)
            else:
                index = next((i for i, other in enumerate(new) if not isinstance(other, Ref) and self.comparison.same(item, other)), None)  # fmt: skip
            if index is None:
                if self.document.dictionary(item, self.revision - 1):
                    self._removed(item, shown)
                continue
            if index < at:
                self.report("annotation_order", Need.NEVER, page=shown)
            at = index
            kept.append(index)
        for index in set(range(len(new))) - set(kept):
            self._added(new[index], shown)

    def _removed(self, item: Value, page: int | None) -> None:
        kind = self._kind(item, self.revision - 1)
        need = Need.NEVER if kind == "Widget" else Need.ANNOTATE
        self.report("annotation_removed", need, page=page, kind=kind)

    def _added(self, item: Value, page: int | None) -> None:
        kind = self._kind(item, self.revision)
        number = item.number if isinstance(item, Ref) else -1
        if not self.document.dictionary(item, self.revision):
            if self.document.resolve(item, self.revision) is not None:
                # Readers differ on what is no annotation: some skip it, others show none of the list.
                self.report("annotation_added", Need.NEVER, page=page, kind="")
            return
        owner = self.after.form.widget_owner.get(number)
        if owner is not None and owner.type == "Sig" and kind in ("Widget", ""):
            earlier = self.before.form.widget_owner.get(number)
            if earlier is None or (earlier.value is None and owner.value is not None):
                return  # judged with its field; a known widget gets its place by being signed
        is_forbidden = kind in ("Widget", "") or self._acts(item)
        self.report("annotation_added", Need.NEVER if is_forbidden else Need.ANNOTATE, page=page, kind=kind)

    def _acts(self, item: Value) -> bool:
        """Whether an annotation does more than lead somewhere: scripts, programs, forms sent away (12.6.4)."""
        annotation = self.document.dictionary(item, self.revision)
        action = self.document.dictionary(annotation.get("A"), self.revision)
        kind = self.document.resolve(action.get("S"), self.revision)
        return "AA" in annotation or "Next" in action or (bool(action) and kind not in ("GoTo", "URI"))

    def _annotation(self, number: int) -> None:
        if number in self.before.form.widget_owner or number in self.before.form.by_number:
            return  # judged with its field
        old, new = self.document.get(number, self.revision - 1), self.document.get(number, self.revision)
        changed = set(self.hits.get(("annotation", number), ()))
        if isinstance(old, dict) and isinstance(new, dict):
            changed |= self.comparison.changed_keys(old, new)
        elif old is not None or new is not None:
            changed.add("Subtype")
        kind = self._kind(Ref(number, 0), self.revision - 1)
        if changed - (SILENT_ANNOTATION - {"Parent"} if kind == "Widget" else SILENT_ANNOTATION):
            acts = not changed.isdisjoint({"A", "AA"}) and self._acts(Ref(number, 0))
            is_forbidden = kind in ("Widget", "") or "Subtype" in changed or acts
            need = Need.NEVER if is_forbidden else Need.ANNOTATE
            self.report("annotation_changed", need, page=self.before.page_of.get(number), kind=kind)

    def _kind(self, item: Value, revision: int) -> str:
        kind = self.document.resolve(self.document.dictionary(item, revision).get("Subtype"), revision)
        return kind if isinstance(kind, str) else ""

    def _update_index(self) -> None:
        index, after = self.index, self.after
        set_barriers(index, after)
        for number in self.touched:
            value = self.document.get(number, self.revision)
            for owner in index.of(number):
                index.add(owner, value, self.revision, is_drawn=is_drawn(owner.key))
            if number in self.document.containers:
                index_container(index, after, number)
        self._update_pages()
        for number in self.touched.intersection(after.page_of):
            index_annotation(index, after, Ref(number, 0), 0)
        for number in self.touched:
            field = after.form.by_number.get(number)
            if field is not None:
                index_field(index, after, field)
        if after.form.dictionary != self.before.form.dictionary:
            index_form(index, after)
        if after.catalog != self.before.catalog:
            index_catalog(index, after)

    def _update_pages(self) -> None:
        index, after = self.index, self.after
        for page in self.touched.intersection(after.tree.pages):
            index_page(index, after, page)
            for item in after.annotations.get(page, ()):
                if not isinstance(item, Ref) or item.number not in self.before.page_of:
                    index_annotation(index, after, item, page)
        for page in after.tree.pages if self.tree_changed else ():
            index_page(index, after, page)
        for node in self.touched & after.tree.nodes:
            index_node(index, after, node)
