"""What a program or a form sends about agencies, checked once, and what is done with each of it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, field_validator

from registry.accounts.viewer import Viewer
from registry.agencies.schemas import AgencySubmission
from registry.agencies.service import AgencyChange, change_contact, move_agency, rename_agency
from registry.agencies.succession import absorb_agency, dissolve_agency, split_agency
from registry.agencies.tables import AgencyLevel
from registry.db.unit_of_work import UnitOfWork
from registry.schemas import EmailAddress, EmailAddressOrEmpty, Incoming

_Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Name = Annotated[str, Field(min_length=1, max_length=300)]


class NewAgency(Incoming):
    """A body that begins to exist."""

    code: Annotated[str, Field(min_length=1, max_length=35, description="Electronic identifier, e.g. `H02.15`.")]
    name: _Name
    level: AgencyLevel
    parent_id: _Key | None = None
    email: EmailAddress | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    tax_code: Annotated[str, Field(max_length=20)] | None = None
    budget_code: Annotated[str, Field(max_length=20)] | None = None

    def to_submission(self) -> AgencySubmission:
        """The same for the service."""
        return AgencySubmission(**self.model_dump())


class _Circumstances(Incoming):
    effective_at: Annotated[AwareDatetime, Field(description="From when it holds; may lie in the past or the future.")]
    legal_document: Annotated[str, Field(max_length=200)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None

    @field_validator("effective_at")
    @classmethod
    def _refuse_far_times(cls, value: datetime) -> datetime:
        if not 1900 <= value.year <= 2200:
            raise ValueError("a year between 1900 and 2200")
        return value

    def to_change(self, actor: str) -> AgencyChange:
        """The circumstances for the service."""
        return AgencyChange(
            effective_at=self.effective_at,
            actor=actor,
            legal_document=self.legal_document or None,
            note=self.note or None,
        )


class Establishment(_Circumstances):
    """A body begins to exist."""

    agency: NewAgency


class Merger(_Circumstances):
    """Several bodies end, and a new one takes their place."""

    agency_ids: Annotated[tuple[_Key, ...], Field(min_length=1, max_length=100)]
    successor: NewAgency


class Renaming(_Circumstances):
    """It has a new name."""

    kind: Literal["renamed"]
    name: _Name


class Move(_Circumstances):
    """It has another superior body, or none."""

    kind: Literal["moved"]
    parent_id: _Key | None


class ContactChange(_Circumstances):
    """It has another address; what is left out stays, an empty text is taken away."""

    kind: Literal["contact_changed"]
    email: EmailAddressOrEmpty | None = None
    address: Annotated[str, Field(max_length=300)] | None = None


class Absorption(_Circumstances):
    """It ends and becomes part of a body that goes on."""

    kind: Literal["merged"]
    into_id: _Key


class Split(_Circumstances):
    """New bodies take its place, or, when it goes on, the place of a part of it."""

    kind: Literal["split"]
    successors: Annotated[tuple[NewAgency, ...], Field(min_length=1, max_length=100)]
    goes_on: bool = False


class Dissolution(_Circumstances):
    """It ends without a successor."""

    kind: Literal["dissolved"]


EventSubmission = Annotated[
    Renaming | Move | ContactChange | Absorption | Split | Dissolution, Field(discriminator="kind")
]


def record_submitted_event(
    uow: UnitOfWork, viewer: Viewer, agency_id: int, event: EventSubmission, *, actor: str
) -> None:
    """Do what the event says; raises what the change itself raises (`registry.agencies.service`)."""
    change = event.to_change(actor)
    match event:
        case Renaming():
            rename_agency(uow, viewer, agency_id, event.name, change)
        case Move():
            move_agency(uow, viewer, agency_id, event.parent_id, change)
        case ContactChange():
            change_contact(uow, viewer, agency_id, change, email=event.email, address=event.address)
        case Absorption():
            absorb_agency(uow, viewer, agency_id, into_id=event.into_id, change=change)
        case Split():
            successors = tuple(each.to_submission() for each in event.successors)
            split_agency(uow, viewer, agency_id, successors, change, goes_on=event.goes_on)
        case Dissolution():
            dissolve_agency(uow, viewer, agency_id, change)
