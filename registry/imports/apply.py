"""Entering the chosen items of an import into the register, in the one transaction of the caller: all of it or nothing.

What happened since the preview is looked at again: the unique constraints of the register decide, so that two imports
of the same files at once give one set of rows, and what somebody else entered meanwhile is simply known.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlmodel import col

from certs.messages import Message, define, message
from registry.accounts.viewer import Viewer
from registry.certificates.changes import (
    Change,
    reassign_certificate,
    record_custody,
    record_replacement,
    revoke_certificate,
    suspend_certificate,
)
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.entering import Beginning, begin_histories, change_columns, find_held, find_withdrawn
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import PreparedCertificate, check_rights, enter_prepared
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    Medium,
)
from registry.db.engine import take_room
from registry.db.unit_of_work import UnitOfWork
from registry.errors import RegistryError
from registry.imports.assessing import is_revoked
from registry.imports.packing import moment_of, pack_message, unpack_columns
from registry.imports.preview import CORRECTABLE, custody_of
from registry.imports.repository import APPLICABLE, CHUNK, GOOD, SURE, ImportRepository
from registry.imports.storing import (
    enter_histories,
    entry_key,
    find_entries,
    insert_entries,
    link_replacements,
    picture,
    record_correction,
)
from registry.imports.tables import AgencyStanding, ImportChoice, ImportItemRow, ImportRow, ItemOutcome

define(
    "imports.not_applied",
    vi="Chưa ghi được một phần: {reason}",
    en="A part could not be entered: {reason}",
)

define(
    "imports.taken_back_since",
    vi="Chứng thư này đã được hủy bỏ cùng lần nhập đã ghi nó, sau khi có bản xem trước. Hãy nộp lại tệp.",
    en="The certificate was taken back with its import after this preview was made. Hand the files in again.",
)

_CUSTODY_EVENTS: Final = {
    Custody.HANDED_OVER: CertificateEventKind.HANDED_OVER,
    Custody.RETURNED: CertificateEventKind.RETURNED,
    Custody.LOST: CertificateEventKind.LOST,
    Custody.LOCKED: CertificateEventKind.LOCKED,
}

_Result = tuple[Row[Any], int | None, bool]
"""An item, the certificate that it is or became, and whether it came in just now."""

Progress = Callable[[int], None]
"""Told how many items are done so far."""


@dataclass(slots=True)
class _Applying:
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
        return self.row.decided_by or self.row.actor

    def change(self, at: datetime, note: str | None = None) -> Change:
        return Change(effective_at=at, actor=self.actor, note=note)

    def check_rights(self, agency_ids: set[int]) -> None:
        """Raise `NotPermitted` or `AgencyNotFound` for what the viewer may not change."""
        if asked := agency_ids - self.permitted:
            check_rights(self.uow, self.viewer, asked)
            self.permitted |= asked


def apply_items(uow: UnitOfWork, viewer: Viewer, row: ImportRow, progress: Progress | None = None) -> int:
    """Enter the items that `row.choice` chooses and return how many changed the register.

    1. New certificates, those that come again, and rows without certificates.
    2. What the list says of them besides: responsible agency, custody, suspension.
    3. Who takes whose place, the oldest first.
    4. Revocations, which are final.
    5. Certificates that the register held before: completed or corrected.

    Raises `NotPermitted` or `AgencyNotFound`, and then nothing may be committed.
    """
    repository = ImportRepository(uow.session)
    repository.lock_applying()
    take_room(uow.session.connection())
    work = _Applying(uow, viewer, row)
    done = 0
    for chunk in _chunks(repository.iterate_items(row, *chosen(row.choice or ImportChoice.NONE))):
        changing = [item for item in chunk if item.outcome in (ItemOutcome.COMPLETES, ItemOutcome.DIFFERS)]
        gone = find_withdrawn(uow.session, [item.certificate_id for item in changing]) if changing else set()
        # What was to be completed and was taken back meanwhile comes again as a whole.
        entering = [item for item in chunk if item.outcome in (ItemOutcome.NEW, ItemOutcome.RENEWS)]
        entering += [item for item in changing if item.outcome is ItemOutcome.COMPLETES and item.certificate_id in gone]
        _enter(work, entering)
        for item in changing:
            if item.certificate_id in gone:
                if item.outcome is ItemOutcome.DIFFERS:
                    _leave_out(work, item, ItemOutcome.REFUSED, message("imports.taken_back_since"))
            elif item.outcome is ItemOutcome.COMPLETES:
                _complete(work, item)
            else:
                _correct(work, item)
        done += len(chunk)
        if progress is not None:
            progress(done)
    _replace(work, repository)
    _revoke(work, repository)
    row.last_event_id = uow.session.execute(select(func.max(CertificateEventRow.id))).scalar_one_or_none() or 0
    return work.applied


def chosen(choice: ImportChoice) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the items that a choice applies."""
    item = ImportItemRow
    match choice:
        case ImportChoice.GOOD:
            return col(item.outcome).in_(GOOD), col(item.agency_standing).in_(SURE)
        case ImportChoice.ALL:
            return col(item.outcome).in_(APPLICABLE), col(item.agency_standing) != AgencyStanding.MISSING
        case ImportChoice.NONE:
            return (col(item.id).is_(None),)


