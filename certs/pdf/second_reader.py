"""The second reader: qpdf must find the same objects at the same places."""

import pikepdf

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.document import Document
from certs.pdf.qpdf import QPDF_ERRORS, brief, open_with_qpdf
from certs.pdf.xref import COMPRESSED, FREE, IN_USE, Entry

_SHOWN = 3


def disagreements(document: Document, end: int, password: str, pages: int) -> list[Message]:
    """Faults for every way in which qpdf reads another document, in the bytes up to `end`, than the strict reader."""
    content = document.data if end == len(document.data) else document.data[:end]
    try:
        with open_with_qpdf(content, password) as other:
            return _compared(document, other, pages)
    except QPDF_ERRORS as error:
        return [message(codes.TWO_READINGS, detail=brief(error))]


def _compared(document: Document, other: pikepdf.Pdf, pages: int) -> list[Message]:
    wrong: list[int] = []
    theirs: set[int] = set()
    newest = document.newest
    nothing = Entry(FREE, 0, 0)
    for (number, generation), entry in other.get_xref_table().items():
        ours = newest.get(number, nothing)
        theirs.add(number)
        if entry.type == IN_USE:
            agrees = ours.kind == IN_USE and ours.where == (entry.offset or 0) + document.base
            agrees = (agrees and ours.detail == generation) or (ours.kind == FREE and not entry.offset)
        elif entry.type == COMPRESSED:
            agrees = (ours.kind, ours.where, ours.detail) == (
                COMPRESSED,
                entry.obj_stream_number,
                entry.obj_stream_index,
            )
        else:
            agrees = ours.kind == FREE
        if not agrees:
            wrong.append(number)
    wrong.extend(number for number in document.numbers(document.last) if number not in theirs)
    if wrong:
        excused = _excused(document)
        wrong = [number for number in wrong if number not in excused]
    faults = []
    if wrong:
        faults.append(message(codes.TWO_READINGS, detail=f"objects {', '.join(map(str, wrong[:_SHOWN]))}"))
    count = len(other.pages)
    if count != pages:
        faults.append(message(codes.TWO_READINGS, detail=f"{pages} pages or {count}"))
    return faults


def _excused(document: Document) -> set[int]:
    """Objects on which readers may differ without showing two documents.

    A cross-reference stream need not list itself, and nothing refers to it. Objects that a hybrid file hides from old
    readers (7.5.8.4) are excused where no table of any revision shows them: an old reader never sees anything there.
    """
    starts: set[int] = set()
    hidden: set[int] = set()
    shown: set[int] = set()
    for found in document.revisions:
        for section in found.sections:
            starts.add(section.start)
            if section.hybrid is not None:
                hidden.update(section.hybrid.entries)
                starts.add(section.hybrid.start)
            shown.update(number for number, entry in section.entries.items() if entry.kind != FREE)
    return (hidden - shown) | {
        number for number, entry in document.newest.items() if entry.kind == IN_USE and entry.where in starts
    }
