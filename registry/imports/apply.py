"""Entering the chosen items of an import into the register, in the one transaction of the caller: all of it or nothing.

What happened since the preview is looked at again: the unique constraints of the register decide, so that two imports
of the same files at once give one set of rows, and what somebody else entered meanwhile is simply known.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlmodel import col

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.certificates.entering import find_withdrawn
from registry.certificates.tables import CertificateEventRow
from registry.db.engine import take_room
from registry.db.locks import Lock, hold
from registry.db.unit_of_work import UnitOfWork
from registry.imports.applying.ending import link_predecessors, revoke_listed
from registry.imports.applying.entering import enter_new
from registry.imports.applying.held import complete_entry, correct_known
from registry.imports.applying.work import Applying, leave_out
from registry.imports.repository import APPLICABLE, CHUNK, GOOD, SURE, ImportRepository
from registry.imports.tables import AgencyStanding, ImportChoice, ImportItemRow, ImportRow, ItemOutcome

define(
    "imports.taken_back_since",
    vi="Chứng thư này đã được hủy bỏ cùng lần nhập đã ghi nó, sau khi có bản xem trước. Hãy nộp lại tệp.",
    en="The certificate was taken back with its import after this preview was made. Hand the files in again.",
)

Progress = Callable[[int], None]
"""Told how many items are done so far."""


def apply_items(uow: UnitOfWork, viewer: Viewer, row: ImportRow, progress: Progress | None = None) -> int:
    """Enter the items that `row.choice` chooses and return how many changed the register.

    1. New certificates, those that come again, and rows without certificates.
    2. What the list says of them besides: responsible agency, custody, suspension.
    3. Who takes whose place, the oldest first.
    4. Revocations, which are final.
    5. Certificates that the register held before: completed or corrected.

    Raises `NotPermitted` or `AgencyNotFound`, and then nothing may be committed.
    """
    repository = ImportRepository(uow.session)
    connection = uow.session.connection()
    hold(connection, Lock.REGISTER)
    take_room(connection)
    work = Applying(uow, viewer, row)
    done = 0
    for chunk in _chunks(repository.iterate_items(row, *chosen(row.choice or ImportChoice.NONE))):
        changing = [item for item in chunk if item.outcome in (ItemOutcome.COMPLETES, ItemOutcome.DIFFERS)]
        gone = find_withdrawn(uow.session, [item.certificate_id for item in changing]) if changing else set()
        # What was to be completed and was taken back meanwhile comes again as a whole.
        entering = [item for item in chunk if item.outcome in (ItemOutcome.NEW, ItemOutcome.RENEWS)]
        entering += [item for item in changing if item.outcome is ItemOutcome.COMPLETES and item.certificate_id in gone]
        enter_new(work, entering)
        for item in changing:
            if item.certificate_id in gone:
                if item.outcome is ItemOutcome.DIFFERS:
                    leave_out(work, item, ItemOutcome.REFUSED, message("imports.taken_back_since"))
            elif item.outcome is ItemOutcome.COMPLETES:
                complete_entry(work, item)
            else:
                correct_known(work, item)
        done += len(chunk)
        if progress is not None:
            progress(done)
    link_predecessors(work, repository)
    revoke_listed(work, repository)
    row.last_event_id = uow.session.execute(select(func.max(CertificateEventRow.id))).scalar_one_or_none() or 0
    return work.applied


def chosen(choice: ImportChoice) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the items that a choice applies."""
    item = ImportItemRow
    match choice:
        case ImportChoice.GOOD:
            return col(item.outcome).in_(GOOD), col(item.agency_standing).in_(SURE)
        case ImportChoice.ALL:
            return col(item.outcome).in_(APPLICABLE), col(item.agency_standing) != AgencyStanding.MISSING
        case ImportChoice.NONE:
            return (col(item.id).is_(None),)


def _chunks(items: Iterable[Row[Any]]) -> Iterable[list[Row[Any]]]:
    chunk: list[Row[Any]] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
