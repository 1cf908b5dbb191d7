"""A strict reader of PDF syntax (ISO 32000-2, 7.2 and 7.3). What it cannot read without guessing it refuses."""

import re
from collections.abc import Callable

from certs.pdf.limits import Budget, exceeded
from certs.pdf.values import Ref, Value

SPACE = rb"[\x00\t\n\x0c\r ]"
_SKIP = rb"(?:" + SPACE + rb"++|%[^\r\n]*+)*+"
_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_TOKEN = re.compile(
    _SKIP
    + rb"(?:(\d{1,10})" + SPACE + rb"++(\d{1,5})" + SPACE + rb"++R(?!" + _REGULAR + rb")"
    + rb"|([+-]?(?:\d++(?:\.\d*+)?|\.\d++))(?!" + _REGULAR + rb")"
    + rb"|/(" + _REGULAR + rb"*+)"
    + rb"|(<<)|(>>)|(\[)|(\])"
    + rb"|\(([^()\\\r]*+)\)"
    + rb"|(\()"
    + rb"|<([0-9A-Fa-f\x00\t\n\x0c\r ]*+)>"
    + rb"|(true|false|null)(?!" + _REGULAR + rb"))"
)  # fmt: skip
# Without NUL, at which `bytes.split` does not split.
_GAP = rb"[\t\n\x0c\r ]"
_REFERENCES = re.compile(rb"(?:" + _GAP + rb"*+\d{1,10} \d{1,5} R(?!" + _REGULAR + rb"))++" + _GAP + rb"*+\]")
_NUMBERS = re.compile(rb"(?:" + _GAP + rb"*+[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?=" + _GAP + rb"|\]))++" + _GAP + rb"*+\]")
_REF, _NUMBER, _NAME, _OPEN, _CLOSE, _LEFT, _RIGHT, _PLAIN, _STRING, _HEX, _WORD = 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
_WORDS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STRING_PART = re.compile(rb"[^()\\]*+([()\\])")
_STRING_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])|\r\n?")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_LONGEST_NUMBER = 40


class SyntaxFault(Exception):
    """The bytes at `offset` are not what the grammar wants there."""

    def __init__(self, offset: int, wanted: str) -> None:
        super().__init__(f"offset {offset}: {wanted}")
        self.offset = offset
        self.wanted = wanted


