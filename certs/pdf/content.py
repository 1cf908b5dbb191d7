"""Where a page shows text, roughly: enough to say that something lies over it (ISO 32000-2, 9.4)."""

import re

from certs.pdf.document import Document
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import Ref, Stream

_LARGEST_CONTENT = 1 << 20
_MOST_OPERATORS = 20_000
_MOST_POINTS = 4_000
_OPERATOR = re.compile(rb"(?<=[\s\])>])(cm|Tm|Td|TD|BT|Tj|TJ|q|Q)(?=[\s\[(</]|$)")
_OPERANDS_WITHIN = 120
Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def text_positions(document: Document, page: int, revision: int) -> list[tuple[float, float]]:
    """Points at which the page's own content starts to show text; empty when it cannot be decoded.

    Text inside form XObjects is not followed: the answer is a hint for a warning, never a proof of absence.
    """
    dictionary = document.dictionary(Ref(page, 0), revision)
    contents = document.resolve(dictionary.get("Contents"), revision)
    parts = contents if isinstance(contents, list) else [contents]
    texts = []
    for part in parts:
        stream = document.resolve(part, revision)
        if not isinstance(stream, Stream) or stream.length > _LARGEST_CONTENT:
            return []
        try:
            texts.append(document.decoded(stream, revision))
        except SyntaxFault:
            return []
    content = b"\n".join(texts)
    if len(content) > _LARGEST_CONTENT:
        return []
    document.budget.spend(len(content) // 32)
    return _walk(content)


def _walk(content: bytes) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    current, saved = _IDENTITY, list[Matrix]()
    line = _IDENTITY
    for count, match in enumerate(_OPERATOR.finditer(content)):
        if count > _MOST_OPERATORS or len(points) >= _MOST_POINTS:
            break
        operator = match[1]
        if operator in (b"Tj", b"TJ"):
            shown = _multiply(line, current)
            points.append((shown[4], shown[5]))
        elif operator == b"BT":
            line = _IDENTITY
        elif operator == b"q":
            saved.append(current)
        elif operator == b"Q":
            current = saved.pop() if saved else current
        else:
            numbers = _operands(content, match.start(), 2 if operator in (b"Td", b"TD") else 6)
            if operator == b"cm" and len(numbers) == 6:
                current = _multiply(_matrix(numbers), current)
            elif operator == b"Tm" and len(numbers) == 6:
                line = _matrix(numbers)
            elif len(numbers) == 2:
                line = _multiply((1.0, 0.0, 0.0, 1.0, numbers[0], numbers[1]), line)
    return points


def _operands(content: bytes, end: int, count: int) -> list[float]:
    """The numbers before an operator, none when there are not as many."""
    words = content[max(0, end - _OPERANDS_WITHIN) : end].split()[-count:]
    try:
        return [float(word) for word in words] if len(words) == count else []
    except ValueError:
        return []


def _matrix(numbers: list[float]) -> Matrix:
    return numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]


def _multiply(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )
