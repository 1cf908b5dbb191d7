"""The chain of cross-reference sections, divided into revisions (ISO 32000-2, 7.5.6)."""

import re
from dataclasses import dataclass

from certs.pdf.limits import Budget, exceeded
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import Value
from certs.pdf.xref import COMPRESSED, FREE, IN_USE, Entry, Section, read_section

_END_MARK = re.compile(rb"startxref[\x00\t\n\x0c\r ]{1,16}(\d{1,12})[\x00\t\n\x0c\r ]{1,16}%%EOF(\r\n|\r|\n)?")
_MARKS_PER_REVISION = 4
TAIL_SPACE = b"\x00\t\n\x0c\r "


@dataclass(frozen=True, slots=True)
class EndMark:
    """`startxref`, an offset and `%%EOF`."""

    start: int
    end: int
    """Past `%%EOF` and its line end."""
    points_to: int
    """The offset as written."""
    eof: int
    """Past the five characters `%%EOF`."""


@dataclass(frozen=True, slots=True)
class RevisionSections:
    """One revision: its end mark, the sections it added, newest first, and the entries they make."""

    mark: EndMark
    sections: tuple[Section, ...]
    entries: dict[int, Entry]
    trailer: dict[str, Value]


def end_marks(data: bytes, budget: Budget) -> list[EndMark]:
    """Every end mark in the bytes, wherever it stands."""
    marks = []
    for match in _END_MARK.finditer(data):
        marks.append(EndMark(match.start(), match.end(), int(match[1]), match.end() - len(match[2] or b"")))
        if len(marks) > _MARKS_PER_REVISION * budget.limits.revisions:
            raise exceeded("revisions", budget.limits.revisions)
    return marks


def is_last(data: bytes, mark: EndMark) -> bool:
    """True when only white space follows the mark."""
    tail = data[mark.end : mark.end + 4096]
    return not tail.strip(TAIL_SPACE) and (len(tail) < 4096 or not data[mark.end :].strip(TAIL_SPACE))


def read_chain(data: bytes, start: int, base: int, budget: Budget) -> list[Section]:
    """The sections from the one at `start` to the oldest; raises `SyntaxFault` for loops and malformed sections."""
    chain: list[Section] = []
    seen: set[int] = set()
    following: int | None = start
    objects = 0
    while following is not None:
        if following in seen:
            raise SyntaxFault(following, "a chain of cross-reference sections without a loop")
        seen.add(following)
        if len(chain) >= budget.limits.revisions:
            raise exceeded("revisions", budget.limits.revisions)
        section = read_section(data, following, base, budget)
        objects += len(section.entries) + (len(section.hybrid.entries) if section.hybrid else 0)
        if objects > budget.limits.objects:
            raise exceeded("objects", budget.limits.objects)
        chain.append(section)
        following = section.previous
    return chain


def divide(chain: list[Section], marks: list[EndMark], base: int) -> list[RevisionSections]:
    """Group the sections of a chain (newest first) into revisions, oldest first.

    A revision is an end mark that points to a section of the chain. Of several marks for one section the first counts:
    what follows it was appended without a section of its own. Only where objects of the section itself come after it,
    as in linearized files, whose first mark is a dummy (annex F), does a later one.
    """
    position = {section.offset: index for index, section in enumerate(chain)}
    furthest = [max((e.where for e in section.entries.values() if e.kind == IN_USE), default=0) for section in chain]
    closing: dict[int, EndMark] = {}
    for mark in marks:
        index = position.get(mark.points_to + base)
        if index is None or mark.end <= chain[index].start:
            continue
        if index not in closing or closing[index].start < furthest[index] <= mark.start:
            closing[index] = mark
    heads = sorted(((mark, index) for index, mark in closing.items()), key=lambda head: head[0].start)
    revisions: list[RevisionSections] = []
    oldest = len(chain)
    for mark, index in heads:
        if index >= oldest:
            raise SyntaxFault(mark.start, "revisions in the order of their end marks")
        own = tuple(chain[index:oldest])
        for section in own:
            if max(section.end, section.hybrid.end if section.hybrid else 0) > mark.start:
                raise SyntaxFault(section.start, "a cross-reference section in front of its end mark")
        revisions.append(RevisionSections(mark, own, _merge(own), own[0].trailer))
        oldest = index
    if oldest != 0:
        raise SyntaxFault(chain[0].offset, "an end mark for the newest cross-reference section")
    return revisions


def _merge(sections: tuple[Section, ...]) -> dict[int, Entry]:
    """What a reader finds first counts: table, then its hybrid stream, then the previous section."""
    merged: dict[int, Entry] = {}
    for section in sections:
        layers = [section.entries]
        if section.hybrid is not None:
            # Objects hidden from old readers are free in the table and real in the stream (7.5.8.4).
            hidden = section.hybrid.entries
            shown = {n: e for n, e in section.entries.items() if e.kind != FREE or n not in hidden}
            layers = [shown, hidden]
        for layer in layers:
            for number, entry in layer.items():
                merged.setdefault(number, entry)
    return merged


__all__ = ["COMPRESSED", "FREE", "IN_USE", "EndMark", "Entry", "RevisionSections", "divide", "end_marks", "is_last", "read_chain"]  # fmt: skip
