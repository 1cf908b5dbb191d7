"""The header row of a list of any kind: it is found, its columns are recognised, secrets are dropped.

Everything here proposes. What the columns of a kind of list can mean is its `Vocabulary`.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from itertools import zip_longest
from typing import Final, Generic, TypeVar

from certs.legacy_text import LegacyEncoding, convert_legacy, is_eight_bit, is_plausible, recognise_legacy
from certs.text import fold
from registry.lists.spreadsheets import Cell, Sheet, show_cell

F = TypeVar("F", bound=StrEnum)


@dataclass(frozen=True)
class Vocabulary(Generic[F]):
    """What the columns of one kind of list can mean, and by which labels they are known."""

    synonyms: Mapping[F, tuple[str, ...]]
    """Folded, without punctuation."""
    keys: frozenset[F]
    """A row without one of these is no header."""
    contents: tuple[tuple[re.Pattern[str], F, int], ...] = ()
    """What cells look like, the field they suggest, and with which score."""

    @cached_property
    def by_synonym(self) -> Mapping[str, F]:
        """The field of each label."""
        return {synonym: meaning for meaning, synonyms in self.synonyms.items() for synonym in synonyms}


_SECRET_LABEL: Final = re.compile(
    r"\b(?:mat ?khau|mat ?ma|pass ?words?|passwd|pass ?code|pass|pwd|p ?w|mk|passphrase|(?:ma |so |so ma )?pin|puk"
    r"|ma bao ve|ma mo khoa|khoa bi mat|ma kich hoat|activation code|secret|private key)(?: ?\d+)?\b"
)
# `Thiết bị lưu khóa bí mật` is a device that holds a key, not the key.
_KEY_HOLDER: Final = re.compile(r"\bluu khoa(?: bi mat)?\b")
# Where nothing stands between the word and what follows it, that has to look like a secret: `mk 12345678`.
_SECRET_IN_CELL: Final = re.compile(
    r"(?i)(?<!\w)((?:mật\s*khẩu|mat\s*khau|mật\s*mã|password|pass|pwd|mk|(?:mã\s*)?pin|puk)\s*(?:token|sim|usb)?"
    r"(?:\s*(?:[:=]|là|la)\s*|[\s(–-]+(?=[^\s/]*\d[^\s/]{2})))\S+"
)
REDACTED: Final = "[…]"
"""Stands where a secret stood."""

_ROWS_LOOKED_AT: Final = 40
_SAMPLE: Final = 40
_LONGEST_LABEL: Final = 80


@dataclass(frozen=True, slots=True)
class ColumnMatch(Generic[F]):
    """One column of a list and what it probably means."""

    column: int
    label: str
    """As it stands in the header, converted from legacy text."""
    field: F | None
    score: int
    """0 to 100; 100: the label is a known one."""


@dataclass(frozen=True, slots=True)
class Header(Generic[F]):
    """The header of a sheet."""

    row: int
    """0-based place of its first row."""
    height: int
    """2 where a row of groups (`Thời hạn`) stands above the labels (`Từ ngày`, `Đến ngày`)."""
    columns: tuple[ColumnMatch[F], ...]
    """Every column with a label, secrets apart."""
    secrets: tuple[tuple[int, str], ...]
    """Columns that hold secrets by their labels: they are never read."""

    @property
    def fingerprint(self) -> str:
        """Equal for two sheets with the same labels in the same order, whatever stands above and below."""
        labels = "\x1f".join(f"{column.column}:{fold(column.label)}" for column in self.columns)
        return hashlib.sha256(labels.encode()).hexdigest()

    @property
    def mapping(self) -> dict[int, F]:
        """The proposed meaning of each column that has one."""
        return {column.column: column.field for column in self.columns if column.field is not None}

    @property
    def first_data_row(self) -> int:
        """0-based place of the first row below the header."""
        return self.row + self.height


def find_header(sheet: Sheet, vocabulary: Vocabulary[F]) -> Header[F] | None:
    """Find the header row and recognise its columns; None for a sheet without one. Never raises.

    The row that has most known labels wins; it needs two, one of which can identify somebody. Rows above it are a
    title block, and it may be two rows high.
    """
    best: Header[F] | None = None
    best_weight = 0
    # All single rows first: a second row of labels has to tell more than the better row alone.
    for height in (1, 2):
        for row in range(min(len(sheet.rows) - height + 1, _ROWS_LOOKED_AT)):
            if height == 2 and not _has_parts(sheet.rows[row], sheet.rows[row + 1]):
                continue
            header = _read_header(sheet, row, height, vocabulary)
            fields = set(header.mapping.values())
            weight = sum(column.score for column in header.columns if column.field) + 100 * len(header.secrets)
            if len(fields) >= 2 and fields & vocabulary.keys and weight > best_weight:
                best, best_weight = header, weight
    return best


def _recognise_columns(
    labels: Mapping[int, "_Label"], samples: Mapping[int, Sequence[str]], vocabulary: Vocabulary[F]
) -> tuple[ColumnMatch[F], ...]:
    """Propose a field for each labelled column; every field is given once, to the column that fits it best."""
    candidates: list[tuple[int, int, F]] = []
    for column, label in labels.items():
        scores = label.scores(vocabulary)
        hint = _content_hint(samples.get(column, ()), vocabulary)
        if hint is not None:
            scores[hint[0]] = max(scores.get(hint[0], 0), hint[1])
        candidates.extend((score, -column, field) for field, score in scores.items())
    taken: dict[int, tuple[F, int]] = {}
    given: set[F] = set()
    for score, negative, field in sorted(candidates, reverse=True):
        if -negative not in taken and field not in given:
            taken[-negative] = (field, score)
            given.add(field)
    return tuple(
        ColumnMatch(column, labels[column].text, *(taken.get(column) or (None, 0))) for column in sorted(labels)
    )


def is_secret_label(label: str) -> bool:
    """Whether a column under this label holds passwords, PINs or keys."""
    plain = _plain(label)
    return _SECRET_LABEL.search(_KEY_HOLDER.sub(" ", plain)) is not None


def redact(text: str) -> tuple[str, bool]:
    """Take out of a text what is announced as a password or PIN; the flag says whether there was one."""
    redacted, count = _SECRET_IN_CELL.subn(rf"\1{REDACTED}", text)
    return redacted, count > 0


def column_encoding(cells: Sequence[Cell]) -> LegacyEncoding | None:
    """How the texts of a column were written, judged as a whole; None for Unicode that needs nothing.

    Where rows of an old list stand beside rows typed in Unicode, it is the encoding of the old ones.
    """
    distinct = dict.fromkeys(cell for cell in cells if isinstance(cell, str) and not cell.isascii())
    sample = list(distinct)[:500]
    for texts in ([text for text in sample if is_eight_bit(text)], sample):
        if found := recognise_legacy("\n".join(texts)):
            return found.encoding
    return None


def convert_cell(cell: Cell, encoding: LegacyEncoding | None) -> str:
    """The text of a cell, out of the column's legacy encoding where it can be."""
    text = show_cell(cell)
    if encoding is None or text.isascii():
        return text
    # Of a column in an 8-bit font some cells may have been typed in Unicode.
    if encoding is not LegacyEncoding.DECOMPOSED and not is_eight_bit(text):
        return text
    try:
        converted = convert_legacy(text, encoding)
    except ValueError:
        return text
    if not is_plausible(converted) and (other := recognise_legacy(text)):
        # A row of another list, in another font, was pasted into this one.
        return other.converted
    return converted


