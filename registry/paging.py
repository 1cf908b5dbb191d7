"""Keyset paging: a page begins after the last row of the page before, wherever that row has moved to."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from certs.messages import define, message
from registry.errors import InvalidInput

T = TypeVar("T")

MAXIMUM_PAGE: Final = 200

define(
    "paging.cursor",
    vi="Địa chỉ của trang danh sách không đúng. Hãy mở lại danh sách từ đầu.",
    en="The address of this page of the list is not right. Open the list from its beginning.",
)
define(
    "paging.limit",
    vi="Số dòng của một trang phải từ 1 đến {maximum}.",
    en="A page has 1 to {maximum} rows.",
)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted. Raises `InvalidInput` for a size out of bounds."""

    cursor: str | None = None
    """`Page.next` of the page before; None for the first page."""
    limit: int = 50

    def __post_init__(self) -> None:
        """Check the size."""
        if not 1 <= self.limit <= MAXIMUM_PAGE:
            raise InvalidInput(message("paging.limit", maximum=MAXIMUM_PAGE), field="limit")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, in its order."""

    items: tuple[T, ...]
    next: str | None
    """Cursor of the page that follows; None at the end."""


def encode_cursor(sort: str, value: str, key: int) -> str:
    """Make the cursor of the row with the sort `value` and the identifier `key`."""
    return base64.urlsafe_b64encode(json.dumps([sort, value, key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, sort: str) -> tuple[str, int]:
    """Read a cursor made for the same sort; raises `InvalidInput` for anything else."""
    try:
        decoded = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        made_for, value, key = decoded
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput(message("paging.cursor"), field="cursor") from error
    if made_for != sort or not isinstance(value, str) or "\0" in value or type(key) is not int or abs(key) >= 2**63:
        raise InvalidInput(message("paging.cursor"), field="cursor")
    return value, key
