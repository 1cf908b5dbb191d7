"""What would happen to each item: compared with what the register holds, and with the other items of the import."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlmodel import Session, col

from certs.messages import define, message
from registry.certificates.tables import (
    CertificateEventKind,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    Medium,
)
from registry.clock import FOREVER, local_day
from registry.imports.assessing import ONLY_LISTED, Item, is_revoked, renewal_key
from registry.imports.reading import resembles
from registry.imports.repository import CHUNK, ImportRepository
from registry.imports.tables import AgencyStanding, ImportItemRow, ItemOutcome

define(
    "imports.other_agency",
    vi="Chứng thư này thuộc cơ quan mà tài khoản của bạn không quản lý.",
    en="This certificate belongs to an agency that your account does not manage.",
)
define(
    "imports.twice",
    vi="Đã có ở mục số {position} của lần nhập này.",
    en="It stands in this import already, as item {position}.",
)
define(
    "imports.withdrawn_before",
    vi="Đã từng được ghi và hủy bỏ; sẽ được ghi lại.",
    en="It was entered and taken back before; it will be entered again.",
)
define(
    "imports.replaced_unknown",
    vi="Danh sách ghi thay cho chứng thư {serial}, nhưng không tìm thấy chứng thư đó.",
    en="The list says that it replaces {serial}, which is not found.",
)

SERIAL_OF_OTHER = define(
    "imports.serial_of_other",
    vi=(
        "Số hiệu {serial} trong sổ là của {holder}, hết hạn {until}; dòng này ghi khác. Hãy sửa danh sách; nếu là chứng "
        "thư khác, hãy nộp kèm tệp chứng thư."
    ),
    en=(
        "The serial number {serial} is that of {holder}, valid until {until}, in the register; this row says otherwise. "
        "Correct the list; if it is another certificate, hand in the certificate too."
    ),
)

_FINGERPRINT: Final = 64
"""Characters of a SHA-256; serial numbers have 60 at most."""
RENEWAL_WINDOW: Final = timedelta(days=180)
"""A certificate of the same holder counts as a renewal when it begins so long before the old one ends, or later."""

_RENEWING: Final = frozenset(
    {CertificateEventKind.RENEWED, CertificateEventKind.EXTENDED, CertificateEventKind.CONTENT_CHANGED}
)
CORRECTABLE: Final = ("position", "medium", "device_number", "iccid", "email")
"""What a list may say of a certificate that the register holds, beside agency, status and custody."""


_Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A certificate of the register with its last period; None for one that was taken back."""

    row: Row[Any]
    agency_id: int | None
    status: CertificateStatus | None
    custody: Custody | None
    is_replaced: bool


def compare_with_register(session: Session, items: Sequence[Item], visible_agencies: frozenset[int]) -> None:
    """Decide for every item whether it is new, known, different, completing or renewing. Three queries for all."""
    open_items = [item for item in items if item.outcome is not ItemOutcome.REFUSED]
    serials = {serial for item in open_items for serial in (item.serial, item.facts.get("replaces")) if serial}
    named = {text for text in serials if len(text) == _FINGERPRINT}
    fingerprints = named | {item.sha256 for item in open_items if item.sha256}
    known = _load(session, col(CertificateRow.sha256), fingerprints)
    by_sha256 = {each.row.sha256: each for each in known}
    by_serial: dict[str, list[_Known]] = {}
    for each in _load(session, col(CertificateRow.serial), serials):
        by_serial.setdefault(each.row.serial, []).append(each)
    # What is replaced may be named by its fingerprint, too.
    by_serial.update((sha256, [each]) for sha256, each in by_sha256.items())
    for item in open_items:
        same = by_sha256.get(item.sha256 or "")
        candidates = by_serial.get(item.serial or "", [])
        if item.der is not None:
            _compare_certificate(item, same, candidates, visible_agencies)
        else:
            _compare_entry(item, same, candidates, visible_agencies)
    _find_predecessors(session, [item for item in open_items if item.outcome is ItemOutcome.NEW], by_serial)


def _load(session: Session, column: Any, values: set[str]) -> list[_Known]:
    if not values:
        return []
    period = CertificatePeriodRow
    statement = (
        select(
            *(getattr(CertificateRow, name) for name in _COMPARED),
            col(period.agency_id),
            col(period.status),
            col(period.custody),
            col(period.is_replaced),
        )
        .select_from(CertificateRow)
        .outerjoin(
            period,
            (col(period.certificate_id) == col(CertificateRow.id)) & (col(period.effective_until) == FOREVER),
        )
        .where(column.in_(values))
    )
    return [
        _Known(row, row.agency_id, row.status, row.custody, bool(row.is_replaced)) for row in session.execute(statement)
    ]


_COMPARED: Final = (
    *("id", "sha256", "serial", "issuer", "subject", "kind", "holder", "holder_folded", "not_before"),
    *("not_after", *CORRECTABLE),
)