def _chunks(items: Iterable[Row[Any]]) -> Iterable[list[Row[Any]]]:
    chunk: list[Row[Any]] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _enter(work: _Applying, items: Sequence[Row[Any]]) -> None:
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
            _add_facts(work, item, key)


def _enter_certificates(work: _Applying, items: Sequence[Row[Any]]) -> list[_Result]:
    if not items:
        return []
    prepared = [_prepared(work, item) for item in items]
    registrations = enter_prepared(work.uow, work.viewer, prepared, actor=work.actor)
    return [
        (item, each.certificate_id if each else None, each.is_new if each else False)
        for item, each in zip(items, registrations, strict=True)
    ]


def _enter_entries(work: _Applying, items: Sequence[Row[Any]]) -> list[_Result]:
    """Rows of lists without their certificates."""
    columns = [_columns(item) for item in items]
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


def _enter_again(work: _Applying, held: Sequence[tuple[Row[Any], int]]) -> list[_Result]:
    """Certificates that were taken back with their import; meanwhile another import may have entered one again."""
    withdrawn = find_withdrawn(work.uow.session, [key for _, key in held]) if held else set()
    results: list[_Result] = []
    begun = []
    for item, key in held:
        is_new = key in withdrawn
        withdrawn.discard(key)
        results.append((item, key, is_new))
        if is_new:
            columns = _columns(item)
            change_columns(work.uow.session, key, columns)
            begun.append(_beginning(work, item, key, columns["issued_at"]))
    begin_histories(work.uow, begun, actor=work.actor)
    return results


def _beginning(work: _Applying, item: Row[Any], key: int, issued_at: datetime) -> Beginning:
    return Beginning(
        certificate_id=key,
        issued_at=issued_at,
        origin=CertificateEventKind(_origin(item)),
        custody=_first_custody(item),
        note=_note(work, item),
    )


def _enter_with_histories(work: _Applying, items: Sequence[Row[Any]]) -> None:
    """Enter certificates whose whole history is told: as it is, and nothing is concluded from the list besides."""
    if not items:
        return
    work.check_rights({state["agency_id"] for item in items for state in item.facts["history"]["states"]})
    fresh = [item for item in items if item.certificate_id is None]
    rows = [{**_columns(item), "registered_at": work.uow.now} for item in fresh]
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
            change_columns(work.uow.session, item.certificate_id, _columns(item))
    begun = [(key, item.facts["history"], _note(work, item)) for item, key, is_new in results if is_new and key]
    enter_histories(work.uow, begun, actor=work.actor)
    _note_results(work, results)


def _note_results(work: _Applying, results: Sequence[_Result]) -> None:
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


def _columns(item: Row[Any]) -> dict[str, Any]:
    return {**unpack_columns(item.columns, item.der), "named_agency_id": item.agency_id}


def _prepared(work: _Applying, item: Row[Any]) -> PreparedCertificate:
    columns = _columns(item)
    submission = CertificateSubmission(
        der=item.der,
        agency_id=item.agency_id,
        custody=_first_custody(item),
        origin=CertificateEventKind(_origin(item)),
        note=_note(work, item),
    )
    return PreparedCertificate(submission, columns)


def _origin(item: Row[Any]) -> str:
    if item.facts.get("origin"):
        return str(item.facts["origin"])
    return CertificateEventKind.RENEWED if item.outcome is ItemOutcome.RENEWS else CertificateEventKind.ISSUED


def _first_custody(item: Row[Any]) -> Custody:
    """Custody from the beginning, where the list gives no day for it."""
    is_dated = item.facts.get("handed_over_at") is not None
    return Custody.NOT_HANDED_OVER if is_dated else custody_of(item.facts) or Custody.NOT_HANDED_OVER


