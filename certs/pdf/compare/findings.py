"""One difference, before anybody's permissions were asked."""

from dataclasses import dataclass
from enum import Enum, auto

from certs.messages import Message


class Need(Enum):
    """The permission a change needs (ISO 32000-2, table 257)."""

    NOTHING = auto()
    """Always allowed, and nothing that a reader sees: validation data, metadata, structure."""
    TIME_STAMP = auto()
    """A document time-stamp: allowed even when no changes are (12.8.5)."""
    SIGN = auto()
    """Signing, in a new or an existing field."""
    FILL = auto()
    """Filling in a form field that is not locked."""
    ANNOTATE = auto()
    """Adding, changing or removing annotations."""
    NEVER = auto()
    """No permission covers it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference that one revision made."""

    rule: str
    message: Message
    revision: int
    need: Need
    page: int | None = None
    field: str | None = None
    """The form field that a lock could protect."""
    is_new_field: bool = False
    """A field that did not exist before cannot have been locked by a rule about existing ones."""
