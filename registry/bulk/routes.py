"""Changes of many certificates over HTTP: choose and preview, read the preview, decide."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from registry.bulk.schemas import BulkChangeView, BulkItemPage
from registry.bulk.service import decide_bulk_change, submit_bulk_change
from registry.bulk.submissions import BulkDecision, BulkSubmission
from registry.bulk.tables import BulkChangeRow
from registry.bulk.views import BulkFilter, find_bulk_changes, find_items, get_bulk_change
from registry.leases import wait_until_settled
from registry.paging import PageRequest
from registry.runtime import Runtime
from registry.web.dependencies import (
    Before,
    CurrentActor,
    CurrentRuntime,
    CurrentViewer,
    Cursor,
    PageSize,
    ReadUow,
    RowId,
)
from registry.web.prefer import ACCEPTED, WaitSeconds, say_where
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/bulk-changes", tags=["bulk changes"], responses=PROBLEM_RESPONSES)


@router.post("", summary="Choose certificates and preview one change of them", responses=ACCEPTED)
def submit(
    *,
    body: BulkSubmission,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    actor: CurrentActor,
    seconds: WaitSeconds,
) -> BulkChangeView:
    """200 with the preview when it is there within the wait, else 202. Nothing is changed before it is decided.

    The certificates are named by identifier, by the list of which all rows are meant, or by an earlier change. A `token`
    of your own makes sending the same again harmless.
    """
    with runtime.database.write() as uow:
        number = submit_bulk_change(uow, viewer, body.selection, body.event, actor=actor, token=body.token)
    return _answer(runtime, viewer, number, response, seconds)


@router.get("", summary="List changes of many certificates")
def find_all(
    uow: ReadUow,
    viewer: CurrentViewer,
    before: Before = None,
    limit: PageSize = 50,
) -> tuple[BulkChangeView, ...]:
    """The newest first; for the next page give the lowest number of this one as `before`."""
    return find_bulk_changes(uow, viewer, before=before, limit=limit)


@router.get("/{bulk_change_id}", summary="One change of many certificates")
def get_one(bulk_change_id: RowId, uow: ReadUow, viewer: CurrentViewer) -> BulkChangeView:
    """Where it stands, what it records, who made it, and the counts of its certificates."""
    return get_bulk_change(uow, viewer, bulk_change_id)


@router.get("/{bulk_change_id}/items", summary="What would happen, or happened, to each certificate")
def get_items(
    *,
    bulk_change_id: RowId,
    uow: ReadUow,
    viewer: CurrentViewer,
    show: Annotated[
        BulkFilter, Query(description="Which; the counts of the change have the same names.")
    ] = BulkFilter.TOTAL,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> BulkItemPage:
    """One page, in the order in which they were chosen."""
    return find_items(uow, viewer, bulk_change_id, show, PageRequest(cursor=cursor, limit=limit))


@router.post("/{bulk_change_id}/apply", summary="Record the good ones, or none", responses=ACCEPTED)
def submit_decision(
    *,
    bulk_change_id: RowId,
    body: BulkDecision,
    response: Response,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    seconds: WaitSeconds,
) -> BulkChangeView:
    """All good ones are recorded in one transaction. What changed since the preview is left alone and listed."""
    with runtime.database.write() as uow:
        decide_bulk_change(uow, viewer, bulk_change_id, body.choice)
    return _answer(runtime, viewer, bulk_change_id, response, seconds)


def _answer(
    runtime: Runtime, viewer: CurrentViewer, bulk_change_id: int, response: Response, seconds: float
) -> BulkChangeView:
    settled = wait_until_settled(runtime.database, runtime.wakeups, BulkChangeRow, bulk_change_id, seconds=seconds)
    say_where(response, f"{router.prefix}/{bulk_change_id}", is_done=settled)
    with runtime.database.read() as uow:
        return get_bulk_change(uow, viewer, bulk_change_id)
