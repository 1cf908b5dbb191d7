"""What each kind of change does to a certificate and when it is refused: plans that read and write no database.

One certificate on its page, and many at once with a preview, follow the same rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col

from certs.messages import message
from registry.certificates.errors import CertificateRefused, ChangeRefused
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
)
from registry.db.unit_of_work import UnitOfWork
from registry.periods import change_from
from registry.trust.known_anchors import knows_suspension

REVOCATION_REASONS: Final = (
    "unspecified",
    "keyCompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "privilegeWithdrawn",
)
"""Reason codes of RFC 5280, 5.3.1, that revoke an end entity for good."""

_CUSTODY_AFTER: Final = {
    CertificateEventKind.HANDED_OVER: Custody.HANDED_OVER,
    CertificateEventKind.RETURNED: Custody.RETURNED,
    CertificateEventKind.LOST: Custody.LOST,
    CertificateEventKind.LOCKED: Custody.LOCKED,
    CertificateEventKind.RECOVERED: Custody.HANDED_OVER,
}


WITHDRAWN: Final = "withdrawn_with_import"
"""Detail of the event by which a certificate was taken back with the import that had entered it."""
RESTORED: Final = "restored_with_import"
"""Detail of the event by which a certificate became again what it was before an import."""

CUSTODY_BEFORE: Final = {
    CertificateEventKind.HANDED_OVER: (Custody.NOT_HANDED_OVER, Custody.RETURNED),
    CertificateEventKind.RETURNED: (Custody.HANDED_OVER, Custody.LOCKED, Custody.LOST),
    CertificateEventKind.LOST: (Custody.HANDED_OVER, Custody.NOT_HANDED_OVER, Custody.LOCKED),
    CertificateEventKind.LOCKED: (Custody.HANDED_OVER,),
    CertificateEventKind.RECOVERED: (Custody.LOCKED, Custody.LOST),
}
"""For each event of a device, where the device can be before it. Lists that are imported may tell of leaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The circumstances of a change."""

    effective_at: datetime
    """From when it holds."""
    actor: str
    """Who entered it."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A certificate, locked until the unit of work ends, with everything that is true of it at any time."""

    certificate_id: int
    row: CertificateRow
    """Its DER is read only when asked for."""
    periods: list[CertificatePeriodRow]
    """In order."""
    current: CertificatePeriodRow
    """What holds when the change takes effect."""
    at: datetime
    """When that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a change does to one certificate. Nothing is written before `take_step`."""

    kind: CertificateEventKind
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the period from the moment of the change on."""
    entry: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the certificate that were entered wrongly; `changes` then hold from its beginning."""
    is_final: bool = False
    """Whether it undoes what came after it."""
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def plan_revocation(history: History, reason: str) -> Step:
    """The certificate is revoked for good. Raises `CertificateRefused` for an unknown reason, and `ChangeRefused`."""
    if reason not in REVOCATION_REASONS:
        known = ", ".join(REVOCATION_REASONS)
        raise CertificateRefused(message("certificates.reason", reason=reason, known=known), field="reason")
    _require(history, CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED)
    changes = {"status": CertificateStatus.REVOKED, "revocation_reason": reason}
    return Step(kind=CertificateEventKind.REVOKED, changes=changes, is_final=True, reason=reason)


def plan_suspension(history: History) -> Step:
    """The certificate is suspended. Raises `ChangeRefused`, always for the Government PKI, which knows no suspension."""
    if not knows_suspension(history.row.generation):
        raise ChangeRefused(message("certificates.no_suspension"))
    _require(history, CertificateStatus.ACTIVE)
    return Step(kind=CertificateEventKind.SUSPENDED, changes={"status": CertificateStatus.SUSPENDED})


def plan_resumption(history: History) -> Step:
    """The suspension ends. Raises `ChangeRefused`."""
    _require(history, CertificateStatus.SUSPENDED)
    return Step(kind=CertificateEventKind.RESUMED, changes={"status": CertificateStatus.ACTIVE})


