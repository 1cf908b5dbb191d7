"""Rules about what belongs to the document as a whole: the trailer and the catalog (ISO 32000-2, 7.5.5 and 7.7.2)."""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.state import SILENT_CATALOG
from certs.pdf.values import Ref

_PANELS = frozenset({"UseNone", "UseOutlines", "UseThumbs", "UseOC", "UseAttachments"})
"""What may open beside the page (table 29); without its frame a page could be taken for the reader itself."""


class CatalogRules(RuleGroup):
    """Compares the document-level entries of one revision with those of its predecessor."""

    def run(self) -> None:
        """Report every difference, but for pages and form."""
        self._trailer()
        self._catalog()

    def silent(self, key: str) -> None:
        """Report a change of an entry that no reader sees."""
        if key == "DSS":
            self.step.report("dss_extended", Need.NOTHING)
        else:
            self.step.report("metadata", Need.NOTHING, key=key)

    def _trailer(self) -> None:
        old, new = self.document.trailer(self.revision - 1), self.document.trailer(self.revision)
        reference = old.get("Encrypt")
        is_touched = isinstance(reference, Ref) and reference.number in self.step.touched
        if not self.step.comparison.same(reference, new.get("Encrypt")) or (
            is_touched and isinstance(reference, Ref) and not self.step.comparison.same_object(reference.number)
        ):
            self.step.report("encryption", Need.NEVER)
        if not self.step.comparison.same(old.get("Info"), new.get("Info")):
            self.silent("Info")

    def _catalog(self) -> None:
        if self.step.before.catalog is self.step.after.catalog:
            return
        for key in self.step.comparison.changed_keys(self.step.before.catalog, self.step.after.catalog):
            is_tree = key == "Pages" and isinstance(self.step.after.catalog.get(key), Ref)
            if is_tree or key.partition("\0")[0] == "AcroForm":
                # Compared as a tree and as a form; a form given twice by a careless program shows nothing of its own.
                continue
            if key == "Perms":
                self._perms()
            elif key == "StructTreeRoot":
                self.step.report("structure", Need.NOTHING)
            elif key in SILENT_CATALOG or (key == "PageMode" and self._opens_a_panel()):
                self.silent(key)
            else:
                self.step.report("catalog_entry", Need.NEVER, key=key)

    def _opens_a_panel(self) -> bool:
        """Whether /PageMode only says which panel stands beside the page, before and after."""
        states = ((self.step.before, self.revision - 1), (self.step.after, self.revision))
        modes = [self.document.resolve(state.catalog.get("PageMode"), revision) for state, revision in states]
        return all(mode is None or (isinstance(mode, str) and mode in _PANELS) for mode in modes)

    def _perms(self) -> None:
        """/Perms may gain the certification that this revision makes; what was there stays (12.8.4)."""
        old = self.document.dictionary(self.step.before.catalog.get("Perms"), self.revision - 1)
        new = self.document.dictionary(self.step.after.catalog.get("Perms"), self.revision)
        changed = self.step.comparison.changed_keys(old, new)
        # Usage rights (12.8.2.3) unlock functions of one reader; signing programs remove them.
        changed -= {"UR", "UR3", "Type"}
        if changed and (changed != {"DocMDP"} or "DocMDP" in old):
            self.step.report("catalog_entry", Need.NEVER, key="Perms")
