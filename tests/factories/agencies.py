"""Agencies for tests."""

import itertools
from datetime import UTC, datetime

from registry.accounts.viewer import Viewer
from registry.agencies.schemas import AgencySubmission
from registry.agencies.service import AgencyChange, create_agency
from registry.agencies.tables import AgencyLevel
from registry.db.unit_of_work import UnitOfWork

BEGINNING = datetime(2010, 1, 1, tzinfo=UTC)
EVERYTHING = Viewer.everything()
_numbers = itertools.count(1)


def agency_change(at: datetime = BEGINNING, *, legal_document: str | None = None) -> AgencyChange:
    return AgencyChange(effective_at=at, actor="test", legal_document=legal_document)


def make_agency(
    uow: UnitOfWork,
    name: str = "Ủy ban nhân dân xã Tân Mỹ",
    *,
    level: AgencyLevel = AgencyLevel.COMMUNE,
    parent_id: int | None = None,
    code: str | None = None,
    at: datetime = BEGINNING,
    email: str | None = None,
) -> int:
    submission = AgencySubmission(
        code=code or f"H02.{next(_numbers)}", name=name, level=level, parent_id=parent_id, email=email
    )
    return create_agency(uow, EVERYTHING, submission, agency_change(at))
