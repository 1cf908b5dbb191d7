"""Rows of the imports, and the register as it is planned upon."""

import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Table, select
from sqlmodel import Session, col

from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.agency_imports.errors import AgencyImportNotFound
from registry.agency_imports.histories import AgencyState, History, Stretch, join
from registry.agency_imports.plans import Register
from registry.agency_imports.reading import AgencyLists
from registry.agency_imports.schemas import AgencyImportRowView
from registry.agency_imports.tables import AgencyImportRow
from registry.db.locks import Lock, hold

_PERIODS: Final[Table] = AgencyPeriodRow.__table__  # type: ignore[attr-defined]
_ROWS: Final = TypeAdapter(tuple[AgencyImportRowView, ...])


def find_import(session: Session, import_id: int, *, for_change: bool = False) -> AgencyImportRow:
    """One import; raises `AgencyImportNotFound`. With `for_change` it stays locked until the transaction ends."""
    statement = select(AgencyImportRow).where(col(AgencyImportRow.id) == import_id)
    row: AgencyImportRow | None = session.execute(
        statement.with_for_update() if for_change else statement
    ).scalar_one_or_none()
    if row is None:
        raise AgencyImportNotFound(import_id)
    return row


def find_recent(session: Session, *, before: int | None, limit: int) -> Sequence[AgencyImportRow]:
    """The newest imports, those with a lower number than `before` where it is given."""
    statement = select(AgencyImportRow).order_by(col(AgencyImportRow.id).desc()).limit(limit)
    if before is not None:
        statement = statement.where(col(AgencyImportRow.id) < before)
    return session.execute(statement).scalars().all()


def lock_tree(session: Session) -> None:
    """Let nobody else change an agency or import agencies until the transaction ends."""
    hold(session.connection(), Lock.AGENCIES)
    session.execute(select(col(AgencyRow.id)).with_for_update()).all()


def agency_ids(session: Session) -> dict[str, int]:
    """Identifiers by code, also of agencies that were taken back."""
    return {code: key for key, code in session.execute(select(col(AgencyRow.id), col(AgencyRow.code)))}


def load_periods(session: Session, keys: Iterable[int] | None = None) -> dict[int, list[dict[str, Any]]]:
    """Every period, or those of some agencies, by agency and in order, as columns without the identifier."""
    columns = [column for column in _PERIODS.c if column.name != "id"]
    statement = select(*columns).order_by(_PERIODS.c.agency_id, _PERIODS.c.effective_from)
    if keys is not None:
        statement = statement.where(_PERIODS.c.agency_id.in_(tuple(keys)))
    found: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(statement).mappings():
        found.setdefault(row["agency_id"], []).append(dict(row))
    return found


def register_of(ids: dict[str, int], periods: dict[int, list[dict[str, Any]]]) -> Register:
    """The register as histories by code."""
    codes = {key: code for code, key in ids.items()}
    histories: dict[str, History] = {
        codes[key]: join([_stretch(each, codes) for each in own]) for key, own in periods.items()
    }
    return Register(histories, frozenset(code for code, key in ids.items() if key not in periods))


def _stretch(period: dict[str, Any], codes: dict[int, str]) -> Stretch:
    state = AgencyState(
        name=period["name"],
        level=period["level"],
        parent=codes[period["parent_id"]] if period["parent_id"] is not None else None,
        email=period["email"],
        address=period["address"],
        tax_code=period["tax_code"],
        budget_code=period["budget_code"],
    )
    return Stretch(period["effective_from"], period["effective_until"], state)


def pack_lists(lists: AgencyLists) -> bytes:
    """What a file says, as compressed JSON."""
    return zlib.compress(lists.model_dump_json(exclude_defaults=True).encode("utf-8", "replace"))


def unpack_lists(packed: bytes) -> AgencyLists:
    """The inverse of `pack_lists`."""
    return AgencyLists.model_validate_json(zlib.decompress(packed))


def pack_rows(rows: tuple[AgencyImportRowView, ...]) -> bytes:
    """What becomes of each row, as compressed JSON."""
    return zlib.compress(_ROWS.dump_json(rows))


def unpack_rows(packed: bytes) -> tuple[AgencyImportRowView, ...]:
    """The inverse of `pack_rows`."""
    return _ROWS.validate_json(zlib.decompress(packed))


def pack_values(values: Any) -> bytes:
    """Plain values, with times as text, as compressed JSON."""
    return zlib.compress(json.dumps(values, default=lambda value: value.isoformat()).encode())


def unpack_values(packed: bytes) -> Any:
    """The inverse of `pack_values`; times stay text."""
    return json.loads(zlib.decompress(packed))
