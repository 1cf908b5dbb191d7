"""The page on which an agency sets when it is told before an expiry."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.accounts.viewer import Viewer
from registry.agencies.repository import get_agency
from registry.alerts.steps.service import EARLIEST_STEP, LATEST_STEP, agency_steps, read_days, set_agency_steps
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.forms import FormReader
from registry.web.dependencies import CurrentActor, CurrentViewer, FormValues, ReadUow, RowId, WriteUow
from registry.web.page import CurrentPage, Page

router: Final = APIRouter(include_in_schema=False)


@router.get("/agencies/{agency_id}/alert-steps")
def steps_page(
    *, page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, agency_id: RowId, done: bool = False
) -> Response:
    """The steps in force, where they come from, and for those who may change them the form."""
    return _page(page, viewer, uow, agency_id=agency_id, is_done=done)


@router.post("/agencies/{agency_id}/alert-steps")
def submit_steps(
    *,
    page: CurrentPage,
    viewer: CurrentViewer,
    actor: CurrentActor,
    uow: WriteUow,
    agency_id: RowId,
    values: FormValues,
) -> Response:
    """Set the steps, or show the form again with what is wrong."""
    reader = FormReader(values)
    try:
        steps = None if values.get("follow") else _read_steps(values)
        set_agency_steps(uow, viewer, agency_id, steps, actor=actor)
    except InvalidInput as refused:
        reader.fail("before" if refused.field in {None, "steps"} else str(refused.field), refused.reason)
        return _page(page, viewer, uow, agency_id=agency_id, reader=reader, status=422)
    return page.redirect(f"/agencies/{agency_id}/alert-steps?done=1")


def _read_steps(values: dict[str, str]) -> list[int]:
    before = read_days(values.get("before", ""), field="before", first=0, last=EARLIEST_STEP)
    after = read_days(values.get("after", ""), field="after", first=1, last=-LATEST_STEP)
    return [*before, *(-days for days in after)]


def _page(
    page: Page,
    viewer: Viewer,
    uow: UnitOfWork,
    *,
    agency_id: int,
    reader: FormReader | None = None,
    status: int = 200,
    is_done: bool = False,
) -> Response:
    agency = get_agency(uow, viewer, agency_id, uow.now).agency
    steps = agency_steps(uow, viewer, page.runtime.settings, agency_id)
    shown = steps.own or next(iter(steps.in_force.values()))
    if reader is None:
        reader = FormReader(
            {
                "before": ", ".join(str(step) for step in shown if step >= 0),
                "after": ", ".join(str(-step) for step in shown if step < 0),
            }
        )
    return page.render(
        "alerts/steps.html",
        status=status,
        agency=agency,
        steps=steps,
        may_change=agency.ended_at is None and viewer.may_change_path(agency.path),
        is_done=is_done,
        **page.filled(reader),
    )
