"""What every group of rules looks at."""

from certs.pdf.compare.step import Step


class RuleGroup:
    """Rules about one feature, which report to the step what they find in it."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.document = step.document
        self.revision = step.revision
