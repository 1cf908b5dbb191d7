"""What a list says of a certificate besides what stands in it: responsible agency, custody, suspension."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from registry.certificates.changes import reassign_certificate, record_custody, suspend_certificate
from registry.certificates.tables import CertificateEventKind, CertificateRow, CertificateStatus, Custody
from registry.errors import RegistryError
from registry.imports.applying.work import Applying, tell_refusals
from registry.imports.packing import moment_of
from registry.imports.preview import custody_of

CUSTODY_EVENTS: Final = {
    Custody.HANDED_OVER: CertificateEventKind.HANDED_OVER,
    Custody.RETURNED: CertificateEventKind.RETURNED,
    Custody.LOST: CertificateEventKind.LOST,
    Custody.LOCKED: CertificateEventKind.LOCKED,
}


def add_facts(work: Applying, item: Row[Any], key: int) -> None:
    """What the list says besides of a certificate that was just entered; what the register refuses is told at the item."""
    facts = item.facts
    begin = datetime.fromisoformat(item.columns["issued_at"])
    refusals = []
    for step in (_reassign_new, _hand_over, _suspend):
        try:
            step(work, facts, key, begin)
        except RegistryError as error:
            refusals.append(error)
    tell_refusals(work, item, refusals)


def _reassign_new(work: Applying, facts: Any, key: int, begin: datetime) -> None:
    agency = facts.get("managing_agency_id")
    if agency is None:
        return
    named = work.uow.session.get_one(CertificateRow, key).named_agency_id
    if agency != named:
        since = moment_of(facts, "managing_from") or begin
        reassign_certificate(work.uow, work.viewer, key, agency_id=agency, change=work.change(max(begin, since)))


def _hand_over(work: Applying, facts: Any, key: int, begin: datetime) -> None:
    at = moment_of(facts, "handed_over_at")
    if at is None:
        return
    by = facts.get("handed_over_by")
    change = work.change(max(at, begin), f"Người bàn giao: {by}" if by else None)
    record_custody(work.uow, work.viewer, key, what=CertificateEventKind.HANDED_OVER, change=change)
    custody = custody_of(facts)
    if custody is not None and custody is not Custody.HANDED_OVER and custody in CUSTODY_EVENTS:
        # The list says where the device is now, and not since when.
        now = work.change(max(work.uow.now, change.effective_at))
        record_custody(work.uow, work.viewer, key, what=CUSTODY_EVENTS[custody], change=now)


def _suspend(work: Applying, facts: Any, key: int, begin: datetime) -> None:
    if facts.get("status") == CertificateStatus.SUSPENDED:
        suspend_certificate(work.uow, work.viewer, key, work.change(max(work.uow.now, begin)))