def _note(work: _Applying, item: Row[Any]) -> str:
    parts = [f"Nhập dữ liệu số {work.row.id}: {item.facts.get('row', item.place)}"]
    parts.extend(
        f"{label}: {item.facts[name]}"
        for name, label in (("former_position", "chức vụ cũ"), ("former_agency", "đơn vị cũ"), ("note", "ghi chú"))
        if item.facts.get(name)
    )
    return "; ".join(parts)


def _add_facts(work: _Applying, item: Row[Any], key: int) -> None:
    """What the list says besides of a certificate that was just entered; what the register refuses is told at the item."""
    facts = item.facts
    begin = datetime.fromisoformat(item.columns["issued_at"])
    refusals = []
    for step in (_reassign_new, _hand_over, _suspend):
        try:
            step(work, facts, key, begin)
        except RegistryError as error:
            refusals.append(error)
    _tell(work, item, refusals)


def _reassign_new(work: _Applying, facts: Any, key: int, begin: datetime) -> None:
    agency = facts.get("managing_agency_id")
    if agency is None:
        return
    named = work.uow.session.get_one(CertificateRow, key).named_agency_id
    if agency != named:
        since = moment_of(facts, "managing_from") or begin
        reassign_certificate(work.uow, work.viewer, key, agency_id=agency, change=work.change(max(begin, since)))


def _hand_over(work: _Applying, facts: Any, key: int, begin: datetime) -> None:
    at = moment_of(facts, "handed_over_at")
    if at is None:
        return
    by = facts.get("handed_over_by")
    change = work.change(max(at, begin), f"Người bàn giao: {by}" if by else None)
    record_custody(work.uow, work.viewer, key, what=CertificateEventKind.HANDED_OVER, change=change)
    custody = custody_of(facts)
    if custody is not None and custody is not Custody.HANDED_OVER and custody in _CUSTODY_EVENTS:
        # The list says where the device is now, and not since when.
        now = work.change(max(work.uow.now, change.effective_at))
        record_custody(work.uow, work.viewer, key, what=_CUSTODY_EVENTS[custody], change=now)


def _suspend(work: _Applying, facts: Any, key: int, begin: datetime) -> None:
    if facts.get("status") == CertificateStatus.SUSPENDED:
        suspend_certificate(work.uow, work.viewer, key, work.change(max(work.uow.now, begin)))


def _replace(work: _Applying, repository: ImportRepository) -> None:
    item = ImportItemRow
    replacing = repository.iterate_items(
        work.row,
        col(item.is_created),
        or_(col(item.replaces_id).is_not(None), col(item.replaces_position).is_not(None)),
    )
    linked: list[tuple[int, int]] = []
    for each in sorted(replacing, key=lambda row: (row.columns["not_before"], row.position)):
        predecessor = each.replaces_id
        if each.replaces_position is not None:
            predecessor = work.entered.get(each.replaces_position)
        if predecessor is None:
            continue
        if each.facts.get("history"):
            linked.append((each.certificate_id, predecessor))
            continue
        taken = _take_picture(work, predecessor)
        begin = datetime.fromisoformat(each.columns["issued_at"])
        try:
            record_replacement(work.uow, work.viewer, predecessor, by_id=each.certificate_id, change=work.change(begin))
        except RegistryError as error:
            _tell(work, each, [error])
        else:
            _keep(work, each, taken)
    for start in range(0, len(linked), CHUNK):
        link_replacements(work.uow.session, linked[start : start + CHUNK])


def _revoke(work: _Applying, repository: ImportRepository) -> None:
    item = ImportItemRow
    listed = or_(
        col(item.facts)["status"].as_string() == CertificateStatus.REVOKED.value,
        col(item.facts)["revoked_at"].as_string().is_not(None),
    )
    for each in list(repository.iterate_items(work.row, col(item.is_created), listed)):
        if each.facts.get("history"):
            continue
        begin = datetime.fromisoformat(each.columns["issued_at"])
        try:
            _revoke_one(work, each.certificate_id, each.facts, begin)
        except RegistryError as error:
            _tell(work, each, [error])


def _revoke_one(work: _Applying, key: int, facts: Any, begin: datetime) -> None:
    at = moment_of(facts, "revoked_at")
    note = facts.get("note") if at else "Danh sách không ghi ngày thu hồi"
    revoke_certificate(
        work.uow,
        work.viewer,
        key,
        reason=facts.get("revocation_reason") or "unspecified",
        change=work.change(max(at or work.uow.now, begin), note),
    )


