"""Doing what a large change waits for. It may run twice, at once or after a crash, with the same outcome.

The row is claimed first. A preview that was broken off goes on with what nobody has looked at; recording is one
transaction, which a kill at any moment leaves undone as a whole.
"""

from datetime import timedelta
from typing import Final

from certs.messages import message
from registry.accounts.service import current_rights
from registry.bulk.recording import preview_items, record_items
from registry.bulk.repository import CHUNK, BulkRepository
from registry.bulk.service import finish
from registry.bulk.tables import BulkChangeRow, BulkState
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import RegistryError
from registry.leases import Claim, claim, find_claimable, find_claimed, is_exhausted
from registry.packed_messages import pack_message

_LEASE: Final = timedelta(minutes=15)


def process_bulk_change(database: Database, bulk_change_id: int) -> None:
    """Preview or record the change, whichever it waits for; nothing when it waits for a person or is taken.

    What is unforeseen is raised, and the attempt counts; a sweep lets another worker try.
    """
    with database.write() as uow:
        claimed = _claim(uow, bulk_change_id)
    if claimed is None:
        return
    try:
        if claimed.state is BulkState.RECEIVED:
            while _preview(database, claimed):
                pass
        else:
            _record(database, claimed)
    except RegistryError as error:
        # The person lost the right to do it, or the agency is not there any more.
        with database.write() as uow:
            row = find_claimed(uow, BulkChangeRow, claimed)
            if row is not None:
                row.reason = pack_message(error.reason)
                finish(uow, row, BulkState.REFUSED)


def _claim(uow: UnitOfWork, bulk_change_id: int) -> Claim | None:
    row = find_claimable(uow, BulkChangeRow, bulk_change_id)
    if row is None:
        return None
    if is_exhausted(row):
        row.reason = pack_message(message("bulk.exhausted", attempts=row.attempts))
        finish(uow, row, BulkState.REFUSED)
        return None
    return claim(uow, row, lease=_LEASE)


def _preview(database: Database, claimed: Claim) -> bool:
    """One piece, in a transaction of its own; whether more may follow."""
    with database.write() as uow:
        row = find_claimed(uow, BulkChangeRow, claimed)
        if row is None:
            return False
        goes_on = preview_items(uow, current_rights(uow, row.created_by), row, limit=CHUNK)
        if goes_on:
            row.counts = BulkRepository(uow.session).count_by_outcome(claimed.key)
            row.lease_until = uow.now + _LEASE
        else:
            finish(uow, row, BulkState.READY)
        return goes_on


def _record(database: Database, claimed: Claim) -> None:
    with database.write() as uow:
        row = find_claimed(uow, BulkChangeRow, claimed)
        if row is not None:
            record_items(uow, current_rights(uow, row.created_by), row)
            finish(uow, row, BulkState.APPLIED)
