"""How far the byte range of a signature reaches, and what lies in its gap (ISO 32000-2, 12.8.1)."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.document import Document, ReadObject
from certs.pdf.model import Coverage
from certs.pdf.revisions import TAIL_SPACE
from certs.pdf.syntax import Parser
from certs.pdf.values import Value, integer

_HEX_STRING = re.compile(rb"<[0-9A-Fa-f\x00\t\n\x0c\r ]*+>")


@dataclass(frozen=True, slots=True)
class Covered:
    """What a byte range covers."""

    byte_range: tuple[int, ...]
    """As written."""
    coverage: Coverage
    revision: int
    """The revision it closes, -1 when it closes none."""
    start: int
    """Offset from which the ranges count: 0, or that of the header when bytes were put in front of it."""
    end: int
    """Offset in the file past the second range; 0 when the byte range is unusable."""
    faults: tuple[Message, ...]
    is_foreign: bool = False
    """The gap lies elsewhere than the dictionary's own /Contents: the range was written for another layout of the file."""


def covered_by(document: Document, dictionary: dict[str, Value], carrier: ReadObject, *, is_direct: bool) -> Covered:
    """Judge the byte range of a signature dictionary; `carrier` is the object that it is, or that holds it as /V."""
    value = document.resolve(dictionary.get("ByteRange"), document.last)
    if value is None:
        return Covered(
            (), Coverage.UNCLEAR, -1, 0, 0, (message(codes.ENTRY_MISSING, key="ByteRange"),), is_foreign=True
        )
    items = value if isinstance(value, list) else []
    found = tuple(number for item in items if (number := integer(item)) is not None)
    complete = isinstance(value, list) and len(found) == len(items) == 4
    contents = _place_of_contents(document, carrier, is_direct=is_direct)
    is_foreign = not any(_encloses(found, at, contents) for at in (0, document.base))
    problem = _problem(found, len(document.data)) if complete else "four integers wanted"
    if problem is not None:
        malformed = message(codes.BYTE_RANGE_MALFORMED, detail=problem)
        return Covered(found, Coverage.UNCLEAR, -1, 0, 0, (malformed,), is_foreign)
    faults: list[Message] = []
    if carrier.start < 0:
        faults.append(message(codes.DICTIONARY_IN_OBJECT_STREAM))
    # Tools write the range from the first byte of the file; mail and portals put bytes in front of the header later.
    start = next((at for at in (0, document.base) if _gap_is_contents(document, found, at, contents)), None)
    if carrier.start >= 0 and start is None:
        faults.append(message(codes.GAP_NOT_CONTENTS))
    start = start or 0
    end = start + found[2] + found[3]
    revision = _revision_ending_at(document, end)
    if revision < 0:
        coverage = Coverage.UNCLEAR if faults else Coverage.CONTIGUOUS_FROM_START
        faults.append(message(codes.RANGE_ENDS_INSIDE))
    elif faults:
        coverage = Coverage.UNCLEAR
    else:
        is_whole = start == 0 and end == len(document.data)
        coverage = Coverage.ENTIRE_FILE if is_whole else Coverage.ENTIRE_REVISION
    return Covered(found, coverage, revision, start, end, tuple(faults), is_foreign)


def closes_revision(document: Document, stated: tuple[int, ...]) -> bool:
    """Whether a byte range closes a revision of the document around a hexadecimal string, whosever it is."""
    if len(stated) != 4 or _problem(stated, len(document.data)) is not None:
        return False
    document.budget.spend(1 + len(document.data) // 1024)
    for start in {0, document.base}:
        gap_start, gap_end = stated[1] + start, stated[2] + start
        gap = _HEX_STRING.match(document.data, gap_start, gap_end)
        if gap is not None and gap.end() == gap_end and _revision_ending_at(document, gap_end + stated[3]) >= 0:
            return True
    return False


def _problem(found: tuple[int, ...], size: int) -> str | None:
    """Why four integers are no `[0 a b c]` inside the file, with a before b."""
    start, length, second, rest = found
    if min(found) < 0:
        return "negative number"
    if start != 0:
        return "does not start at 0"
    if length == 0 or rest == 0 or second <= length:
        return "empty or overlapping ranges"
    return "reaches past the end of the file" if second + rest > size else None


def _place_of_contents(document: Document, carrier: ReadObject, *, is_direct: bool) -> tuple[int, int] | None:
    """Where the value of /Contents lies in the bytes; None inside an object stream or when there is none."""
    spans = carrier.spans
    if is_direct and "V" in spans:
        parser = Parser(document.data, spans["V"][0], document.budget)
        parser.value()
        spans = parser.spans
    elif is_direct:
        return None
    return spans.get("Contents")


def _encloses(found: tuple[int, ...], shift: int, contents: tuple[int, int] | None) -> bool:
    """Whether the gap, as far as one is stated, holds the whole of /Contents, whatever else it holds."""
    if contents is None or len(found) < 3:
        return False
    return found[0] + found[1] + shift <= contents[0] and contents[1] <= found[2] + shift


def _gap_is_contents(document: Document, found: tuple[int, ...], shift: int, contents: tuple[int, int] | None) -> bool:
    """Whether the gap holds one hexadecimal string, the /Contents of this very dictionary, and nothing else."""
    start, end = found[1] + shift, found[2] + shift
    gap = _HEX_STRING.match(document.data, start, end)
    return gap is not None and gap.end() == end and contents == (start, end)


def _revision_ending_at(document: Document, end: int) -> int:
    """The revision whose end mark is the last thing before `end`, white space apart."""
    index = bisect_right(document.revisions, end, key=lambda found: found.mark.eof) - 1
    if index < 0 or document.data[document.revisions[index].mark.eof : end].strip(TAIL_SPACE):
        return -1
    return index