_BELOW_ALONE: Final = 0.95
"""A part is understood better with its group than without, as `Loại` below `Thiết bị lưu khóa`."""


@dataclass(frozen=True, slots=True)
class _Label:
    """What stands above a column: its own label, and that of the group it belongs to in a header of two rows."""

    own: str
    group: str = ""

    @property
    def text(self) -> str:
        return f"{self.group} {self.own}" if self.group and self.group != self.own else self.own

    def converted(self, encoding: LegacyEncoding) -> "_Label":
        return _Label(convert_cell(self.own, encoding), convert_cell(self.group, encoding))

    def scores(self, vocabulary: Vocabulary[F]) -> dict[F, int]:
        scores = _label_scores(_plain(self.text), vocabulary)
        if self.text == self.own:
            return scores
        # `Bàn giao` above `Ngày` means the `ngày bàn giao`; of most groups, the parts say it all.
        turned = _label_scores(_plain(f"{self.own} {self.group}"), vocabulary)
        alone = {
            field: int(score * _BELOW_ALONE) for field, score in _label_scores(_plain(self.own), vocabulary).items()
        }
        return {
            field: max(each.get(field, 0) for each in (scores, turned, alone)) for field in {*scores, *turned, *alone}
        }


_PUNCTUATION: Final = re.compile(r"[^0-9a-z]+")
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def _plain(label: str) -> str:
    """A label without what its writer added: case, diacritics, brackets, asterisks, numbers of points."""
    folded = fold(label)
    short = _PUNCTUATION.sub(" ", _BRACKETS.sub(" ", folded)).strip()
    return short or _PUNCTUATION.sub(" ", folded).strip()


