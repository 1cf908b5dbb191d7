"""Waiting a moment for an import, so that a small one answers with its preview at once."""

from registry.db.unit_of_work import Database
from registry.imports.repository import WAITING
from registry.imports.tables import ImportRow
from registry.wakeup import Wakeups


def wakeup_key(import_id: int) -> str:
    """Under which the end of the work on an import is announced."""
    return f"import-{import_id}"


def wait_until_settled(database: Database, wakeups: Wakeups, import_id: int, *, seconds: float) -> bool:
    """Wait up to `seconds`, as `Wakeups.wait_until` does; True when no worker has the next action."""

    def is_settled() -> bool:
        with database.read() as uow:
            row = uow.session.get(ImportRow, import_id)
            return row is None or row.state not in WAITING

    return wakeups.wait_until(is_settled, wakeup_key(import_id), seconds=seconds)
