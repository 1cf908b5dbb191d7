"""Items that come into the register: new certificates, rows of lists without them, and what was taken back before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from certs.messages import message
from registry.certificates.entering import Beginning, begin_histories, change_columns, find_held, find_withdrawn
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import PreparedCertificate, enter_prepared
from registry.certificates.tables import CertificateEventKind, Custody
from registry.imports.applying.beside import add_facts
from registry.imports.applying.work import Applying, columns_of, note_of
from registry.imports.preview import custody_of
from registry.imports.repository import ImportRepository
from registry.imports.storing import enter_histories, entry_key, find_entries, insert_entries
from registry.imports.tables import ItemOutcome
from registry.packed_messages import pack_message

_Result = tuple[Row[Any], int | None, bool]
"""An item, the certificate that it is or became, and whether it came in just now."""


def enter_new(work: Applying, items: Sequence[Row[Any]]) -> None:
    """Enter the items and what their list says besides.

    What somebody else entered meanwhile is noted as known. Raises `NotPermitted` or `AgencyNotFound`.
    """
    work.check_rights({item.agency_id for item in items})
    told: list[Row[Any]] = []
    untold: list[Row[Any]] = []
    for item in items:
        (told if item.facts.get("history") else untold).append(item)
    _enter_with_histories(work, told)
    again = [(item, item.certificate_id) for item in untold if item.certificate_id is not None]
    certificates = [item for item in untold if item.certificate_id is None and item.der is not None]
    entries = [item for item in untold if item.certificate_id is None and item.der is None]
    results = [*_enter_certificates(work, certificates), *_enter_entries(work, entries), *_enter_again(work, again)]
    _note_results(work, results)
    for item, key, is_new in results:
        if is_new and key is not None and item.facts:
            add_facts(work, item, key)


def _enter_certificates(work: Applying, items: Sequence[Row[Any]]) -> list[_Result]:
    if not items:
        return []
    prepared = [_prepared(work, item) for item in items]
    registrations = enter_prepared(work.uow, work.viewer, prepared, actor=work.actor)
    return [
        (item, each.certificate_id if each else None, each.is_new if each else False)
        for item, each in zip(items, registrations, strict=True)
    ]


def _enter_entries(work: Applying, items: Sequence[Row[Any]]) -> list[_Result]:
    """Rows of lists without their certificates."""
    columns = [columns_of(item) for item in items]
    keys = insert_entries(work.uow.session, [{**each, "registered_at": work.uow.now} for each in columns])
    begun = [
        _beginning(work, item, key, each["issued_at"])
        for item, key, each in zip(items, keys, columns, strict=True)
        if key is not None
    ]
    begin_histories(work.uow, begun, actor=work.actor)
    held = find_entries(work.uow.session, [each for key, each in zip(keys, columns, strict=True) if key is None])
    results: list[_Result] = []
    again: list[tuple[Row[Any], int]] = []
    for item, key, each in zip(items, keys, columns, strict=True):
        if key is None and (same := held.get(entry_key(each))):
            again.append((item, same))
        else:
            results.append((item, key, key is not None))
    return [*results, *_enter_again(work, again)]


def _enter_again(work: Applying, held: Sequence[tuple[Row[Any], int]]) -> list[_Result]:
    """Certificates that were taken back with their import; meanwhile another import may have entered one again."""
    withdrawn = find_withdrawn(work.uow.session, [key for _, key in held]) if held else set()
    results: list[_Result] = []
    begun = []
    for item, key in held:
        is_new = key in withdrawn
        withdrawn.discard(key)
        results.append((item, key, is_new))
        if is_new:
            columns = columns_of(item)
            change_columns(work.uow.session, key, columns)
            begun.append(_beginning(work, item, key, columns["issued_at"]))
    begin_histories(work.uow, begun, actor=work.actor)
    return results


def _enter_with_histories(work: Applying, items: Sequence[Row[Any]]) -> None:
    """Enter certificates whose whole history is told: as it is, and nothing is concluded from the list besides."""
    if not items:
        return
    work.check_rights({state["agency_id"] for item in items for state in item.facts["history"]["states"]})
    fresh = [item for item in items if item.certificate_id is None]
    rows = [{**columns_of(item), "registered_at": work.uow.now} for item in fresh]
    keys = insert_entries(work.uow.session, rows)
    left_out = {item.sha256 for item, key in zip(fresh, keys, strict=True) if key is None and item.sha256}
    held = find_held(work.uow.session, left_out) if left_out else {}
    results = [
        (item, key or held.get(item.sha256 or ""), key is not None) for item, key in zip(fresh, keys, strict=True)
    ]
    again = [item for item in items if item.certificate_id is not None]
    withdrawn = find_withdrawn(work.uow.session, [item.certificate_id for item in again]) if again else set()
    for item in again:
        is_new = item.certificate_id in withdrawn
        withdrawn.discard(item.certificate_id)
        results.append((item, item.certificate_id, is_new))
        if is_new:
            change_columns(work.uow.session, item.certificate_id, columns_of(item))
    begun = [(key, item.facts["history"], note_of(work, item)) for item, key, is_new in results if is_new and key]
    enter_histories(work.uow, begun, actor=work.actor)
    _note_results(work, results)


def _note_results(work: Applying, results: Sequence[_Result]) -> None:
    entered: list[tuple[int, int]] = []
    others: list[dict[str, Any]] = []
    for item, key, is_new in results:
        if is_new and key is not None:
            work.entered[item.position] = key
            work.created.add(key)
            work.applied += 1
            entered.append((item.id, key))
        elif key is not None:
            # Somebody entered it between the preview and now.
            others.append({"id": item.id, "certificate_id": key, "outcome": ItemOutcome.KNOWN, "reasons": item.reasons})
        else:
            taken = pack_message(message("certificates.serial_taken", serial=item.serial))
            reasons = [taken, *item.reasons]
            others.append({"id": item.id, "certificate_id": None, "outcome": ItemOutcome.REFUSED, "reasons": reasons})
    repository = ImportRepository(work.uow.session)
    repository.record_entered(entered)
    repository.update_items(others)


def _prepared(work: Applying, item: Row[Any]) -> PreparedCertificate:
    columns = columns_of(item)
    submission = CertificateSubmission(
        der=item.der,
        agency_id=item.agency_id,
        custody=_first_custody(item),
        origin=CertificateEventKind(_origin(item)),
        note=note_of(work, item),
    )
    return PreparedCertificate(submission, columns)


def _beginning(work: Applying, item: Row[Any], key: int, issued_at: datetime) -> Beginning:
    return Beginning(
        certificate_id=key,
        issued_at=issued_at,
        origin=CertificateEventKind(_origin(item)),
        custody=_first_custody(item),
        note=note_of(work, item),
    )


def _origin(item: Row[Any]) -> str:
    if item.facts.get("origin"):
        return str(item.facts["origin"])
    return CertificateEventKind.RENEWED if item.outcome is ItemOutcome.RENEWS else CertificateEventKind.ISSUED


def _first_custody(item: Row[Any]) -> Custody:
    """Custody from the beginning, where the list gives no day for it."""
    is_dated = item.facts.get("handed_over_at") is not None
    return Custody.NOT_HANDED_OVER if is_dated else custody_of(item.facts) or Custody.NOT_HANDED_OVER
