"""The differences that later revisions made, each named by the rule that it falls under.

Revisions are compared with their predecessor only. What follows a signature is the sum of the later steps, so the work
grows with the number of revisions and not with its square.
"""

from certs.pdf.compare.findings import Finding
from certs.pdf.compare.index import build_index, update_index
from certs.pdf.compare.owners import OwnerIndex
from certs.pdf.compare.rules.annotations import AnnotationRules
from certs.pdf.compare.rules.catalog import CatalogRules
from certs.pdf.compare.rules.fields import FieldRules
from certs.pdf.compare.rules.form import FormRules
from certs.pdf.compare.rules.pages import PageRules
from certs.pdf.compare.rules.reached import ReachedRules
from certs.pdf.compare.rules.structure import StructureRules
from certs.pdf.compare.state import read_annotations, read_state
from certs.pdf.compare.step import Step
from certs.pdf.document import Document


class History:
    """Walks through the revisions after the first signed one."""

    def __init__(self, document: Document, first: int) -> None:
        """Start at the revision `first`; nothing before it is compared."""
        self.document = document
        self.state = read_state(document, first)
        read_annotations(self.state, set(self.state.tree.pages))
        self.index: OwnerIndex = build_index(self.state)

    def findings(self) -> list[Finding]:
        """All differences, in the order of revisions."""
        findings: list[Finding] = []
        for revision in range(self.state.revision + 1, self.document.last + 1):
            step = Step(self.document, self.state, self.index, revision)
            judge(step)
            update_index(step)
            findings.extend(step.findings.values())
            self.state = step.after
        return findings


def judge(step: Step) -> None:
    """Let every rule report what it finds in the step."""
    ReachedRules(step).run()
    CatalogRules(step).run()
    PageRules(step).run()
    AnnotationRules(step).run()
    FormRules(step).run()
    FieldRules(step).run()
    StructureRules(step).run()