def _complete(work: _Applying, item: Row[Any]) -> None:
    held = work.uow.session.get_one(CertificateRow, item.certificate_id)
    if held.sha256 is not None:
        # Another import, or another certificate of this one, was the first.
        is_same = held.sha256 == item.sha256
        work.uow.session.expunge(held)
        if is_same:
            _leave_out(work, item, ItemOutcome.KNOWN)
        else:
            taken_number = message("certificates.serial_taken", serial=item.serial)
            _leave_out(work, item, ItemOutcome.REFUSED, taken_number)
        return
    taken = _take_picture(work, item.certificate_id)
    columns = _columns(item)
    # What the list said and the certificate does not say stays.
    for name in ("position", "device_number", "iccid"):
        columns[name] = columns[name] or getattr(held, name)
    if columns["medium"] is Medium.UNKNOWN:
        columns["medium"] = held.medium
    columns |= {"named_agency_id": held.named_agency_id, "issued_at": held.issued_at, "replaces_id": held.replaces_id}
    work.uow.session.expunge(held)
    change_columns(work.uow.session, item.certificate_id, columns)
    details = {"import": work.row.id, "sha256": item.sha256}
    record_correction(work.uow, [item.certificate_id], actor=work.actor, details=details, note=_note(work, item))
    _keep(work, item, taken)
    work.applied += 1


def _correct(work: _Applying, item: Row[Any]) -> None:
    taken = _take_picture(work, item.certificate_id)
    changes = {each["field"]: each for each in item.differences}
    corrected = {name: each["new"] for name, each in changes.items() if name in CORRECTABLE}
    refusals: list[RegistryError] = []
    if corrected:
        if "medium" in corrected:
            corrected["medium"] = Medium(corrected["medium"])
        correction = CertificateCorrection(**corrected)
        change = work.change(work.uow.now, _note(work, item))
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
    _tell(work, item, refusals)
    _keep(work, item, taken)
    work.applied += 1


def _reassign_known(work: _Applying, item: Row[Any], difference: Any) -> None:
    reassign_certificate(
        work.uow, work.viewer, item.certificate_id, agency_id=difference["new"], change=work.change(work.uow.now)
    )


def _change_custody(work: _Applying, item: Row[Any], difference: Any) -> None:
    custody = Custody(difference["new"])
    if custody in _CUSTODY_EVENTS:
        at = moment_of(item.facts, "handed_over_at") if custody is Custody.HANDED_OVER else None
        record_custody(
            work.uow,
            work.viewer,
            item.certificate_id,
            what=_CUSTODY_EVENTS[custody],
            change=work.change(at or work.uow.now),
        )


def _revoke_known(work: _Applying, item: Row[Any], difference: Any) -> None:
    del difference
    if is_revoked(item.facts):
        _revoke_one(work, item.certificate_id, item.facts, datetime.fromisoformat(item.columns["issued_at"]))


def _take_picture(work: _Applying, key: int) -> dict[str, Any] | None:
    """The state before this import of a certificate that it did not enter; None when it was put down already."""
    if key in work.pictured or key in work.created:
        return None
    work.pictured.add(key)
    work.uow.session.flush()
    return picture(work.uow.session, key)


def _keep(work: _Applying, item: Row[Any], taken: dict[str, Any] | None) -> None:
    if taken is not None:
        held = work.uow.session.execute(
            select(col(ImportItemRow.before)).where(col(ImportItemRow.id) == item.id)
        ).scalar_one()
        ImportRepository(work.uow.session).update_items([{"id": item.id, "before": [*held, taken]}])


def _leave_out(work: _Applying, item: Row[Any], outcome: ItemOutcome, *why: Message) -> None:
    """Note at the item that it became something else than it was in the preview."""
    reasons = [*map(pack_message, why), *item.reasons]
    ImportRepository(work.uow.session).update_items([{"id": item.id, "outcome": outcome, "reasons": reasons}])


def _tell(work: _Applying, item: Row[Any], refusals: Sequence[RegistryError]) -> None:
    """Note at the item what could not be entered of it."""
    if refusals:
        told = [pack_message(message("imports.not_applied", reason=error.reason.text("vi"))) for error in refusals]
        ImportRepository(work.uow.session).update_items([{"id": item.id, "reasons": [*told, *item.reasons]}])
