"""Whether every byte of a later revision belongs to something that its cross-reference sections reach.

Content that no section reaches is invisible to a strict reader and may be found by one that repairs.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.document import Document, ReadObject
from certs.pdf.syntax import skip_space
from certs.pdf.values import Ref, Stream, Value, integer
from certs.pdf.xref import COMPRESSED, FREE, IN_USE, Entry

_ELSEWHERE = frozenset({"F", "FFilter", "FDecodeParms"})
"""Entries of a stream whose data lie in a file of their own (7.3.8.2)."""


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
    document.budget.spend(4 * len(found.entries))
    for number, entry in found.entries.items():
        if entry.kind == FREE:
            continue
        item = document.read(number, revision)
        place = entry.where if entry.kind == IN_USE else document.entry(entry.where, revision).where
        is_moved = entry.kind == COMPRESSED and document.entry(number, revision - 1) != entry
        is_own = begin <= place < end or is_moved
        fault = _fault_of(document, number, entry, item, revision) if is_own else None
        if item.problem is not None:
            faults.append(message(codes.TWO_READINGS, detail=item.problem))
        elif fault is not None:
            faults.append(fault)
        elif is_own and entry.kind == IN_USE:
            pieces.append((item.start, item.end))
    return _gaps(document, sorted(pieces), begin, end, revision), faults


def shown_by_a_larger_size(document: Document, signed: AbstractSet[int]) -> list[Message]:
    """Faults for objects that a strict reader did not see at a signed revision and sees now (7.5.5).

    Such a reader takes objects past the stated /Size for missing; here they count, so that nothing else would tell.
    """
    size = integer(document.trailer(document.last).get("Size")) or 0
    largest = -1
    for index, found in enumerate(document.revisions[:-1]):
        sections = {section.start for section in found.sections}
        for number, entry in found.entries.items():
            if number > largest and entry.kind != FREE and entry.where not in sections:
                largest = number
        stated = integer(found.trailer.get("Size")) or 0
        if index in signed and stated <= largest and stated < size:
            return [message(codes.TWO_READINGS, detail=f"/Size {stated}, then {size}")]
    return []


def _fault_of(document: Document, number: int, entry: Entry, item: ReadObject, revision: int) -> Message | None:
    """Why readers may disagree about an object that the revision wrote or looks for at another place."""
    if entry.kind == COMPRESSED and document.index_in_stream(number, entry.where, revision) != entry.detail:
        # Some readers find a member by its number, others by its index.
        return message(codes.TWO_READINGS, detail=f"object {number} in stream {entry.where}")
    if _misses(document, item.value, revision):
        return message(codes.TWO_READINGS, detail=f"generations in object {number}")
    if item.has_duplicate_keys:
        return message(codes.DUPLICATE_KEYS, object=number)
    if isinstance(item.value, Stream) and _ELSEWHERE & item.value.dictionary.keys():
        # Some readers take the data from another file, or none at all; others the bytes that stand here.
        return message(codes.TWO_READINGS, detail=f"data of object {number} in another file")
    if isinstance(item.value, Stream) and not item.value.has_stated_length:
        return message(codes.TWO_READINGS, detail=f"/Length of object {number}")
    return None


def _misses(document: Document, value: Value, revision: int) -> bool:
    """Whether a reference names another generation than the object has: strict readers see nothing there (7.3.10)."""
    pending = [value]
    spent = 0
    missed = False
    while pending and not missed:
        item = pending.pop()
        spent += 1
        if isinstance(item, Ref):
            if item.generation or item.number in document.reused:
                missed = document.generation(item.number, revision) not in (item.generation, None)
        elif isinstance(item, Stream):
            pending.append(item.dictionary)
        elif isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    document.budget.spend(spent // 4)
    return missed


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
