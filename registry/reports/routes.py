"""Reports over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from registry.clock import local_day
from registry.parameters import ParameterReader
from registry.reports.repository import issuance_report
from registry.reports.schemas import IssuanceView
from registry.web.dependencies import CurrentViewer, ReadUow
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/reports", tags=["reports"], responses=PROBLEM_RESPONSES)


@router.get("/issuance", summary="What had been issued by the end of a day, and what happened in the period up to it")
def get_issuance(
    uow: ReadUow,
    viewer: CurrentViewer,
    as_of: Annotated[
        str | None, Query(description="`YYYY-MM-DD`; default: today in Viet Nam.", examples=["2016-12-31"])
    ] = None,
    begin: Annotated[
        str | None, Query(alias="from", description="First day of the period; default: 1 January of the year.")
    ] = None,
) -> IssuanceView:
    """Totals, coverage by level, kinds, media, generations of CAs and agencies, of what the caller may see."""
    read = ParameterReader([("as_of", as_of or ""), ("from", begin or "")])
    return issuance_report(uow, viewer, read.day("as_of") or local_day(uow.now), read.day("from")).to_view()
