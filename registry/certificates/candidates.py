"""Which certificates hold certain words, by the index of three letters: a superset, in which the words are looked for again.

The index tells the letters of the first word of a holder's name from all others. Half of all people share a few family
names, and those stand together in the order of names; see `registry.certificates.first_words`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Function, Integer, Select, String, and_, cast, column, func, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from registry.certificates.columns import FINGERPRINT_LETTERS
from registry.certificates.conditions import WHOLE_WORD, holds_words, is_fingerprint, words_of
from registry.certificates.tables import CertificateRow

_SHORTEST: Final = 2
"""Letters of a word that the index knows: with what stands before a word they are three."""
_LONGEST_COMMON: Final = 7
"""Letters of the longest syllable of Vietnamese: `nghiêng`."""
_MANY: Final = 3
"""So many words tell enough together."""
_OF_AGENCIES: Final = frozenset(["truong", "tieu", "hoc", "mam", "non", "pho", "co", "so", "uy", "ban", "nhan", "xa"])
"""Words of most agencies' names and hardly of people's: of a million certificates the index has hundreds of thousands each."""
_ENOUGH: Final = 2
"""So many other words tell an agency as well without those."""
_COMMON_ENDS: Final = ("ng", "nh")
_GROUPS: Final[ARRAY[Any]] = ARRAY(Integer)
_BYTES: Final = 3
"""Of a group in the index of PostgreSQL."""
_BEFORE: Final = (" ", "\n")
"""What stands before a word in the index."""
_OF_FIRST_WORD: Final = 1 << 8 * _BYTES
"""Added on PostgreSQL to the groups that a certificate has by the first word of its holder. SQLite has that word once more,
in capitals."""
_TRIGRAMS: Final = table("certificate_search", column("rowid"), column("certificate_search"))


def is_sought(text: str) -> bool:
    """Whether any word of the text is long enough to be sought."""
    return any(len(word) >= _SHORTEST for word in words_of(text))


def may_be_common(text: str) -> bool:
    """Whether many certificates may hold the words: what has a digit or is long is a number or an address, and is rare."""
    return all(map(_is_syllable, words_of(text)))


def holding(session: Session, text: str) -> Select[Any] | None:
    """Identifiers of certificates among which all are that hold the words of `text`; None: no word is long enough."""
    return _having(session, _asked(_sought(text)))


def holding_elsewhere(session: Session, word: str) -> Select[Any]:
    """The same of one common word, without those whose holder's first word has it; see `may_begin_with`."""
    groups = list(_groups_of(word, few=True))
    asked: Sequence[tuple[str, ...]] = [(group,) for group in groups] or [_beginnings(word)]
    if session.get_bind().dialect.name == "postgresql":
        other = _trigrams().overlap(_groups(groups or _beginnings(word)))
        return select(col(CertificateRow.id)).where(other, *_have(asked))
    first = " AND ".join(map(_quoted, _groups_of(_at_beginning(word).upper(), few=True)))
    return _matching(f"({_expression(asked)}) NOT ({first})")


def may_begin_with(first_word: str, word: str) -> bool:
    """Whether the index takes the folded first word of a holder for one that has the other.

    It does where it has the other's groups of letters, or begins with it where that has but two letters.
    """
    beginning = _BEFORE[-1] + first_word
    return all(group in beginning for group in _groups_of(_at_beginning(word), few=True))


def with_certainty(found: Select[Any], text: str) -> Select[Any]:
    """Candidates, whose identifiers are selected, and of each whether it holds the words indeed."""
    key: Any = found.selected_columns[0]
    rows = found.add_columns(and_(*holds_words(text)))
    if key.table.name == CertificateRow.__tablename__:
        return rows
    return rows.join_from(key.table, CertificateRow, col(CertificateRow.id) == key)


