"""Rules about pages, what they draw, and the tree that holds them (ISO 32000-2, 7.7.3)."""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.state import INHERITED, SILENT_PAGE
from certs.pdf.pages import inherited
from certs.pdf.values import Ref, Value

_TREE = frozenset({"Kids", "Parent", "Count", "Type"})
"""What holds the page tree together. Readers follow different ones of these, so all of them must stay."""


class PageRules(RuleGroup):
    """Compares the pages of one revision with those of its predecessor."""

    def run(self) -> None:
        """Report every difference of the page tree and of the page objects themselves."""
        before, after = self.step.before.tree, self.step.after.tree
        if self.step.tree_changed and (before.pages, before.nodes) != (after.pages, after.nodes):
            self.tree()
        for node in self.step.touched & before.nodes & after.nodes:
            changed = self._changed_dictionary(node)
            if changed & _TREE:
                self.tree()
            if changed & INHERITED:
                self.step.report("page_content", Need.NEVER, page=1)
        for page in self.step.touched.intersection(before.pages).intersection(after.pages):
            for key in self._changed_dictionary(page) - SILENT_PAGE - {"Annots"}:
                if not self._same_effect(page, key):
                    self._page_key(page, key)

    def content(self, page: int, key: str) -> None:
        """Report that a page, by its object number, shows something else through the entry."""
        shown = self.step.before.page_number(page)
        if key in ("Contents", "Resources", "Group"):
            self.step.report("page_content", Need.NEVER, page=shown)
        else:
            self.step.report("page_entry", Need.NEVER, page=shown, key=key)

    def tree(self) -> None:
        """Report that there are other pages, or in another order."""
        self.step.report(
            "page_tree", Need.NEVER, old=len(self.step.before.tree.pages), new=len(self.step.after.tree.pages)
        )

    def _page_key(self, page: int, key: str) -> None:
        if key in _TREE:
            self.tree()
        else:
            self.content(page, key)

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
        return self.step.comparison.same(values[0], values[1])

    def _changed_dictionary(self, number: int) -> set[str]:
        old, new = self.document.get(number, self.revision - 1), self.document.get(number, self.revision)
        if not isinstance(old, dict) or not isinstance(new, dict):
            return {"Contents"}
        return self.step.comparison.changed_keys(old, new)
