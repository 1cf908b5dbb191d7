"""Writing a plan into the register, in the one transaction of the caller, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from certs.text import fold, sort_key
from registry.accounts.tables import UserRow
from registry.agencies.tables import (
    AgencyEventKind,
    AgencyEventRow,
    AgencyPeriodRow,
    AgencyRow,
    AgencySuccessionRow,
)
from registry.agency_imports.errors import AgenciesDependedOn
from registry.agency_imports.histories import Gap, History, Loop, Placed, everything_below, place
from registry.agency_imports.plans import Plan, PlannedEvent, Register
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.db.unit_of_work import UnitOfWork

_PERIODS: Final[Table] = AgencyPeriodRow.__table__  # type: ignore[attr-defined]
_EVENTS: Final[Table] = AgencyEventRow.__table__  # type: ignore[attr-defined]
_AGENCIES: Final[Table] = AgencyRow.__table__  # type: ignore[attr-defined]
_SUCCESSIONS: Final[Table] = AgencySuccessionRow.__table__  # type: ignore[attr-defined]
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written, so that it can be taken back."""

    created: tuple[int, ...]
    before: Mapping[int, Sequence[Mapping[str, Any]]]
    """The periods of agencies that were there before, as they were."""
    successions: tuple[int, ...]
    last_event_id: int
    count: int
    """Agencies that the plan entered or changed itself; those below them only have another place."""


def apply_plan(
    uow: UnitOfWork,
    plan: Plan,
    register: Register,
    ids: Mapping[str, int],
    periods: Mapping[int, Sequence[Mapping[str, Any]]],
    *,
    actor: str,
    note: str,
) -> Applied:
    """Make the plan true. `ids` and `periods` are what `register` was made from; nobody may have changed them since."""
    session = uow.session
    keys = dict(ids)
    fresh = [code for code in plan.histories if code not in keys]
    for part in _parts(fresh):
        # Not in the order of the values: the code says which key is whose.
        added = session.execute(
            insert(_AGENCIES).returning(_AGENCIES.c.code, _AGENCIES.c.id), [{"code": code} for code in part]
        )
        keys.update((code, key) for code, key in added)
    created = tuple(keys[code] for code in plan.histories if code not in register.histories)
    wanted = _wanted(plan, register, keys)
    changed = {key: rows for key, rows in wanted.items() if rows != list(periods.get(key, ()))}
    for part in _parts([key for key in changed if key in periods]):
        session.execute(delete(_PERIODS).where(_PERIODS.c.agency_id.in_(part)))
    for part in _parts([row for rows in changed.values() for row in rows]):
        session.execute(insert(_PERIODS), part)
    events = [_event_row(uow, event, keys, actor, note) for event in plan.events]
    for part in _parts(events):
        session.execute(insert(_EVENTS), part)
    return Applied(
        created=created,
        before={key: periods[key] for key in changed if key in periods},
        successions=_succeed(session, plan, keys),
        last_event_id=_last_event(session),
        count=len(plan.histories),
    )


def undo(uow: UnitOfWork, applied: Applied, *, actor: str, note: str) -> None:
    """Take back what was applied. Nothing is erased but what was true because of it; events say who took it back.

    Raises `AgenciesDependedOn`, and then nothing changes.
    """
    session = uow.session
    touched = [*applied.created, *applied.before]
    depended = _dependents(session, applied)
    if depended:
        raise AgenciesDependedOn(len(depended))
    for part in _parts(touched):
        session.execute(delete(_PERIODS).where(_PERIODS.c.agency_id.in_(part)))
    for part in _parts([row for rows in applied.before.values() for row in rows]):
        session.execute(insert(_PERIODS), part)
    for part in _parts(applied.successions):
        session.execute(delete(_SUCCESSIONS).where(_SUCCESSIONS.c.id.in_(part)))
    common = {
        "kind": AgencyEventKind.CORRECTED,
        "effective_at": uow.now,
        "recorded_at": uow.now,
        "actor": actor,
        "legal_document": None,
        "note": note,
        "details": {},
    }
    for part in _parts([{**common, "agency_id": key} for key in touched]):
        session.execute(insert(_EVENTS), part)


