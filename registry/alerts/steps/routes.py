"""The steps of an agency over HTTP."""

from typing import Final

from fastapi import APIRouter

from registry.alerts.steps.schemas import AgencyStepsView
from registry.alerts.steps.service import agency_steps, set_agency_steps
from registry.views import View
from registry.web.dependencies import CurrentActor, CurrentRuntime, CurrentViewer, ReadUow, RowId, WriteUow
from registry.web.problems import PROBLEM_RESPONSES

router: Final = APIRouter(prefix="/api/v1/agencies", tags=["alerts"], responses=PROBLEM_RESPONSES)


class StepsSubmission(View):
    """The steps that an agency is to have."""

    steps: tuple[int, ...] | None
    """Days before expiry, negative after it; null: it follows the body above."""


@router.get("/{agency_id}/alert-steps", summary="When an agency is told before an expiry")
def show_steps(uow: ReadUow, runtime: CurrentRuntime, viewer: CurrentViewer, agency_id: RowId) -> AgencyStepsView:
    """Its own steps or those it follows, and what was changed when."""
    return agency_steps(uow, viewer, runtime.settings, agency_id)


@router.put("/{agency_id}/alert-steps", summary="Set when an agency is told before an expiry")
def put_steps(
    *,
    uow: WriteUow,
    runtime: CurrentRuntime,
    viewer: CurrentViewer,
    actor: CurrentActor,
    agency_id: RowId,
    body: StepsSubmission,
) -> AgencyStepsView:
    """For itself and the units below it that have no steps of their own."""
    set_agency_steps(uow, viewer, agency_id, body.steps, actor=actor)
    return agency_steps(uow, viewer, runtime.settings, agency_id)
