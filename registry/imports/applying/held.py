"""Items about certificates that the register held before: completed, or corrected to what the list says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from certs.certificate import parse_certificate
from certs.messages import message
from registry.certificates.changes import reassign_certificate, record_custody
from registry.certificates.columns import search_text
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.entering import change_columns
from registry.certificates.tables import CertificateRow, Custody, Medium
from registry.errors import RegistryError
from registry.imports.applying.beside import CUSTODY_EVENTS
from registry.imports.applying.ending import revoke_as_listed
from registry.imports.applying.work import (
    Applying,
    columns_of,
    keep_picture,
    leave_out,
    note_of,
    take_picture,
    tell_refusals,
)
from registry.imports.assessing import is_revoked
from registry.imports.packing import moment_of
from registry.imports.preview import CORRECTABLE
from registry.imports.storing import record_correction
from registry.imports.tables import ItemOutcome

_SEARCHED: Final = ("position", "device_number", "iccid", "email")


def complete_entry(work: Applying, item: Row[Any]) -> None:
    """Give an entry made from a list the certificate that belongs to it."""
    held = work.uow.session.get_one(CertificateRow, item.certificate_id)
    if held.sha256 is not None:
        # Another import, or another certificate of this one, was the first.
        is_same = held.sha256 == item.sha256
        work.uow.session.expunge(held)
        if is_same:
            leave_out(work, item, ItemOutcome.KNOWN)
        else:
            taken_number = message("certificates.serial_taken", serial=item.serial)
            leave_out(work, item, ItemOutcome.REFUSED, taken_number)
        return
    taken = take_picture(work, item.certificate_id)
    columns = columns_of(item)
    # What the list said and the certificate does not say stays.
    for name in _SEARCHED:
        columns[name] = columns[name] or getattr(held, name)
    if columns["medium"] is Medium.UNKNOWN:
        columns["medium"] = held.medium
    columns["search"] = _search(item.der, columns)
    columns |= {"named_agency_id": held.named_agency_id, "issued_at": held.issued_at, "replaces_id": held.replaces_id}
    work.uow.session.expunge(held)
    change_columns(work.uow.session, item.certificate_id, columns)
    details = {"import": work.row.id, "sha256": item.sha256}
    record_correction(work.uow, [item.certificate_id], actor=work.actor, details=details, note=note_of(work, item))
    keep_picture(work, item, taken)
    work.applied += 1


def _search(der: bytes, columns: Mapping[str, Any]) -> str:
    words = {name: columns[name] for name in ("holder", "serial", "sha256", *_SEARCHED)}
    return search_text(subject=parse_certificate(der).subject, **words)


def correct_known(work: Applying, item: Row[Any]) -> None:
    """Change what differs from the list; what the register refuses is told at the item."""
    taken = take_picture(work, item.certificate_id)
    changes = {each["field"]: each for each in item.differences}
    corrected = {name: each["new"] for name, each in changes.items() if name in CORRECTABLE}
    refusals: list[RegistryError] = []
    if corrected:
        if "medium" in corrected:
            corrected["medium"] = Medium(corrected["medium"])
        correction = CertificateCorrection(**corrected)
        change = work.change(work.uow.now, note_of(work, item))
        try:
            correct_certificate(work.uow, work.viewer, item.certificate_id, correction, change)
        except RegistryError as error:
            refusals.append(error)
    for name, step in (("agency", _reassign_known), ("custody", _change_custody), ("status", _revoke_known)):
        if name in changes:
            try:
                step(work, item, changes[name])
            except RegistryError as error:
                refusals.append(error)
    tell_refusals(work, item, refusals)
    keep_picture(work, item, taken)
    work.applied += 1


def _reassign_known(work: Applying, item: Row[Any], difference: Any) -> None:
    reassign_certificate(
        work.uow, work.viewer, item.certificate_id, agency_id=difference["new"], change=work.change(work.uow.now)
    )


def _change_custody(work: Applying, item: Row[Any], difference: Any) -> None:
    custody = Custody(difference["new"])
    if custody in CUSTODY_EVENTS:
        at = moment_of(item.facts, "handed_over_at") if custody is Custody.HANDED_OVER else None
        record_custody(
            work.uow,
            work.viewer,
            item.certificate_id,
            what=CUSTODY_EVENTS[custody],
            change=work.change(at or work.uow.now),
        )


def _revoke_known(work: Applying, item: Row[Any], difference: Any) -> None:
    del difference
    if is_revoked(item.facts):
        revoke_as_listed(work, item.certificate_id, item.facts, datetime.fromisoformat(item.columns["issued_at"]))
