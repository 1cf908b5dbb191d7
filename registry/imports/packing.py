"""Cells and values as JSON, so that they can wait in the database between reading, preview and applying."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from registry.certificates.tables import Medium, SubscriberKind
from registry.lists.spreadsheets import Cell

_DATE: Final = "d"
_MOMENT: Final = "t"


def pack_cells(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as compressed JSON; days and times keep their types."""
    encoded = [[_encode(cell) for cell in row] for row in rows]
    return zlib.compress(json.dumps(encoded, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), 6)


def unpack_cells(packed: bytes) -> list[list[Cell]]:
    """The rows that `pack_cells` packed."""
    return [[_decode(cell) for cell in row] for row in json.loads(zlib.decompress(packed))]


def _encode(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return {_MOMENT: cell.isoformat()}
    if isinstance(cell, date):
        return {_DATE: cell.isoformat()}
    return cell


def _decode(value: Any) -> Cell:
    if isinstance(value, dict):
        return datetime.fromisoformat(value[_MOMENT]) if _MOMENT in value else date.fromisoformat(value[_DATE])
    cell: Cell = value
    return cell


_TIMES: Final = ("issued_at", "not_before", "not_after")


def pack_columns(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a certificate, without its bytes, as JSON."""
    packed = {name: value for name, value in columns.items() if name != "der"}
    for name in _TIMES:
        packed[name] = columns[name].isoformat()
    return packed


def unpack_columns(packed: Mapping[str, Any], der: bytes | None) -> dict[str, Any]:
    """The columns that `pack_columns` packed, together with the bytes."""
    columns = dict(packed)
    for name in _TIMES:
        columns[name] = datetime.fromisoformat(packed[name])
    return {**columns, "der": der, "kind": SubscriberKind(packed["kind"]), "medium": Medium(packed["medium"])}


def pack_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a list says besides, without what it does not say."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
        if value is not None
    }


def moment_of(facts: Mapping[str, Any], name: str) -> datetime | None:
    """A time among packed facts."""
    text = facts.get(name)
    return datetime.fromisoformat(text) if text else None
