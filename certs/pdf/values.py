"""Values of PDF objects in Python's own types (ISO 32000-2, 7.3).

A name is a `str`, a string is `bytes`, null is `None`; numbers are `int` or `float`, arrays are `list`, dictionaries are
`dict[str, Value]` without the slashes. References and streams have the two types below.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Ref(NamedTuple):
    """An indirect reference."""

    number: int
    generation: int


@dataclass(slots=True, eq=False)
class Stream:
    """A stream: its dictionary, and where its raw bytes lie. It belongs to one document and is read through it."""

    dictionary: "dict[str, Value]"
    start: int
    """Offset of the first byte in the file."""
    length: int
    number: int
    generation: int
    has_stated_length: bool
    """False when /Length does not lead to `endstream`, so that readers may disagree about the content."""


Value: TypeAlias = "bool | int | float | str | bytes | Ref | Stream | list[Value] | dict[str, Value] | None"


def text_of(value: Value) -> str | None:
    """A text string (7.9.2.2) as Unicode; None for anything else. Undecodable bytes become replacement characters."""
    if not isinstance(value, bytes):
        return None
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    if value.startswith(b"\xff\xfe"):
        return value[2:].decode("utf-16-le", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    return value.decode("latin-1")


def integer(value: Value) -> int | None:
    """The value as an integer, None when it is not one (booleans are not numbers here)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def numbers(value: Value) -> list[float] | None:
    """An array of direct numbers, None for anything else."""
    if not isinstance(value, list):
        return None
    found = [float(item) for item in value if isinstance(item, int | float) and not isinstance(item, bool)]
    return found if len(found) == len(value) else None
