"""A small reader of BER (X.690): elements as views into the bytes they came from.

CMS in documents is often BER (indefinite lengths, constructed strings) or DER with one attribute that does not decode.
A reader that keeps every element's own bytes can digest what was transmitted, skip one bad attribute and still refuse
nonsense. It proves nothing about the values.
"""

from collections.abc import Iterator
from typing import NamedTuple

MAXIMUM_DEPTH = 32
"""Nesting of real CMS stays under 20; deeper input is an attack on the stack."""
MAXIMUM_ELEMENTS = 100_000
"""Bound on the elements visited while an indefinite length is resolved or an element is re-encoded."""

UNIVERSAL, APPLICATION, CONTEXT, PRIVATE = 0, 1, 2, 3
INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x10, 0x11


class MalformedASN1(ValueError):
    """The bytes are not a BER encoding of what was expected."""


class Element(NamedTuple):
    """One tag-length-value, as offsets into the bytes it was read from."""

    data: bytes
    start: int
    body: int
    body_end: int
    end: int
    tag_class: int
    tag: int
    is_constructed: bool

    @property
    def raw(self) -> bytes:
        """The complete encoding, header included."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The content octets without header and without end-of-contents octets."""
        return self.data[self.body : self.body_end]

    def matches(self, tag: int, tag_class: int = UNIVERSAL) -> bool:
        """Whether the element bears this tag."""
        return self.tag == tag and self.tag_class == tag_class

    def expect(self, tag: int, tag_class: int = UNIVERSAL) -> "Element":
        """The element itself; raises `MalformedASN1` when it bears another tag."""
        if not self.matches(tag, tag_class):
            raise MalformedASN1(f"expected tag {tag} of class {tag_class}, found {self.tag} of class {self.tag_class}")
        return self

    def children(self) -> Iterator["Element"]:
        """The elements inside a constructed element; raises `MalformedASN1` where one does not fit."""
        if not self.is_constructed:
            raise MalformedASN1("a primitive element has no parts")
        position = self.body
        while position < self.body_end:
            child = read_element(self.data, position, self.body_end)
            yield child
            position = child.end

    def octets(self, depth: int = 0) -> bytes:
        """The value of an OCTET STRING (or an implicitly tagged one), constructed parts joined (X.690, 8.7)."""
        if not self.is_constructed:
            return self.content
        if depth > MAXIMUM_DEPTH:
            raise MalformedASN1("a constructed string is nested too deeply")
        return b"".join(part.expect(OCTET_STRING).octets(depth + 1) for part in self.children())

    def integer(self) -> int:
        """The value of an INTEGER."""
        self.expect(INTEGER)
        if self.body == self.body_end:
            raise MalformedASN1("an integer without content")
        return int.from_bytes(self.content, "big", signed=True)

    def oid(self) -> str:
        """The dotted value of an OBJECT IDENTIFIER."""
        return decode_oid(self.expect(OBJECT_IDENTIFIER).content)


def read_element(data: bytes, position: int = 0, limit: int | None = None, depth: int = 0) -> Element:
    """Read the element at `position` without leaving `limit`. Raises `MalformedASN1`."""
    end = len(data) if limit is None else limit
    start = position
    if position + 2 > end:
        raise MalformedASN1("the data end inside an element")
    first = data[position]
    tag = first & 0x1F
    position += 1
    if tag == 0x1F:
        tag, position = _read_long_tag(data, position, end)
    if position >= end:
        raise MalformedASN1("the data end inside an element")
    length = data[position]
    position += 1
    is_constructed = bool(first & 0x20)
    if length == 0x80:
        if not is_constructed:
            raise MalformedASN1("a primitive element of indefinite length")
        body_end = _find_end_of_contents(data, position, end, depth + 1)
        return Element(data, start, position, body_end, body_end + 2, first >> 6, tag, is_constructed)
    if length & 0x80:
        count = length & 0x7F
        if count > 8 or position + count > end:
            raise MalformedASN1("an impossible length")
        length = int.from_bytes(data[position : position + count], "big")
        position += count
    if position + length > end:
        raise MalformedASN1("an element is longer than what holds it")
    return Element(data, start, position, position + length, position + length, first >> 6, tag, is_constructed)


def _read_long_tag(data: bytes, position: int, end: int) -> tuple[int, int]:
    tag = 0
    for _ in range(4):
        if position >= end:
            raise MalformedASN1("the data end inside a tag")
        octet = data[position]
        position += 1
        tag = tag << 7 | octet & 0x7F
        if not octet & 0x80:
            return tag, position
    raise MalformedASN1("a tag number is too large")


def _find_end_of_contents(data: bytes, position: int, end: int, depth: int) -> int:
    if depth > MAXIMUM_DEPTH:
        raise MalformedASN1("elements are nested too deeply")
    for _ in range(MAXIMUM_ELEMENTS):
        if data[position : position + 2] == b"\x00\x00" and position + 2 <= end:
            return position
        position = read_element(data, position, end, depth).end
    raise MalformedASN1("an element has too many parts")


def decode_oid(content: bytes) -> str:
    """The dotted form of the content octets of an OBJECT IDENTIFIER (X.690, 8.19)."""
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise MalformedASN1("not an object identifier")
    numbers: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def encode_length(length: int) -> bytes:
    """The shortest definite form of a length (X.690, 10.1)."""
    if length < 0x80:
        return bytes((length,))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def to_der(element: Element, depth: int = 0) -> bytes:
    """Encode again with definite lengths, joined octet strings and sorted SETs (X.690, 10 and 11.6).

    Values whose canonical form depends on their type (a BOOLEAN written as 1, say) stay as they are.
    """
    if depth > MAXIMUM_DEPTH:
        raise MalformedASN1("elements are nested too deeply")
    head = element.data[element.start]
    if not element.is_constructed:
        return (
            element.data[element.start : _header_end(element)]
            + encode_length(element.body_end - element.body)
            + element.content
        )
    if element.matches(OCTET_STRING):
        content = element.octets()
        return bytes((head & ~0x20,)) + encode_length(len(content)) + content
    parts = [to_der(child, depth + 1) for child in element.children()]
    if element.matches(SET):
        parts.sort()
    content = b"".join(parts)
    return element.data[element.start : _header_end(element)] + encode_length(len(content)) + content


def _header_end(element: Element) -> int:
    """Offset after the identifier octets."""
    position = element.start + 1
    if element.data[element.start] & 0x1F == 0x1F:
        while element.data[position] & 0x80:
            position += 1
        position += 1
    return position