def certificates_holding(session: Session, text: str, *columns: Any) -> Select[Any]:
    """The same as rows of the certificates. At least one word has to be long enough."""
    found = holding(session, text)
    if found is None:
        raise ValueError("no word is long enough to be sought")
    if session.get_bind().dialect.name == "postgresql":
        return found.with_only_columns(*columns)
    return select(*columns).where(col(CertificateRow.id).in_(found))


def _sought(text: str) -> list[str]:
    """The words that are long enough for the index."""
    return sorted({word for word in words_of(text) if len(word) >= _SHORTEST})


def _is_syllable(word: str) -> bool:
    return len(word) <= _LONGEST_COMMON and word.isascii() and word.isalpha()


def _groups_of(word: str, *, few: bool = False) -> Iterator[str]:
    """The groups to look for. Of a number, and of many words, those that do not overlap leave hardly more than all do."""
    sought = word[:FINGERPRINT_LETTERS] if is_fingerprint(word) else word
    last = len(sought) - WHOLE_WORD
    step = WHOLE_WORD if few or not _is_syllable(sought) else 1
    for start in range(0, last, step):
        yield sought[start : start + WHOLE_WORD]
    if last >= 0:
        yield sought[last:]


def _telling_groups(word: str) -> list[str]:
    """The groups to look for where there are many words: without the end that every fourth syllable has."""
    groups = list(_groups_of(word, few=True))
    return groups[:-1] if len(groups) > 1 and _is_syllable(word) and word.endswith(_COMMON_ENDS) else groups


def _beginnings(word: str) -> tuple[str, ...]:
    """The groups of which a certificate has one that holds a word of two letters; of more letters none."""
    return tuple(before + word for before in _BEFORE) if len(word) == _SHORTEST else ()


def _at_beginning(word: str) -> str:
    """What of a first word tells that it has the other: of two letters the beginning."""
    return _BEFORE[-1] + word if len(word) == _SHORTEST else word


def _asked(words: list[str]) -> list[tuple[str, ...]]:
    """Groups of letters: of each tuple a certificate that holds the words has at least one."""
    others = [word for word in words if word not in _OF_AGENCIES]
    telling = others if len(others) >= _ENOUGH else words
    groups_of = _telling_groups if len(telling) >= _MANY else _groups_of
    groups = sorted({group for word in telling for group in groups_of(word)})
    return [*((group,) for group in groups), *filter(None, map(_beginnings, telling))]


def _having(session: Session, asked: Sequence[tuple[str, ...]]) -> Select[Any] | None:
    if not asked:
        return None
    if session.get_bind().dialect.name == "postgresql":
        return select(col(CertificateRow.id)).where(*_have(asked))
    return _matching(_expression(asked))


def _expression(asked: Sequence[tuple[str, ...]]) -> str:
    """For SQLite: which certificates have the groups."""
    return " AND ".join(f"({' OR '.join(map(_quoted, each))})" for each in asked)


def _matching(expression: str) -> Select[Any]:
    return select(_TRIGRAMS.c.rowid).where(_TRIGRAMS.c.certificate_search.match(cast(expression, String)))


def _have(asked: Sequence[tuple[str, ...]]) -> Iterator[ColumnElement[bool]]:
    """For PostgreSQL: whether a certificate has the groups, by its holder's first word or not."""
    for each in asked:
        # As one condition on the index: of several with OR it would read the rows before it asks for the next word.
        yield _trigrams().overlap(_groups(each, _OF_FIRST_WORD))


def _trigrams() -> Function[Any]:
    return func.registry_marked_groups(col(CertificateRow.search), type_=_GROUPS)


def _groups(groups: Iterable[str], *marks: int) -> ColumnElement[Any]:
    """As the index of PostgreSQL has them: three bytes, which of other letters than ours are the first ones only."""
    plain = {int.from_bytes(group.encode()[:_BYTES]) for group in groups}
    return cast(sorted(plain | {group + mark for group in plain for mark in marks}), _GROUPS)


def _quoted(group: str) -> str:
    return '"' + group.replace('"', '""') + '"'
