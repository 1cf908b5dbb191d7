"""From rows and what the register holds to a plan. Pure: the same rows in any order give the same tree.

1. Each row is recognised by its code, else by its tax or budget code or its name.
2. Rows of one code become one history; of an agency that the register holds, the changes to it.
3. Superior bodies are found by code, name, numbering or code prefix, wherever in the list they stand.
4. What cannot be is refused, with everything that would hang in the air without it, until nothing is refused any more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final

from certs.messages import Message, message
from certs.text import fold, normalise
from registry.agency_imports import messages as say
from registry.agency_imports.beginnings import find_beginnings
from registry.agency_imports.building import build_changes, build_new
from registry.agency_imports.histories import Gap, History, Loop, begin_of, everything_below, place
from registry.agency_imports.plans import Group, Options, Plan, Register, RowPlan
from registry.agency_imports.superiors import NameIndex, find_superior
from registry.agency_imports.values import ListedAgency
from registry.clock import FOREVER, local_day
from registry.imports.tables import ItemOutcome


def plan_import(rows: Sequence[ListedAgency], register: Register, options: Options, *, only_new: bool = False) -> Plan:
    """Decide what becomes of each row. `only_new`: what the register holds already stays as it is."""
    planning = _Planning(register, options)
    plans = [planning.recognise(row) for row in rows]
    groups = planning.group(plans)
    planning.index(groups)
    for group in groups.values():
        planning.resolve_superiors(group, plans)
    begins = find_beginnings(groups, register, options)
    for group in groups.values():
        planning.build(group, begins, only_new=only_new)
    planning.refuse_impossible(groups)
    good = [group for group in groups.values() if group.is_good]
    return Plan(
        rows=tuple(plans),
        histories={group.code: group.history for group in good if group.history is not None},
        events=tuple(event for group in good for event in group.events),
        successions=tuple(step for group in good for step in group.successions),
    )


@dataclass(slots=True)
class _Planning:
    register: Register
    options: Options
    by_number: dict[str, set[str]] = field(default_factory=dict)
    names: NameIndex = field(default_factory=NameIndex)
    by_own_name: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, history in self.register.histories.items():
            state = history[-1].state
            for number in (state.tax_code, state.budget_code):
                if number:
                    self.by_number.setdefault(number, set()).add(code)
            self.by_own_name.setdefault(fold(state.name), set()).add(code)

    def recognise(self, row: ListedAgency) -> RowPlan:
        plan = RowPlan(row, row.code, ItemOutcome.NEW)
        if row.unreadable:
            plan.refuse(message(say.UNREADABLE))
        elif row.code is None:
            self._recognise_without_code(plan)
        if plan.code in self.register.histories and plan.outcome is not ItemOutcome.REFUSED:
            plan.outcome = ItemOutcome.KNOWN
        if row.since and row.until and row.until <= row.since:
            plan.refuse(message(say.BACKWARDS, since=_day(row.since), until=_day(row.until)))
        return plan

    def _recognise_without_code(self, plan: RowPlan) -> None:
        row = plan.row
        numbers = [number for number in (row.tax_code, row.budget_code) if number]
        found = {code for number in numbers for code in self.by_number.get(number, ())}
        if not found and row.name:
            found = self.by_own_name.get(fold(row.name), set())
        if len(found) == 1:
            plan.code = next(iter(found))
            plan.reasons.append(message(say.BY_NAME, number=plan.code))
        elif not found and numbers and row.name:
            plan.code = numbers[0]
            plan.reasons.append(message(say.CODE_FROM_NUMBER, number=plan.code))
        else:
            plan.refuse(message(say.NO_CODE))

    def group(self, plans: Iterable[RowPlan]) -> dict[str, Group]:
        groups: dict[str, Group] = {}
        for plan in plans:
            if plan.code is not None:
                known = plan.code in self.register.histories
                groups.setdefault(plan.code, Group(plan.code, [], known)).plans.append(plan)
        for group in groups.values():
            group.plans.sort(key=lambda plan: plan.row.since or _BEGINNING)
            if not _in_sequence(group.plans):
                places = ", ".join(plan.row.place for plan in group.plans)
                group.refuse(message(say.CODE_TWICE, number=group.code, places=places))
            elif not group.is_good:
                refused = next(plan for plan in group.plans if plan.outcome is ItemOutcome.REFUSED)
                group.refuse(refused.reasons[0])
        return groups

    def index(self, groups: Mapping[str, Group]) -> None:
        for code, history in self.register.histories.items():
            self.names.add(code, history[-1].state.name)
        for group in groups.values():
            for plan in group.plans:
                if plan.row.name:
                    self.names.add(group.code, plan.row.name)

    def resolve_superiors(self, group: Group, plans: Sequence[RowPlan]) -> None:
        for plan in group.plans:
            above = plans[plan.row.above].code if plan.row.above is not None else None
            found = find_superior(plan.row, group.code, above, self.names)
            if isinstance(found, Message):
                group.refuse(found)
                group.parents.append(None)
                continue
            if found.is_from_prefix:
                # Bodies move and keep their codes, so a code says nothing about one that is known.
                group.parents.append(None if group.is_known else found.code)
                if not group.is_known:
                    plan.reasons.append(message(say.BY_PREFIX, number=found.code))
                continue
            group.parents.append(found.code)
            if found.code == group.code:
                group.refuse(message(say.LOOP, superior=group.code))

    def build(self, group: Group, begins: Mapping[str, datetime], *, only_new: bool) -> None:
        if not group.is_good:
            return
        superior = group.parents[0]
        appears = begins.get(superior or "")
        if superior is not None and superior in self.register.histories:
            appears = begin_of(self.register.histories[superior])
        if group.is_known:
            if not only_new:
                held = self.register.histories[group.code]
                build_changes(group, held, self.options, superior_since=appears)
            return
        build_new(group, begins[group.code], self.options, superior_since=appears)
        if group.code in self.register.withdrawn:
            group.plans[0].reasons.append(message(say.WITHDRAWN))

    def refuse_impossible(self, groups: Mapping[str, Group]) -> None:
        """Refuse what cannot be, until everything that is left fits together."""
        suspects = {code for code, group in groups.items() if group.history is not None}
        while True:
            world = dict(self.register.histories)
            good = {code: group for code, group in groups.items() if group.is_good and group.history is not None}
            world.update({code: group.history for code, group in good.items() if group.history is not None})
            refused = [
                *self._misplaced(groups, good, world, suspects),
                *(_doubled(good, world, self.register) if suspects else ()),
                *_unsucceeded(good, world),
            ]
            if not refused:
                return
            for code, reason in refused:
                groups[code].refuse(reason)
            # What stood below them has to be looked at again.
            suspects = everything_below({code for code, _ in refused}, {**self.register.histories, **world})

    def _misplaced(
        self,
        groups: Mapping[str, Group],
        good: Mapping[str, Group],
        world: Mapping[str, History],
        suspects: set[str],
    ) -> Iterator[tuple[str, Message]]:
        touched = {code for code in good if good[code].is_known}
        concerned = suspects | everything_below(touched, world)
        for code in concerned:
            if code not in world:
                continue
            try:
                place(world, code)
            except Loop as loop:
                # A register without loops stays so: the loop goes through something that this list changes.
                blamed = code if code in good else next(iter(touched), None)
                if blamed is not None:
                    yield blamed, message(say.LOOP, superior=str(loop))
            except Gap as gap:
                if code in good:
                    yield code, self._no_superior(groups, gap)
                elif gap.superior in good:
                    yield gap.superior, message(say.HAS_UNITS, at=_day(gap.at), number=code)

    def _no_superior(self, groups: Mapping[str, Group], gap: Gap) -> Message:
        superior = groups.get(gap.superior)
        if superior is not None and not superior.is_good and gap.superior not in self.register.histories:
            return message(say.SUPERIOR_REFUSED, superior=gap.superior, place=superior.plans[0].row.place)
        return message(say.SUPERIOR_ABSENT, superior=gap.superior, at=_day(gap.at))


_BEGINNING: Final = datetime.min.replace(tzinfo=FOREVER.tzinfo)


def _in_sequence(plans: Sequence[RowPlan]) -> bool:
    """Whether the rows of one code follow each other in time, so that each is a stretch of one history."""
    for earlier, later in pairwise(plans):
        begin, next_begin = earlier.row.since, later.row.since
        if begin is None or next_begin is None or begin >= next_begin:
            return False
        if earlier.row.until is not None and earlier.row.until != next_begin:
            return False
    return True


def _unsucceeded(good: Mapping[str, Group], world: Mapping[str, History]) -> Iterator[tuple[str, Message]]:
    for code, group in good.items():
        missing = next((successor for _, successor, _ in group.successions if successor not in world), None)
        if missing is not None:
            yield code, message(say.UNKNOWN_SUCCESSOR, number=missing)


def _doubled(
    good: Mapping[str, Group], world: Mapping[str, History], register: Register
) -> Iterator[tuple[str, Message]]:
    """Agencies of the list that would have the name of another one below the same superior at the same time."""
    named: dict[tuple[str | None, str], list[tuple[datetime, datetime, str]]] = {}
    for code, history in world.items():
        for each in history:
            if each.state.parent is None and history[-1].state.parent is not None:
                # Whom it stood below then is not known, so that nothing follows from its name.
                continue
            key = (each.state.parent, normalise(each.state.name).casefold())
            named.setdefault(key, []).append((each.since, each.until, code))
    for (parent, name), holders in named.items():
        if len({code for _, _, code in holders}) < 2:
            continue
        for since, until, code in holders:
            if code not in good or _held_before(register.histories.get(code), parent, name):
                continue
            other = next((c for s, u, c in holders if c != code and s < until and since < u), None)
            if other is not None:
                yield code, message(say.NAME_TWICE, name=good[code].plans[-1].row.name or name, number=other)


def _held_before(history: History | None, parent: str | None, name: str) -> bool:
    return any((each.state.parent, normalise(each.state.name).casefold()) == (parent, name) for each in history or ())


def _day(at: datetime) -> str:
    return f"{local_day(at):%d/%m/%Y}"
