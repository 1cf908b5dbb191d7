"""Reading changes of many certificates for pages and programs. Every query takes the viewer."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row

from registry.accounts.viewer import Viewer
from registry.agencies.repository import find_agencies_by_id
from registry.agencies.schemas import AgencyLink
from registry.bulk.recording import event_of
from registry.bulk.repository import BulkRepository
from registry.bulk.schemas import BulkChangeView, BulkCounts, BulkEntry, BulkItemPage, BulkItemView
from registry.bulk.submissions import BulkEvent
from registry.bulk.tables import BulkChangeRow, BulkOutcome
from registry.certificates.query import Standing
from registry.certificates.submissions import CorrectionEvent, Reassignment
from registry.certificates.tables import Custody
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.handed_in import find_recent
from registry.packed_messages import show_message
from registry.paging import PageRequest, decode_cursor, encode_cursor

_ORDER: Final = "position"


class BulkFilter(StrEnum):
    """Which certificates of a change are shown; its counts have the same names."""

    TOTAL = "total"
    GOOD = "good"
    DONE = "done"
    CHANGED = "changed"
    REFUSED = "refused"


def find_bulk_changes(
    uow: UnitOfWork, viewer: Viewer, *, before: int | None = None, limit: int = 50
) -> tuple[BulkChangeView, ...]:
    """The newest changes that the viewer may see; `before`: those with a lower number."""
    rows = find_recent(uow.session, BulkChangeRow, viewer, before=before, limit=limit)
    return _views(uow, viewer, rows)


def get_bulk_change(uow: UnitOfWork, viewer: Viewer, bulk_change_id: int) -> BulkChangeView:
    """One change. Raises `BulkChangeNotFound`."""
    return _views(uow, viewer, (BulkRepository(uow.session).find(viewer, bulk_change_id),))[0]


def find_items(
    uow: UnitOfWork,
    viewer: Viewer,
    bulk_change_id: int,
    shown: BulkFilter = BulkFilter.TOTAL,
    page: PageRequest | None = None,
) -> BulkItemPage:
    """One page of the certificates in their order; all pages joined have as many as the count of the same name.

    Raises `BulkChangeNotFound`, and `InvalidInput` for a cursor of another list.
    """
    page = page or PageRequest()
    repository = BulkRepository(uow.session)
    repository.find(viewer, bulk_change_id)
    after = -1 if page.cursor is None else decode_cursor(page.cursor, _ORDER)[1]
    outcomes = () if shown is BulkFilter.TOTAL else (BulkOutcome(shown.value),)
    rows = repository.items(bulk_change_id, *outcomes, after=after, limit=page.limit + 1)
    kept = rows[: page.limit]
    agencies = _links(uow, {key for row in kept for key in _named_agencies(row.difference)})
    following = encode_cursor(_ORDER, "", kept[-1].position) if len(rows) > page.limit else None
    return BulkItemPage(items=tuple(_item(row, agencies) for row in kept), next=following)


def _views(uow: UnitOfWork, viewer: Viewer, rows: Sequence[BulkChangeRow]) -> tuple[BulkChangeView, ...]:
    events = [event_of(row) for row in rows]
    agencies = _links(uow, {key for event in events if (key := _agency_id(event)) is not None})
    return tuple(
        BulkChangeView(
            id=key_of(row),
            event=event,
            agency=agencies.get(_agency_id(event) or 0),
            list=row.parameters,
            counts=BulkCounts(**row.counts),
            reason=show_message(row.reason),
            is_own=row.created_by == viewer.user_id,
            **{name: getattr(row, name) for name in ("state", "created_at", "actor", "total", "decided_at")},
        )
        for row, event in zip(rows, events, strict=True)
    )


def _item(row: Row[Any], agencies: Mapping[int, AgencyLink]) -> BulkItemView:
    difference = row.difference or {"field": None}
    sides: dict[str, Any] = {}
    match difference["field"]:
        case "agency":
            sides["agency"] = (agencies[difference["old"]], agencies[difference["new"]])
        case "status":
            sides["status"] = (Standing(difference["old"]), Standing(difference["new"]))
        case "entry":
            sides["entry"] = (_entry(difference["old"], agencies), _entry(difference["new"], agencies))
        case "custody":
            sides["custody"] = (Custody(difference["old"]), Custody(difference["new"]))
    return BulkItemView(
        reason=show_message(row.reason),
        **sides,
        **{
            name: getattr(row, name)
            for name in ("position", "certificate_id", "holder", "serial", "outcome", "effective_at", "event_id")
        },
    )


def _named_agencies(difference: Mapping[str, Any] | None) -> tuple[int, ...]:
    match difference:
        case {"field": "agency", "old": old, "new": new}:
            return (old, new)
        case {"field": "entry", "old": {"named_agency_id": old}, "new": {"named_agency_id": new}}:
            return (old, new)
        case _:
            return ()


def _entry(columns: Mapping[str, Any], agencies: Mapping[int, AgencyLink]) -> BulkEntry:
    agency = agencies.get(columns.get("named_agency_id", 0))
    return BulkEntry(kind=columns.get("kind"), medium=columns.get("medium"), agency=agency)


def _agency_id(event: BulkEvent) -> int | None:
    return event.agency_id if isinstance(event, (Reassignment, CorrectionEvent)) else None


def _links(uow: UnitOfWork, keys: set[int]) -> dict[int, AgencyLink]:
    views = find_agencies_by_id(uow, keys, uow.now)
    return {key: AgencyLink(id=view.id, code=view.code, name=view.name) for key, view in views.items()}
