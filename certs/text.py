"""Vietnamese text as people type it: search keys, order, and one spelling for storage.

A Vietnamese letter carries up to two marks, and each of them can be part of the letter (NFC), follow it (NFD), or do
one of each (what code page 1258 produces). Two texts that look alike must find each other whatever wrote them.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from certs.legacy_text import LegacyEncoding, LegacyText, convert_legacy, recognise_legacy

__all__ = [
    "LegacyEncoding",
    "LegacyText",
    "convert_legacy",
    "first_word_of_key",
    "fold",
    "normalise",
    "recognise_legacy",
    "sort_key",
]

# Eth and the African D look exactly like Đ and are typed for it by people with other keyboards.
_STROKED_D: Final = str.maketrans(dict.fromkeys("đĐðÐɖƉ", "d"))

_INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Mn", "Me", "Mc"})


def fold(text: str) -> str:
    """Make the key under which a text is searched: no case, no diacritics, đ as d, single spaces, nothing invisible.

    `fold("Đinh  BẮC GIANG")` is `"dinh bac giang"` in whatever Unicode form the text came. The result is stable
    (`fold(fold(x)) == fold(x)`) and holds no control character, so that any database stores it.
    """
    quick = text if text.isascii() else text.translate(_LATIN_FOLDS)
    if quick.isascii() and quick.isprintable():
        return " ".join(quick.lower().split())
    folded = _fold_once(text)
    # Some compatibility characters decompose into capitals or spaces; further passes reach the fixed point.
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def _fold_once(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text.translate(_STROKED_D)).casefold().translate(_STROKED_D)
    spaced = " ".join(unicodedata.normalize("NFKD", spread).split())
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE_CATEGORIES).split())


# What the long way makes of every Latin letter and mark that becomes ASCII: ten times as fast for all names there are.
_LATIN_FOLDS: Final = {
    code: _fold_once(chr(code))
    for code in (*range(0xC0, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00))
    if (chr(code).isalpha() or unicodedata.combining(chr(code))) and _fold_once(chr(code)).isascii()
}


def normalise(text: str) -> str:
    """Bring a text to the form in which it is stored and shown: NFC, trimmed, every run of white space one space.

    Nothing else is changed: capitals, the place of the tone mark (`hoà`, `hòa`) and unusual characters stay.
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


# The letters in dictionary order, with the foreign f, j, w, z at their Latin places. Each becomes one ASCII character
# after the digits, so that the key sorts alike in Python, SQLite and PostgreSQL (collation "C").
_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANKS: Final = {letter: chr(ord("A") + index) for index, letter in enumerate(_ALPHABET)}

_FOLDED: Final = {rank: fold(letter) for letter, rank in _RANKS.items()} | {digit: digit for digit in "0123456789"}

_TONES: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES: Final = {"\u0306": "aă", "\u0302": "aâeêoô", "\u031b": "oơuư"}

_AFTER_LETTERS: Final = "~"
_SYMBOL: Final = "!"
_LEVEL: Final = "\t"

_CLUSTERS: Final = re.compile(r"(.)([\u0300-\u036f]*)", re.DOTALL)


def sort_key(text: str) -> str:
    """Make a key whose plain code-point order is Vietnamese order.

    Letters count first (a ă â b c d đ e ê …, punctuation and digits before them), then tones from the left (ngang,
    huyền, hỏi, ngã, sắc, nặng), then small before capital: the three levels of the Unicode collation for Vietnamese,
    as ICU and PostgreSQL have it. The key is not meant to be read.
    """
    weights = [_weigh(base, marks) for base, marks in _CLUSTERS.findall(unicodedata.normalize("NFD", normalise(text)))]
    letters = "".join([letter for letter, _, _ in weights])
    tones = "".join([tone for _, tone, _ in weights])
    cases = "".join([case for _, _, case in weights])
    return _LEVEL.join((letters, tones.rstrip("0"), cases.rstrip("0")))


def first_word_of_key(key: str) -> str | None:
    """What `fold` makes of the first word of every text that has this key, but for its digits, which are ASCII here.

    None where the key does not tell: it knows no other letters than those of the Vietnamese alphabet.
    """
    first = key.split(_LEVEL, maxsplit=1)[0].split(" ", maxsplit=1)[0]
    return "".join([_FOLDED[rank] for rank in first]) if first and _FOLDED.keys() >= set(first) else None


@lru_cache(maxsize=4096)
def _weigh(base: str, marks: str) -> tuple[str, str, str]:
    """What a letter with its marks weighs in each level. There are some two hundred in all names."""
    letter = "đ" if base in "đĐðÐ" else base.lower()
    tone = "0"
    for mark in marks:
        letter = _shaped(letter, mark)
        tone = _TONES.get(mark, tone)
    return _rank(letter), tone, "1" if base != base.lower() else "0"


def _shaped(letter: str, mark: str) -> str:
    pairs = _SHAPES.get(mark, "")
    place = pairs.find(letter) if len(letter) == 1 else -1
    return pairs[place + 1] if place >= 0 and place % 2 == 0 else letter


def _rank(letter: str) -> str:
    rank = _RANKS.get(letter)
    if rank is not None:
        return rank
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter == " ":
        return letter
    return _AFTER_LETTERS + letter if letter.isalpha() else _SYMBOL
