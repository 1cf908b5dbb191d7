"""Lists of certificates as files, as shown, with what an import needs to enter them again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import find_certificates, find_certificates_by_id
from registry.certificates.schemas import CertificateView
from registry.certificates.service import ORIGINS
from registry.certificates.tables import CertificateEventKind, CertificateEventRow, CertificateRow
from registry.clock import local_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.spreadsheets import SheetColumn


@dataclass(frozen=True, slots=True)
class ExportedCertificate:
    """One row of the file."""

    view: CertificateView
    iccid: str | None
    origin: CertificateEventKind | None
    """How it came about."""
    replaces: str | None
    """Serial number of the certificate whose place it took."""
    revoked_at: datetime | None
    """When the revocation took effect, if that was by the moment asked for."""
    handed_over_at: datetime | None


CERTIFICATE_COLUMNS: Final[Sequence[SheetColumn[ExportedCertificate]]] = (
    SheetColumn("Số hiệu chứng thư", "Serial number", lambda row, _: row.view.serial, 20),
    SheetColumn("Chủ thể", "Holder", lambda row, _: row.view.holder, 36),
    SheetColumn("Đối tượng", "Kind", lambda row, words: words(row.view.kind)),
    SheetColumn("Chức vụ", "Position", lambda row, _: row.view.position, 20),
    SheetColumn("Thư công vụ", "E-mail", lambda row, _: row.view.email, 28),
    SheetColumn("Mã cơ quan", "Agency code", lambda row, _: row.view.agency_code),
    SheetColumn("Cơ quan quản lý", "Managing agency", lambda row, _: row.view.agency_name, 40),
    SheetColumn("Cấp", "Level", lambda row, words: words(row.view.agency_level)),
    SheetColumn("Thiết bị", "Medium", lambda row, words: words(row.view.medium)),
    SheetColumn("Số hiệu thiết bị", "Device number", lambda row, _: row.view.device_number, 20),
    SheetColumn("ICCID", "ICCID", lambda row, _: row.iccid, 22),
    SheetColumn("Tình trạng thiết bị", "Custody", lambda row, words: words(row.view.custody)),
    SheetColumn("Ngày bàn giao", "Handed over", lambda row, _: _day(row.handed_over_at), 14),
    SheetColumn("Hình thức cấp", "Origin", lambda row, words: words(row.origin) if row.origin else None),
    SheetColumn("Thay cho", "Replaces", lambda row, _: row.replaces, 20),
    SheetColumn("Ngày cấp", "Issued", lambda row, _: _day(row.view.issued_at), 14),
    SheetColumn("Ngày hiệu lực", "Valid from", lambda row, _: _day(row.view.not_before), 14),
    SheetColumn("Ngày hết hạn", "Valid until", lambda row, _: _day(row.view.not_after), 14),
    SheetColumn("Trạng thái", "Status", lambda row, words: words(row.view.standing)),
    SheetColumn("Ngày thu hồi", "Revoked", lambda row, _: _day(row.revoked_at), 14),
    SheetColumn("Lý do thu hồi", "Revocation reason", lambda row, _: row.view.revocation_reason, 22),
    SheetColumn("Thế hệ CA", "CA generation", lambda row, _: row.view.generation, 12),
    SheetColumn("Đơn vị cấp", "Issuer", lambda row, _: row.view.issuer, 40),
    SheetColumn("SHA-256", "SHA-256", lambda row, _: row.view.sha256, 66),
)


def iterate_exported(database: Database, viewer: Viewer, query: CertificateQuery) -> Iterator[ExportedCertificate]:
    """The whole list in its order, each page read in a unit of work of its own.

    Neither memory nor the time for which a connection is held grows with the list: whoever fetches the file slowly holds
    up nobody. What is recorded meanwhile may or may not be in the rest of the file.
    """
    cursor = None
    while True:
        with database.read() as uow:
            page = find_certificates(uow, viewer, query, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
            rows = _with_facts(uow, page.items, query.as_of)
        yield from rows
        if page.next is None:
            return
        cursor = page.next


def iterate_chosen(
    database: Database, viewer: Viewer, certificate_ids: Sequence[int], as_of: datetime
) -> Iterator[ExportedCertificate]:
    """Single certificates in the order given, without those that the viewer may not see or that were not issued yet."""
    for start in range(0, len(certificate_ids), MAXIMUM_PAGE):
        part = tuple(certificate_ids[start : start + MAXIMUM_PAGE])
        with database.read() as uow:
            found = find_certificates_by_id(uow, viewer, part, as_of)
            rows = _with_facts(uow, tuple(found[key] for key in part if key in found), as_of)
        yield from rows


def _with_facts(
    uow: UnitOfWork, views: tuple[CertificateView, ...], as_of: datetime
) -> tuple[ExportedCertificate, ...]:
    keys = [view.id for view in views]
    replaced = aliased(CertificateRow)
    own = {
        key: (iccid, serial)
        for key, iccid, serial in uow.session.execute(
            select(col(CertificateRow.id), col(CertificateRow.iccid), col(replaced.serial))
            .outerjoin(replaced, col(replaced.id) == col(CertificateRow.replaces_id))
            .where(col(CertificateRow.id).in_(keys))
        )
    }
    wanted = (*ORIGINS, CertificateEventKind.REVOKED, CertificateEventKind.HANDED_OVER)
    origins: dict[int, CertificateEventKind] = {}
    last: dict[tuple[int, CertificateEventKind], datetime] = {}
    for key, kind, at in uow.session.execute(
        select(
            col(CertificateEventRow.certificate_id),
            col(CertificateEventRow.kind),
            col(CertificateEventRow.effective_at),
        )
        .where(
            col(CertificateEventRow.certificate_id).in_(keys),
            col(CertificateEventRow.kind).in_(wanted),
            col(CertificateEventRow.effective_at) <= as_of,
        )
        .order_by(col(CertificateEventRow.effective_at), col(CertificateEventRow.id))
        # It would read all events of these kinds, of which there are millions.
        .with_hint(CertificateEventRow, "INDEXED BY ix_certificate_event_certificate_id_effective_at", "sqlite")
    ):
        if kind in ORIGINS:
            origins[key] = kind
        last[key, kind] = at
    return tuple(
        ExportedCertificate(
            view=view,
            iccid=own[view.id][0],
            origin=origins.get(view.id),
            replaces=own[view.id][1],
            revoked_at=last.get((view.id, CertificateEventKind.REVOKED)),
            handed_over_at=last.get((view.id, CertificateEventKind.HANDED_OVER)),
        )
        for view in views
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else local_day(moment)
