"""The first words of holders' names, by which names stand together in their order.

A family name is what most people search by and what most people share: of all that hold it, those whose name begins with
it are one stretch of the order, and need neither be looked for nor sorted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, SQLColumnExpression, text
from sqlmodel import Session

from certs.text import first_word_of_key
from registry.certificates.candidates import may_begin_with
from registry.certificates.conditions import WHOLE_WORD

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
class Stretch:
    """The names that begin with one word."""

    key: str
    """The word as the beginning of `holder_sort`."""
    holds_all: bool
    """Whether everything here holds the word that is searched, because the name does."""

    def places(self, column: SQLColumnExpression[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """Where it begins and ends in the column of the order."""
        return column >= self.key, column < self.key + _AFTER


def find_stretches(session: Session, word: str) -> tuple[Stretch, ...]:
    """All names that `candidates.holding_elsewhere` leaves out, in their order; none: they begin with too many words.

    A word whose letters the key does not tell is always among them.
    """
    first_word = _FIRST_WORD[session.get_bind().dialect.name]
    statement = text(
        "WITH RECURSIVE keys (key) AS ("  # noqa: S608 (our own words)
        " SELECT min(holder_sort) FROM certificate_period UNION ALL"
        f" SELECT (SELECT min(holder_sort) FROM certificate_period WHERE holder_sort >= {first_word} || :after)"
        f" FROM keys WHERE key IS NOT NULL) SELECT {first_word} FROM keys WHERE key IS NOT NULL LIMIT :most"
    )
    keys = session.execute(statement, {"after": _AFTER, "most": _MOST_WORDS}).scalars().all()
    found = tuple(_stretches(keys, word))
    return found if len(keys) < _MOST_WORDS and len(found) <= _MOST_STRETCHES else ()


def _stretches(keys: Sequence[str], word: str) -> Iterator[Stretch]:
    for key in keys:
        first_word = first_word_of_key(key)
        if first_word is None:
            yield Stretch(key, holds_all=False)
        elif may_begin_with(first_word, word):
            yield Stretch(key, holds_all=_holds(first_word, word))


def _holds(first_word: str, word: str) -> bool:
    return word in first_word if len(word) >= WHOLE_WORD else first_word.startswith(word)
