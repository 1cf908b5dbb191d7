"""Bounds on the work one document may cause, and the budget that enforces them."""

from dataclasses import dataclass

from certs.messages import message
from certs.pdf import messages as codes
from certs.pdf.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may cost before it is "too complex to judge". The defaults end in seconds, not minutes."""

    file_bytes: int = 512 * 1024 * 1024
    """Size of the file."""
    revisions: int = 2000
    """Cross-reference sections, hybrid ones included."""
    objects: int = 500_000
    """Entries in all cross-reference sections together."""
    decompressed_bytes: int = 64 * 1024 * 1024
    """All streams that must be expanded to find objects, together."""
    depth: int = 64
    """Nesting of arrays and dictionaries, of the page tree and of the field tree."""
    signatures: int = 1000
    """Signature dictionaries with a value."""
    steps: int = 1_500_000
    """Tokens read and values compared: about one microsecond each."""


class Budget:
    """What is left of the `Limits` while one document is judged. Spending past the end raises `LimitExceeded`."""

    __slots__ = ("decompressed", "limits", "steps")

    def __init__(self, limits: Limits) -> None:
        """Start with everything the limits allow."""
        self.limits = limits
        self.steps = limits.steps
        self.decompressed = limits.decompressed_bytes

    def spend(self, steps: int) -> None:
        """Take `steps` from the budget."""
        self.steps -= steps
        if self.steps < 0:
            raise exceeded("steps", self.limits.steps)

    def expand(self, size: int) -> None:
        """Take `size` decompressed bytes from the budget."""
        self.decompressed -= size
        if self.decompressed < 0:
            raise exceeded("decompressed_bytes", self.limits.decompressed_bytes)


def exceeded(limit: str, allowed: int) -> LimitExceeded:
    """Build the error for the named limit."""
    return LimitExceeded(message(codes.TOO_COMPLEX, limit=limit, allowed=allowed))
