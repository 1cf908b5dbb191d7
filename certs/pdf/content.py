"""Where a page shows text, roughly: enough to say that something lies over it (ISO 32000-2, 9.4)."""

import re

from certs.pdf.document import Document
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import Ref, Stream

_LARGEST_CONTENT = 1 << 20
_MOST_OPERATORS = 20_000
_MOST_POINTS = 4_000
_NUMBER = rb"[+-]?(?:\d{1,10}(?:\.\d{0,10})?|\.\d{1,10})"
_SIX = rb"\s{1,8}".join([rb"(" + _NUMBER + rb")"] * 6)
_TWO = rb"\s{1,8}".join([rb"(" + _NUMBER + rb")"] * 2)
_OPERATOR = re.compile(
    _SIX + rb"\s{1,8}(cm|Tm)\b|" + _TWO + rb"\s{1,8}(T[dD])\b|\b(BT|T\*)(?=\s|$)|(?<![A-Za-z])(q|Q)(?=\s|$)"
    rb"|(\((?:[^()\\]|\\.){1,400}\)\s{0,8}(?:Tj|'|\")|<[0-9A-Fa-f]{2,800}>\s{0,8}Tj|\]\s{0,8}TJ)",
    re.DOTALL,
)
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
        if match[7] is not None:
            matrix = tuple(float(match[i]) for i in range(1, 7))
            six: Matrix = (matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5])
            if match[7] == b"cm":
                current = _multiply(six, current)
            else:
                line = six
        elif match[10] is not None:
            line = _multiply((1.0, 0.0, 0.0, 1.0, float(match[8]), float(match[9])), line)
        elif match[11] == b"BT":
            line = _IDENTITY
        elif match[12] == b"q":
            saved.append(current)
        elif match[12] == b"Q":
            current = saved.pop() if saved else current
        elif match[13] is not None:
            shown = _multiply(line, current)
            points.append((shown[4], shown[5]))
    return points


def _multiply(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )
