"""What a caller makes of a structural analysis."""

from certs.pdf import analyse_document
from certs.pdf.errors import PDFError
from certs.pdf.model import DocumentAnalysis


def is_acceptable(analysis: DocumentAnalysis) -> bool:
    """True when nothing in the structure speaks against any signature."""
    return (
        bool(analysis.signatures)
        and not analysis.faults
        and all(
            not one.faults and not one.undetermined and all(change.permitted for change in one.changes)
            for one in analysis.signatures
        )
    )


def is_accepted(data: bytes) -> bool:
    """As `is_acceptable`, and False for what cannot be analysed."""
    try:
        return is_acceptable(analyse_document(data))
    except PDFError:
        return False


def forbidden(analysis: DocumentAnalysis) -> set[str]:
    """The rules of all changes that are not permitted."""
    return {change.rule for one in analysis.signatures for change in one.changes if not change.permitted}


def visible(analysis: DocumentAnalysis) -> set[str]:
    """The rules of all permitted changes that a reader sees."""
    return {c.rule for one in analysis.signatures for c in one.changes if c.permitted and c.is_visible}
