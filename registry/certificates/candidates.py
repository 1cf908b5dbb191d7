"""Which certificates hold certain words, by the index of three letters: a superset, in which the words are looked for again."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Function, Integer, Select, String, cast, column, func, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from registry.certificates.columns import FINGERPRINT_LETTERS
from registry.certificates.conditions import WHOLE_WORD, is_fingerprint, words_of
from registry.certificates.tables import CertificateRow

_SHORTEST: Final = 2
"""Letters of a word that the index knows: with what stands before a word they are three."""
_LONGEST_COMMON: Final = 7
"""Letters of the longest syllable of Vietnamese: `nghiêng`."""
_MANY: Final = 3
"""So many words tell enough together."""
_GROUPS: Final[ARRAY[Any]] = ARRAY(Integer)
_BYTES: Final = 3
"""Of a group in the index of PostgreSQL."""
_BEFORE: Final = (" ", "\n")
"""What stands before a word in the index."""
_TRIGRAMS: Final = table("certificate_search", column("rowid"), column("certificate_search"))


def is_sought(text: str) -> bool:
    """Whether any word of the text is long enough to be sought."""
    return any(len(word) >= _SHORTEST for word in words_of(text))


def may_be_common(text: str) -> bool:
    """Whether many certificates may hold the words: what has a digit or is long is a number or an address, and is rare."""
    return all(map(_is_syllable, words_of(text)))


def holding(session: Session, text: str) -> Select[Any] | None:
    """Identifiers of certificates among which all are that hold the words of `text`; None: no word is long enough."""
    words = words_of(text)
    groups = sorted({group for word in words for group in _groups_of(word, few=len(words) >= _MANY)})
    beginnings = sorted({word for word in words if len(word) == _SHORTEST})
    if not groups and not beginnings:
        return None
    if session.get_bind().dialect.name == "postgresql":
        held = (*((_trigrams().contains(_groups(groups)),) if groups else ()), *map(_has_beginning, beginnings))
        return select(col(CertificateRow.id)).where(*held)
    expression = " AND ".join(
        (
            *map(_quoted, groups),
            *(f"({' OR '.join(_quoted(before + word) for before in _BEFORE)})" for word in beginnings),
        )
    )
    return select(_TRIGRAMS.c.rowid).where(_TRIGRAMS.c.certificate_search.match(cast(expression, String)))


def certificates_holding(session: Session, text: str, *columns: Any) -> Select[Any]:
    """The same as rows of the certificates. At least one word has to be long enough."""
    found = holding(session, text)
    if found is None:
        raise ValueError("no word is long enough to be sought")
    if session.get_bind().dialect.name == "postgresql":
        return found.with_only_columns(*columns)
    return select(*columns).where(col(CertificateRow.id).in_(found))


def _is_syllable(word: str) -> bool:
    return len(word) <= _LONGEST_COMMON and not any(map(str.isdigit, word))


def _groups_of(word: str, *, few: bool) -> Iterator[str]:
    """The groups to look for. Of a number, and of many words, those that do not overlap leave hardly more than all do."""
    sought = word[:FINGERPRINT_LETTERS] if is_fingerprint(word) else word
    last = len(sought) - WHOLE_WORD
    for start in range(0, last + 1, WHOLE_WORD if few or not _is_syllable(sought) else 1):
        yield sought[start : start + WHOLE_WORD]
    if last >= 0:
        yield sought[last:]


def _trigrams() -> Function[Any]:
    return func.registry_letter_groups(col(CertificateRow.search), type_=_GROUPS)


def _has_beginning(word: str) -> ColumnElement[bool]:
    # As one condition on the index: of several with OR it would read the rows before it asks for the next word.
    overlaps: ColumnElement[bool] = _trigrams().overlap(_groups([before + word for before in _BEFORE]))
    return overlaps


def _groups(groups: list[str]) -> ColumnElement[Any]:
    """As the index of PostgreSQL has them: three bytes, which of other letters than ours are the first ones only."""
    return cast(sorted({int.from_bytes(group.encode()[:_BYTES]) for group in groups}), _GROUPS)


def _quoted(group: str) -> str:
    return '"' + group.replace('"', '""') + '"'
