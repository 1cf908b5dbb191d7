"""From bytes to a `Document`: header, end marks, chain of revisions, encryption; never by repairing."""

from dataclasses import dataclass, field

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.decryption import prepare_decryption
from certs.pdf.document import Document
from certs.pdf.errors import MalformedPDF
from certs.pdf.limits import Budget, Limits, exceeded
from certs.pdf.revisions import EndMark, divide, end_marks, is_last, read_chain
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import integer
from certs.pdf.xref import is_section

_HEADER_WITHIN = 1024
_END_WITHIN = 1024
"""Readers look for the end mark in the last 1,024 bytes; where they find none, they rebuild the file or refuse it."""
_FALLBACKS = 8


@dataclass(slots=True)
class Opened:
    """A document, and what was wrong with the way to it."""

    document: Document
    faults: list[Message] = field(default_factory=list)
    unread_from: int | None = None
    """Offset of the first byte after the last readable revision, when more than white space follows."""


def open_document(data: bytes, password: str | None, limits: Limits) -> Opened:
    """Open the newest revision a strict reader can reach; older than the file's end only with a fault.

    Raises `MalformedPDF`, `PasswordRequired` or `LimitExceeded`.
    """
    if len(data) > limits.file_bytes:
        raise exceeded("file_bytes", limits.file_bytes)
    budget = Budget(limits)
    header = data.find(b"%PDF-", 0, _HEADER_WITHIN + 5)
    if header < 0:
        raise MalformedPDF(message(codes.NOT_A_PDF))
    opened = _strict(data, end_marks(data, budget), header, budget)
    prepare_decryption(opened.document, password or "")
    return opened


def _strict(data: bytes, marks: list[EndMark], header: int, budget: Budget) -> Opened:
    first_problem: SyntaxFault | None = None
    tail = max(data.rfind(b"startxref"), 0)
    if not marks or tail > marks[-1].start:
        first_problem = SyntaxFault(tail, "`startxref`, an offset and `%%EOF` at the end")
    for newest in reversed(marks[-_FALLBACKS:]):
        usable = [mark for mark in marks if mark.start <= newest.start]
        for base in dict.fromkeys((header, 0)):
            try:
                chain = read_chain(data, newest.points_to, base, budget)
                revisions = divide(chain, usable, base)
            except SyntaxFault as fault:
                first_problem = first_problem or fault
                continue
            document = Document(data, base, revisions, budget)
            opened = Opened(document)
            if first_problem is not None:
                opened.faults.append(_two_readings(first_problem))
            opened.faults.extend(_outside(data, usable, document))
            opened.faults.extend(_shrunk(document))
            if header:
                opened.faults.extend(_shifted(data, usable, header - base))
            if b"obj" in data[:header]:
                opened.faults.append(_two_readings(SyntaxFault(0, "no object before the header")))
            if not is_last(data, revisions[-1].mark):
                opened.unread_from = revisions[-1].mark.end
            elif len(data) - revisions[-1].mark.eof > _END_WITHIN:
                opened.faults.append(message(codes.PADDED, length=len(data) - revisions[-1].mark.end))
            return opened
    problem = first_problem or SyntaxFault(0, "`startxref`, an offset and `%%EOF`")
    raise MalformedPDF(message(codes.UNREADABLE, detail=str(problem)))


def _outside(data: bytes, marks: list[EndMark], document: Document) -> list[Message]:
    """End marks of sections that the newest chain does not contain: history was cut off, not continued."""
    inside = {section.offset for found in document.revisions for section in found.sections}
    for mark in marks:
        start = mark.points_to + document.base
        if mark.points_to > 0 and start < mark.start and start not in inside and is_section(data, start):
            fault = SyntaxFault(mark.start, "an end mark whose section belongs to the chain")
            return [_two_readings(fault)]
    return []


def _shifted(data: bytes, marks: list[EndMark], other_base: int) -> list[Message]:
    """Offsets that lead to a section whether they count from the header or from the first byte of the file."""
    for mark in marks:
        if mark.points_to > 0 and is_section(data, mark.points_to + other_base):
            return [_two_readings(SyntaxFault(mark.points_to, "one cross-reference section for an offset"))]
    return []


def _shrunk(document: Document) -> list[Message]:
    """A newest /Size below an earlier one: to a strict reader the objects past it are missing (7.5.5)."""
    sizes = [integer(document.trailer(index).get("Size")) or 0 for index in range(len(document.revisions))]
    if sizes[-1] < max(sizes):
        return [message(codes.TWO_READINGS, detail=f"/Size {max(sizes)}, then {sizes[-1]}")]
    return []


def _two_readings(fault: SyntaxFault) -> Message:
    return message(codes.TWO_READINGS, detail=str(fault))
