"""Sheets that tell the history of certificates: what was true of each from when on, and what happened. Pure.

`registry.transfer` writes them, so that a register can be moved with its past; nobody keeps them by hand.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from certs.messages import Message, define, message
from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody
from registry.imports.columns import ListField
from registry.imports.packing import unpack_cells
from registry.imports.tables import ImportSheetRow, SheetKind
from registry.imports.values import READERS
from registry.lists.cells import (
    BAD_WORD,
    BadCell,
    CellReader,
    CellsRead,
    read_cells,
    read_code,
    read_moment,
    read_text,
)
from registry.lists.headers import Header, Vocabulary, find_header
from registry.lists.spreadsheets import Cell, Sheet

BROKEN = define(
    "imports.history.broken",
    vi="Không đọc được lịch sử của chứng thư ở dòng {place}; chứng thư chưa được nhập.",
    en="The history of the certificate cannot be read in row {place}; it is not entered.",
)
UNKNOWN_AGENCY = define(
    "imports.history.unknown_agency",
    vi="Lịch sử của chứng thư có cơ quan mã {number} chưa có trong sổ. Hãy nhập danh sách cơ quan trước.",
    en="The history names the agency {number}, which the register does not hold. Import the agencies first.",
)


class HistoryField(StrEnum):
    """What the columns of these sheets mean."""

    SERIAL = "serial"
    SHA256 = "sha256"
    ISSUER = "issuer"
    """Of an entry without its certificate."""
    SINCE = "since"
    AGENCY_CODE = "agency_code"
    STATUS = "status"
    REASON = "reason"
    CUSTODY = "custody"
    REPLACED = "replaced"
    EVENT = "event"
    RECORDED_AT = "recorded_at"
    ACTOR = "actor"
    NOTE = "note"
    DETAILS = "details"


_VOCABULARY: Final = Vocabulary(
    synonyms={
        HistoryField.SERIAL: ("so hieu chung thu", "serial number"),
        HistoryField.SHA256: ("sha 256",),
        HistoryField.ISSUER: ("don vi cap", "issuer"),
        HistoryField.SINCE: ("tu thoi diem", "from the moment"),
        HistoryField.AGENCY_CODE: ("ma co quan", "agency code"),
        HistoryField.STATUS: ("trang thai", "status"),
        HistoryField.REASON: ("ly do", "reason"),
        HistoryField.CUSTODY: ("tinh trang thiet bi", "custody"),
        HistoryField.REPLACED: ("da duoc thay the", "has been replaced"),
        HistoryField.EVENT: ("ma su kien", "event code"),
        HistoryField.RECORDED_AT: ("ghi nhan luc", "recorded at"),
        HistoryField.ACTOR: ("nguoi ghi", "recorded by"),
        HistoryField.NOTE: ("ghi chu", "note"),
        HistoryField.DETAILS: ("chi tiet", "details"),
    },
    keys=frozenset({HistoryField.SINCE}),
)


def find_history_header(sheet: Sheet) -> tuple[SheetKind, Header[HistoryField]] | None:
    """The kind and the header of such a sheet; None for any other."""
    header = find_header(sheet, _VOCABULARY)
    if header is None:
        return None
    known = {column.field for column in header.columns if column.score == 100}
    if {HistoryField.SINCE, HistoryField.EVENT} <= known:
        return SheetKind.EVENTS, header
    if {HistoryField.SINCE, HistoryField.STATUS, HistoryField.CUSTODY} <= known:
        return SheetKind.STATES, header
    return None


@dataclass(frozen=True, slots=True)
class StateOf:
    """What was true of a certificate from a moment on."""

    since: datetime
    agency_code: str
    status: CertificateStatus
    reason: str | None
    custody: Custody
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class EventOf:
    """Something that happened to a certificate."""

    kind: CertificateEventKind
    at: datetime
    recorded_at: datetime | None
    actor: str | None
    reason: str | None
    note: str | None
    details: Mapping[str, Any]
    """Agencies are named by their codes."""


@dataclass(slots=True)
class CertificateHistory:
    """Everything that the sheets tell of one certificate."""

    states: list[StateOf] = field(default_factory=list)
    events: list[EventOf] = field(default_factory=list)
    broken: str | None = None
    """The place of a row that cannot be read."""

    def pack(self, agency_ids: Mapping[str, int]) -> dict[str, Any] | Message:
        """As JSON, with the agencies' identifiers; or why it cannot be used."""
        self.states.sort(key=lambda state: state.since)
        if self.broken is not None or not self.states:
            return message(BROKEN, place=self.broken or "?")
        codes = {state.agency_code for state in self.states}
        missing = next((code for code in sorted(codes) if code not in agency_ids), None)
        if missing is not None:
            return message(UNKNOWN_AGENCY, number=missing)
        return {
            "states": [
                {
                    "effective_from": state.since.isoformat(),
                    "agency_id": agency_ids[state.agency_code],
                    "status": state.status,
                    "revocation_reason": state.reason,
                    "custody": state.custody,
                    "is_replaced": state.is_replaced,
                }
                for state in self.states
            ],
            "events": [_pack_event(event, agency_ids) for event in self.events],
        }