def _label_scores(plain: str, vocabulary: Vocabulary[F]) -> dict[F, int]:
    if not plain:
        return {}
    if exact := vocabulary.by_synonym.get(plain):
        return {exact: 100}
    words = plain.split()
    scores: dict[F, int] = {}
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(plain)
    for synonym, field in vocabulary.by_synonym.items():
        parts = synonym.split()
        score = 0
        if len(synonym) > 2 and _contains(words, parts):
            # The longer part of the label is understood, the surer.
            score = 55 + 40 * len(parts) // len(words)
        elif abs(len(synonym) - len(plain)) <= 3 and len(plain) >= 5:
            matcher.set_seq1(synonym)
            # Cells of the data are looked at too, so that what cannot be alike is told from it quickly.
            alike = matcher.quick_ratio() >= _ALIKE and matcher.ratio()
            score = int(alike * 80) if alike >= _ALIKE else 0
        if score > scores.get(field, 0):
            scores[field] = score
    return scores


_ALIKE: Final = 0.85


def _contains(words: Sequence[str], parts: Sequence[str]) -> bool:
    return any(list(words[start : start + len(parts)]) == list(parts) for start in range(len(words) - len(parts) + 1))


def _content_hint(sample: Sequence[str], vocabulary: Vocabulary[F]) -> tuple[F, int] | None:
    filled = [text.strip() for text in sample if text.strip()]
    for pattern, field, score in vocabulary.contents:
        fitting = sum(1 for text in filled if pattern.fullmatch(text))
        if filled and fitting * 5 >= len(filled) * 4:
            return field, score
    return None


def _read_header(sheet: Sheet, row: int, height: int, vocabulary: Vocabulary[F]) -> Header[F]:
    labels = _labels(sheet, row, height)
    joined = "\n".join(label.text for label in labels.values())
    if legacy := recognise_legacy(joined):
        labels = {column: label.converted(legacy.encoding) for column, label in labels.items()}
    secrets = tuple((column, label.text) for column, label in labels.items() if is_secret_label(label.text))
    open_labels = {column: label for column, label in labels.items() if column not in dict(secrets)}
    below = sheet.rows[row + height : row + height + _SAMPLE]
    samples = {
        column: tuple(show_cell(cells[column]) for cells in below if column < len(cells)) for column in open_labels
    }
    return Header(row, height, _recognise_columns(open_labels, samples, vocabulary), secrets)


def _has_parts(upper: Sequence[Cell], lower: Sequence[Cell]) -> bool:
    """Whether some columns have a label in one of the two rows only, as under a group; rows of data seldom have."""
    return any((one is None) != (other is None) for one, other in zip_longest(upper, lower))


def _labels(sheet: Sheet, row: int, height: int) -> dict[int, _Label]:
    """The label of each column; in a header of two rows that of a merged group stands before those below it."""
    upper = [_label(cell) for cell in sheet.rows[row]]
    if height == 1:
        return {column: _Label(label) for column, label in enumerate(upper) if label}
    lower = [_label(cell) for cell in sheet.rows[row + 1]]
    labels: dict[int, _Label] = {}
    group = ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        group = above or (group if below else "")
        if above or below:
            labels[column] = _Label(below, group) if below else _Label(above)
    return labels


def _label(cell: Cell) -> str:
    """A text that can be a label: dates, numbers and long sentences are none."""
    if not isinstance(cell, str):
        return ""
    text = " ".join(cell.split())
    return text if len(text) <= _LONGEST_LABEL else ""
