"""Work that a row waits for and a worker does: sent, claimed, gone on with, and sent again when it was lost.

    waiting ──claim──▶ claimed ──settle──▶ a person's turn, or nobody's
       ▲                  │
       └──────sweep───────┘ the lease ended

The row is the truth and the message only a hint: a job may come twice, at once, or after its worker died. The attempt is
counted at the claim, before the work: what takes its worker down with it is seen to do so, and after `MAX_ATTEMPTS` nobody
tries again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final, TypeVar

from sqlalchemy import or_
from sqlmodel import Field, col, select

from registry.db.types import KeyInteger, Table, UTCDateTime, key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.jobs import JobMessage
from registry.wakeup import Wakeups

MAX_ATTEMPTS: Final = 3
DELIVERY_TIME: Final = timedelta(seconds=60)
"""How long a message may take to a worker before it counts as lost."""
REDELIVERY_TIME: Final = timedelta(minutes=5)
"""The same after the sweep sent it again: a queue that is merely long is not to grow by the sweep."""


class LeasedRow(Table):
    """Base of the tables of such rows. Each indexes `state` with `created_at`, for the sweep."""

    WAITING: ClassVar[tuple[StrEnum, ...]]
    """States in which a worker has the next action."""

    id: int | None = Field(default=None, primary_key=True, sa_type=KeyInteger)
    state: StrEnum
    """Whose turn it is."""
    created_at: datetime = Field(sa_type=UTCDateTime)
    attempts: int = 0
    """Counted before the work, so that what ends its worker is seen to do so."""
    is_claimed: bool = False
    """A worker is at it until `lease_until`; otherwise the message is on its way until then."""
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)


R = TypeVar("R", bound=LeasedRow)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do what a row waits for until the lease ends."""

    key: int
    attempt: int
    state: StrEnum


def send(uow: UnitOfWork, row: LeasedRow, job: JobMessage) -> None:
    """Have a worker do what the row waits for, with every attempt still before it."""
    row.is_claimed, row.attempts, row.lease_until = False, 0, uow.now + DELIVERY_TIME
    uow.enqueue(job)


def find_for_change(uow: UnitOfWork, table: type[R], key: int) -> R | None:
    """The row, locked until the transaction ends, so that of two workers or clicks one waits for the other."""
    # As it is now that it is locked: the session may have looked at it before somebody else changed it.
    statement = select(table).where(col(table.id) == key).with_for_update().execution_options(populate_existing=True)
    return uow.session.exec(statement).one_or_none()


def find_claimable(uow: UnitOfWork, table: type[R], key: int) -> R | None:
    """The row, locked, or None when there is nothing to do: done, decided, gone, or with somebody else.

    The caller gives up one that `is_exhausted` and claims any other.
    """
    row = find_for_change(uow, table, key)
    if row is None or row.state not in table.WAITING:
        return None
    if row.is_claimed and row.lease_until is not None and row.lease_until > uow.now:
        return None
    return row


def is_exhausted(row: LeasedRow) -> bool:
    """Whether it ended its worker so often that nobody tries again."""
    return row.attempts >= MAX_ATTEMPTS


def claim(uow: UnitOfWork, row: LeasedRow, *, lease: timedelta) -> Claim:
    """Take a row that `find_claimable` gave."""
    row.attempts += 1
    row.is_claimed, row.lease_until = True, uow.now + lease
    return Claim(key_of(row), row.attempts, row.state)


def find_claimed(uow: UnitOfWork, table: type[R], claimed: Claim) -> R | None:
    """The row of a claim, locked; None when another worker took over."""
    row = find_for_change(uow, table, claimed.key)
    if row is None or row.state is not claimed.state or row.attempts != claimed.attempt:
        return None
    return row


def settle(row: LeasedRow, state: StrEnum) -> None:
    """Give it a state in which no worker has the next action."""
    row.state = state
    row.is_claimed, row.lease_until, row.attempts = False, None, 0


def send_stranded(uow: UnitOfWork, table: type[R], job: Callable[[int], JobMessage], *, limit: int) -> int:
    """Send again what no worker took or finished in its time, the oldest first; returns how many.

    Safe to run at any time, also twice: what another sweep has in hand is left to it.
    """
    stranded = uow.session.exec(
        select(table)
        .where(
            col(table.state).in_(table.WAITING),
            or_(col(table.lease_until).is_(None), col(table.lease_until) < uow.now),
        )
        .order_by(col(table.created_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in stranded:
        row.is_claimed, row.lease_until = False, uow.now + REDELIVERY_TIME
        uow.enqueue(job(key_of(row)))
    return len(stranded)


def wakeup_name(table: type[LeasedRow], key: int) -> str:
    """Under which the end of the work on a row, and how far it has come, is announced."""
    return f"{table.__tablename__}-{key}"


def wait_until_settled(
    database: Database, wakeups: Wakeups, table: type[LeasedRow], key: int, *, seconds: float
) -> bool:
    """Wait up to `seconds`, as `Wakeups.wait_until` does; True when no worker has the next action."""

    def is_settled() -> bool:
        with database.read() as uow:
            row = uow.session.get(table, key)
            return row is None or row.state not in table.WAITING

    return wakeups.wait_until(is_settled, wakeup_name(table, key), seconds=seconds)
