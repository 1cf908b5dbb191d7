"""Which certificates hold certain words, by the index of three letters: a superset, in which the words are looked for again."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, Text, cast, column, func, or_, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from registry.certificates.conditions import WHOLE_WORD, words_of
from registry.certificates.tables import CertificateRow

_SHORTEST: Final = 2
"""Letters of a word that the index knows: with what stands before a word they are three."""
_BEFORE: Final = (" ", "\n")
"""What stands before a word in the index."""
_TRIGRAMS: Final = table("certificate_search", column("rowid"), column("certificate_search"))


def is_sought(text: str) -> bool:
    """Whether any word of the text is long enough to be sought."""
    return any(len(word) >= _SHORTEST for word in words_of(text))


def holding(session: Session, text: str) -> Select[Any] | None:
    """Identifiers of certificates among which all are that hold the words of `text`; None: no word is long enough."""
    words = words_of(text)
    groups = sorted({word[start : start + WHOLE_WORD] for word in words for start in range(len(word) - WHOLE_WORD + 1)})
    # So many certificates have the beginning of a short word that beside a longer word it only makes the search longer.
    beginnings = [] if groups else sorted({word for word in words if len(word) == _SHORTEST})
    if not groups and not beginnings:
        return None
    if session.get_bind().dialect.name == "postgresql":
        either = (or_(*(_has([f"{before}{word}"]) for before in _BEFORE)) for word in beginnings)
        return select(col(CertificateRow.id)).where(*((_has(groups),) if groups else either))
    expression = " AND ".join(
        map(_quoted, groups)
        if groups
        else (f"({' OR '.join(_quoted(before + word) for before in _BEFORE)})" for word in beginnings)
    )
    return select(_TRIGRAMS.c.rowid).where(_TRIGRAMS.c.certificate_search.match(cast(expression, String)))


def _has(groups: list[str]) -> ColumnElement[bool]:
    search = func.registry_trigrams(col(CertificateRow.search), type_=ARRAY(Text))
    return search.contains(cast(groups, ARRAY(Text)))


def _quoted(group: str) -> str:
    return '"' + group.replace('"', '""') + '"'
