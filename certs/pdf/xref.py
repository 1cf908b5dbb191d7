"""Cross-reference sections, read strictly (ISO 32000-2, 7.5.4, 7.5.5 and 7.5.8).

A section that needs repair is refused: two readers repair in two ways, and one of them would show another document.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from certs.pdf.filters import decode
from certs.pdf.limits import Budget, exceeded
from certs.pdf.syntax import SPACE, Parser, SyntaxFault, skip_space
from certs.pdf.values import Value, integer

FREE, IN_USE, COMPRESSED = 0, 1, 2


class Entry(NamedTuple):
    """Where an object is: free; at an offset with a generation; or in an object stream at an index."""

    kind: int
    where: int
    """Offset from the start of the file (in use) or number of the object stream (compressed)."""
    detail: int
    """Generation (free, in use) or index (compressed)."""


@dataclass(frozen=True, slots=True)
class Section:
    """One cross-reference section with its trailer."""

    offset: int
    """Where it was found, header offset included."""
    start: int
    """Where its first token stands."""
    end: int
    """Past the trailer dictionary or past `endobj`."""
    entries: dict[int, Entry]
    trailer: dict[str, Value]
    previous: int | None
    hybrid: "Section | None" = None


_LONGEST_ROW = 21
_LARGEST_NUMBER = 1 << 31
_TABLE = re.compile(SPACE + rb"{0,16}xref" + SPACE + rb"{1,8}")
_SUBSECTION = re.compile(rb"(\d{1,10})[ ]{1,4}(\d{1,10})[ ]{0,4}[\r\n]{1,2}")
_ROW = re.compile(rb"(\d{10}) (\d{5}) ([fn])[ \r\n]{1,3}")
_ROWS = re.compile(rb"(?:\d{10} \d{5} [fn][ \r\n]{1,3})++")
_TRAILER = re.compile(SPACE + rb"{0,16}trailer(?=" + SPACE + rb"|<)")
_OBJECT = re.compile(SPACE + rb"{0,16}(\d{1,10})" + SPACE + rb"{1,4}(\d{1,5})" + SPACE + rb"{1,4}obj")
_STREAM = re.compile(rb"stream(?:\r\n|\n)")
_END_STREAM = re.compile(SPACE + rb"{0,4}endstream" + SPACE + rb"{1,16}endobj")


def read_section(data: bytes, offset: int, base: int, budget: Budget) -> Section:
    """Read the section at `offset` (from the header at `base`); raises `SyntaxFault` for anything not in order."""
    position = offset + base
    if not 0 <= position < len(data):
        raise SyntaxFault(position, "a cross-reference section inside the file")
    table = _TABLE.match(data, position)
    section = (
        _read_table(data, table, base, budget) if table is not None else _read_stream(data, position, base, budget)
    )
    if section.previous is not None and section.previous < 0:
        raise SyntaxFault(position, "a /Prev that is an offset")
    return section


def is_section(data: bytes, position: int) -> bool:
    """Whether something that looks like a cross-reference section starts there."""
    if _TABLE.match(data, position) is not None:
        return True
    header = _OBJECT.match(data, position)
    return header is not None and data.find(b"/XRef", header.end(), header.end() + 400) >= 0


def _read_table(data: bytes, table: re.Match[bytes], base: int, budget: Budget) -> Section:
    entries, position = _table_entries(data, table.end(), base, budget)
    trailer_word = _TRAILER.match(data, position)
    if trailer_word is None:
        raise SyntaxFault(position, "`trailer` after the cross-reference table")
    if 0 in entries and entries[0].kind != FREE:
        raise SyntaxFault(position, "a free object 0")
    parser = Parser(data, trailer_word.end(), budget)
    trailer = parser.value()
    if not isinstance(trailer, dict) or parser.has_duplicate_keys:
        raise SyntaxFault(position, "one trailer dictionary without repeated keys")
    hybrid = None
    if "XRefStm" in trailer:
        where = integer(trailer["XRefStm"])
        if where is None or not 0 <= where + base < len(data):
            raise SyntaxFault(position, "an /XRefStm that is an offset")
        hybrid = _read_stream(data, where + base, base, budget)
    return Section(
        offset=table.start(),
        start=skip_space(data, table.start()),
        end=parser.position,
        entries=entries,
        trailer=trailer,
        previous=_previous(trailer, position),
        hybrid=hybrid,
    )


def _table_entries(data: bytes, position: int, base: int, budget: Budget) -> tuple[dict[int, Entry], int]:
    """The entries of all subsections, and where they end."""
    entries: dict[int, Entry] = {}
    while (subsection := _SUBSECTION.match(data, position)) is not None:
        first, count = int(subsection[1]), int(subsection[2])
        position = subsection.end()
        if count == 0:
            continue
        if count > budget.limits.objects:
            raise exceeded("objects", budget.limits.objects)
        rows = _ROWS.match(data, position, position + _LONGEST_ROW * count)
        found = _ROW.findall(data, position, rows.end()) if rows else []
        if rows is None or len(found) != count or first + count > _LARGEST_NUMBER:
            raise SyntaxFault(position, f"{count} cross-reference entries")
        budget.spend(count)
        position = rows.end()
        before = len(entries)
        for number, (where, generation, kind) in enumerate(found, first):
            # Offset 0 is no place for an object: such entries are taken as free by all.
            in_use = kind == b"n" and int(where) > 0
            entries[number] = Entry(IN_USE if in_use else FREE, int(where) + base if in_use else 0, int(generation))
        if len(entries) != before + count:
            raise SyntaxFault(position, "one entry for each object")
    return entries, position


def _previous(trailer: dict[str, Value], position: int) -> int | None:
    if "Prev" not in trailer:
        return None
    previous = integer(trailer["Prev"])
    if previous is None:
        raise SyntaxFault(position, "a /Prev that is an offset")
    # The header stands at offset 0, so all readers take 0 as "none".
    return previous or None


def _read_stream(data: bytes, position: int, base: int, budget: Budget) -> Section:
    header = _OBJECT.match(data, position)
    if header is None:
        raise SyntaxFault(position, "`xref` or a cross-reference stream")
    parser = Parser(data, header.end(), budget)
    dictionary = parser.value()
    if not isinstance(dictionary, dict) or dictionary.get("Type") != "XRef" or parser.has_duplicate_keys:
        raise SyntaxFault(position, "a cross-reference stream")
    word = _STREAM.match(data, skip_space(data, parser.position))
    length = integer(dictionary.get("Length"))
    if word is None or length is None or not 0 <= length <= len(data) - word.end():
        raise SyntaxFault(position, "a cross-reference stream with a direct /Length")
    end = _END_STREAM.match(data, word.end() + length)
    if end is None:
        raise SyntaxFault(position, "`endstream` and `endobj` after the cross-reference stream")
    rows = decode(data[word.end() : word.end() + length], *filters_of(dictionary), budget)
    entries = _stream_entries(rows, dictionary, base, position, budget)
    number = int(header[1])
    entries.setdefault(number, Entry(IN_USE, skip_space(data, position), int(header[2])))
    return Section(
        offset=position,
        start=skip_space(data, position),
        end=end.end(),
        entries=entries,
        trailer=dictionary,
        previous=_previous(dictionary, position),
    )


def filters_of(
    dictionary: dict[str, Value], resolve: Callable[[Value], Value] = lambda value: value
) -> tuple[list[str], list[Value]]:
    """The filters of a stream and their parameters; raises `SyntaxFault` when they are not names."""
    names = resolve(dictionary.get("Filter"))
    parameters = resolve(dictionary.get("DecodeParms"))
    chosen: list[Value] = [names] if names is not None else []
    if isinstance(names, list):
        chosen = [resolve(name) for name in names]
    if not all(isinstance(name, str) for name in chosen):
        raise SyntaxFault(0, "filters that are names")
    given: list[Value] = [resolve(one) for one in parameters] if isinstance(parameters, list) else [parameters]
    return [name for name in chosen if isinstance(name, str)], given


def _stream_entries(
    rows: bytes, dictionary: dict[str, Value], base: int, position: int, budget: Budget
) -> dict[int, Entry]:
    w0, w1, w2 = _widths(dictionary, position)
    width = w0 + w1 + w2
    entries: dict[int, Entry] = {}
    at = 0
    for first, count in _subsections(dictionary, position):
        if at + count * width > len(rows):
            raise SyntaxFault(position, "as many entries as /Index states")
        if len(entries) + count > budget.limits.objects:
            raise exceeded("objects", budget.limits.objects)
        budget.spend(count)
        before = len(entries)
        for number in range(first, first + count):
            kind = int.from_bytes(rows[at : at + w0], "big") if w0 else IN_USE
            where = int.from_bytes(rows[at + w0 : at + w0 + w1], "big")
            detail = int.from_bytes(rows[at + w0 + w1 : at + width], "big")
            at += width
            if kind == IN_USE:
                entries[number] = Entry(IN_USE, where + base, detail)
            elif kind == COMPRESSED:
                entries[number] = Entry(COMPRESSED, where, detail)
            else:
                entries[number] = Entry(FREE, 0, detail)
        if len(entries) != before + count:
            raise SyntaxFault(position, "one entry for each object")
    return entries


def _widths(dictionary: dict[str, Value], position: int) -> tuple[int, int, int]:
    """The widths of the three fields of a row."""
    given = dictionary.get("W")
    widths = [integer(width) for width in given] if isinstance(given, list) else []
    match widths:
        case [int(w0), int(w1), int(w2)] if 0 <= w0 <= 4 and 1 <= w1 <= 8 and 0 <= w2 <= 8:
            return w0, w1, w2
        case _:
            raise SyntaxFault(position, "/W with three sensible widths")


def _subsections(dictionary: dict[str, Value], position: int) -> list[tuple[int, int]]:
    """First number and count of each run of entries."""
    index = dictionary.get("Index", [0, dictionary.get("Size")])
    numbers = [integer(number) for number in index] if isinstance(index, list) else []
    known = [number for number in numbers if number is not None and 0 <= number <= _LARGEST_NUMBER]
    if not known or len(known) != len(numbers) or len(known) % 2:
        raise SyntaxFault(position, "/Size and /Index with sensible numbers")
    return list(zip(known[::2], known[1::2], strict=True))
