"""What happens to a certificate after it was issued. Every change is an event, and closes one period and opens another.

Each function takes the moment from which the change holds, which may lie in the past, and raises `CertificateNotFound`
when the viewer may not change the certificate, `NotPermitted` when the viewer changes nothing at all, and
`ChangeRefused` when the change contradicts the certificate's history or the rules of its PKI.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.agencies.errors import agency_not_found
from registry.agencies.repository import find_agencies_by_id
from registry.certificates.errors import CertificateRefused, ChangeRefused, certificate_not_found
from registry.certificates.repository import first_moment
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
)
from registry.db.unit_of_work import UnitOfWork
from registry.errors import NotPermitted
from registry.periods import change_from, period_at
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The circumstances of a change."""

    effective_at: datetime
    """From when it holds."""
    actor: str
    """Who entered it."""
    note: str | None = None


def revoke_certificate(uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, reason: str, change: Change) -> None:
    """Record that the CA revoked the certificate, for good. Raises `CertificateRefused` for an unknown reason."""
    if reason not in REVOCATION_REASONS:
        known = ", ".join(REVOCATION_REASONS)
        raise CertificateRefused(message("certificates.reason", reason=reason, known=known), field="reason")
    history = open_history(uow, viewer, certificate_id, change)
    _require(history, CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED)
    changes = {"status": CertificateStatus.REVOKED, "revocation_reason": reason}
    change_from(uow.session, history.periods, change.effective_at, changes, is_final=True)
    record_event(uow, certificate_id, CertificateEventKind.REVOKED, change, reason=reason)


def suspend_certificate(uow: UnitOfWork, viewer: Viewer, certificate_id: int, change: Change) -> None:
    """Record that the CA suspended the certificate; refused for the Government PKI, which knows no suspension."""
    history = open_history(uow, viewer, certificate_id, change)
    if not knows_suspension(history.row.generation):
        raise ChangeRefused(message("certificates.no_suspension"))
    _require(history, CertificateStatus.ACTIVE)
    change_from(uow.session, history.periods, change.effective_at, {"status": CertificateStatus.SUSPENDED})
    record_event(uow, certificate_id, CertificateEventKind.SUSPENDED, change)


def resume_certificate(uow: UnitOfWork, viewer: Viewer, certificate_id: int, change: Change) -> None:
    """Record that the CA ended the suspension."""
    history = open_history(uow, viewer, certificate_id, change)
    _require(history, CertificateStatus.SUSPENDED)
    change_from(uow.session, history.periods, change.effective_at, {"status": CertificateStatus.ACTIVE})
    record_event(uow, certificate_id, CertificateEventKind.RESUMED, change)


def reassign_certificate(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, agency_id: int, change: Change
) -> None:
    """Make another agency responsible for the certificate. Its subject goes on naming the old one."""
    history = open_history(uow, viewer, certificate_id, change)
    agency = find_agencies_by_id(uow, (agency_id,), uow.now).get(agency_id)
    if agency is None or not viewer.may_change_path(agency.path):
        raise agency_not_found(agency_id)
    if history.current.agency_id == agency_id:
        raise ChangeRefused(message("certificates.same_agency"))
    before = history.current.agency_id
    change_from(uow.session, history.periods, change.effective_at, {"agency_id": agency_id})
    details = {"from": before, "to": agency_id}
    record_event(uow, certificate_id, CertificateEventKind.REASSIGNED, change, details=details)


def record_custody(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, what: CertificateEventKind, change: Change
) -> None:
    """Record what happened to the device: handed over, returned, lost, locked, or recovered (and in use again).

    Raises `KeyError` for any other kind of event.
    """
    custody = _CUSTODY_AFTER[what]
    history = open_history(uow, viewer, certificate_id, change)
    if what is CertificateEventKind.RECOVERED and history.current.custody not in (Custody.LOCKED, Custody.LOST):
        raise ChangeRefused(
            message("certificates.not_in_state", serial=history.row.serial, state=history.current.custody)
        )
    change_from(uow.session, history.periods, change.effective_at, {"custody": custody})
    record_event(uow, certificate_id, what, change)


