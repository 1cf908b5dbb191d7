"""Previewing and recording the items of a change, in the transaction of the caller.

What was previewed is what is recorded: a certificate with an event that the preview did not see, or to which the change
would now do something else, is left as it is, and says so.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from certs.messages import Message, message
from registry.accounts.viewer import Viewer
from registry.bulk.assessing import Assessment, assess, check_event
from registry.bulk.repository import CHUNK, BulkRepository
from registry.bulk.submissions import BulkEvent
from registry.bulk.tables import BulkChangeRow, BulkOutcome
from registry.certificates.steps import Change, take_step
from registry.certificates.tables import CertificateEventRow
from registry.clock import VIETNAM
from registry.db.locks import Lock, hold
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import NotFound, RegistryError
from registry.packed_messages import pack_message

_EVENTS: TypeAdapter[BulkEvent] = TypeAdapter(BulkEvent)


def event_of(row: BulkChangeRow) -> BulkEvent:
    """What is to be recorded."""
    return _EVENTS.validate_python(row.event)


def preview_items(uow: UnitOfWork, viewer: Viewer, row: BulkChangeRow, *, limit: int) -> bool:
    """Look at the next `limit` items that nobody has looked at; False when there were none. Raises `NotPermitted`."""
    repository = BulkRepository(uow.session)
    items = repository.items(key_of(row), BulkOutcome.PENDING, limit=limit)
    if not items:
        return False
    keys = [item.certificate_id for item in items]
    assessed = assess(uow, viewer, event_of(row), keys)
    names = repository.names(keys)
    events = repository.last_events(keys)
    repository.update_items(
        [
            {
                "id": item.id,
                "last_event_id": events.get(item.certificate_id),
                **_previewed(assessed[item.certificate_id], names.get(item.certificate_id, ("", ""))),
            }
            for item in items
        ]
    )
    return True


def _previewed(found: Assessment | RegistryError, named: tuple[str, str]) -> dict[str, Any]:
    is_refused = isinstance(found, RegistryError)
    # Who may not see a certificate is not told its name either.
    holder, serial = ("", "") if isinstance(found, NotFound) else named
    return {
        "holder": holder,
        "serial": serial,
        "outcome": BulkOutcome.REFUSED if is_refused else BulkOutcome.GOOD,
        "reason": pack_message(found.reason) if isinstance(found, RegistryError) else None,
        "effective_at": None if isinstance(found, RegistryError) else found.history.at,
        "difference": None if isinstance(found, RegistryError) else found.difference,
    }


def record_items(uow: UnitOfWork, viewer: Viewer, row: BulkChangeRow) -> None:
    """Record the change of every good item, all in this transaction. Raises `NotPermitted` or `AgencyNotFound`."""
    repository = BulkRepository(uow.session)
    hold(uow.session.connection(), Lock.REGISTER)
    repository.lock_certificates(key_of(row))
    event = event_of(row)
    check_event(uow, viewer, event)
    after = -1
    while items := repository.items(key_of(row), BulkOutcome.GOOD, after=after, limit=CHUNK):
        after = items[-1].position
        _record_chunk(uow, viewer, row, event, items)


def _record_chunk(
    uow: UnitOfWork, viewer: Viewer, row: BulkChangeRow, event: BulkEvent, items: Sequence[Row[Any]]
) -> None:
    repository = BulkRepository(uow.session)
    keys = [item.certificate_id for item in items]
    events = repository.last_events(keys)
    newer = [events[item.certificate_id] for item in items if events.get(item.certificate_id) != item.last_event_id]
    assessed = assess(uow, viewer, event, keys)
    recorded: list[tuple[Row[Any], CertificateEventRow]] = []
    refused: list[dict[str, Any]] = []
    changes = {key: uow.session.get_one(CertificateEventRow, key) for key in newer}
    for item in items:
        found = assessed[item.certificate_id]
        refusal = _refusal(item, found, changes.get(events.get(item.certificate_id, 0)))
        if refusal is not None or isinstance(found, RegistryError):
            reason = pack_message(refusal) if refusal else None
            refused.append({"id": item.id, "outcome": BulkOutcome.CHANGED, "reason": reason})
            continue
        change = Change(effective_at=found.history.at, actor=row.actor, note=event.note or None)
        recorded.append((item, take_step(uow, found.history, found.step, change, details={"bulk_change": row.id})))
    uow.session.flush()
    repository.update_items(refused)
    repository.update_items(
        [{"id": item.id, "outcome": BulkOutcome.DONE, "event_id": made.id} for item, made in recorded]
    )


def _refusal(item: Row[Any], found: Assessment | RegistryError, newer: CertificateEventRow | None) -> Message | None:
    if newer is not None:
        at = newer.recorded_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
        return message("bulk.changed_since", actor=newer.actor, at=at)
    if isinstance(found, RegistryError):
        return found.reason
    if found.difference != item.difference or found.history.at != item.effective_at:
        return message("bulk.differs_now")
    return None
