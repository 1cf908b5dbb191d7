"""The life of an import of agencies: handed in and previewed, decided upon, applied, taken back.

Only the administrator changes the tree. A list of ten thousand rows takes seconds, so that everything happens while
somebody waits, each step in the one transaction of its caller.
"""

from datetime import datetime
from typing import Any

from certs.names import display_name
from registry.accounts.rights import require_administrator
from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyLevel
from registry.agency_imports.applying import Applied, apply_plan, undo
from registry.agency_imports.errors import PreviewOutdated
from registry.agency_imports.planning import plan_import
from registry.agency_imports.plans import Options, Plan
from registry.agency_imports.reading import read_agency_lists
from registry.agency_imports.repository import (
    agency_ids,
    find_import,
    find_recent,
    load_periods,
    lock_tree,
    pack_lists,
    pack_rows,
    pack_values,
    register_of,
    unpack_lists,
    unpack_rows,
    unpack_values,
)
from registry.agency_imports.schemas import (
    AgencyDifferenceView,
    AgencyImportCounts,
    AgencyImportDetail,
    AgencyImportRows,
    AgencyImportRowView,
    AgencyImportView,
)
from registry.agency_imports.tables import AgencyImportRow
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.imports.errors import NotInState
from registry.imports.tables import ImportChoice, ImportState, ItemOutcome
from registry.paging import PageRequest, decode_cursor, encode_cursor
from registry.views import MessageView

_ORDER = "position"


def submit_agency_import(
    uow: UnitOfWork, viewer: Viewer, data: bytes, *, file_name: str, options: Options, actor: str
) -> int:
    """Read a file, plan what would happen, and return the number of the preview. Raises `NotPermitted`.

    What has no row of any agency is refused at once: there is nothing to decide.
    """
    require_administrator(viewer)
    lists = read_agency_lists(data, file_name=file_name)
    row = AgencyImportRow(
        state=ImportState.READY if lists.rows else ImportState.REFUSED,
        created_at=uow.now,
        created_by=viewer.user_id,
        actor=actor,
        file_name=display_name(file_name)[-400:] or "?",
        since=options.since,
        effective_at=options.effective_at,
        legal_document=options.legal_document,
        lists=pack_lists(lists),
        preview=b"",
    )
    register = register_of(agency_ids(uow.session), load_periods(uow.session))
    _keep_preview(row, plan_import(lists.rows, register, options))
    uow.session.add(row)
    uow.session.flush()
    return key_of(row)


def decide_agency_import(
    uow: UnitOfWork, viewer: Viewer, import_id: int, choice: ImportChoice, *, actor: str
) -> PreviewOutdated | None:
    """Apply all good rows (`ALL`), only the new ones (`GOOD`), or none (`NONE`).

    Where the register has changed so that something else would happen than was shown, nothing is applied and the preview
    is made anew: the answer is then an error for the entry point to raise *after* its commit. Raises
    `AgencyImportNotFound`, `NotPermitted`, `NotInState`.
    """
    require_administrator(viewer)
    row = find_import(uow.session, import_id, for_change=True)
    if row.state is not ImportState.READY:
        raise NotInState
    row.decided_by = actor
    if choice is ImportChoice.NONE:
        row.choice, row.state = choice, ImportState.DISCARDED
        return None
    lock_tree(uow.session)
    ids, periods = agency_ids(uow.session), load_periods(uow.session)
    register, options, rows = register_of(ids, periods), _options(row), unpack_lists(row.lists).rows
    plan = plan_import(rows, register, options)
    shown = unpack_rows(row.preview)
    if any(map(_is_otherwise, shown, _row_views(plan))):
        _keep_preview(row, plan)
        return PreviewOutdated()
    if choice is ImportChoice.GOOD:
        plan = plan_import(rows, register, options, only_new=True)
    note = f"Nhập danh sách cơ quan số {import_id}"
    applied = apply_plan(uow, plan, register, ids, periods, actor=actor, note=note)
    _keep_preview(row, plan)
    row.choice, row.state = choice, ImportState.APPLIED
    row.applied_at, row.applied_count = uow.now, applied.count
    row.last_event_id = applied.last_event_id
    row.before = pack_values(
        {
            "created": applied.created,
            "before": list(applied.before.values()),
            "successions": applied.successions,
        }
    )
    return None