def record_holder_change(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, custodian: str, change: Change
) -> None:
    """Record that another person uses the device from now on; what the certificate says stays as it is."""
    open_history(uow, viewer, certificate_id, change)
    details = {"custodian": custodian}
    record_event(uow, certificate_id, CertificateEventKind.HOLDER_CHANGED, change, details=details)


def record_replacement(uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, by_id: int, change: Change) -> None:
    """Record that the certificate `by_id` took the place of this one, whose expiry then needs no action any more.

    The earlier of the two moments counts when the new one was issued before the old one, which lists do claim.
    """
    if certificate_id == by_id:
        raise ChangeRefused(message("certificates.replaces_itself"))
    begin = first_moment(uow, certificate_id)
    moment = change.effective_at if begin is None else max(begin, change.effective_at)
    change = Change(effective_at=moment, actor=change.actor, note=change.note)
    history = open_history(uow, viewer, certificate_id, change)
    if any(period.is_replaced for period in history.periods):
        raise ChangeRefused(message("certificates.already_replaced", serial=history.row.serial))
    successor = uow.session.get(CertificateRow, by_id)
    if successor is None:
        raise certificate_not_found(by_id)
    successor.replaces_id = certificate_id
    change_from(uow.session, history.periods, change.effective_at, {"is_replaced": True}, is_final=True)
    record_event(uow, certificate_id, CertificateEventKind.REPLACED, change, details={"by": by_id})


@dataclass(frozen=True, slots=True)
class History:
    """A certificate, locked until the unit of work ends, with everything that is true of it at any time."""

    row: CertificateRow
    periods: list[CertificatePeriodRow]
    """In order."""
    current: CertificatePeriodRow
    """What holds when the change takes effect."""


def open_history(uow: UnitOfWork, viewer: Viewer, certificate_id: int, change: Change) -> History:
    """The certificate that somebody is about to change; raises what every change raises."""
    if not viewer.may_write:
        raise NotPermitted(message("registry.not_permitted"))
    # Locked, so that two changes at once are made one after the other. SQLite has one writer anyway.
    row = uow.session.execute(
        select(CertificateRow).where(col(CertificateRow.id) == certificate_id).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise certificate_not_found(certificate_id)
    periods = list(
        uow.session.execute(
            select(CertificatePeriodRow)
            .where(col(CertificatePeriodRow.certificate_id) == certificate_id)
            .order_by(col(CertificatePeriodRow.effective_from))
        ).scalars()
    )
    # Rights are those of today, whatever day the change concerns.
    owner = period_at(periods, uow.now) or periods[0]
    agency = find_agencies_by_id(uow, (owner.agency_id,), uow.now)[owner.agency_id]
    if not viewer.may_change_path(agency.path):
        raise certificate_not_found(certificate_id)
    current = period_at(periods, change.effective_at)
    if current is None:
        issued = periods[0].effective_from.isoformat()
        at = change.effective_at.isoformat()
        raise ChangeRefused(message("certificates.before_issue", at=at, issued=issued), field="effective_at")
    return History(row, periods, current)


def _require(history: History, *allowed: CertificateStatus) -> None:
    if history.current.status not in allowed:
        raise ChangeRefused(
            message("certificates.not_in_state", serial=history.row.serial, state=history.current.status)
        )


def record_event(
    uow: UnitOfWork,
    certificate_id: int,
    kind: CertificateEventKind,
    change: Change,
    *,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down what happened."""
    uow.session.add(
        CertificateEventRow(
            certificate_id=certificate_id,
            kind=kind,
            effective_at=change.effective_at,
            recorded_at=uow.now,
            actor=change.actor,
            reason=reason,
            note=change.note,
            details=dict(details or {}),
        )
    )
    uow.session.flush()
