"""Waiting a moment for a large change, so that one that is soon done answers at once."""

from registry.bulk.repository import WAITING
from registry.bulk.tables import BulkChangeRow
from registry.db.unit_of_work import Database
from registry.wakeup import Wakeups


def wakeup_key(bulk_change_id: int) -> str:
    """Under which the end of the work on a change is announced."""
    return f"bulk-{bulk_change_id}"


def wait_until_settled(database: Database, wakeups: Wakeups, bulk_change_id: int, *, seconds: float) -> bool:
    """Wait up to `seconds`, as `Wakeups.wait_until` does; True when no worker has the next action."""

    def is_settled() -> bool:
        with database.read() as uow:
            row = uow.session.get(BulkChangeRow, bulk_change_id)
            return row is None or row.state not in WAITING

    return wakeups.wait_until(is_settled, wakeup_key(bulk_change_id), seconds=seconds)
