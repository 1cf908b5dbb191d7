"""Every certificate as rows: what it is, what was true of it from when on, and what happened to it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import col

from registry.agencies.tables import AgencyRow
from registry.certificates.query import Standing
from registry.certificates.service import ORIGINS
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
)
from registry.db.unit_of_work import Database, UnitOfWork
from registry.spreadsheets import SheetColumn, exact_cell

_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """One certificate; its columns are those of `CertificateRow`."""

    row: Row[Any]
    named_agency: str
    """Code of the agency that it names."""
    agency: str
    """Code of the responsible agency, by what is recorded last."""
    status: CertificateStatus
    custody: Custody
    origin: CertificateEventKind | None
    replaces: str | None
    """SHA-256 of the certificate whose place it took, or its serial number."""


@dataclass(frozen=True, slots=True)
class StateEntry:
    """What was true of a certificate from a moment on."""

    certificate: CertificateEntry
    since: datetime
    agency: str
    status: CertificateStatus
    reason: str | None
    custody: Custody
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Something that happened to a certificate."""

    certificate: CertificateEntry
    row: Row[Any]
    details: str | None
    """JSON; agencies are named by their codes."""


CERTIFICATES: Final[Sequence[SheetColumn[CertificateEntry]]] = (
    SheetColumn("Số hiệu chứng thư", "Serial number", lambda each, _: each.row.serial, 20),
    SheetColumn("Chủ thể", "Holder", lambda each, _: each.row.holder, 36),
    SheetColumn("Đối tượng", "Kind", lambda each, words: words(each.row.kind)),
    SheetColumn("Chức vụ", "Position", lambda each, _: each.row.position, 20),
    SheetColumn("Thư công vụ", "E-mail", lambda each, _: each.row.email, 28),
    SheetColumn("Mã cơ quan", "Agency code", lambda each, _: each.agency),
    SheetColumn(
        "Mã cơ quan nêu trong chứng thư",
        "Code of the agency named in the certificate",
        lambda each, _: each.named_agency,
    ),
    SheetColumn("Thiết bị", "Medium", lambda each, words: words(each.row.medium)),
    SheetColumn("Số hiệu thiết bị", "Device number", lambda each, _: each.row.device_number, 20),
    SheetColumn("ICCID", "ICCID", lambda each, _: each.row.iccid, 22),
    SheetColumn("Tình trạng thiết bị", "Custody", lambda each, words: words(each.custody)),
    SheetColumn("Hình thức cấp", "Origin", lambda each, words: words(each.origin) if each.origin else None),
    SheetColumn("Thay cho", "Replaces", lambda each, _: each.replaces, 20),
    SheetColumn("Ngày cấp", "Issued", lambda each, _: each.row.issued_at.isoformat(), 26),
    SheetColumn("Ngày hiệu lực", "Valid from", lambda each, _: each.row.not_before.isoformat(), 26),
    SheetColumn("Ngày hết hạn", "Valid until", lambda each, _: each.row.not_after.isoformat(), 26),
    SheetColumn("Trạng thái", "Status", lambda each, words: words(Standing(each.status.value))),
    SheetColumn("Đơn vị cấp", "Issuer", lambda each, _: each.row.issuer, 40),
    SheetColumn("SHA-256", "SHA-256", lambda each, _: each.row.sha256, 66),
)

STATES: Final[Sequence[SheetColumn[StateEntry]]] = (
    SheetColumn("Số hiệu chứng thư", "Serial number", lambda each, _: each.certificate.row.serial, 20),
    SheetColumn("Từ thời điểm", "From the moment", lambda each, _: exact_cell(each.since), 26),
    SheetColumn("Mã cơ quan", "Agency code", lambda each, _: each.agency),
    SheetColumn("Trạng thái", "Status", lambda each, words: words(Standing(each.status.value))),
    SheetColumn("Lý do", "Reason", lambda each, _: each.reason, 22),
    SheetColumn("Tình trạng thiết bị", "Custody", lambda each, words: words(each.custody)),
    SheetColumn("Đã được thay thế", "Has been replaced", lambda each, _: 1 if each.is_replaced else None),
    SheetColumn("Đơn vị cấp", "Issuer", lambda each, _: _issuer(each.certificate)),
    SheetColumn("SHA-256", "SHA-256", lambda each, _: each.certificate.row.sha256, 66),
)