class Parser:
    """Reads values from `data`, moving `position`. Notes keys with two values, which readers resolve differently."""

    __slots__ = ("_budget", "_depth", "data", "has_duplicate_keys", "position", "spans")

    def __init__(self, data: bytes, position: int, budget: Budget) -> None:
        self.data = data
        self.position = position
        self.has_duplicate_keys = False
        self.spans: dict[str, tuple[int, int]] = {}
        """Where each value of the outermost dictionary lies, from its first byte to past its last."""
        self._budget = budget
        self._depth = 0

    def value(self) -> Value:
        """Read one value; raises `SyntaxFault` where there is none and `LimitExceeded` past the bounds."""
        match = self._token()
        self.position = match.end()
        return self._value(match)

    def _token(self) -> re.Match[bytes]:
        match = _TOKEN.match(self.data, self.position)
        if match is None:
            # A failed match may have skipped far; it is paid for as if it had read to the end.
            self._budget.spend(1 + (len(self.data) - self.position) // 4096)
            raise SyntaxFault(self.position, "a value")
        return match

    def _value(self, match: re.Match[bytes]) -> Value:
        """The value that begins with the token; `position` is past the token."""
        kind = match.lastindex
        if kind in _SIMPLE:
            return _SIMPLE[kind](match)
        start = match.start()
        self._budget.spend(2 + (match.end() - start) // 256)
        if kind == _NUMBER:
            return _number(match[_NUMBER], start)
        if kind == _OPEN:
            return self._dictionary()
        if kind == _LEFT:
            return self._array()
        if kind == _HEX:
            return _hexadecimal(match[_HEX])
        if kind == _STRING:
            return self._string()
        raise SyntaxFault(start, "a value")

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > self._budget.limits.depth:
            raise exceeded("depth", self._budget.limits.depth)

    def _array(self) -> list[Value]:
        self._enter()
        items = self._uniform_array()
        if items is None:
            items = []
            budget = self._budget
            while (match := self._token()).lastindex != _RIGHT:
                budget.spend(1)
                self.position = match.end()
                items.append(self._value(match))
            self.position = match.end()
        self._depth -= 1
        return items

    def _uniform_array(self) -> list[Value] | None:
        """Long lists of references or of numbers are common and worth a shorter way."""
        start = self.position
        if (plain := _REFERENCES.match(self.data, start)) is not None:
            words = self.data[start : plain.end() - 1].split()
            self._budget.spend(len(words) // 4)
            self.position = plain.end()
            pairs = zip(map(int, words[::3]), map(int, words[1::3]), strict=True)
            return [tuple.__new__(Ref, pair) for pair in pairs]
        if (plain := _NUMBERS.match(self.data, start)) is not None:
            words = self.data[start : plain.end() - 1].split()
            self._budget.spend(len(words) // 2)
            self.position = plain.end()
            return [_number(word, start) for word in words]
        return None

    def _dictionary(self) -> dict[str, Value]:
        self._enter()
        is_outermost = self._depth == 1
        entries: dict[str, Value] = {}
        data, budget = self.data, self._budget
        while True:
            match = _TOKEN.match(data, self.position)
            if match is None or match.lastindex not in (_NAME, _CLOSE):
                raise SyntaxFault(self.position, "a key or the end of a dictionary")
            self.position = match.end()
            if match.lastindex == _CLOSE:
                break
            budget.spend(2)
            key = _name(match[_NAME])
            value = self.value()
            if is_outermost:
                self.spans[key] = (_start_of_token(data, match.end()), self.position)
            if key in entries and entries[key] != value:
                self.has_duplicate_keys = True
                # Readers differ on which of the two counts: what only some of them see is kept under no name at all.
                entries[f"{key}\0{len(entries)}"] = entries[key]
            entries[key] = value
        self._depth -= 1
        return entries

    def _string(self) -> bytes:
        start = position = self.position
        depth = 1
        while depth:
            match = _STRING_PART.match(self.data, position)
            self._budget.spend(1)
            if match is None:
                self._budget.spend((len(self.data) - start) // 4096)
                raise SyntaxFault(start, "the end of a string")
            position = match.end()
            if match[1] == b"\\":
                position += 1
            else:
                depth += 1 if match[1] == b"(" else -1
        self._budget.spend((position - start) // 256)
        self.position = position
        return _STRING_ESCAPE.sub(_unescape, self.data[start : position - 1])


_SKIP_ONLY = re.compile(_SKIP)


def _start_of_token(data: bytes, position: int) -> int:
    match = _SKIP_ONLY.match(data, position)
    return match.end() if match else position


def skip_space(data: bytes, position: int) -> int:
    """The offset of the next token: past white space and comments."""
    return _start_of_token(data, position)


def _name(raw: bytes) -> str:
    if b"#" in raw:
        raw = _NAME_ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), raw)
    return raw.decode("latin-1")


_SIMPLE: dict[int | None, Callable[[re.Match[bytes]], Value]] = {
    _NAME: lambda match: _name(match[_NAME]),
    _REF: lambda match: Ref(int(match[1]), int(match[2])),
    _PLAIN: lambda match: match[_PLAIN],
    _WORD: lambda match: _WORDS[match[_WORD]],
}


def _number(raw: bytes, offset: int) -> int | float:
    if len(raw) > _LONGEST_NUMBER:
        raise SyntaxFault(offset, "a number of sensible length")
    return float(raw) if b"." in raw else int(raw)


def _hexadecimal(raw: bytes) -> bytes:
    digits = raw.translate(None, b"\x00\t\n\x0c\r ")
    return bytes.fromhex((digits + b"0" if len(digits) % 2 else digits).decode("ascii"))


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    if escaped is None:
        return b"\n"
    if escaped[:1].isdigit() and escaped[:1] < b"8":
        return bytes((int(escaped, 8) & 255,))
    if escaped in (b"\n", b"\r", b"\r\n"):
        return b""
    return _ESCAPES.get(escaped, escaped)
