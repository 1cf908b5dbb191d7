"""How certificates come to stand in the register, many at once: their rows, their first periods, their first events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, column, insert, literal, null, select, table, update
from sqlmodel import Session, col

from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
)
from registry.clock import FOREVER
from registry.db.bulk import insert_new_rows, insert_rows
from registry.db.unit_of_work import UnitOfWork

# Below the mapped classes, which would send one statement for each row.
_CERTIFICATES: Final[Table] = CertificateRow.__table__  # type: ignore[attr-defined]
_PERIODS: Final[Table] = CertificatePeriodRow.__table__  # type: ignore[attr-defined]
_EVENTS: Final[Table] = CertificateEventRow.__table__  # type: ignore[attr-defined]

_COPIES: Final = (
    *("kind", "medium", "generation", "named_agency_id", "issued_at", "not_before", "not_after", "holder_sort"),
    "is_weak",
)
_FACTS: Final = table("certificate_facts", column("certificate_id"), *(column(name) for name in _COPIES))
"""The view of what periods copy from their certificates."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is recorded of a certificate that comes into the register, or comes again."""

    certificate_id: int
    issued_at: datetime
    """As in its row."""
    origin: CertificateEventKind = CertificateEventKind.ISSUED
    custody: Custody = Custody.NOT_HANDED_OVER
    note: str | None = None
    replaces_id: int | None = None


class Entered(NamedTuple):
    """A certificate that was entered just now."""

    certificate_id: int
    sha256: str | None
    issuer: str
    serial: str


def insert_certificates(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Entered]:
    """Enter the rows whose fingerprint, and whose issuer and serial number, no other has; in no certain order.

    The unique constraints decide who was first: two imports of the same files at once give one set of rows.
    """
    return [Entered(*each) for each in insert_new_rows(session, _CERTIFICATES, rows, _ENTERED)]


_ENTERED: Final = ("id", "sha256", "issuer", "serial")


def find_held(session: Session, fingerprints: Collection[str]) -> dict[str, int]:
    """The certificates of the register that have these fingerprints, those that were taken back among them."""
    rows = session.execute(
        select(col(CertificateRow.sha256), col(CertificateRow.id)).where(col(CertificateRow.sha256).in_(fingerprints))
    )
    return dict(rows.all())


def find_withdrawn(session: Session, certificate_ids: Collection[int]) -> set[int]:
    """Those of the certificates that were taken back with their import: their rows stay, and nothing is true of them."""
    # Locked first and looked at then: of two who enter one again at once, the later sees what the earlier did.
    mine = select(col(CertificateRow.id)).where(col(CertificateRow.id).in_(certificate_ids))
    held = session.execute(mine.order_by(col(CertificateRow.id)).with_for_update()).scalars().all()
    period = col(CertificatePeriodRow.certificate_id)
    return set(held) - set(session.execute(select(period).where(period.in_(held))).scalars())


def change_columns(session: Session, certificate_id: int, columns: Mapping[str, Any]) -> None:
    """Give a certificate other columns."""
    session.execute(update(CertificateRow).where(col(CertificateRow.id) == certificate_id).values(dict(columns)))


def begin_histories(uow: UnitOfWork, begun: Iterable[Beginning], *, actor: str) -> None:
    """Open the first period of certificates that are in their rows, and record that they were issued and registered.

    The agency that a certificate names is responsible for it from then on.
    """
    by_custody: dict[Custody, list[int]] = {}
    events: list[dict[str, Any]] = []
    for each in begun:
        by_custody.setdefault(each.custody, []).append(each.certificate_id)
        details = {} if each.replaces_id is None else {"replaces": each.replaces_id}
        issued = event_row(each.certificate_id, each.origin, each.issued_at, uow.now, actor)
        registered = event_row(each.certificate_id, CertificateEventKind.REGISTERED, uow.now, uow.now, actor)
        events.append({**issued, "details": details})
        events.append({**registered, "note": each.note})
    for custody, keys in by_custody.items():
        uow.session.execute(_FIRST_PERIODS, {"custody": custody, "keys": keys})
    insert_rows(uow.session, _EVENTS, events)


def event_row(
    certificate_id: int, kind: CertificateEventKind, effective_at: datetime, now: datetime, actor: str
) -> dict[str, Any]:
    """The columns of an event without reason, note and details."""
    return {
        "certificate_id": certificate_id,
        "kind": kind,
        "effective_at": effective_at,
        "recorded_at": now,
        "actor": actor,
        "reason": None,
        "note": None,
        "details": {},
    }


def _first_periods() -> Any:
    """Read from what the register holds, copies and all, so that the triggers have nothing to fill in afterwards."""
    columns = _PERIODS.c
    values = {
        "certificate_id": _FACTS.c.certificate_id,
        "effective_from": _FACTS.c.issued_at,
        "effective_until": literal(FOREVER, columns.effective_until.type),
        "agency_id": _FACTS.c.named_agency_id,
        "status": literal(CertificateStatus.ACTIVE, columns.status.type),
        "revocation_reason": null(),
        "custody": bindparam("custody", type_=columns.custody.type),
        "is_replaced": literal(False, columns.is_replaced.type),
        **{name: _FACTS.c[name] for name in _COPIES},
    }
    chosen = _FACTS.c.certificate_id.in_(bindparam("keys", expanding=True))
    return insert(_PERIODS).from_select(list(values), select(*values.values()).where(chosen))


_FIRST_PERIODS: Final = _first_periods()
