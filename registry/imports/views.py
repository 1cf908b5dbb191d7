"""Reading imports for pages, programs and the command line. Every query takes the viewer."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, select
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.agencies.repository import find_agencies_by_id
from registry.agencies.schemas import AgencyLink, AgencyView
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.handed_in import find_recent
from registry.imports.repository import APPLICABLE, GOOD, SURE, ImportRepository
from registry.imports.schemas import (
    AgencyQuestion,
    ImportColumnView,
    ImportCounts,
    ImportDetail,
    ImportFileView,
    ImportItemPage,
    ImportItemView,
    ImportSheetView,
    ImportView,
)
from registry.imports.tables import AgencyStanding, ImportItemRow, ImportRow, ImportSheetRow, ItemOutcome, SheetKind
from registry.packed_messages import show_message
from registry.paging import PageRequest, decode_cursor, encode_cursor


class ItemFilter(StrEnum):
    """Which items are shown; the counts of an import have the same names."""

    TOTAL = "total"
    NEW = "new"
    RENEWS = "renews"
    COMPLETES = "completes"
    DIFFERS = "differs"
    KNOWN = "known"
    REFUSED = "refused"
    GOOD = "good"
    DOUBTFUL = "doubtful"
    MISSING = "missing"


_MOST_QUESTIONS: Final = 200
_ORDER: Final = "position"


def find_imports(
    uow: UnitOfWork, viewer: Viewer, *, before: int | None = None, limit: int = 50
) -> tuple[ImportView, ...]:
    """The newest imports that the viewer may see; `before`: those with a lower number."""
    rows = find_recent(uow.session, ImportRow, viewer, before=before, limit=limit)
    return tuple(map(_view, rows))


def get_import(uow: UnitOfWork, viewer: Viewer, import_id: int) -> ImportDetail:
    """One import with its files and lists. Raises `ImportNotFound`."""
    repository = ImportRepository(uow.session)
    row = repository.find(viewer, import_id)
    return ImportDetail(
        summary=_view(row),
        files=tuple(
            ImportFileView(file_name=file.file_name, size=file.size, reason=show_message(file.reason))
            for file in repository.files(import_id)
        ),
        sheets=tuple(_sheet(sheet) for sheet in repository.sheets(import_id) if sheet.kind is SheetKind.LIST),
    )


def find_items(
    uow: UnitOfWork,
    viewer: Viewer,
    import_id: int,
    shown: ItemFilter = ItemFilter.TOTAL,
    page: PageRequest | None = None,
) -> ImportItemPage:
    """One page of the items in their order; all pages joined have as many as the count of the same name.

    Raises `ImportNotFound`, and `InvalidInput` for a cursor of another list.
    """
    page = page or PageRequest()
    repository = ImportRepository(uow.session)
    row = repository.find(viewer, import_id)
    after = -1 if page.cursor is None else decode_cursor(page.cursor, _ORDER)[1]
    rows = repository.items_after(row, after, *_conditions(shown), limit=page.limit + 1)
    kept = rows[: page.limit]
    agencies = _agencies(
        uow,
        (
            key
            for item in kept
            for key in (
                item.agency_id,
                *(each[side] for each in item.differences if each["field"] == "agency" for side in ("old", "new")),
            )
        ),
    )
    following = encode_cursor(_ORDER, "", kept[-1].position) if len(rows) > page.limit else None
    return ImportItemPage(items=tuple(_item(item, agencies) for item in kept), next=following)


def find_questions(uow: UnitOfWork, viewer: Viewer, import_id: int) -> tuple[AgencyQuestion, ...]:
    """The ways of naming an agency that are doubtful or fit none, the most frequent first, 200 at most.

    What names none has an empty key and is one question, without a proposal: nothing tells those items apart.
    """
    row = ImportRepository(uow.session).find(viewer, import_id)
    item = ImportItemRow
    groups = uow.session.execute(
        select(func.min(col(item.id)).label("first"), func.count().label("count"))
        .where(
            col(item.import_id) == import_id,
            col(item.revision) == row.revision,
            col(item.outcome).in_(APPLICABLE),
            col(item.agency_standing).in_((AgencyStanding.DOUBTFUL, AgencyStanding.MISSING)),
        )
        .group_by(col(item.agency_key))
        .order_by(func.count().desc(), func.min(col(item.id)))
        .limit(_MOST_QUESTIONS)
    ).all()
    counts = {group[0]: group[1] for group in groups}
    examples = uow.session.execute(
        select(ImportItemRow.__table__).where(col(item.id).in_(counts))  # type: ignore[attr-defined]
    ).all()
    agencies = _agencies(uow, (example.agency_id for example in examples))
    by_id = {example.id: example for example in examples}
    return tuple(
        AgencyQuestion(
            agency_key=by_id[first].agency_key,
            agency_text=by_id[first].agency_text,
            count=count,
            example=by_id[first].place,
            proposal=_link(by_id[first].agency_id, agencies) if by_id[first].agency_key else None,
            score=by_id[first].agency_score if by_id[first].agency_key else 0,
            reason=show_message(by_id[first].agency_reason) if by_id[first].agency_key else None,
        )
        for first, count in counts.items()
    )


def _conditions(shown: ItemFilter) -> tuple[ColumnElement[bool], ...]:
    item = ImportItemRow
    match shown:
        case ItemFilter.TOTAL:
            return ()
        case ItemFilter.GOOD:
            return col(item.outcome).in_(GOOD), col(item.agency_standing).in_(SURE)
        case ItemFilter.DOUBTFUL | ItemFilter.MISSING:
            return col(item.outcome).in_(APPLICABLE), col(item.agency_standing) == AgencyStanding(shown.value)
        case _:
            return (col(item.outcome) == ItemOutcome(shown.value),)


def _view(row: ImportRow) -> ImportView:
    return ImportView(
        id=key_of(row),
        counts=ImportCounts(**row.counts),
        reason=show_message(row.reason),
        **{
            name: getattr(row, name)
            for name in (
                *("state", "created_at", "actor", "done", "choice", "decided_by", "applied_at", "applied_count"),
                "undone_at",
            )
        },
    )


def _sheet(row: ImportSheetRow) -> ImportSheetView:
    return ImportSheetView(
        position=row.position,
        place=row.place,
        is_chosen=row.is_chosen,
        row_count=row.row_count,
        columns=tuple(ImportColumnView.model_validate(column) for column in row.columns),
        secrets=tuple(row.secrets),
    )


def _item(row: Row[Any], agencies: Mapping[int, AgencyView]) -> ImportItemView:
    columns = row.columns or {}
    return ImportItemView(
        position=row.position,
        place=row.place,
        outcome=row.outcome,
        reasons=tuple(view for reason in row.reasons if (view := show_message(reason)) is not None),
        differences=tuple(_difference(each, agencies) for each in row.differences),
        originals=row.originals,
        holder=columns.get("holder") or row.facts.get("holder"),
        kind=columns.get("kind"),
        email=columns.get("email"),
        serial=row.serial,
        sha256=row.sha256,
        generation=columns.get("generation"),
        not_before=_moment(columns.get("not_before")),
        not_after=_moment(columns.get("not_after")),
        agency=_link(row.agency_id, agencies),
        agency_standing=row.agency_standing,
        agency_score=row.agency_score,
        agency_reason=show_message(row.agency_reason),
        agency_key=row.agency_key,
        agency_text=row.agency_text,
        certificate_id=row.certificate_id,
        replaces_id=row.replaces_id,
        replaces_position=row.replaces_position,
    )


def _difference(packed: Mapping[str, Any], agencies: Mapping[int, AgencyView]) -> dict[str, Any]:
    if packed["field"] != "agency":
        return dict(packed)
    named = {side: agencies[packed[side]].name for side in ("old", "new") if packed[side] in agencies}
    return {**packed, **named}


def _agencies(uow: UnitOfWork, keys: Iterable[int | None]) -> dict[int, AgencyView]:
    return find_agencies_by_id(uow, {key for key in keys if key is not None}, uow.now)


def _link(key: int | None, agencies: Mapping[int, AgencyView]) -> AgencyLink | None:
    if key is None or key not in agencies:
        return None
    agency = agencies[key]
    return AgencyLink(id=agency.id, code=agency.code, name=agency.name)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
