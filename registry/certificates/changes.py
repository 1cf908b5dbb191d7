"""What happens to a certificate after it was issued. Every change is an event, and closes one period and opens another.

Each function takes the moment from which the change holds, which may lie in the past, and raises `CertificateNotFound`
when the viewer may not change the certificate, `NotPermitted` when the viewer changes nothing at all, and
`ChangeRefused` when the change contradicts the certificate's history or the rules of its PKI.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer
from sqlmodel import col

from certs.messages import message
from registry.accounts.rights import require_writer
from registry.accounts.viewer import Viewer
from registry.agencies.errors import agency_not_found
from registry.agencies.repository import find_agencies_by_id
from registry.certificates.errors import ChangeRefused, certificate_not_found
from registry.certificates.repository import first_moment
from registry.certificates.steps import (
    REVOCATION_REASONS,
    Change,
    History,
    Step,
    plan_custody,
    plan_note,
    plan_reassignment,
    plan_resumption,
    plan_revocation,
    plan_suspension,
    take_step,
)
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
)
from registry.clock import local_day, local_time
from registry.db.unit_of_work import UnitOfWork
from registry.errors import RegistryError
from registry.periods import change_from, period_at

__all__ = [
    "REVOCATION_REASONS",
    "Change",
    "History",
    "open_histories",
    "open_history",
    "reassign_certificate",
    "record_custody",
    "record_event",
    "record_holder_change",
    "record_note",
    "record_replacement",
    "require_agency",
    "resume_certificate",
    "revoke_certificate",
    "suspend_certificate",
]


def revoke_certificate(uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, reason: str, change: Change) -> None:
    """Record that the CA revoked the certificate, for good. Raises `CertificateRefused` for an unknown reason."""
    history = open_history(uow, viewer, certificate_id, change)
    _take(uow, history, plan_revocation(history, reason), change)


def suspend_certificate(uow: UnitOfWork, viewer: Viewer, certificate_id: int, change: Change) -> None:
    """Record that the CA suspended the certificate; refused for the Government PKI, which knows no suspension."""
    history = open_history(uow, viewer, certificate_id, change)
    _take(uow, history, plan_suspension(history), change)


def resume_certificate(uow: UnitOfWork, viewer: Viewer, certificate_id: int, change: Change) -> None:
    """Record that the CA ended the suspension."""
    history = open_history(uow, viewer, certificate_id, change)
    _take(uow, history, plan_resumption(history), change)


def reassign_certificate(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, agency_id: int, change: Change
) -> None:
    """Make another agency responsible for the certificate. Its subject goes on naming the old one."""
    history = open_history(uow, viewer, certificate_id, change)
    require_agency(uow, viewer, agency_id)
    _take(uow, history, plan_reassignment(history, agency_id), change)


def require_agency(uow: UnitOfWork, viewer: Viewer, agency_id: int) -> None:
    """Refuse with `AgencyNotFound` an agency to which the viewer may give nothing."""
    agency = find_agencies_by_id(uow, (agency_id,), uow.now).get(agency_id)
    if agency is None or not viewer.may_change_path(agency.path):
        raise agency_not_found(agency_id)


def record_custody(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, what: CertificateEventKind, change: Change
) -> None:
    """Record what happened to the device: handed over, returned, lost, locked, or recovered (and in use again).

    Raises `KeyError` for any other kind of event.
    """
    history = open_history(uow, viewer, certificate_id, change)
    _take(uow, history, plan_custody(history, what), change)


def record_holder_change(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, *, custodian: str, change: Change
) -> None:
    """Record that another person uses the device from now on; what the certificate says stays as it is."""
    open_history(uow, viewer, certificate_id, change)
    details = {"custodian": custodian}
    record_event(uow, certificate_id, CertificateEventKind.HOLDER_CHANGED, change, details=details)


def record_note(uow: UnitOfWork, viewer: Viewer, certificate_id: int, change: Change) -> None:
    """Write `change.note` into the history; nothing else about the certificate changes."""
    history = open_history(uow, viewer, certificate_id, change)
    _take(uow, history, plan_note(), change)


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


def open_history(uow: UnitOfWork, viewer: Viewer, certificate_id: int, change: Change) -> History:
    """The certificate that somebody is about to change; raises what every change raises."""
    found = open_histories(uow, viewer, (certificate_id,), change.effective_at)[certificate_id]
    if isinstance(found, RegistryError):
        raise found
    return found


def open_histories(
    uow: UnitOfWork, viewer: Viewer, certificate_ids: Sequence[int], at: datetime, *, is_day: bool = False
) -> dict[int, History | RegistryError]:
    """The same for many at once: for each identifier the history, or the error why this one cannot be changed at `at`.

    With `is_day` the whole day in Viet Nam is meant: a change on the day of issue takes effect with the issue. Raises
    `NotPermitted` when the viewer changes nothing at all.
    """
    require_writer(viewer)
    # Locked in one order, so that two changes at once are made one after the other. SQLite has one writer anyway.
    rows = uow.session.execute(
        select(CertificateRow)
        .options(defer(col(CertificateRow.der)))  # type: ignore[arg-type]
        .where(col(CertificateRow.id).in_(certificate_ids))
        .order_by(col(CertificateRow.id))
        .with_for_update()
    ).scalars()
    certificates = {row.id: row for row in rows}
    periods: dict[int, list[CertificatePeriodRow]] = {}
    for period in uow.session.execute(
        select(CertificatePeriodRow)
        .where(col(CertificatePeriodRow.certificate_id).in_(certificate_ids))
        .order_by(col(CertificatePeriodRow.certificate_id), col(CertificatePeriodRow.effective_from))
    ).scalars():
        periods.setdefault(period.certificate_id, []).append(period)
    # Rights are those of today, whatever day the change concerns.
    owners = {key: (period_at(own, uow.now) or own[0]).agency_id for key, own in periods.items()}
    agencies = find_agencies_by_id(uow, set(owners.values()), uow.now)
    found: dict[int, History | RegistryError] = {}
    for key in certificate_ids:
        if key not in certificates or key not in periods or not viewer.may_change_path(agencies[owners[key]].path):
            found[key] = certificate_not_found(key)
        else:
            begin = periods[key][0].effective_from
            moment = begin if is_day and at < begin and local_day(at) == local_day(begin) else at
            found[key] = _history_at(key, certificates[key], periods[key], moment)
    return found


def _history_at(
    key: int, row: CertificateRow, periods: list[CertificatePeriodRow], at: datetime
) -> History | RegistryError:
    current = period_at(periods, at)
    if current is None:
        day, issued = (f"{local_time(moment):%d/%m/%Y %H:%M}" for moment in (at, periods[0].effective_from))
        reason = message("certificates.before_issue", at=day, issued=issued)
        return ChangeRefused(reason, field="effective_at")
    return History(key, row, periods, current, at)


def _take(uow: UnitOfWork, history: History, step: Step, change: Change) -> None:
    take_step(uow, history, step, change)
    uow.session.flush()


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
