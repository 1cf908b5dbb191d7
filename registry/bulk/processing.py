"""Doing what a large change waits for. It may run twice, at once or after a crash, with the same outcome.

The row is claimed first. A preview that was broken off goes on with what nobody has looked at; recording is one
transaction, which a kill at any moment leaves undone as a whole.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from certs.messages import message
from registry.accounts.service import current_rights
from registry.bulk.recording import preview_items, record_items
from registry.bulk.repository import CHUNK, WAITING, BulkRepository
from registry.bulk.service import settle
from registry.bulk.tables import BulkChangeRow, BulkState
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import RegistryError
from registry.imports.packing import pack_message

MAX_ATTEMPTS: Final = 3
_LEASE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Claim:
    """The right to do what a change waits for until the lease ends."""

    bulk_change_id: int
    attempt: int
    state: BulkState


def process_bulk_change(database: Database, bulk_change_id: int) -> None:
    """Preview or record the change, whichever it waits for; nothing when it waits for a person or is taken.

    What is unforeseen is raised, and the attempt counts; a sweep lets another worker try.
    """
    with database.write() as uow:
        claim = _claim(uow, bulk_change_id)
    if claim is None:
        return
    try:
        if claim.state is BulkState.RECEIVED:
            while _preview(database, claim):
                pass
        else:
            _record(database, claim)
    except RegistryError as error:
        # The person lost the right to do it, or the agency is not there any more.
        with database.write() as uow:
            row = _claimed(uow, claim)
            if row is not None:
                row.reason = pack_message(error.reason)
                settle(uow, row, BulkState.REFUSED)


def _claim(uow: UnitOfWork, bulk_change_id: int) -> _Claim | None:
    row = BulkRepository(uow.session).find_for_change(bulk_change_id)
    if row is None or row.state not in WAITING:
        return None
    if row.is_claimed and row.lease_until is not None and row.lease_until > uow.now:
        return None
    if row.attempts >= MAX_ATTEMPTS:
        row.reason = pack_message(message("bulk.exhausted", attempts=row.attempts))
        settle(uow, row, BulkState.REFUSED)
        return None
    row.attempts += 1
    row.is_claimed = True
    row.lease_until = uow.now + _LEASE
    return _Claim(bulk_change_id, row.attempts, row.state)


def _claimed(uow: UnitOfWork, claim: _Claim) -> BulkChangeRow | None:
    """The row, locked; None when another worker took over."""
    row = BulkRepository(uow.session).find_for_change(claim.bulk_change_id)
    if row is None or row.state is not claim.state or row.attempts != claim.attempt:
        return None
    return row


def _preview(database: Database, claim: _Claim) -> bool:
    """One piece, in a transaction of its own; whether more may follow."""
    with database.write() as uow:
        row = _claimed(uow, claim)
        if row is None:
            return False
        goes_on = preview_items(uow, current_rights(uow, row.created_by), row, limit=CHUNK)
        if goes_on:
            row.counts = BulkRepository(uow.session).count_by_outcome(claim.bulk_change_id)
            row.lease_until = uow.now + _LEASE
        else:
            settle(uow, row, BulkState.READY)
        return goes_on


def _record(database: Database, claim: _Claim) -> None:
    with database.write() as uow:
        row = _claimed(uow, claim)
        if row is not None:
            record_items(uow, current_rights(uow, row.created_by), row)
            settle(uow, row, BulkState.APPLIED)
