"""The first words of holders' names, by which names stand together in their order.

A family name is what most people search by and what most people share: of all that hold it, those whose name begins with
it are one stretch of the order, and need neither be looked for nor sorted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from certs.text import first_word_of_key
from registry.certificates.candidates import may_begin_with
from registry.certificates.conditions import WHOLE_WORD
from registry.certificates.tables import CertificatePeriodRow

_MOST_WORDS: Final = 1_000
"""Names begin with a few hundred syllables. Where they begin with numbers, stretches are too short to be worth it."""
_MOST_STRETCHES: Final = 20

_AFTER: Final = "!"
"""The first character that can follow in the key of a longer first word: what ends a word stands before all others."""

_FIRST_WORD: Final = {
    "sqlite": "substr(key, 1, instr(replace(key, char(9), ' ') || ' ', ' ') - 1)",
    "postgresql": "substring(key FROM '^[^ \t]*')",
}


@dataclass(frozen=True, slots=True)
class FirstWords:
    """First words of names, as the beginnings of their sort keys and in their order."""

    holding: tuple[str, ...]
    """Those that hold the word that is searched."""
    doubtful: tuple[str, ...]
    """Others that `candidates.holding_elsewhere` may leave out: of some letters the key does not tell which they are."""


def find_first_words(session: Session, word: str) -> FirstWords | None:
    """All first words of names that `candidates.holding_elsewhere` leaves out. None: there are too many."""
    first_word = _FIRST_WORD[session.get_bind().dialect.name]
    statement = text(
        "WITH RECURSIVE keys (key) AS ("  # noqa: S608 (our own words)
        " SELECT min(holder_sort) FROM certificate_period UNION ALL"
        f" SELECT (SELECT min(holder_sort) FROM certificate_period WHERE holder_sort >= {first_word} || :after)"
        f" FROM keys WHERE key IS NOT NULL) SELECT {first_word} FROM keys WHERE key IS NOT NULL LIMIT :most"
    )
    keys = session.execute(statement, {"after": _AFTER, "most": _MOST_WORDS}).scalars().all()
    words = {key: first_word_of_key(key) for key in keys}
    found = {key: each for key, each in words.items() if each is None or may_begin_with(each, word)}
    holding = tuple(key for key, each in found.items() if each is not None and _holds(each, word))
    if len(keys) == _MOST_WORDS or len(holding) > _MOST_STRETCHES:
        return None
    return FirstWords(holding, tuple(key for key in found if key not in holding))


def stretch(first_word: str, column: SQLColumnExpression[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Where the names with this first word begin and end in the column of the order."""
    return column >= first_word, column < first_word + _AFTER


def with_first_words(session: Session, first_words: Sequence[str]) -> Select[Any]:
    """Identifiers of the certificates whose names have one of the first words; some more than once."""
    each: Any
    if session.get_bind().dialect.name == "postgresql":
        each = func.unnest(cast(list(first_words), ARRAY(Text))).column_valued()
    else:
        each = func.json_each(json.dumps(first_words)).table_valued("value").c.value
    begin, end = col(CertificatePeriodRow.holder_sort) >= each, col(CertificatePeriodRow.holder_sort) < each + _AFTER
    return select(col(CertificatePeriodRow.certificate_id)).where(begin, end)


def _holds(first_word: str, word: str) -> bool:
    return word in first_word if len(word) >= WHOLE_WORD else first_word.startswith(word)
