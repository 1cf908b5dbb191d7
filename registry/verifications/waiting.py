"""Waiting a moment for verdicts, so that most people never see that a worker makes them."""

import time
from collections.abc import Sequence
from functools import partial

from registry.db.unit_of_work import Database
from registry.verifications.repository import VerificationRepository
from registry.verifications.tables import VerificationRow
from registry.wakeup import Wakeups


def wait_until_finished(
    database: Database, wakeups: Wakeups, verification_ids: Sequence[str], *, seconds: float
) -> bool:
    """Wait up to `seconds` for all of them, as `Wakeups.wait_until` does; True when each is judged or refused."""
    deadline = time.monotonic() + seconds

    def is_finished(verification_id: str) -> bool:
        with database.read() as uow:
            row = VerificationRepository(uow.session).find(verification_id)
            return row is None or row.state not in VerificationRow.WAITING

    return all(
        wakeups.wait_until(partial(is_finished, each), each, seconds=deadline - time.monotonic())
        for each in verification_ids
    )
