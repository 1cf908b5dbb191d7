"""Taking an import back, in the one transaction of the caller.

Nothing is erased: the rows of the certificates, their events, the import and its items stay. What goes are the periods
in which the certificates were true, so that they leave every list, count and report of every day; a further event says
who took them back. Certificates that were there before get back what they were. The same files may be imported again.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from certs.messages import define, message
from registry.batches import batches
from registry.certificates.steps import RESTORED, WITHDRAWN
from registry.certificates.tables import CertificateEventRow
from registry.db.engine import take_room
from registry.db.locks import Lock, hold
from registry.db.unit_of_work import UnitOfWork
from registry.imports.errors import StillDependedOn
from registry.imports.repository import CHUNK
from registry.imports.storing import record_correction, restore, withdraw
from registry.imports.tables import ImportItemRow, ImportRow

define(
    "imports.undone",
    vi="Hoàn tác lần nhập dữ liệu số {number}.",
    en="Import number {number} was undone.",
)


def undo_items(uow: UnitOfWork, row: ImportRow, progress: Callable[[int], None] | None = None) -> int:
    """Take back what the import entered and return the number of certificates concerned; `progress` is told on the way.

    Raises `StillDependedOn` when anything was recorded about one of them since: then nothing changes.
    """
    connection = uow.session.connection()
    hold(connection, Lock.REGISTER)
    take_room(connection)
    created, pictures = _concerned(uow, row)
    concerned = [*created, *(taken["certificate_id"] for taken in pictures)]
    changed = sum(_count_changed(uow, row, part) for part in batches(concerned, CHUNK))
    if changed:
        raise StillDependedOn(changed)
    note = message("imports.undone", number=row.id).text("vi")
    actor = row.decided_by or row.actor
    for number, part in enumerate(batches(created, CHUNK)):
        withdraw(uow.session, part)
        record_correction(uow, part, actor=actor, details={WITHDRAWN: row.id}, note=note)
        if progress is not None:
            progress(number * CHUNK + len(part))
    restored = [restore(uow.session, taken) for taken in pictures]
    for part in batches(restored, CHUNK):
        record_correction(uow, part, actor=actor, details={RESTORED: row.id}, note=note)
    return len(concerned)


def _concerned(uow: UnitOfWork, row: ImportRow) -> tuple[list[int], list[dict[str, Any]]]:
    item = ImportItemRow
    created: list[int] = []
    pictures: list[dict[str, Any]] = []
    rows = uow.session.execute(
        select(col(item.certificate_id), col(item.is_created), col(item.before))
        .where(
            col(item.import_id) == row.id,
            col(item.revision) == row.revision,
            col(item.certificate_id).is_not(None),
        )
        .order_by(col(item.position))
    )
    for key, is_created, before in rows:
        if is_created and key is not None:
            created.append(key)
        pictures.extend(before)
    return created, pictures


def _count_changed(uow: UnitOfWork, row: ImportRow, keys: Sequence[int]) -> int:
    event = CertificateEventRow
    count: int = uow.session.execute(
        select(func.count(func.distinct(col(event.certificate_id)))).where(
            col(event.certificate_id).in_(keys), col(event.id) > (row.last_event_id or 0)
        )
    ).scalar_one()
    return count
