"""What can be recorded about an agency on its page, and how the form for it is read."""

from enum import StrEnum
from typing import Any, Final

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.agencies.choosing import read_agencies, read_agency
from registry.agencies.schemas import AgencyView
from registry.agencies.submissions import (
    Absorption,
    ContactChange,
    Dissolution,
    Establishment,
    EventSubmission,
    Merger,
    Move,
    NewAgency,
    Renaming,
    Split,
)
from registry.agencies.tables import AgencyLevel
from registry.clock import start_of_day
from registry.db.unit_of_work import UnitOfWork
from registry.forms import FormReader


class AgencyAction(StrEnum):
    """The changes that start on the page of one agency."""

    RENAMED = "renamed"
    MOVED = "moved"
    CONTACT_CHANGED = "contact_changed"
    MERGED = "merged"
    """It becomes part of a body that goes on."""
    SPLIT = "split"
    DISSOLVED = "dissolved"


def offered_actions(viewer: Viewer, agency: AgencyView) -> tuple[AgencyAction, ...]:
    """What the viewer may record of the agency now; only the administrator changes the tree."""
    if agency.ended_at is not None or not viewer.may_change_path(agency.path):
        return ()
    return tuple(AgencyAction) if viewer.is_administrator else (AgencyAction.CONTACT_CHANGED,)


def read_action(
    uow: UnitOfWork, viewer: Viewer, action: AgencyAction, reader: FormReader, agency: AgencyView
) -> EventSubmission | None:
    """The event that the form describes, or None when `reader` has problems with it."""
    common = _circumstances(reader)
    given: dict[str, Any] = {}
    match action:
        case AgencyAction.RENAMED:
            given["name"] = reader.text("name", limit=300, is_required=True)
        case AgencyAction.MOVED:
            given["parent_id"] = read_agency(uow, viewer, reader, "parent_id")
        case AgencyAction.CONTACT_CHANGED:
            given = {"email": reader.email("email"), "address": reader.text("address", limit=300)}
        case AgencyAction.MERGED:
            given["into_id"] = read_agency(uow, viewer, reader, "into_id", is_required=True)
        case AgencyAction.SPLIT:
            given = {"successors": _read_successors(reader, agency), "goes_on": reader.typed.get("goes_on") == "1"}
        case AgencyAction.DISSOLVED:
            pass
    if reader.problems:
        return None
    event: EventSubmission = _EVENTS[action](kind=action.value, **common, **given)
    return event


_EVENTS: Final[dict[AgencyAction, Any]] = {
    AgencyAction.RENAMED: Renaming,
    AgencyAction.MOVED: Move,
    AgencyAction.CONTACT_CHANGED: ContactChange,
    AgencyAction.MERGED: Absorption,
    AgencyAction.SPLIT: Split,
    AgencyAction.DISSOLVED: Dissolution,
}


def read_establishment(uow: UnitOfWork, viewer: Viewer, reader: FormReader) -> Establishment | None:
    """The new agency that the form describes, or None when `reader` has problems with it."""
    common, agency = _circumstances(reader), _read_new(uow, viewer, reader)
    return None if agency is None else Establishment(agency=agency, **common)


def read_merger(uow: UnitOfWork, viewer: Viewer, reader: FormReader) -> Merger | None:
    """The merger that the form describes: bodies that end, one a line by code or name, and the new one."""
    common, successor = _circumstances(reader), _read_new(uow, viewer, reader)
    ending = read_agencies(uow, viewer, reader, "agency_ids")
    if not ending:
        reader.fail("agency_ids", message("forms.required"))
    if reader.problems or successor is None:
        return None
    return Merger(agency_ids=ending, successor=successor, **common)


def _circumstances(reader: FormReader) -> dict[str, Any]:
    day = reader.day("effective_at")
    return {
        # A decision holds for whole days.
        "effective_at": None if day is None else start_of_day(day),
        "legal_document": reader.text("legal_document", limit=200) or None,
        "note": reader.text("note", limit=2000) or None,
    }


def _read_new(uow: UnitOfWork, viewer: Viewer, reader: FormReader) -> NewAgency | None:
    given = {
        "code": reader.text("code", limit=35, is_required=True),
        "name": reader.text("name", limit=300, is_required=True),
        "level": reader.member("level", AgencyLevel),
        "parent_id": read_agency(uow, viewer, reader, "parent_id"),
        "email": reader.email("email") or None,
        "address": reader.text("address", limit=300) or None,
        "tax_code": reader.text("tax_code", limit=20) or None,
        "budget_code": reader.text("budget_code", limit=20) or None,
    }
    return None if reader.problems else NewAgency.model_validate(given)


def _read_successors(reader: FormReader, agency: AgencyView) -> tuple[NewAgency, ...]:
    """One line for each new body, `code; name`; each has the level and the superior body of the one that is split."""
    found: list[NewAgency] = []
    for line in reader.typed.get("successors", "").splitlines():
        if not line.strip():
            continue
        code, _, name = (part.strip() for part in line.partition(";"))
        if not code or not name or len(code) > 35 or len(name) > 300:
            reader.fail("successors", message("agencies.successor_line", line=line.strip()[:80]))
            continue
        found.append(NewAgency(code=code, name=name, level=agency.level, parent_id=agency.parent_id))
    if not found:
        reader.fail("successors", message("forms.required"))
    return tuple(found[:100])