def _compare_certificate(
    item: Item, same: _Known | None, candidates: Sequence[_Known], visible_agencies: frozenset[int]
) -> None:
    if same is not None:
        _compare_known(item, same, visible_agencies)
        return
    columns = _columns(item)
    for each in candidates:
        if each.row.sha256 is not None and each.row.issuer == columns["issuer"]:
            item.refuse(message("certificates.serial_taken", serial=columns["serial"]))
            return
        if each.row.sha256 is None and _is_same_entry(columns, each.row):
            item.certificate_id = each.row.id
            if each.agency_id is None:
                return
            item.outcome = ItemOutcome.COMPLETES
            # Who is responsible is known from the list already, and goes on to be.
            item.agency_id, item.agency_standing = each.agency_id, AgencyStanding.CERTAIN
            if each.agency_id not in visible_agencies:
                item.refuse(message("imports.other_agency"))
            return


def _compare_entry(
    item: Item, same: _Known | None, candidates: Sequence[_Known], visible_agencies: frozenset[int]
) -> None:
    columns = _columns(item)
    fitting = [each for each in candidates if _is_same_entry(columns, each.row)]
    found = same or next(iter(fitting), None)
    if found is not None:
        _compare_known(item, found, visible_agencies)
    elif not (columns["issuer"] or item.sha256):
        # Serial numbers are unique for one CA only; a row that says no more cannot be told from a wrong one.
        others = [each for each in candidates if each.agency_id is not None]
        if seen := [each for each in others if each.agency_id in visible_agencies]:
            until = f"{local_day(seen[0].row.not_after):%d/%m/%Y}"
            item.refuse(message(SERIAL_OF_OTHER, serial=item.serial, holder=seen[0].row.holder, until=until))
        elif others:
            item.refuse(message("imports.other_agency"))


def _is_same_entry(columns: Mapping[str, Any], row: Row[Any]) -> bool:
    """Whether a row of a list and a certificate with the same serial number are one: lists seldom name the CA well."""
    days = abs((local_day(columns["not_after"]) - local_day(row.not_after)).days)
    return days <= 1 and resembles(columns["holder"], row.holder)


def _compare_known(item: Item, known: _Known, visible_agencies: frozenset[int]) -> None:
    item.certificate_id = known.row.id
    if known.row.sha256 is not None:
        item.reasons = [reason for reason in item.reasons if reason.code != ONLY_LISTED]
    if known.agency_id is None:
        item.reasons.append(message("imports.withdrawn_before"))
        return
    if known.agency_id not in visible_agencies:
        item.refuse(message("imports.other_agency"))
        return
    differences = _differences(item, known)
    item.agency_id, item.agency_standing, item.agency_reason = known.agency_id, AgencyStanding.CERTAIN, None
    item.differences = differences
    item.outcome = ItemOutcome.DIFFERS if differences else ItemOutcome.KNOWN


def _differences(item: Item, known: _Known) -> list[dict[str, Any]]:
    facts = item.facts
    found: list[dict[str, Any]] = []
    for name in CORRECTABLE:
        listed, held = facts.get(name), getattr(known.row, name)
        if name == "email" and held is not None and known.row.sha256 is not None:
            # What a certificate states, or somebody corrected since, no list makes better.
            continue
        if listed is not None and listed not in (Medium.UNKNOWN, held):
            found.append({"field": name, "old": held, "new": listed})
    managing = facts.get("managing_agency_id")
    if managing is not None and managing != known.agency_id:
        found.append({"field": "agency", "old": known.agency_id, "new": managing})
    if is_revoked(facts) and known.status is not CertificateStatus.REVOKED:
        found.append({"field": "status", "old": known.status, "new": CertificateStatus.REVOKED})
    custody = custody_of(facts)
    if custody is not None and custody != known.custody:
        found.append({"field": "custody", "old": known.custody, "new": custody})
    return found


def custody_of(facts: Mapping[str, Any]) -> Custody | None:
    """Where the device is by what the list says; a day of handing over says it too."""
    if facts.get("custody"):
        return Custody(facts["custody"])
    return Custody.HANDED_OVER if facts.get("handed_over_at") else None


def _columns(item: Item) -> Mapping[str, Any]:
    if item.columns is None:
        raise ValueError("an item that is not refused has columns")
    return item.columns


