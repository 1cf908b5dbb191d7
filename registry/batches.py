"""Long sequences in pieces: a statement holds a bounded number of values, on SQLite the fewest."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

V = TypeVar("V")

STATEMENT: Final = 500
"""Rows of one statement, each with some ten columns at most, or values of one condition."""


def batches(values: Sequence[V], size: int = STATEMENT) -> Iterator[Sequence[V]]:
    """The values in their order, in pieces of `size`, the last of which may be smaller."""
    return (values[start : start + size] for start in range(0, len(values), size))
