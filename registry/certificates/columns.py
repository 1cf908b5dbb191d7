"""Columns of a certificate that follow from others, computed in one place for every way a certificate comes in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from certs.names import DistinguishedName
from certs.text import fold, sort_key

# Attributes that every subject of a country shares find everything, that is nothing.
_TOO_COMMON = frozenset({"C"})

FINGERPRINT_LETTERS: Final = 16
"""So much of a fingerprint is searched by: the rest would fill a third of the index, and tells no more apart."""


@dataclass(frozen=True, slots=True)
class HolderColumns:
    """The spellings of a holder under which a certificate is found and ordered."""

    holder_folded: str
    holder_sort: str


def holder_columns(holder: str) -> HolderColumns:
    """Derive the search and sort spelling of a holder's name."""
    return HolderColumns(holder_folded=fold(holder), holder_sort=sort_key(holder))


def search_text(
    *,
    holder: str,
    serial: str,
    sha256: str | None = None,
    subject: DistinguishedName | None = None,
    position: str | None = None,
    email: str | None = None,
    device_number: str | None = None,
    iccid: str | None = None,
) -> str:
    """Join what a person may search a certificate by, folded: one term a line, each term once.

    Of the subject every attribute counts (agencies, places, tax and budget codes), except the country. Of the fingerprint
    the first `FINGERPRINT_LETTERS`.
    """
    beginning = sha256[:FINGERPRINT_LETTERS] if sha256 else None
    terms: list[str | None] = [holder, position, email, serial, device_number, iccid, beginning]
    if subject is not None:
        terms.extend(row.value for row in subject.rows if row.is_text and row.name not in _TOO_COMMON)
    return "\n".join(_distinct(fold(term) for term in terms if term))


def _distinct(terms: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(term for term in terms if term)
