"""Rules about objects that changed and show themselves through a page, the page tree or an entry of the catalog.

What shows itself through annotations and fields is judged with these.
"""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.rules.catalog import CatalogRules
from certs.pdf.compare.rules.pages import PageRules
from certs.pdf.compare.step import Step


class ReachedRules:
    """Judges each part of the document that leads to an object which one revision changed."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.pages = PageRules(step)
        self.catalog = CatalogRules(step)

    def run(self) -> None:
        """Report every such part."""
        for owner in self.step.reached:
            if owner.kind == "content":
                self.pages.content(owner.number, owner.key)
            elif owner.kind == "tree":
                # A list of kids, or a page written into such a list.
                self.pages.tree()
            elif owner.kind == "catalog":
                self.step.report("catalog_entry", Need.NEVER, key=owner.key)
            elif owner.kind == "silent":
                self.catalog.silent(owner.key)
