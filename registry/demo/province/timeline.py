"""From the changes in a certificate's life to its events and periods."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody
from registry.clock import FOREVER
from registry.demo.province.drafts import Change, Draft


@dataclass(frozen=True, slots=True)
class Period:
    """What was true of a certificate for a time."""

    effective_from: datetime
    effective_until: datetime
    agency: int
    status: CertificateStatus
    revocation_reason: str | None
    custody: Custody
    is_replaced: bool


def history_of(draft: Draft) -> tuple[tuple[Change, ...], tuple[Period, ...]]:
    """The changes that really happened, in order, and the periods between them.

    Lives are planned event by event without looking aside, so a token may be planned to lock after it was handed back.
    What no longer makes sense when its time comes did not happen.
    """
    period = Period(
        effective_from=draft.issued_at,
        effective_until=FOREVER,
        agency=draft.agency.id,
        status=CertificateStatus.ACTIVE,
        revocation_reason=None,
        custody=Custody.NOT_HANDED_OVER,
        is_replaced=False,
    )
    changes: list[Change] = []
    periods: list[Period] = []
    for planned in sorted(draft.changes, key=lambda change: change.at):
        if not _makes_sense(planned, period):
            continue
        # No two periods begin at once.
        change = replace(planned, at=max(planned.at, period.effective_from + timedelta(minutes=1)))
        changes.append(change)
        periods.append(replace(period, effective_until=change.at))
        period = _after(period, change)
    return tuple(changes), (*periods, period)


def _makes_sense(change: Change, period: Period) -> bool:
    is_active = period.status is CertificateStatus.ACTIVE
    match change.kind:
        case CertificateEventKind.HANDED_OVER:
            makes_sense = is_active and period.custody is Custody.NOT_HANDED_OVER
        case CertificateEventKind.LOCKED | CertificateEventKind.LOST:
            makes_sense = is_active and not period.is_replaced and period.custody is Custody.HANDED_OVER
        case CertificateEventKind.RECOVERED:
            makes_sense = is_active and period.custody is Custody.LOCKED
        case CertificateEventKind.RETURNED:
            makes_sense = period.custody in (Custody.HANDED_OVER, Custody.LOCKED)
        case CertificateEventKind.REPLACED:
            makes_sense = not period.is_replaced
        case _:
            makes_sense = is_active
    return makes_sense


def _after(period: Period, change: Change) -> Period:
    return replace(
        period,
        effective_from=change.at,
        effective_until=FOREVER,
        agency=period.agency if change.agency is None else change.agency,
        status=period.status if change.status is None else change.status,
        revocation_reason=change.reason if change.kind is CertificateEventKind.REVOKED else period.revocation_reason,
        custody=period.custody if change.custody is None else change.custody,
        is_replaced=period.is_replaced if change.is_replaced is None else change.is_replaced,
    )
