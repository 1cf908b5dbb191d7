"""Where the parts of a DER encoding lie (X.690), without interpreting them.

Used to cut a certificate into the exact bytes of its parts: names are compared and stored by what was signed, which no
library hands out. Interpreting is left to `cryptography` and `asn1crypto`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

SEQUENCE: Final = 0x30
SET: Final = 0x31
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06

_MAX_LENGTH_OCTETS: Final = 4


class MalformedDER(ValueError):
    """The bytes are not the encoding that was asked for; `str` says what is wrong and at which byte."""


class Element(NamedTuple):
    """One tag-length-value inside `data`: its header starts at `start`, its content is `data[content:end]`.

    A named tuple, because some thirty are made for each certificate and a frozen dataclass takes twice as long.
    """

    data: bytes
    tag: int
    start: int
    content: int
    end: int

    @property
    def encoding(self) -> bytes:
        """Header and content, as they stand."""
        return self.data[self.start : self.end]

    @property
    def value(self) -> bytes:
        """The content alone."""
        return self.data[self.content : self.end]

    def children(self) -> Iterator["Element"]:
        """The elements inside a constructed element; raises `MalformedDER` where they do not fill it exactly."""
        position = self.content
        while position < self.end:
            child = read_element(self.data, position, self.end)
            yield child
            position = child.end


def read_element(data: bytes, start: int, limit: int) -> Element:
    """Read one element at `start` that ends at or before `limit`.

    Tags of one octet and definite lengths only. A length in more octets than needed is accepted, because some issuers
    write it and the caller compares bytes, not meanings. Raises `MalformedDER`.
    """
    if start + 2 > limit:
        raise MalformedDER(f"the encoding ends at byte {limit} inside a header")
    tag = data[start]
    if tag & 0x1F == 0x1F:
        raise MalformedDER(f"a tag of several octets at byte {start}")
    length = data[start + 1]
    content = start + 2
    if length >= 0x80:
        octets = length & 0x7F
        if octets == 0:
            raise MalformedDER(f"an indefinite length at byte {start}")
        if octets > _MAX_LENGTH_OCTETS:
            raise MalformedDER(f"a length of {octets} octets at byte {start}")
        if content + octets > limit:
            raise MalformedDER(f"the encoding ends at byte {limit} inside a length")
        length = int.from_bytes(data[content : content + octets], "big")
        content += octets
    end = content + length
    if end > limit:
        raise MalformedDER(f"the element at byte {start} needs {end - limit} bytes more than there are")
    return Element(data, tag, start, content, end)


def read_whole(data: bytes, tag: int) -> Element:
    """Read the one element of this tag that fills `data`; raises `MalformedDER` for another tag or trailing bytes."""
    element = read_element(data, 0, len(data))
    if element.tag != tag:
        raise MalformedDER(f"tag {element.tag:#04x} where {tag:#04x} is expected")
    if element.end != len(data):
        raise MalformedDER(f"{len(data) - element.end} bytes after the encoding")
    return element


def decode_oid(value: bytes) -> str:
    """Decode the content of an OBJECT IDENTIFIER to dotted form (X.690, 8.19); raises `MalformedDER`."""
    if not value or value[-1] & 0x80:
        raise MalformedDER("an object identifier that does not end")
    arcs: list[int] = []
    arc = 0
    for octet in value:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
