"""Whether every byte of a later revision belongs to something that its cross-reference sections reach.

Content that no section reaches is invisible to a strict reader and may be found by one that repairs.
"""

from dataclasses import dataclass

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.document import Document
from certs.pdf.syntax import skip_space
from certs.pdf.values import Stream
from certs.pdf.xref import IN_USE


@dataclass(frozen=True, slots=True)
class Unreached:
    """Bytes of a revision that nothing reaches."""

    revision: int
    offset: int
    length: int


def check_revision(document: Document, revision: int) -> tuple[list[Unreached], list[Message]]:
    """The unreached bytes of a revision and the faults of its objects."""
    found = document.revisions[revision]
    begin = document.revisions[revision - 1].mark.end if revision else document.base
    end = found.mark.end
    pieces: list[tuple[int, int]] = [(found.mark.start, end)]
    faults: list[Message] = []
    for section in found.sections:
        pieces.append((section.start, section.end))
        if section.hybrid is not None:
            pieces.append((section.hybrid.start, section.hybrid.end))
    for number, entry in found.entries.items():
        if entry.kind == IN_USE and begin <= entry.where < end and document.entry(number, revision) == entry:
            item = document.read(number, revision)
            if item.problem is not None:
                faults.append(message(codes.TWO_READINGS, detail=item.problem))
            elif item.has_duplicate_keys:
                faults.append(message(codes.DUPLICATE_KEYS, object=number))
            elif isinstance(item.value, Stream) and not item.value.has_stated_length:
                faults.append(message(codes.TWO_READINGS, detail=f"/Length of object {number}"))
            else:
                pieces.append((item.start, item.end))
        elif entry.kind == IN_USE and (problem := document.read(number, revision).problem) is not None:
            faults.append(message(codes.TWO_READINGS, detail=problem))
    return _gaps(document, sorted(pieces), begin, end, revision), faults


def _gaps(document: Document, pieces: list[tuple[int, int]], begin: int, end: int, revision: int) -> list[Unreached]:
    unreached: list[Unreached] = []
    position = begin
    for start, stop in pieces:
        if start > position:
            rest = skip_space(document.data, position)
            # White space and comments are nothing, unless a reader that repairs would find an object in them.
            if b"obj" in document.data[position : min(rest, start)]:
                rest = position
            if rest < start:
                unreached.append(Unreached(revision, rest, start - rest))
        position = max(position, stop)
    if position < end and (rest := skip_space(document.data, position)) < end:
        unreached.append(Unreached(revision, rest, end - rest))
    return unreached
