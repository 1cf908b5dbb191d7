"""The histories of agencies as values: what was true of each from when until when, and where each stood in the tree. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from registry.agencies.tables import AgencyLevel
from registry.clock import FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyState:
    """What is true of an agency for a time."""

    name: str
    level: AgencyLevel
    parent: str | None = None
    """Code of the superior body."""
    email: str | None = None
    address: str | None = None
    tax_code: str | None = None
    budget_code: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was true from `since` until just before `until`."""

    since: datetime
    until: datetime
    state: AgencyState


History = tuple[Stretch, ...]
"""In order, without gaps or overlaps; the agency exists from the first `since` until the last `until`."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A stretch during which no superior changed either."""

    since: datetime
    until: datetime
    state: AgencyState
    ancestors: tuple[str, ...]
    """Codes from the top down, without the agency itself."""


class Loop(ValueError):
    """An agency stands below itself."""


class Gap(ValueError):
    """The superior body does not exist all the time."""

    def __init__(self, superior: str, at: datetime) -> None:
        super().__init__(superior)
        self.superior = superior
        self.at = at


def join(stretches: Sequence[Stretch]) -> History:
    """Make one of neighbours that say the same."""
    joined: list[Stretch] = []
    for each in stretches:
        if joined and joined[-1].state == each.state and joined[-1].until == each.since:
            joined[-1] = replace(joined[-1], until=each.until)
        else:
            joined.append(each)
    return tuple(joined)


def state_at(history: History, at: datetime) -> AgencyState | None:
    """What is true at `at`; None while the agency does not exist."""
    return next((each.state for each in history if each.since <= at < each.until), None)


def change_at(history: History, at: datetime, changes: Mapping[str, Any]) -> History:
    """Make `changes` true from `at` on; a value that changed again later keeps its later change.

    The same rule as `registry.periods.change_from`. One of the stretches holds at `at`.
    """
    before = next(each.state for each in history if each.since <= at < each.until)
    pieces: list[Stretch] = []
    for each in history:
        if each.since < at < each.until:
            pieces.extend((replace(each, until=at), replace(each, since=at)))
        else:
            pieces.append(each)
    going_on = dict.fromkeys(changes, True)
    changed: list[Stretch] = []
    for each in pieces:
        if each.since < at:
            changed.append(each)
            continue
        for name in changes:
            going_on[name] = going_on[name] and getattr(each.state, name) == getattr(before, name)
        applied = {name: value for name, value in changes.items() if going_on[name]}
        changed.append(replace(each, state=replace(each.state, **applied)))
    return join(changed)


def end_at(history: History, at: datetime) -> History:
    """Let the agency end; what was to come later falls away."""
    return tuple(replace(each, until=min(each.until, at)) for each in history if each.since < at)


def place(histories: Mapping[str, History], code: str) -> tuple[Placed, ...]:
    """Where an agency stood all its time. Raises `Loop`, and `Gap` for a superior that is not there all the time."""
    found: list[Placed] = []
    for each in histories[code]:
        for since, until, ancestors in _above(histories, each.state.parent, each.since, each.until, (code,)):
            piece = Placed(since, until, each.state, ancestors)
            last = found[-1] if found else None
            if last and last.until == since and (last.state, last.ancestors) == (piece.state, ancestors):
                found[-1] = replace(last, until=until)
            else:
                found.append(piece)
    return tuple(found)


def _above(
    histories: Mapping[str, History], parent: str | None, since: datetime, until: datetime, below: tuple[str, ...]
) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
    """Cut the time from `since` to `until` where anything above changes."""
    if parent is None:
        yield since, until, ()
        return
    if parent in below:
        # The window has shrunk to a time at which all of them are true together.
        raise Loop(parent)
    reached = since
    for each in histories.get(parent, ()):
        begin, end = max(each.since, reached), min(each.until, until)
        if begin >= end:
            continue
        if begin > reached:
            break
        for first, last, ancestors in _above(histories, each.state.parent, begin, end, (*below, parent)):
            yield first, last, (*ancestors, parent)
        reached = end
    if reached < until:
        raise Gap(parent, reached)


def everything_below(codes: set[str], histories: Mapping[str, History]) -> set[str]:
    """These agencies and everything that ever stands below one of them."""
    children: dict[str, set[str]] = {}
    for code, history in histories.items():
        for each in history:
            if each.state.parent is not None:
                children.setdefault(each.state.parent, set()).add(code)
    found: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(children.get(code, ()))
    return found


def begin_of(history: History) -> datetime:
    """When the agency began to exist."""
    return history[0].since


def end_of(history: History) -> datetime | None:
    """When it ended; None while it goes on."""
    return None if history[-1].until >= FOREVER else history[-1].until
