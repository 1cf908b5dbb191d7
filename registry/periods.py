"""Changing what is true from a moment on, in rows that each say what was true from `effective_from` until `effective_until`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlmodel import Session


class Period(Protocol):
    """A row that holds from `effective_from` until just before `effective_until`."""

    effective_from: datetime
    effective_until: datetime

    def model_dump(self, *, exclude: set[str]) -> dict[str, Any]:
        """The columns of the row by name."""


P = TypeVar("P", bound=Period)


def period_at(periods: Sequence[P], at: datetime) -> P | None:
    """The period that holds at `at`."""
    return next((period for period in periods if period.effective_from <= at < period.effective_until), None)


def change_from(
    session: Session,
    periods: Sequence[P],
    at: datetime,
    changes: Mapping[str, Any],
    *,
    is_final: bool = False,
    told_again_at: datetime | None = None,
) -> None:
    """Make `changes` true from `at` on. `periods` are all periods of one thing in order, and one of them holds at `at`.

    A value that changed again later keeps its later change: what is entered late does not undo what came after it, nor
    what somebody said at `told_again_at`, even if it was no change then. With `is_final` it does, as a revocation must.
    The next flush of the session writes it.
    """
    current = next(period for period in periods if period.effective_from <= at < period.effective_until)
    before = {name: getattr(current, name) for name in changes}
    later = (each for each in periods if each.effective_from > at)
    affected = [
        split_at(session, current, at),
        *(each for each in later if told_again_at is None or each.effective_from < told_again_at),
    ]
    for name, value in changes.items():
        for period in affected:
            if not is_final and getattr(period, name) != before[name]:
                break
            setattr(period, name, value)


def split_at(session: Session, period: P, at: datetime) -> P:
    """Cut a period into two equal ones at `at` and return the later; one that begins at `at` is returned as it is.

    The next flush of the session writes it.
    """
    if period.effective_from == at:
        return period
    make: Callable[..., P] = type(period)
    later = make(**period.model_dump(exclude={"id", "effective_from"}), effective_from=at)
    period.effective_until = at
    session.add(later)
    return later
