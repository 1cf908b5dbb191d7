"""One application of an import under way, and what it notes at its items."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import col

from certs.messages import Message, define, message
from registry.accounts.viewer import Viewer
from registry.certificates.changes import Change
from registry.certificates.service import check_rights
from registry.db.unit_of_work import UnitOfWork
from registry.errors import RegistryError
from registry.imports.packing import unpack_columns
from registry.imports.repository import ImportRepository
from registry.imports.storing import picture
from registry.imports.tables import ImportItemRow, ImportRow, ItemOutcome
from registry.packed_messages import pack_message

define(
    "imports.not_applied",
    vi="Chưa ghi được một phần: {reason}",
    en="A part could not be entered: {reason}",
)


@dataclass(slots=True)
class Applying:
    """One application under way."""

    uow: UnitOfWork
    viewer: Viewer
    row: ImportRow
    pictured: set[int] = field(default_factory=set)
    """Certificates that were there before and whose state was put down for undoing."""
    entered: dict[int, int] = field(default_factory=dict)
    """Certificates by the position of the item they come from."""
    created: set[int] = field(default_factory=set)
    applied: int = 0
    permitted: set[int] = field(default_factory=set)
    """Agencies that the viewer may change, as far as they were asked about."""

    @property
    def actor(self) -> str:
        """Whoever decided, or else handed the files in."""
        return self.row.decided_by or self.row.actor

    def change(self, at: datetime, note: str | None = None) -> Change:
        """A change by this actor."""
        return Change(effective_at=at, actor=self.actor, note=note)

    def check_rights(self, agency_ids: set[int]) -> None:
        """Raise `NotPermitted` or `AgencyNotFound` for what the viewer may not change."""
        if asked := agency_ids - self.permitted:
            check_rights(self.uow, self.viewer, asked)
            self.permitted |= asked


def columns_of(item: Row[Any]) -> dict[str, Any]:
    """The columns of the certificate that the item describes."""
    return {**unpack_columns(item.columns, item.der), "named_agency_id": item.agency_id}


def note_of(work: Applying, item: Row[Any]) -> str:
    """Where the event comes from, and what the list says that has no column."""
    parts = [f"Nhập dữ liệu số {work.row.id}: {item.facts.get('row', item.place)}"]
    parts.extend(
        f"{label}: {item.facts[name]}"
        for name, label in (("former_position", "chức vụ cũ"), ("former_agency", "đơn vị cũ"), ("note", "ghi chú"))
        if item.facts.get(name)
    )
    return "; ".join(parts)


def take_picture(work: Applying, key: int) -> dict[str, Any] | None:
    """The state before this import of a certificate that it did not enter; None when it was put down already."""
    if key in work.pictured or key in work.created:
        return None
    work.pictured.add(key)
    work.uow.session.flush()
    return picture(work.uow.session, key)


def keep_picture(work: Applying, item: Row[Any], taken: dict[str, Any] | None) -> None:
    """Put the state before the import down at the item, for undoing."""
    if taken is not None:
        held = work.uow.session.execute(
            select(col(ImportItemRow.before)).where(col(ImportItemRow.id) == item.id)
        ).scalar_one()
        ImportRepository(work.uow.session).update_items([{"id": item.id, "before": [*held, taken]}])


def leave_out(work: Applying, item: Row[Any], outcome: ItemOutcome, *why: Message) -> None:
    """Note at the item that it became something else than it was in the preview."""
    reasons = [*map(pack_message, why), *item.reasons]
    ImportRepository(work.uow.session).update_items([{"id": item.id, "outcome": outcome, "reasons": reasons}])


def tell_refusals(work: Applying, item: Row[Any], refusals: Sequence[RegistryError]) -> None:
    """Note at the item what could not be entered of it."""
    if refusals:
        told = [pack_message(message("imports.not_applied", reason=error.reason.text("vi"))) for error in refusals]
        ImportRepository(work.uow.session).update_items([{"id": item.id, "reasons": [*told, *item.reasons]}])