def plan_reassignment(history: History, agency_id: int) -> Step:
    """Another agency becomes responsible; whether the viewer may give to it is for the caller. Raises `ChangeRefused`."""
    before = history.current.agency_id
    if before == agency_id:
        raise ChangeRefused(message("certificates.same_agency"))
    details = {"from": before, "to": agency_id}
    return Step(kind=CertificateEventKind.REASSIGNED, changes={"agency_id": agency_id}, details=details)


def plan_custody(history: History, what: CertificateEventKind) -> Step:
    """Something happens to the device. Raises `ChangeRefused`, and `KeyError` for any other kind of event."""
    custody = _CUSTODY_AFTER[what]
    if what is CertificateEventKind.RECOVERED and history.current.custody not in (Custody.LOCKED, Custody.LOST):
        raise device_refused(history)
    return Step(kind=what, changes={"custody": custody})


def plan_note() -> Step:
    """Something worth knowing is written into the history."""
    return Step(kind=CertificateEventKind.NOTED)


def device_refused(history: History) -> ChangeRefused:
    """Build the error for an event that cannot have happened to the device where it is."""
    return ChangeRefused(message(f"certificates.device_is_{history.current.custody}"))


def take_step(
    uow: UnitOfWork, history: History, step: Step, change: Change, *, details: Mapping[str, Any] | None = None
) -> CertificateEventRow:
    """Do what was planned; the next flush writes it. `details` go into the event beside those of the step."""
    about = step.kind
    if step.entry:
        # Of what changes with time, only the agency can have been entered wrongly from the beginning.
        begin, about = history.periods[0], CertificateEventKind.REASSIGNED
        history = replace(history, current=begin, at=begin.effective_from)
    if step.changes:
        change_from(
            uow.session,
            history.periods,
            history.at,
            step.changes,
            is_final=step.is_final,
            told_again_at=None if step.is_final else told_next(uow, history, about),
        )
    for name, value in step.entry.items():
        setattr(history.row, name, value)
    event = CertificateEventRow(
        certificate_id=history.certificate_id,
        kind=step.kind,
        effective_at=change.effective_at,
        recorded_at=uow.now,
        actor=change.actor,
        reason=step.reason,
        note=change.note,
        details={**step.details, **(details or {})},
    )
    uow.session.add(event)
    return event


_SAID_OF_ONE_THING: Final = (
    frozenset(_CUSTODY_AFTER),
    frozenset({CertificateEventKind.REASSIGNED}),
    frozenset({CertificateEventKind.SUSPENDED, CertificateEventKind.RESUMED}),
)


def told_next(uow: UnitOfWork, history: History, kind: CertificateEventKind) -> datetime | None:
    """When something of this kind was said of the certificate next, after `history.at`; None: never."""
    if history.periods[-1] is history.current:
        return None
    kinds = next(kinds for kinds in _SAID_OF_ONE_THING if kind in kinds)
    event = CertificateEventRow
    told: list[tuple[datetime, datetime]] = []
    last = None
    for what, effective_at, recorded_at, details in uow.session.execute(
        select(col(event.kind), col(event.effective_at), col(event.recorded_at), col(event.details))
        .where(col(event.certificate_id) == history.certificate_id)
        .order_by(col(event.id))
    ):
        if WITHDRAWN in details:
            # What was said before the certificate was taken back was taken back with it.
            told.clear()
        elif RESTORED in details:
            # An import was taken back, which is done only as long as what it recorded was the last.
            told = [each for each in told if each[1] != last]
        elif what in kinds and effective_at > history.at:
            told.append((effective_at, recorded_at))
        last = recorded_at
    return min((at for at, _ in told), default=None)


def _require(history: History, *allowed: CertificateStatus) -> None:
    if history.current.status not in allowed:
        raise ChangeRefused(message(f"certificates.is_{history.current.status}", serial=history.row.serial))
