"""How far entering or taking back has come.

It is one transaction, of which the database shows nobody anything until it is done: so Redis tells. Only a hint; without
Redis nothing is told, and nothing else is lost.
"""

import time
from typing import Final

from registry.db.types import key_of
from registry.imports.repository import count_chosen
from registry.imports.schemas import ImportDetail
from registry.imports.tables import ImportChoice, ImportRow, ImportState
from registry.leases import wakeup_name
from registry.wakeup import Wakeups

_BETWEEN_SECONDS: Final = 0.5
_ALMOST: Final = 99
"""All is done when it is committed, and not before."""


class Teller:
    """Tells of one import while it is worked on; to be called with the number of items that are done."""

    def __init__(self, wakeups: Wakeups, row: ImportRow | None) -> None:
        self._wakeups = wakeups
        self._key = "" if row is None else wakeup_name(ImportRow, key_of(row))
        self._total = 0 if row is None else _count_expected(row)
        self._next = 0.0

    def __call__(self, done: int) -> None:
        """Tell, but not more often than somebody looks."""
        if self._total and time.monotonic() >= self._next:
            self._wakeups.tell_progress(self._key, min(_ALMOST, done * 100 // self._total))
            self._next = time.monotonic() + _BETWEEN_SECONDS


def _count_expected(row: ImportRow) -> int:
    match row.state:
        case ImportState.APPLYING:
            return count_chosen(row.counts, row.choice or ImportChoice.NONE)
        case ImportState.UNDOING:
            return row.applied_count
        case _:
            return 0


def with_progress(detail: ImportDetail, wakeups: Wakeups) -> ImportDetail:
    """The same, and how much is done while it is entered or taken back."""
    summary = detail.summary
    if summary.state not in (ImportState.APPLYING, ImportState.UNDOING):
        return detail
    percent = wakeups.find_progress(wakeup_name(ImportRow, summary.id))
    return detail.model_copy(update={"summary": summary.model_copy(update={"percent": percent})})