def _wanted(plan: Plan, register: Register, keys: Mapping[str, int]) -> dict[int, list[dict[str, Any]]]:
    """The periods of every agency whose own history, or whose superiors', is another one now."""
    world: dict[str, History] = {**register.histories, **plan.histories}
    moved = {
        code
        for code, history in plan.histories.items()
        if code in register.histories and _parents(history) != _parents(register.histories[code])
    }
    concerned = everything_below(moved, world) | everything_below(moved, register.histories)
    wanted: dict[int, list[dict[str, Any]]] = {}
    for code in world:
        if code not in plan.histories and code not in concerned:
            continue
        try:
            placed = place(world, code)
        except (Gap, Loop):
            # Planning refuses what the list would break: this was broken before, and stays as it is.
            continue
        wanted[keys[code]] = [_period(each, keys[code], keys) for each in placed]
    return wanted


def _parents(history: History) -> list[tuple[datetime, datetime, str | None]]:
    return [(each.since, each.until, each.state.parent) for each in history]


def _period(placed: Placed, key: int, keys: Mapping[str, int]) -> dict[str, Any]:
    state = asdict(placed.state)
    parent = state.pop("parent")
    return {
        "agency_id": key,
        "effective_from": placed.since,
        "effective_until": placed.until,
        **state,
        "name_folded": fold(placed.state.name)[:300],
        "name_sort": sort_key(placed.state.name),
        "parent_id": keys[parent] if parent is not None else None,
        "path": "/" + "".join(f"{keys[each]}/" for each in placed.ancestors) + f"{key}/",
    }


def _event_row(uow: UnitOfWork, event: PlannedEvent, keys: Mapping[str, int], actor: str, note: str) -> dict[str, Any]:
    details = dict(event.details)
    if event.kind is AgencyEventKind.MOVED:
        details = {side: keys.get(code or "") for side, code in details.items()}
    if "successors" in details:
        details["successors"] = [keys[code] for code in details["successors"]]
    return {
        "agency_id": keys[event.code],
        "kind": event.kind,
        "effective_at": event.at,
        "recorded_at": uow.now,
        "actor": actor,
        "legal_document": event.document,
        "note": f"{note}: {event.place}",
        "details": details,
    }


def _succeed(session: Session, plan: Plan, keys: Mapping[str, int]) -> tuple[int, ...]:
    rows = [
        {"predecessor_id": keys[predecessor], "successor_id": keys[successor], "effective_at": at}
        for predecessor, successor, at in plan.successions
    ]
    if not rows:
        return ()
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_SUCCESSIONS).on_conflict_do_nothing().returning(_SUCCESSIONS.c.id)
    return tuple(key for part in _parts(rows) for (key,) in session.execute(statement, part))


def _last_event(session: Session) -> int:
    return session.execute(select(func.max(_EVENTS.c.id))).scalar_one_or_none() or 0


def _dependents(session: Session, applied: Applied) -> set[int]:
    """The agencies of an import on which something else rests by now."""
    created = set(applied.created)
    found: set[int] = set()
    for part in _parts([*applied.created, *applied.before]):
        found.update(
            session.execute(
                select(_EVENTS.c.agency_id).where(_EVENTS.c.agency_id.in_(part), _EVENTS.c.id > applied.last_event_id)
            ).scalars()
        )
    for part in _parts(applied.created):
        for column in (CertificateRow.named_agency_id, CertificatePeriodRow.agency_id, UserRow.agency_id):
            found.update(session.execute(select(col(column)).where(col(column).in_(part)).distinct()).scalars())
        below = session.execute(
            select(_PERIODS.c.agency_id, _PERIODS.c.parent_id).where(_PERIODS.c.parent_id.in_(part))
        )
        found.update(parent for child, parent in below if child not in created and child not in applied.before)
        succeeded = session.execute(
            select(_SUCCESSIONS.c.predecessor_id, _SUCCESSIONS.c.successor_id).where(
                or_(_SUCCESSIONS.c.predecessor_id.in_(part), _SUCCESSIONS.c.successor_id.in_(part)),
                _SUCCESSIONS.c.id.not_in(applied.successions or (0,)),
            )
        )
        found.update(key for pair in succeeded for key in pair if key in created)
    return found


def _parts(values: Sequence[Any]) -> list[Any]:
    return [list(values[start : start + _BATCH]) for start in range(0, len(values), _BATCH)]
