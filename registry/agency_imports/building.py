"""From the rows of one agency to its history, and to the events that tell of it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from certs.messages import message
from registry.agencies.tables import AgencyEventKind
from registry.agency_imports import messages as say
from registry.agency_imports.histories import (
    AgencyState,
    History,
    Stretch,
    begin_of,
    change_at,
    end_at,
    end_of,
    join,
    state_at,
)
from registry.agency_imports.plans import Difference, Group, Options, PlannedEvent, RowPlan
from registry.agency_imports.values import ListedAgency, level_of_name
from registry.clock import FOREVER, local_day
from registry.imports.tables import ItemOutcome


def build_new(group: Group, begin: datetime, options: Options, *, superior_since: datetime | None = None) -> None:
    """Give a group the history of an agency that the register does not hold; refuse it where something is missing.

    A single row tells the present superior body: where that exists only since a later day, whom the agency stood below
    before is not known, and it stands at the top until then.
    """
    stretches: list[Stretch] = []
    documents: dict[datetime, str | None] = {}
    state: AgencyState | None = None
    for number, (plan, parent) in enumerate(zip(group.plans, group.parents, strict=True)):
        row = plan.row
        state = _state(plan, parent, state)
        if state is None:
            group.refuse(plan.reasons[0])
            return
        since = begin if number == 0 else row.since or begin
        following = group.plans[number + 1].row.since if number + 1 < len(group.plans) else None
        until = following or row.until or FOREVER
        if until <= since:
            group.refuse(message(say.BACKWARDS, since=_day(since), until=_day(until)))
            return
        documents[since] = row.document or options.legal_document
        stretches.extend(_with_former_names(plan, Stretch(since, until, state)))
    if len(group.plans) == 1 and superior_since is not None and begin < superior_since:
        stretches = list(_without_superior(stretches, superior_since))
        group.plans[0].reasons.append(message(say.SUPERIOR_LATER, at=_day(superior_since)))
    history = join(stretches)
    first = group.plans[0].row
    group.history = history
    group.events.append(
        PlannedEvent(
            code=group.code,
            kind=AgencyEventKind.ESTABLISHED,
            at=begin,
            document=documents[begin],
            place=first.place,
            details={"name": history[0].state.name},
        )
    )
    for before, after in pairwise(history):
        document = documents.get(after.since, options.legal_document)
        group.events.extend(_events(first, group.code, (before.state, after.state), after.since, document))
    _end(group, end_of(history), options)


def build_changes(group: Group, held: History, options: Options, *, superior_since: datetime | None) -> None:
    """Compare a group with what the register holds of its agency, and give it the history with the changes.

    As in `build_new`, a single row of an agency that ended before its superior body began stands at the top.
    """
    history, end, parents = held, end_of(held), group.parents
    if len(group.plans) == 1 and superior_since is not None and end is not None and end <= superior_since:
        parents = [None]
    for number, (plan, parent) in enumerate(zip(group.plans, parents, strict=True)):
        at = _moment(plan, held, options, is_alone=len(group.plans) == 1, is_first=number == 0)
        if at is None:
            return
        state = state_at(history, at)
        if state is None:
            group.refuse(message(say.NOT_THEN, at=_day(at)))
            return
        changes = _changes(plan.row, parent, state)
        if changes:
            plan.outcome = ItemOutcome.DIFFERS
            plan.differences.extend(
                Difference(name, _shown(getattr(state, name)), _shown(value), at) for name, value in changes.items()
            )
            document = plan.row.document or options.legal_document
            after = replace(state, **changes)
            group.events.extend(_events(plan.row, group.code, (state, after), at, document))
            history = change_at(history, at, changes)
    history = _end_known(group, history, options)
    if history != held and group.is_good:
        group.history = history


def _state(plan: RowPlan, parent: str | None, before: AgencyState | None) -> AgencyState | None:
    row = plan.row
    name = row.name or (before.name if before else None)
    if name is None:
        plan.refuse(message(say.NO_NAME))
        return None
    level = row.level
    if level is None:
        level = before.level if before else level_of_name(name, has_parent=parent is not None)
        if level is None:
            plan.refuse(message(say.NO_LEVEL))
            return None
        plan.reasons.append(message(say.LEVEL_GUESSED))
    return AgencyState(
        name=name,
        level=level,
        parent=parent,
        email=row.email,
        address=row.address,
        tax_code=row.tax_code,
        budget_code=row.budget_code,
    )


def _with_former_names(plan: RowPlan, stretch: Stretch) -> Iterator[Stretch]:
    since = stretch.since
    for former in plan.row.former_names:
        if not since < former.until < stretch.until:
            plan.reasons.append(message(say.FORMER_NAME_DAYS, name=former.name))
            continue
        yield Stretch(since, former.until, replace(stretch.state, name=former.name))
        since = former.until
    yield replace(stretch, since=since)


def _without_superior(stretches: Iterable[Stretch], until: datetime) -> Iterator[Stretch]:
    for each in stretches:
        if each.since < until:
            yield Stretch(each.since, min(each.until, until), replace(each.state, parent=None))
        if each.until > until:
            yield replace(each, since=max(each.since, until))


def _moment(plan: RowPlan, held: History, options: Options, *, is_alone: bool, is_first: bool) -> datetime | None:
    """The moment that a row about a known agency speaks of; None when it is refused."""
    row, begin, end = plan.row, begin_of(held), end_of(held)
    if row.since is not None and row.since > begin:
        at = row.since
    elif is_alone:
        at = max(options.effective_at, begin)
    else:
        at = begin
    if row.until is not None and begin < row.until <= at:
        # It says what was true until the agency ended.
        at = next(each.since for each in reversed(held) if each.since < row.until)
    if is_first and row.since is not None and row.since < begin:
        plan.reasons.append(message(say.OTHER_BEGIN, at=_day(begin)))
    if end is None or at < end:
        return at
    if row.until is None:
        plan.refuse(message(say.ENDED, at=_day(end)))
        return None
    return held[-1].since


_COMPARED: Final = ("name", "level", "email", "address", "tax_code", "budget_code")


def _changes(row: ListedAgency, parent: str | None, state: AgencyState) -> dict[str, Any]:
    """What the row says otherwise; an empty cell says nothing, and neither do capitals."""
    found = {
        name: listed
        for name in _COMPARED
        if (listed := getattr(row, name)) is not None and _folded(listed) != _folded(getattr(state, name))
    }
    if parent is not None and parent != state.parent:
        found["parent"] = parent
    return found


def _folded(value: str | None) -> str | None:
    return value.casefold() if value is not None else None


def _end_known(group: Group, history: History, options: Options) -> History:
    plan = group.plans[-1]
    until, end = plan.row.until, end_of(history)
    if until is None or not group.is_good:
        return history
    if end is not None:
        if local_day(end) != local_day(until):
            plan.reasons.append(message(say.OTHER_END, at=_day(end)))
        return history
    if until <= begin_of(history):
        group.refuse(message(say.BACKWARDS, since=_day(begin_of(history)), until=_day(until)))
        return history
    later = next((each.since for each in history if each.since >= until), None)
    if later is not None:
        name = history[-1].state.name
        group.refuse(message(say.LATER_CHANGE, name=name, at=_day(later)))
        return history
    plan.outcome = ItemOutcome.DIFFERS
    plan.differences.append(Difference("ended", None, _day(until), until))
    _end(group, until, options)
    return end_at(history, until)


def _end(group: Group, end: datetime | None, options: Options) -> None:
    """Record how the agency ended, and who took over, also from one that goes on."""
    row = group.plans[-1].row
    document = row.end_document or options.legal_document
    successors = [(each.code, each.at or end or options.effective_at) for each in row.successors]
    group.successions.extend((group.code, code, at) for code, at in successors)
    parts: dict[datetime, list[str]] = {}
    for code, at in successors:
        parts.setdefault(at, []).append(code)
    if end is not None:
        parts.setdefault(end, [])
    for at, codes in sorted(parts.items()):
        kind = AgencyEventKind.SPLIT
        details: dict[str, Any] = {"successors": codes}
        if at != end:
            details["goes_on"] = True
        elif not codes:
            kind, details = AgencyEventKind.DISSOLVED, {}
        elif len(codes) == 1:
            kind = AgencyEventKind.MERGED
        group.events.append(
            PlannedEvent(code=group.code, kind=kind, at=at, document=document, place=row.place, details=details)
        )


def _events(
    row: ListedAgency, code: str, states: tuple[AgencyState, AgencyState], at: datetime, document: str | None
) -> Iterator[PlannedEvent]:
    before, after = states
    changed = {each.name for each in fields(AgencyState) if getattr(before, each.name) != getattr(after, each.name)}
    told: list[tuple[AgencyEventKind, Mapping[str, Any]]] = []
    if "name" in changed:
        told.append((AgencyEventKind.RENAMED, {"from": before.name, "to": after.name}))
    if "parent" in changed:
        told.append((AgencyEventKind.MOVED, {"from": before.parent, "to": after.parent}))
    if contact := changed & {"email", "address"}:
        told.append((AgencyEventKind.CONTACT_CHANGED, {name: getattr(after, name) for name in sorted(contact)}))
    if corrected := changed & {"level", "tax_code", "budget_code"}:
        both = {name: {"from": getattr(before, name), "to": getattr(after, name)} for name in sorted(corrected)}
        told.append((AgencyEventKind.CORRECTED, both))
    for kind, details in told:
        yield PlannedEvent(code=code, kind=kind, at=at, document=document, place=row.place, details=details)


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)


def _day(at: datetime) -> str:
    return f"{local_day(at):%d/%m/%Y}"