EVENTS: Final[Sequence[SheetColumn[EventEntry]]] = (
    SheetColumn("Số hiệu chứng thư", "Serial number", lambda each, _: each.certificate.row.serial, 20),
    SheetColumn("Từ thời điểm", "From the moment", lambda each, _: exact_cell(each.row.effective_at), 26),
    SheetColumn("Sự kiện", "Event", lambda each, words: words(each.row.kind), 30),
    SheetColumn("Mã sự kiện", "Event code", lambda each, _: each.row.kind.value, 18),
    SheetColumn("Lý do", "Reason", lambda each, _: each.row.reason, 22),
    SheetColumn("Ghi chú", "Note", lambda each, _: each.row.note, 40),
    SheetColumn("Chi tiết", "Details", lambda each, _: each.details, 30),
    SheetColumn("Ghi nhận lúc", "Recorded at", lambda each, _: exact_cell(each.row.recorded_at), 26),
    SheetColumn("Người ghi", "Recorded by", lambda each, _: each.row.actor),
    SheetColumn("Đơn vị cấp", "Issuer", lambda each, _: _issuer(each.certificate)),
    SheetColumn("SHA-256", "SHA-256", lambda each, _: each.certificate.row.sha256, 66),
)


def iterate_entries(
    database: Database,
) -> Iterator[tuple[CertificateEntry, tuple[StateEntry, ...], tuple[EventEntry, ...]]]:
    """Every certificate in the order in which they were entered, read piece by piece in units of work of their own.

    Certificates that were taken back with their import are left out.
    """
    last = 0
    while True:
        with database.read() as uow:
            codes: dict[int, str] = dict(uow.session.execute(select(col(AgencyRow.id), col(AgencyRow.code))).all())
            rows = _rows(uow, last)
            found = _entries(uow, rows, codes)
        yield from found
        if len(rows) < _CHUNK:
            return
        last = rows[-1].id


_COLUMNS: Final = (
    *("id", "sha256", "serial", "issuer", "kind", "holder", "position", "email", "medium", "device_number", "iccid"),
    *("issued_at", "not_before", "not_after", "named_agency_id", "replaces_id"),
)


def _rows(uow: UnitOfWork, last: int) -> Sequence[Row[Any]]:
    columns = (getattr(CertificateRow, name) for name in _COLUMNS)
    return uow.session.execute(
        select(*columns).where(col(CertificateRow.id) > last).order_by(col(CertificateRow.id)).limit(_CHUNK)
    ).all()


def _entries(
    uow: UnitOfWork, rows: Sequence[Row[Any]], codes: Mapping[int, str]
) -> list[tuple[CertificateEntry, tuple[StateEntry, ...], tuple[EventEntry, ...]]]:
    keys = [row.id for row in rows]
    periods = _by_certificate(uow, CertificatePeriodRow, keys, col(CertificatePeriodRow.effective_from))
    events = _by_certificate(uow, CertificateEventRow, keys, col(CertificateEventRow.id))
    replaced: dict[int, str] = {
        key: sha256 or serial
        for key, sha256, serial in uow.session.execute(
            select(col(CertificateRow.id), col(CertificateRow.sha256), col(CertificateRow.serial)).where(
                col(CertificateRow.id).in_({row.replaces_id for row in rows if row.replaces_id is not None})
            )
        )
    }
    found = []
    for row in rows:
        own = periods.get(row.id)
        if not own:
            continue
        told = events.get(row.id, ())
        entry = CertificateEntry(
            row=row,
            named_agency=codes[row.named_agency_id],
            agency=codes[own[-1].agency_id],
            status=own[-1].status,
            custody=own[-1].custody,
            origin=next((event.kind for event in told if event.kind in ORIGINS), None),
            replaces=replaced.get(row.replaces_id),
        )
        states = tuple(
            StateEntry(
                certificate=entry,
                since=period.effective_from,
                agency=codes[period.agency_id],
                status=period.status,
                reason=period.revocation_reason,
                custody=period.custody,
                is_replaced=period.is_replaced,
            )
            for period in own
        )
        found.append((entry, states, tuple(EventEntry(entry, event, _details(event, codes)) for event in told)))
    return found


def _by_certificate(uow: UnitOfWork, table: Any, keys: Sequence[int], order: Any) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    statement = select(table.__table__).where(table.certificate_id.in_(keys)).order_by(table.certificate_id, order)
    for row in uow.session.execute(statement):
        found.setdefault(row.certificate_id, []).append(row)
    return found


def _details(event: Row[Any], codes: Mapping[int, str]) -> str | None:
    details = dict(event.details)
    if event.kind is CertificateEventKind.REASSIGNED:
        details = {name: codes.get(value, value) for name, value in details.items()}
    return json.dumps(details, ensure_ascii=False) if details else None


def _issuer(entry: CertificateEntry) -> str | None:
    """Tells entries without their certificates apart; a fingerprint needs no help."""
    issuer: str | None = entry.row.issuer
    return None if entry.row.sha256 else issuer