_OF_THAT_REGISTER: Final = frozenset({"by", "replaces", "bulk_change"})
"""Numbers that mean nothing here."""


def _pack_event(event: EventOf, agency_ids: Mapping[str, int]) -> dict[str, Any]:
    # Which certificate took whose place is told by the list, and linked when both are entered.
    details = {name: value for name, value in event.details.items() if name not in _OF_THAT_REGISTER}
    if event.kind is CertificateEventKind.REASSIGNED:
        details = {name: agency_ids.get(value, value) for name, value in details.items()}
    elsewhere = {"at": event.recorded_at.isoformat() if event.recorded_at else None, "by": event.actor}
    return {
        "kind": event.kind,
        "effective_at": event.at.isoformat(),
        "reason": event.reason,
        "note": event.note,
        # This register learns of it now; when and by whom another one was told is kept beside it.
        "details": {**details, "recorded": elsewhere} if any(elsewhere.values()) else details,
    }


def read_histories(sheets: Iterable[ImportSheetRow]) -> dict[str, CertificateHistory]:
    """What all sheets tell, by fingerprint, or by issuer and serial number (`key_of`) where there is none."""
    found: dict[str, CertificateHistory] = {}
    for sheet in sheets:
        if sheet.kind is SheetKind.LIST:
            continue
        for place, read in _rows(sheet):
            values = read.values
            serial = values.get(HistoryField.SERIAL)
            key = values.get(HistoryField.SHA256) or key_of(values.get(HistoryField.ISSUER), serial)
            history = found.setdefault(key, CertificateHistory())
            try:
                if sheet.kind is SheetKind.EVENTS:
                    history.events.append(_event(values))
                else:
                    history.states.append(_state(values))
            except KeyError:
                history.broken = history.broken or place
            if read.problems:
                history.broken = history.broken or place
    return found


def key_of(issuer: str | None, serial: str | None) -> str:
    """How an entry without its certificate is found."""
    return f"{issuer or ''}\x1f{serial or ''}"


def _rows(sheet: ImportSheetRow) -> Iterator[tuple[str, CellsRead[HistoryField]]]:
    mapping = {column["column"]: HistoryField(column["field"]) for column in sheet.columns if column["field"]}
    labels = {column["column"]: column["label"] for column in sheet.columns}
    for number, cells in enumerate(unpack_cells(sheet.cells), start=sheet.first_row):
        if any(cell is not None for cell in cells):
            yield f"{sheet.place} › {number}", read_cells(cells, mapping, _READERS, labels=labels, encodings={})


def _state(values: Mapping[HistoryField, Any]) -> StateOf:
    return StateOf(
        since=values[HistoryField.SINCE],
        agency_code=values[HistoryField.AGENCY_CODE],
        status=values[HistoryField.STATUS],
        reason=values.get(HistoryField.REASON),
        custody=values[HistoryField.CUSTODY],
        is_replaced=values.get(HistoryField.REPLACED, False),
    )


def _event(values: Mapping[HistoryField, Any]) -> EventOf:
    return EventOf(
        kind=values[HistoryField.EVENT],
        at=values[HistoryField.SINCE],
        recorded_at=values.get(HistoryField.RECORDED_AT),
        actor=values.get(HistoryField.ACTOR),
        reason=values.get(HistoryField.REASON),
        note=values.get(HistoryField.NOTE),
        details=values.get(HistoryField.DETAILS, {}),
    )


def _flag(text: str, cell: Cell) -> bool:
    del cell
    return text == "1"


def _kind(text: str, cell: Cell) -> CertificateEventKind:
    del cell
    try:
        return CertificateEventKind(text)
    except ValueError as error:
        raise BadCell(BAD_WORD) from error


def _details(text: str, cell: Cell) -> Mapping[str, Any]:
    del cell
    try:
        details = json.loads(text)
    except ValueError as error:
        raise BadCell(BAD_WORD) from error
    if not isinstance(details, dict):
        raise BadCell(BAD_WORD)
    return details


_READERS: Final[Mapping[HistoryField, CellReader]] = {
    HistoryField.SERIAL: READERS[ListField.SERIAL],
    HistoryField.SHA256: READERS[ListField.SHA256],
    HistoryField.ISSUER: READERS[ListField.ISSUER],
    HistoryField.SINCE: read_moment,
    HistoryField.AGENCY_CODE: read_code,
    HistoryField.STATUS: READERS[ListField.STATUS],
    HistoryField.REASON: read_text(60),
    HistoryField.CUSTODY: READERS[ListField.CUSTODY],
    HistoryField.REPLACED: _flag,
    HistoryField.EVENT: _kind,
    HistoryField.RECORDED_AT: read_moment,
    HistoryField.ACTOR: read_text(100),
    HistoryField.NOTE: read_text(4000),
    HistoryField.DETAILS: _details,
}
