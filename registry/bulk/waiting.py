"""Waiting a moment for a large change, so that one that is soon done answers at once."""

import time
from typing import Final

from registry.bulk.repository import WAITING
from registry.bulk.tables import BulkChangeRow
from registry.db.unit_of_work import Database
from registry.verifications.wakeup import Wakeups

_LOOK_AGAIN_SECONDS: Final = 0.5
"""An announcement may be lost; the row is looked at this often anyway."""


def wakeup_key(bulk_change_id: int) -> str:
    """Under which the end of the work on a change is announced."""
    return f"bulk-{bulk_change_id}"


def wait_until_settled(database: Database, wakeups: Wakeups, bulk_change_id: int, *, seconds: float) -> bool:
    """Wait up to `seconds`; True when no worker has the next action.

    No transaction is open while it waits. To be called after the unit of work that asked for the work is committed.
    """
    deadline = time.monotonic() + seconds
    while not _is_settled(database, bulk_change_id):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        wakeups.wait(wakeup_key(bulk_change_id), seconds=min(remaining, _LOOK_AGAIN_SECONDS))
    return True


def _is_settled(database: Database, bulk_change_id: int) -> bool:
    with database.read() as uow:
        row = uow.session.get(BulkChangeRow, bulk_change_id)
        return row is None or row.state not in WAITING
