"""Writes PDF files object by object and revision by revision, in every cross-reference style, faults included."""

import zlib
from collections.abc import Mapping
from typing import Literal

Style = Literal["table", "stream", "packed", "hybrid"]
Body = bytes
FREE_FOR_EVER = 65535


def dictionary(entries: Mapping[str, bytes]) -> Body:
    """`<< /Key value … >>`."""
    return b"<< " + b" ".join(b"/" + key.encode("latin-1") + b" " + value for key, value in entries.items()) + b" >>"


def stream(entries: Mapping[str, bytes], content: bytes, *, compress: bool = False) -> Body:
    """A stream with the right /Length."""
    if compress:
        content = zlib.compress(content)
        entries = {**entries, "Filter": b"/FlateDecode"}
    return dictionary({**entries, "Length": b"%d" % len(content)}) + b"\nstream\n" + content + b"\nendstream"


def is_stream(body: Body) -> bool:
    return body.endswith(b"endstream")


class Writer:
    """The bytes so far. Every call of `revision` appends one incremental update."""

    def __init__(self, header: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", junk: bytes = b"") -> None:
        self.data = bytearray(junk + header)
        self.base = len(junk)
        self.size = 1
        self.last_section: int | None = None
        self.ends: list[int] = []
        self._shown: set[int] = set()

    def revision(
        self,
        objects: Mapping[int, Body],
        *,
        root: int = 1,
        free: Mapping[int, int] | None = None,
        trailer: Mapping[str, bytes] | None = None,
        style: Style = "table",
        previous: int | None = None,
    ) -> None:
        """Append objects, a cross-reference section and an end mark; `free` maps numbers to generations."""
        entries: dict[int, tuple[int, int, int]] = {n: (0, 0, g) for n, g in (free or {}).items()}
        if self.last_section is None:
            entries.setdefault(0, (0, 0, FREE_FOR_EVER))
        loose = dict(objects)
        packed: dict[int, Body] = {}
        if style in ("packed", "hybrid"):
            packed = {n: body for n, body in objects.items() if not is_stream(body) and b"/ByteRange" not in body}
            if style == "hybrid":
                # Readers that know tables only must still find the catalog and the pages.
                packed = {
                    n: body
                    for n, body in packed.items()
                    if n not in self._shown and b"/Page" not in body and b"/Catalog" not in body
                }
            loose = {n: body for n, body in objects.items() if n not in packed}
        self.size = max(self.size, *(n + 1 for n in entries), *(n + 1 for n in objects), 1)
        if packed:
            container = self.size
            self.size += 1
            loose[container] = self._pack(packed)
            hidden = {n: (2, container, index) for index, n in enumerate(packed)}
        else:
            hidden = {}
        self._shown.update(loose)
        for number, body in loose.items():
            entries[number] = (1, self.place(number, body), 0)
        common = {"Root": b"%d 0 R" % root, **(trailer or {})}
        before = previous if previous is not None else self.last_section
        if before is not None:
            common["Prev"] = b"%d" % before
        if style == "hybrid":
            where = self._section_stream(hidden, {**common, "Size": b"%d" % (self.size + 1)}, number=self.size)
            common["XRefStm"] = b"%d" % where
            # Hidden from readers that know tables only.
            entries.update(dict.fromkeys(hidden, (0, 0, FREE_FOR_EVER)))
            self.size += 1
            self._table(entries, common)
        elif style == "table":
            self._table(entries, common)
        else:
            self.last_section = self._section_stream({**entries, **hidden}, common, number=self.size)
            self.size += 1
        self.end_mark(self.last_section or 0)

    def place(self, number: int, body: Body, generation: int = 0) -> int:
        """Append one object and return its offset; no section lists it yet."""
        where = len(self.data) - self.base
        self.data += b"%d %d obj\n" % (number, generation) + body + b"\nendobj\n"
        return where

    def end_mark(self, section: int) -> None:
        self.data += b"startxref\n%d\n%%%%EOF\n" % section
        self.ends.append(len(self.data))

    def _table(self, entries: Mapping[int, tuple[int, int, int]], trailer: Mapping[str, bytes]) -> None:
        self.last_section = len(self.data) - self.base
        self.data += b"xref\n"
        numbers = sorted(entries)
        while numbers:
            run = [numbers.pop(0)]
            while numbers and numbers[0] == run[-1] + 1:
                run.append(numbers.pop(0))
            self.data += b"%d %d\n" % (run[0], len(run))
            for number in run:
                kind, where, generation = entries[number]
                self.data += b"%010d %05d %s \n" % (where, generation, b"n" if kind else b"f")
        self.data += b"trailer\n" + dictionary({**trailer, "Size": b"%d" % self.size}) + b"\n"

    def _section_stream(
        self, entries: Mapping[int, tuple[int, int, int]], trailer: Mapping[str, bytes], number: int
    ) -> int:
        where = len(self.data) - self.base
        rows = {**entries, number: (1, where, 0)}
        index, content = [], b""
        for n in sorted(rows):
            kind, a, b = rows[n]
            index.append(b"%d 1" % n)
            content += bytes((kind,)) + a.to_bytes(5, "big") + b.to_bytes(2, "big")
        entries_of_stream = {
            **trailer,
            "Type": b"/XRef",
            "Size": b"%d" % (max(self.size, number + 1)),
            "W": b"[1 5 2]",
            "Index": b"[" + b" ".join(index) + b"]",
        }
        self.place(number, stream(entries_of_stream, content, compress=True))
        return where

    @staticmethod
    def _pack(objects: Mapping[int, Body]) -> Body:
        head, content = b"", b""
        for number, body in objects.items():
            head += b"%d %d " % (number, len(content))
            content += body + b"\n"
        entries = {"Type": b"/ObjStm", "N": b"%d" % len(objects), "First": b"%d" % len(head)}
        return stream(entries, head + content, compress=True)
