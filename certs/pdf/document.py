"""Objects of a document at any of its revisions, read once each (ISO 32000-2, 7.3.10 and 7.5.7)."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from certs.pdf.crypt import Cryptographer
from certs.pdf.filters import decode
from certs.pdf.limits import Budget, exceeded
from certs.pdf.revisions import RevisionSections
from certs.pdf.syntax import SPACE, Parser, SyntaxFault, skip_space
from certs.pdf.values import Ref, Stream, Value, integer
from certs.pdf.xref import COMPRESSED, FREE, IN_USE, Entry, filters_of

_HEADER = re.compile(SPACE + rb"{0,16}(\d{1,10})" + SPACE + rb"{1,16}(\d{1,10})" + SPACE + rb"{1,16}obj")
_STREAM = re.compile(rb"stream(\r\n|\n|\r)")
_END_STREAM = re.compile(SPACE + rb"{0,8}endstream")
_END_OBJECT = re.compile(rb"endobj")
_FREE = Entry(FREE, 0, 65535)
_LONGEST_REFERENCE_CHAIN = 32
_LONGEST_NUMBER = 20
_DEEPEST_READING = 32
"""How many objects may have to be read to read one (lengths, object streams, their lengths)."""


@dataclass(slots=True)
class ReadObject:
    """One object as read from its place."""

    value: Value
    start: int
    """Offset of its first byte; -1 inside an object stream."""
    end: int
    """Past `endobj`."""
    spans: dict[str, tuple[int, int]]
    """Where the values of its outermost dictionary lie."""
    has_duplicate_keys: bool
    problem: str | None = None
    """Why it could not be read as stated; then `value` is null, as a strict reader sees it."""


@dataclass(slots=True)
class Document:
    """The bytes, the revisions, and the objects of each revision."""

    data: bytes
    base: int
    revisions: list[RevisionSections]
    budget: Budget
    crypt: Cryptographer | None = None
    encrypt_number: int | None = None
    newest: dict[int, Entry] = field(default_factory=dict)
    """The entries of the newest revision, those of free objects included."""
    reused: set[int] = field(default_factory=set)
    """Objects that have another generation than 0 at some revision."""
    _versions: dict[int, list[tuple[int, Entry]]] = field(default_factory=dict)
    _containers: dict[int, set[int]] = field(default_factory=dict)
    _objects: dict[tuple[int, Entry, Entry | None], ReadObject] = field(default_factory=dict)
    _object_streams: dict[tuple[int, Entry], dict[int, tuple[int, bytes]]] = field(default_factory=dict)
    _lengths_being_resolved: set[int] = field(default_factory=set)
    _nesting: int = 0

    def __post_init__(self) -> None:
        for index, revision in enumerate(self.revisions):
            for number, entry in revision.entries.items():
                versions = self._versions.get(number)
                if versions is None:
                    self._versions[number] = [(index, entry)]
                else:
                    versions.append((index, entry))
                if entry.kind == IN_USE and entry.detail:
                    self.reused.add(number)
                elif entry.kind == COMPRESSED:
                    self._containers.setdefault(entry.where, set()).add(number)
            self.newest.update(revision.entries)

    @property
    def last(self) -> int:
        """Index of the newest revision."""
        return len(self.revisions) - 1

    def trailer(self, revision: int) -> dict[str, Value]:
        """The trailer of the revision."""
        return self.revisions[revision].trailer

    def entry(self, number: int, revision: int) -> Entry:
        """Where the object is at the revision; free when no section mentions it."""
        if revision == len(self.revisions) - 1:
            return self.newest.get(number, _FREE)
        versions = self._versions.get(number)
        if versions is None:
            return _FREE
        if len(versions) == 1:
            return versions[0][1] if versions[0][0] <= revision else _FREE
        index = bisect_right(versions, revision, key=lambda version: version[0])
        return versions[index - 1][1] if index else _FREE

    def generation(self, number: int, revision: int) -> int | None:
        """The generation that references must name to reach the object at the revision; None when it is free."""
        entry = self.entry(number, revision)
        if entry.kind == FREE:
            return None
        return entry.detail if entry.kind == IN_USE else 0

    @property
    def containers(self) -> AbstractSet[int]:
        """The numbers of all object streams of any revision."""
        return self._containers.keys()

    def numbers(self, revision: int) -> Iterator[int]:
        """All object numbers that exist at the revision."""
        if revision == self.last:
            return (number for number, entry in self.newest.items() if entry.kind != FREE)
        return (number for number in self._versions if self.entry(number, revision).kind != FREE)

    def touched(self, revision: int) -> set[int]:
        """The objects whose place differs between the previous revision and this one."""
        entries = self.revisions[revision].entries
        moved = set()
        for number, entry in entries.items():
            before = self.entry(number, revision - 1)
            if before != entry and not (before.kind == entry.kind == FREE):
                moved.add(number)
        for number in list(moved):
            moved |= self._containers.get(number, set())
        return moved

    def read(self, number: int, revision: int) -> ReadObject:
        """The object at the revision, from the cache where its place is the same."""
        entry = self.entry(number, revision)
        container = self.entry(entry.where, revision) if entry.kind == COMPRESSED else None
        key = (number, entry, container)
        found = self._objects.get(key)
        if found is None:
            self.budget.spend(1)
            self._nesting += 1
            if self._nesting > _DEEPEST_READING:
                raise exceeded("depth", _DEEPEST_READING)
            if entry.kind == FREE:
                found = ReadObject(None, -1, -1, {}, has_duplicate_keys=False)
            elif entry.kind == IN_USE:
                found = self._read_at(number, entry, revision)
            else:
                found = self._read_compressed(number, entry, revision)
            self._nesting -= 1
            self._objects[key] = found
        return found

    def get(self, number: int, revision: int) -> Value:
        """The value of the object at the revision; null when it is free, absent or not readable."""
        return self.read(number, revision).value

    def resolve(self, value: Value, revision: int) -> Value:
        """Follow references to a value."""
        for _ in range(_LONGEST_REFERENCE_CHAIN):
            if not isinstance(value, Ref):
                return value
            value = self.get(value.number, revision)
        return None

    def dictionary(self, value: Value, revision: int) -> dict[str, Value]:
        """The dictionary a value leads to (that of a stream included), empty when it is none."""
        value = self.resolve(value, revision)
        if isinstance(value, Stream):
            return value.dictionary
        return value if isinstance(value, dict) else {}

    def array(self, value: Value, revision: int) -> list[Value]:
        """The array a value leads to, empty when it is none."""
        value = self.resolve(value, revision)
        return value if isinstance(value, list) else []

    def raw_bytes(self, stream: Stream) -> bytes:
        """The bytes of a stream as stored, after decryption."""
        raw = self.data[stream.start : stream.start + stream.length]
        if self.crypt is None or stream.dictionary.get("Type") == "XRef":
            return raw
        self.budget.spend(len(raw) // 1024)
        return self.crypt.stream(raw, stream.number, stream.generation)

    def decoded(self, stream: Stream, revision: int) -> bytes:
        """The content of a stream; raises `SyntaxFault` when a filter is unknown here or the data are damaged."""
        filters = filters_of(stream.dictionary, lambda value: self.resolve(value, revision))
        return decode(self.raw_bytes(stream), *filters, self.budget)

    def unreadable(self) -> dict[int, str]:
        """Objects that were asked for and could not be read as stated, with the reason."""
        return {key[0]: found.problem for key, found in self._objects.items() if found.problem is not None}

    def start_decrypting(self, encrypt_number: int | None) -> None:
        """Forget what was read as ciphertext. The encryption dictionary itself is never encrypted."""
        self.encrypt_number = encrypt_number
        self._objects.clear()
        self._object_streams.clear()

    def _read_at(self, number: int, entry: Entry, revision: int) -> ReadObject:
        header = _HEADER.match(self.data, entry.where)
        if header is None or int(header[1]) != number or int(header[2]) != entry.detail:
            return _unreadable(f"no object {number} at offset {entry.where}")
        start = header.start(1)
        parser = Parser(self.data, header.end(), self.budget)
        try:
            value, position = self._value_of(parser, number, entry.detail, revision)
            end = _END_OBJECT.match(self.data, skip_space(self.data, position))
            if self.crypt is not None and number != self.encrypt_number:
                value = self._decrypted(value, number, entry.detail)
        except SyntaxFault as fault:
            return _unreadable(f"{fault.wanted} expected at offset {fault.offset}")
        if end is None:
            return _unreadable(f"`endobj` expected at offset {position}")
        if isinstance(value, Ref):
            # Some readers follow it and others see nothing (7.3.10 knows references to objects only).
            return _unreadable(f"object {number} is a reference")
        if end.end() > self._end_of_listing(number, entry):
            return _unreadable(f"object {number} behind the end of the revision that lists it")
        return ReadObject(value, start, end.end(), parser.spans, parser.has_duplicate_keys)

    def _end_of_listing(self, number: int, entry: Entry) -> int:
        """Where the revision ends that first stated the place: what was written behind it was not there to be signed."""
        index = next(index for index, known in self._versions[number] if known == entry)
        return self.revisions[index].mark.end

    def _value_of(self, parser: Parser, number: int, generation: int, revision: int) -> tuple[Value, int]:
        """The value of an object, and where it ends; a dictionary may turn out to be that of a stream."""
        value = parser.value()
        position = skip_space(self.data, parser.position)
        begin = _STREAM.match(self.data, position)
        if begin is None or not isinstance(value, dict):
            return value, position
        stream = Stream(value, begin.end(), 0, number, generation, has_stated_length=False)
        end = self._set_length(stream, revision)
        if begin[1] == b"\r":
            stream.has_stated_length = False
        return stream, end

    def _set_length(self, stream: Stream, revision: int) -> int:
        """Find where a stream ends, by its /Length or else by the first `endstream`; return what follows that word."""
        number, start, length = stream.number, stream.start, None
        if number not in self._lengths_being_resolved:
            self._lengths_being_resolved.add(number)
            length = integer(self.resolve(stream.dictionary.get("Length"), revision))
            self._lengths_being_resolved.discard(number)
        if length is not None and 0 <= length <= len(self.data) - start:
            end = _END_STREAM.match(self.data, start + length)
            if end is not None:
                stream.length, stream.has_stated_length = length, True
                return end.end()
        found = self.data.find(b"endstream", start)
        self.budget.spend(1 + ((found if found >= 0 else len(self.data)) - start) // 4096)
        if found < 0:
            raise SyntaxFault(start, "`endstream`")
        stream.length = found - start
        return found + len(b"endstream")

    def _decrypted(self, value: Value, number: int, generation: int) -> Value:
        if isinstance(value, bytes):
            return self.crypt.string(value, number, generation) if self.crypt else value
        if isinstance(value, list):
            return [self._decrypted(item, number, generation) for item in value]
        if isinstance(value, Stream):
            if value.dictionary.get("Type") != "XRef":
                value.dictionary = {k: self._decrypted(v, number, generation) for k, v in value.dictionary.items()}
            return value
        if isinstance(value, dict):
            # The value of a signature is never encrypted (7.6.2).
            plain = "Contents" if "ByteRange" in value else None
            return {
                key: item if key == plain else self._decrypted(item, number, generation) for key, item in value.items()
            }
        return value

    def _read_compressed(self, number: int, entry: Entry, revision: int) -> ReadObject:
        if self.entry(entry.where, revision).kind != IN_USE:
            return _unreadable(f"object stream {entry.where} missing")
        try:
            _, content = self._members(entry.where, revision).get(number, (-1, b""))
            parser = Parser(content, 0, self.budget)
            value = parser.value()
        except SyntaxFault as fault:
            return _unreadable(fault.wanted)
        if isinstance(value, Ref):
            return _unreadable(f"object {number} is a reference")
        return ReadObject(value, -1, -1, {}, parser.has_duplicate_keys)

    def index_in_stream(self, number: int, container: int, revision: int) -> int | None:
        """Which member of the object stream the object is, counted from 0; None when it is none."""
        try:
            member = self._members(container, revision).get(number)
        except SyntaxFault:
            return None
        return member[0] if member is not None else None

    def _members(self, container: int, revision: int) -> dict[int, tuple[int, bytes]]:
        key = (container, self.entry(container, revision))
        found = self._object_streams.get(key)
        if found is None:
            # Marked before reading, so that a stream that needs itself ends.
            self._object_streams[key] = {}
            found = self._object_streams[key] = self._split(self.get(container, revision), revision)
        return found

    def _split(self, stream: Value, revision: int) -> dict[int, tuple[int, bytes]]:
        if not isinstance(stream, Stream) or stream.dictionary.get("Type") != "ObjStm" or not stream.has_stated_length:
            raise SyntaxFault(0, "an object stream")
        count = integer(self.resolve(stream.dictionary.get("N"), revision))
        first = integer(self.resolve(stream.dictionary.get("First"), revision))
        content = self.decoded(stream, revision)
        if count is None or first is None or not 0 <= first <= len(content) or not 0 <= count <= len(content):
            raise SyntaxFault(stream.start, "/N and /First of an object stream")
        self.budget.spend(count)
        words = content[:first].split()[: 2 * count]
        if not all(word.isdigit() and len(word) <= _LONGEST_NUMBER for word in words):
            raise SyntaxFault(stream.start, "numbers at the head of an object stream")
        header = [int(word) for word in words]
        if len(header) != 2 * count:
            raise SyntaxFault(stream.start, "a pair of numbers for each object of an object stream")
        starts = [first + offset for offset in header[1::2]]
        ordered = sorted(starts)
        ends = dict(zip(ordered, [*ordered[1:], len(content)], strict=bool(ordered)))
        members = {
            number: (index, content[start : ends[start]])
            for index, (number, start) in enumerate(zip(header[::2], starts, strict=True))
        }
        if len(members) != count:
            raise SyntaxFault(stream.start, "each object once in an object stream")
        return members


def _unreadable(problem: str) -> ReadObject:
    return ReadObject(None, -1, -1, {}, has_duplicate_keys=False, problem=problem)
