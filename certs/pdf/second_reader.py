"""The second reader: qpdf must find the same objects at the same places."""

import pikepdf

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.document import Document
from certs.pdf.xref import COMPRESSED, FREE, IN_USE, Entry

_SHOWN = 3


def disagreements(document: Document, other: pikepdf.Pdf, pages: int) -> list[Message]:
    """Faults for every way in which qpdf reads another document than the strict reader."""
    revision = document.last
    wrong: list[str] = []
    theirs: set[int] = set()
    newest = document.newest
    nothing = Entry(FREE, 0, 0)
    for (number, generation), entry in other.get_xref_table().items():
        ours = newest.get(number, nothing)
        theirs.add(number)
        if entry.type == IN_USE:
            agrees = (
                ours.kind == IN_USE and ours.where == (entry.offset or 0) + document.base and ours.detail == generation
            )
        elif entry.type == COMPRESSED:
            agrees = ours.kind == COMPRESSED and (ours.where, ours.detail) == (
                entry.obj_stream_number, entry.obj_stream_index,
            )  # fmt: skip
        else:
            agrees = ours.kind == FREE
        if not agrees:
            wrong.append(str(number))
    # A cross-reference stream need not list itself (7.5.8.2 is often overlooked); nothing refers to it.
    sections = {section.start for found in document.revisions for section in found.sections}
    for number in document.numbers(revision):
        if number not in theirs and document.entry(number, revision).where not in sections:
            wrong.append(str(number))
    faults = []
    if wrong:
        faults.append(message(codes.TWO_READINGS, detail=f"objects {', '.join(wrong[:_SHOWN])}"))
    try:
        count = len(other.pages)
    except pikepdf.PdfError:
        count = -1
    if count != pages:
        faults.append(message(codes.TWO_READINGS, detail=f"{pages} pages or {count}"))
    return faults
