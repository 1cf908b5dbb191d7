"""From when the new agencies of a list exist that have no day of their own. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from registry.agency_imports.histories import begin_of
from registry.agency_imports.plans import Group, Options, Register


def find_beginnings(groups: Mapping[str, Group], register: Register, options: Options) -> dict[str, datetime]:
    """The own day of each, else the day given for all: but not after a unit with a day, and not before the superior."""
    own = {code: since for code, group in groups.items() if (since := group.plans[0].row.since) is not None}
    begins = {code: own.get(code, options.since) for code in groups}
    for code, since in own.items():
        for above in _undated_above(code, groups, own):
            begins[above] = min(begins[above], since)
    for code in groups:
        if code in own:
            continue
        for each in reversed([code, *_undated_above(code, groups, own)]):
            superior = _superior(each, groups)
            if superior is not None and superior in register.histories:
                begins[each] = max(begins[each], begin_of(register.histories[superior]))
            elif superior is not None and superior in begins:
                begins[each] = max(begins[each], begins[superior])
    return begins


def _undated_above(code: str, groups: Mapping[str, Group], own: Mapping[str, datetime]) -> Iterator[str]:
    """The superior bodies up to the first that has a day of its own or is not of the list; a loop is gone round once."""
    passed = {code}
    above = _superior(code, groups)
    while above is not None and above in groups and above not in own and above not in passed:
        yield above
        passed.add(above)
        above = _superior(above, groups)


def _superior(code: str, groups: Mapping[str, Group]) -> str | None:
    parents = groups[code].parents
    return parents[0] if parents else None
