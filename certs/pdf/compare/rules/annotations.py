"""Rules about annotations, and about the lists of them that pages have (ISO 32000-2, 12.5)."""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.state import SILENT_ANNOTATION
from certs.pdf.values import Ref, Value


class AnnotationRules(RuleGroup):
    """Compares the annotations of one revision with those of its predecessor."""

    def run(self) -> None:
        """Report every difference of annotations that belong to no field."""
        for page in self.step.listed_anew & set(self.step.before.annotations):
            self._annotation_list(page)
            self._annotation_key(page)
        for number in self.step.before.page_of:
            if number in self.step.touched or ("annotation", number) in self.step.hits:
                self._annotation(number)
        for kind, number in self.step.hits:
            if kind == "annotation" and number < 0:
                self.step.report(
                    "annotation_changed", Need.ANNOTATE, page=self.step.before.page_number(-number), kind=""
                )

    def _annotation_key(self, page: int) -> None:
        """What stands in place of the list is no list to some readers, and one annotation to others."""
        old, new = (
            self.document.dictionary(Ref(page, 0), revision).get("Annots")
            for revision in (self.revision - 1, self.revision)
        )
        resolved = self.document.resolve(new, self.revision)
        if not isinstance(resolved, list | None) and not self.step.comparison.same(old, new):
            self.step.report("page_entry", Need.NEVER, page=self.step.before.page_number(page), key="Annots")

    def _annotation_list(self, page: int) -> None:
        old, new = self.step.before.annotations[page], self.step.after.annotations[page]
        shown = self.step.after.page_number(page)
        at = 0
        kept = []
        numbers = {item.number: index for index, item in enumerate(new) if isinstance(item, Ref)}
        for item in old:
            if isinstance(item, Ref):
                index = numbers.get(item.number)
            else:
                index = next((i for i, other in enumerate(new) if self._takes_the_place_of(item, other)), None)
            if index is None:
                if self.document.dictionary(item, self.revision - 1):
                    self._removed(item, shown)
                continue
            if index < at:
                self.step.report("annotation_order", Need.NEVER, page=shown)
            at = index
            kept.append(index)
        for index in set(range(len(new))) - set(kept):
            self._added(new[index], shown)

    def _takes_the_place_of(self, written: Value, other: Value) -> bool:
        """Whether an annotation that was written into its list stays there, or became an object without any change.

        The object must be new and no part of a form, for signing or filling it in could change it later.
        """
        if isinstance(other, Ref):
            form = self.step.after.form
            known = self.document.dictionary(written, self.revision - 1)
            if (
                self.document.get(other.number, self.revision - 1) is not None
                or other.number in form.by_number
                or other.number in form.widget_owner
                or not known.keys().isdisjoint({"FT", "Parent"})
                or self._kind(written, self.revision - 1) in ("Widget", "")
            ):
                return False
        return self.step.comparison.same(written, other)

    def _removed(self, item: Value, page: int | None) -> None:
        kind = self._kind(item, self.revision - 1)
        need = Need.NEVER if kind == "Widget" else Need.ANNOTATE
        self.step.report("annotation_removed", need, page=page, kind=kind)

    def _added(self, item: Value, page: int | None) -> None:
        kind = self._kind(item, self.revision)
        number = item.number if isinstance(item, Ref) else -1
        if not self.document.dictionary(item, self.revision):
            if self.document.resolve(item, self.revision) is not None:
                # Readers differ on what is no annotation: some skip it, others show none of the list.
                self.step.report("annotation_added", Need.NEVER, page=page, kind="")
            return
        owner = self.step.after.form.widget_owner.get(number)
        if owner is not None and owner.type == "Sig" and kind in ("Widget", ""):
            earlier = self.step.before.form.widget_owner.get(number)
            if earlier is None or (earlier.value is None and owner.value is not None):
                return  # judged with its field; a known widget gets its place by being signed
        is_forbidden = kind in ("Widget", "") or self._acts(item)
        self.step.report("annotation_added", Need.NEVER if is_forbidden else Need.ANNOTATE, page=page, kind=kind)

    def _acts(self, item: Value) -> bool:
        """Whether an annotation does more than lead somewhere: scripts, programs, forms sent away (12.6.4)."""
        annotation = self.document.dictionary(item, self.revision)
        action = self.document.dictionary(annotation.get("A"), self.revision)
        kind = self.document.resolve(action.get("S"), self.revision)
        return "AA" in annotation or "Next" in action or (bool(action) and kind not in ("GoTo", "URI"))

    def _annotation(self, number: int) -> None:
        if number in self.step.before.form.widget_owner or number in self.step.before.form.by_number:
            return  # judged with its field
        old, new = self.document.get(number, self.revision - 1), self.document.get(number, self.revision)
        changed = set(self.step.hits.get(("annotation", number), ()))
        if isinstance(old, dict) and isinstance(new, dict):
            changed |= self.step.comparison.changed_keys(old, new)
        elif old is not None or new is not None:
            changed.add("Subtype")
        kind = self._kind(Ref(number, 0), self.revision - 1)
        if changed - (SILENT_ANNOTATION - {"Parent"} if kind == "Widget" else SILENT_ANNOTATION):
            acts = not changed.isdisjoint({"A", "AA"}) and self._acts(Ref(number, 0))
            is_forbidden = kind in ("Widget", "") or "Subtype" in changed or acts
            need = Need.NEVER if is_forbidden else Need.ANNOTATE
            self.step.report("annotation_changed", need, page=self.step.before.page_of.get(number), kind=kind)

    def _kind(self, item: Value, revision: int) -> str:
        kind = self.document.resolve(self.document.dictionary(item, revision).get("Subtype"), revision)
        return kind if isinstance(kind, str) else ""
