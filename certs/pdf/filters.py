"""Stream filters that structure depends on, bounded: Flate with predictors, hexadecimal and base-85 (7.4)."""

import base64
import zlib

from certs.pdf.limits import Budget
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import Value, integer

_CHUNK = 1 << 20


def decode(raw: bytes, filters: list[str], parameters: list[Value], budget: Budget) -> bytes:
    """Undo the filters in order. Raises `SyntaxFault` for what cannot be decoded, `LimitExceeded` for bombs."""
    if len(filters) > 4:
        raise SyntaxFault(0, "fewer filters")
    for index, name in enumerate(filters):
        parameter = parameters[index] if index < len(parameters) else None
        if name in ("FlateDecode", "Fl"):
            raw = _predict(_inflate(raw, budget), parameter if isinstance(parameter, dict) else {}, budget)
        elif name in ("ASCIIHexDecode", "AHx"):
            raw = _hexadecimal(raw)
        elif name in ("ASCII85Decode", "A85"):
            raw = _base85(raw)
        elif name != "Crypt":
            raise SyntaxFault(0, f"a filter known here instead of {name}")
    return raw


def _inflate(raw: bytes, budget: Budget) -> bytes:
    parts = []
    engine = zlib.decompressobj()
    pending = raw
    try:
        while pending and not engine.eof:
            part = engine.decompress(pending, _CHUNK)
            budget.expand(len(part))
            budget.spend(1 + len(part) // 1024)
            parts.append(part)
            pending = engine.unconsumed_tail
    except zlib.error as error:
        raise SyntaxFault(0, "Flate data") from error
    return b"".join(parts)


def _hexadecimal(raw: bytes) -> bytes:
    digits = raw.split(b">")[0].translate(None, b"\x00\t\n\x0c\r ")
    try:
        return bytes.fromhex((digits + b"0" if len(digits) % 2 else digits).decode("ascii"))
    except ValueError as error:
        raise SyntaxFault(0, "hexadecimal data") from error


def _base85(raw: bytes) -> bytes:
    try:
        return base64.a85decode(raw.strip().removesuffix(b"~>").removeprefix(b"<~"))
    except ValueError as error:
        raise SyntaxFault(0, "base-85 data") from error


def _predict(data: bytes, parameters: dict[str, Value], budget: Budget) -> bytes:
    predictor = integer(parameters.get("Predictor", 1)) or 1
    if predictor == 1:
        return data
    colors = integer(parameters.get("Colors", 1)) or 1
    bits = integer(parameters.get("BitsPerComponent", 8)) or 8
    columns = integer(parameters.get("Columns", 1)) or 1
    if predictor < 10 or bits != 8 or not 0 < colors <= 32 or not 0 < columns <= 1 << 20:
        raise SyntaxFault(0, "a PNG predictor of 8 bits")
    width = colors * columns
    budget.spend(len(data) // 8)
    out = bytearray()
    previous = bytes(width)
    for start in range(0, len(data), width + 1):
        row = bytearray(data[start + 1 : start + 1 + width])
        row.extend(bytes(width - len(row)))
        _undo(data[start], row, previous, colors)
        out += row
        previous = bytes(row)
    return bytes(out)


def _undo(kind: int, row: bytearray, above: bytes, step: int) -> None:
    if kind == 2:
        row[:] = bytes((value + up) & 255 for value, up in zip(row, above, strict=True))
        return
    if kind == 0:
        return
    for index, value in enumerate(row):
        left = row[index - step] if index >= step else 0
        up = above[index]
        corner = above[index - step] if index >= step else 0
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + up) // 2
        elif kind == 4:
            guess = _paeth(left, up, corner)
        else:
            raise SyntaxFault(0, "a PNG filter type")
        row[index] = (value + guess) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda candidate: abs(estimate - candidate))
