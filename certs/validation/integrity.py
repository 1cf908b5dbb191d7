"""What became of the document: structure, digest, signature value and later changes brought together."""

from certs.pdf.model import DocumentAnalysis, EmbeddedSignature
from certs.validation.cryptography import Examination
from certs.validation.indications import Integrity


def assess_integrity(signature: EmbeddedSignature, analysis: DocumentAnalysis, examined: Examination) -> Integrity:
    """The state of the document for one signature. Raises nothing.

    A fault outweighs a change, a change outweighs what could not be judged: unknown is never "unchanged", and wrong is
    never merely unknown.
    """
    if signature.faults or analysis.faults or examined.is_wrong:
        return Integrity.BROKEN
    if any(not change.permitted for change in signature.changes):
        return Integrity.CHANGED
    if signature.undetermined or examined.method is None:
        return Integrity.UNKNOWN
    if any(change.is_visible for change in signature.changes):
        return Integrity.CHANGED_PERMITTED
    return Integrity.INTACT