def _find_predecessors(session: Session, items: Sequence[Item], by_serial: Mapping[str, list[_Known]]) -> None:
    holders = {
        _columns(item)["holder_folded"] for item in items if not item.facts.get("replaces") and _may_renew(item.facts)
    }
    by_key: dict[str, list[_Known]] = {}
    for known in _load(session, col(CertificateRow.holder_folded), holders):
        if known.status is CertificateStatus.ACTIVE and not known.is_replaced:
            told = {name: getattr(known.row, name) for name in ("kind", "holder_folded", "email", "subject")}
            for key in {renewal_key(told), renewal_key({**told, "email": None})}:
                by_key.setdefault(key, []).append(known)
    for item in items:
        columns = _columns(item)
        if serial := item.facts.get("replaces"):
            named = [each for each in by_serial.get(serial, ()) if each.agency_id is not None]
            if not item.facts.get("history"):
                named = [each for each in named if not each.is_replaced]
            if len(named) == 1:
                item.replaces_id, item.outcome = named[0].row.id, ItemOutcome.RENEWS
            continue
        if not _may_renew(item.facts):
            continue
        earlier = [
            each
            for each in _of_one_holder(columns, by_key)
            if _renews(columns["not_before"], each.row.not_before, each.row.not_after, item.facts)
        ]
        if earlier:
            latest = max(earlier, key=lambda each: (each.row.not_after, each.row.id))
            item.replaces_id, item.outcome = latest.row.id, ItemOutcome.RENEWS


def _of_one_holder(columns: Mapping[str, Any], by_key: Mapping[str, list[_Known]]) -> list[_Known]:
    """Those with the same address; by the same subject, those of which one has none: a list may have given it."""
    same_subject = by_key.get(renewal_key({**columns, "email": None}), ()) if columns["subject"] else ()
    by_subject = [each for each in same_subject if not (columns["email"] and each.row.email)]
    return [*by_subject, *(by_key.get(renewal_key(columns), ()) if columns["email"] else ())]


def _may_renew(facts: Mapping[str, Any]) -> bool:
    """Nothing is guessed where the list has a column for it and says nothing of the kind, or tells the whole history."""
    if facts.get("history"):
        return False
    return facts.get("origin") in _RENEWING if facts.get("says_origin") else True


def _renews(begin: datetime, old_begin: datetime, old_end: datetime, facts: Mapping[str, Any]) -> bool:
    if begin <= old_begin:
        return False
    # Changed data give a new certificate at any time; the same data only towards the end.
    return facts.get("origin") in _RENEWING or begin >= old_end - RENEWAL_WINDOW


def link_within(session: Session, import_id: int, revision: int) -> None:
    """Find the items that renew other items of the same import."""
    item = ImportItemRow
    entered = (
        col(item.import_id) == import_id,
        col(item.revision) == revision,
        col(item.outcome).in_((ItemOutcome.NEW, ItemOutcome.RENEWS)),
    )
    if changes := [*_link_listed(session, entered), *_link_holders(session, entered)]:
        ImportRepository(session).update_items(changes)


def _link_listed(session: Session, entered: _Conditions) -> Iterator[dict[str, Any]]:
    item = ImportItemRow
    named = col(item.facts)["replaces"].as_string()
    listed = session.execute(
        select(col(item.id), col(item.position), named.label("replaces")).where(
            *entered, named.is_not(None), col(item.replaces_id).is_(None)
        )
    ).all()
    for start in range(0, len(listed), CHUNK):
        part = listed[start : start + CHUNK]
        names = {row.replaces for row in part}
        by_name: dict[str, list[Row[Any]]] = {}
        for other in session.execute(
            select(col(item.position), col(item.serial), col(item.sha256)).where(
                *entered, or_(col(item.serial).in_(names), col(item.sha256).in_(names))
            )
        ):
            for name in (other.serial, other.sha256):
                by_name.setdefault(name or "", []).append(other)
        for row in part:
            others = [each for each in by_name.get(row.replaces, ()) if each.position != row.position]
            if len(others) == 1:
                yield _link(row, others[0])


def _link_holders(session: Session, entered: _Conditions) -> Iterator[dict[str, Any]]:
    item = ImportItemRow
    key = col(item.renewal_key)
    repeated = select(key).where(*entered).group_by(key).having(func.count() > 1)
    rows = session.execute(
        select(
            col(item.id),
            col(item.position),
            key,
            col(item.facts),
            col(item.columns)["not_before"].as_string().label("not_before"),
            col(item.columns)["not_after"].as_string().label("not_after"),
        )
        .where(*entered, key.in_(repeated))
        .order_by(key),
        execution_options={"yield_per": CHUNK},
    )
    for _, same_holder in itertools.groupby(rows, key=lambda row: row.renewal_key):
        ordered = sorted(same_holder, key=lambda row: (row.not_before, row.position))
        for earlier, later in itertools.pairwise(ordered):
            if later.facts.get("replaces") or not _may_renew(later.facts):
                continue
            begin, old_begin, old_end = (
                datetime.fromisoformat(text) for text in (later.not_before, earlier.not_before, earlier.not_after)
            )
            if _renews(begin, old_begin, old_end, later.facts):
                yield _link(later, earlier)


def _link(later: Row[Any], earlier: Row[Any]) -> dict[str, Any]:
    return {
        "id": later.id,
        "replaces_id": None,
        "replaces_position": earlier.position,
        "outcome": ItemOutcome.RENEWS,
    }
