"""Waiting a moment for verdicts, so that most people never see that a worker makes them."""

import time
from collections.abc import Sequence

from registry.db.unit_of_work import Database
from registry.verifications.repository import VerificationRepository
from registry.verifications.tables import VerificationState
from registry.verifications.wakeup import Wakeups

LOOK_AGAIN_SECONDS = 0.5
"""An announcement may be lost or taken by another request; the row is looked at this often anyway."""


def wait_until_finished(
    database: Database, wakeups: Wakeups, verification_ids: Sequence[str], *, seconds: float
) -> bool:
    """Wait up to `seconds` for all of them; True when each is judged or refused.

    No transaction is open while it waits. To be called after the unit of work that handed them in is committed.
    """
    deadline = time.monotonic() + seconds
    for verification_id in verification_ids:
        while not _is_finished(database, verification_id):
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            wakeups.wait(verification_id, seconds=min(remaining, LOOK_AGAIN_SECONDS))
    return True


def _is_finished(database: Database, verification_id: str) -> bool:
    with database.read() as uow:
        row = VerificationRepository(uow.session).find(verification_id)
        return row is None or row.state in {VerificationState.DONE, VerificationState.REFUSED}