def undo_agency_import(uow: UnitOfWork, viewer: Viewer, import_id: int, *, actor: str) -> None:
    """Take back what was applied, while nothing rests on it.

    Raises `AgencyImportNotFound`, `NotPermitted`, `NotInState`, `AgenciesDependedOn`.
    """
    require_administrator(viewer)
    row = find_import(uow.session, import_id, for_change=True)
    if row.state is not ImportState.APPLIED or row.before is None:
        raise NotInState
    lock_tree(uow.session)
    taken = unpack_values(row.before)
    before = [[_period(period) for period in periods] for periods in taken["before"]]
    applied = Applied(
        created=tuple(taken["created"]),
        before={periods[0]["agency_id"]: periods for periods in before},
        successions=tuple(taken["successions"]),
        last_event_id=row.last_event_id or 0,
        count=row.applied_count,
    )
    undo(uow, applied, actor=actor, note=f"Hoàn tác lần nhập danh sách cơ quan số {import_id}")
    row.state, row.undone_at, row.decided_by = ImportState.UNDONE, uow.now, actor


def get_agency_import(uow: UnitOfWork, viewer: Viewer, import_id: int) -> AgencyImportDetail:
    """One import with its lists. Raises `AgencyImportNotFound`, `NotPermitted`."""
    require_administrator(viewer)
    row = find_import(uow.session, import_id)
    lists = unpack_lists(row.lists)
    return AgencyImportDetail(summary=_view(row), sheets=lists.sheets, problems=lists.problems)


def find_agency_imports(
    uow: UnitOfWork, viewer: Viewer, *, before: int | None = None, limit: int = 50
) -> tuple[AgencyImportView, ...]:
    """The newest imports; `before`: those with a lower number. Raises `NotPermitted`."""
    require_administrator(viewer)
    return tuple(map(_view, find_recent(uow.session, before=before, limit=limit)))


def all_import_rows(uow: UnitOfWork, viewer: Viewer, import_id: int) -> tuple[AgencyImportRowView, ...]:
    """Every row, in the order of the file. Raises what `get_agency_import` raises."""
    require_administrator(viewer)
    return unpack_rows(find_import(uow.session, import_id).preview)


def find_import_rows(
    uow: UnitOfWork,
    viewer: Viewer,
    import_id: int,
    outcome: ItemOutcome | None = None,
    page: PageRequest | None = None,
) -> AgencyImportRows:
    """One page of the rows, in the order of the file. Raises what `get_agency_import` raises, and `InvalidInput`."""
    page = page or PageRequest()
    after = -1 if page.cursor is None else decode_cursor(page.cursor, _ORDER)[1]
    rows = [
        each
        for each in all_import_rows(uow, viewer, import_id)
        if each.position > after and (outcome is None or each.outcome is outcome)
    ]
    shown = tuple(rows[: page.limit])
    following = encode_cursor(_ORDER, "", shown[-1].position) if len(rows) > page.limit else None
    return AgencyImportRows(items=shown, next=following)


def _keep_preview(row: AgencyImportRow, plan: Plan) -> None:
    views = _row_views(plan)
    row.preview = pack_rows(views)
    counts = dict.fromkeys(("total", "new", "known", "differs", "refused"), 0)
    for view in views:
        counts["total"] += 1
        counts[view.outcome.value] += 1
    row.counts = counts


def _row_views(plan: Plan) -> tuple[AgencyImportRowView, ...]:
    return tuple(
        AgencyImportRowView(
            position=position,
            place=each.row.place,
            code=each.code,
            name=each.row.name,
            outcome=each.outcome,
            reasons=(*map(MessageView.of, each.reasons), *each.row.problems),
            differences=tuple(
                AgencyDifferenceView(field=one.field, old=one.old, new=one.new, effective_at=one.at)
                for one in each.differences
            ),
        )
        for position, each in enumerate(plan.rows)
    )


def _is_otherwise(shown: AgencyImportRowView, now: AgencyImportRowView) -> bool:
    """Whether something else would happen than was shown; what somebody else entered meanwhile is simply known."""
    if now.outcome is ItemOutcome.KNOWN:
        return False
    return (shown.outcome, shown.code, shown.differences) != (now.outcome, now.code, now.differences)


def _options(row: AgencyImportRow) -> Options:
    return Options(since=row.since, effective_at=row.effective_at, legal_document=row.legal_document)


def _period(packed: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(packed[name]) for name in ("effective_from", "effective_until")}
    return {**packed, **times, "level": AgencyLevel(packed["level"])}


def _view(row: AgencyImportRow) -> AgencyImportView:
    return AgencyImportView(
        id=key_of(row),
        counts=AgencyImportCounts(**row.counts),
        **{
            name: getattr(row, name)
            for name in (
                *("state", "created_at", "actor", "file_name", "since", "effective_at", "legal_document", "choice"),
                *("decided_by", "applied_at", "applied_count", "undone_at"),
            )
        },
    )
