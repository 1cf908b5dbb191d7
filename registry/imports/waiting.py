"""Waiting a moment for an import, so that a small one answers with its preview at once."""

import time
from typing import Final

from registry.db.unit_of_work import Database
from registry.imports.repository import WAITING
from registry.imports.tables import ImportRow
from registry.verifications.wakeup import Wakeups

_LOOK_AGAIN_SECONDS: Final = 0.5
"""An announcement may be lost; the row is looked at this often anyway."""


def wakeup_key(import_id: int) -> str:
    """Under which the end of the work on an import is announced."""
    return f"import-{import_id}"


def wait_until_settled(database: Database, wakeups: Wakeups, import_id: int, *, seconds: float) -> bool:
    """Wait up to `seconds`; True when no worker has the next action.

    No transaction is open while it waits. To be called after the unit of work that asked for the work is committed.
    """
    deadline = time.monotonic() + seconds
    while not _is_settled(database, import_id):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        wakeups.wait(wakeup_key(import_id), seconds=min(remaining, _LOOK_AGAIN_SECONDS))
    return True


def _is_settled(database: Database, import_id: int) -> bool:
    with database.read() as uow:
        row = uow.session.get(ImportRow, import_id)
        return row is None or row.state not in WAITING
