"""Putting items into the register beside what `registry.certificates.service` does.

Entries of lists without their certificates, certificates that were taken back and come again, and pictures of what was
there before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
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
from registry.db.unit_of_work import UnitOfWork

# Below the mapped classes, which would send one statement for each row.
_PERIODS: Final[Table] = CertificatePeriodRow.__table__  # type: ignore[attr-defined]
_CERTIFICATES: Final[Table] = CertificateRow.__table__  # type: ignore[attr-defined]
_EVENTS: Final[Table] = CertificateEventRow.__table__  # type: ignore[attr-defined]

_PERIOD_COLUMNS: Final = (
    *("certificate_id", "effective_from", "effective_until", "agency_id", "status", "revocation_reason"),
    *("custody", "is_replaced"),
)
_CHANGEABLE: Final = (
    *("sha256", "serial", "issuer", "subject", "generation", "kind", "holder", "holder_folded", "holder_sort"),
    *("position", "email", "medium", "device_number", "iccid", "issued_at", "not_before", "not_after"),
    *("signature_algorithm", "key_algorithm", "key_bits", "search", "replaces_id"),
)
_TIMES: Final = ("issued_at", "not_before", "not_after")


def insert_entries(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """Enter rows without their certificates; None where another one has the issuer and serial number."""
    if not rows:
        return []
    # The unique constraint decides who was first.
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(CertificateRow.__table__)  # type: ignore[attr-defined]
        .on_conflict_do_nothing()
        .returning(col(CertificateRow.issuer), col(CertificateRow.serial), col(CertificateRow.id))
    )
    distinct = {(row["issuer"], row["serial"]): row for row in reversed(rows)}
    entered = {(issuer, serial): key for issuer, serial, key in session.execute(statement, list(distinct.values()))}
    # Of two equal rows the first is entered; `pop` leaves nothing for the second.
    return [entered.pop((row["issuer"], row["serial"]), None) for row in rows]


def begin_histories(
    uow: UnitOfWork, begun: Iterable[tuple[int, Mapping[str, Any]]], *, actor: str, origin: Mapping[int, str]
) -> None:
    """Open the first period of each certificate and record that it was issued and registered.

    Each comes with the columns of its row, and with `custody` and `note` beside them.
    """
    periods, events = [], []
    for key, columns in begun:
        periods.append(
            {
                "certificate_id": key,
                "effective_from": columns["issued_at"],
                "effective_until": FOREVER,
                "agency_id": columns["named_agency_id"],
                "status": CertificateStatus.ACTIVE,
                "revocation_reason": None,
                "custody": columns["custody"],
                "is_replaced": False,
            }
        )
        kind = CertificateEventKind(origin.get(key, CertificateEventKind.ISSUED))
        events.append(_event(key, kind, columns["issued_at"], uow.now, actor))
        registered = _event(key, CertificateEventKind.REGISTERED, uow.now, uow.now, actor)
        events.append({**registered, "note": columns["note"]})
    if periods:
        uow.session.execute(insert(_PERIODS), periods)
        uow.session.execute(insert(_EVENTS), events)


def find_entered(session: Session, fingerprints: Sequence[str | None]) -> dict[str, int]:
    """Certificates that somebody else entered meanwhile, by fingerprint."""
    rows = session.execute(
        select(col(CertificateRow.sha256), col(CertificateRow.id)).where(col(CertificateRow.sha256).in_(fingerprints))
    )
    return dict(rows.all())


def enter_histories(uow: UnitOfWork, begun: Iterable[tuple[int, Mapping[str, Any], str]], *, actor: str) -> None:
    """Give certificates the history that a list tells, and record that they were registered.

    Each comes with what `CertificateHistory.pack` made, and a note.
    """
    periods: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for key, history, note in begun:
        begins = [datetime.fromisoformat(state["effective_from"]) for state in history["states"]]
        periods.extend(
            {
                **state,
                "certificate_id": key,
                "effective_from": since,
                "effective_until": until,
                "status": CertificateStatus(state["status"]),
                "custody": Custody(state["custody"]),
            }
            for state, since, until in zip(history["states"], begins, (*begins[1:], FOREVER), strict=True)
        )
        events.extend(
            {
                **_event(
                    key,
                    CertificateEventKind(told["kind"]),
                    datetime.fromisoformat(told["effective_at"]),
                    uow.now,
                    actor,
                ),
                "reason": told["reason"],
                "note": told["note"],
                "details": told["details"],
            }
            for told in history["events"]
        )
        events.append({**_event(key, CertificateEventKind.REGISTERED, uow.now, uow.now, actor), "note": note})
    if periods:
        uow.session.execute(insert(_PERIODS), periods)
        uow.session.execute(insert(_EVENTS), events)


def link_replacements(session: Session, pairs: Sequence[tuple[int, int]]) -> None:
    """Let each of these certificates with its own history take the place of another: successor, predecessor."""
    if not pairs:
        return
    connection = session.connection()
    connection.execute(
        update(_CERTIFICATES).where(_CERTIFICATES.c.id == bindparam("key")).values(replaces_id=bindparam("replaced")),
        [{"key": successor, "replaced": predecessor} for successor, predecessor in pairs],
    )
    by = {predecessor: successor for successor, predecessor in pairs}
    rows = connection.execute(
        select(_EVENTS.c.id, _EVENTS.c.certificate_id, _EVENTS.c.details).where(
            _EVENTS.c.certificate_id.in_(by), _EVENTS.c.kind == CertificateEventKind.REPLACED
        )
    )
    told = [{"key": key, "told": {**details, "by": by[certificate]}} for key, certificate, details in rows]
    if told:
        connection.execute(
            update(_EVENTS).where(_EVENTS.c.id == bindparam("key")).values(details=bindparam("told")), told
        )


def change_columns(session: Session, certificate_id: int, columns: Mapping[str, Any]) -> None:
    """Give a certificate other columns."""
    session.execute(update(CertificateRow).where(col(CertificateRow.id) == certificate_id).values(dict(columns)))


def record_correction(
    uow: UnitOfWork, certificate_ids: Collection[int], *, actor: str, details: Any, note: str
) -> None:
    """Record for each certificate that what the register held of it was put right."""
    if certificate_ids:
        event = {**_event(0, CertificateEventKind.CORRECTED, uow.now, uow.now, actor), "note": note, "details": details}
        uow.session.execute(insert(_EVENTS), [{**event, "certificate_id": key} for key in certificate_ids])


def withdraw(session: Session, certificate_ids: Sequence[int]) -> None:
    """Let certificates never have been true: they leave every list of every day. Their rows and events stay."""
    session.execute(delete(CertificatePeriodRow).where(col(CertificatePeriodRow.certificate_id).in_(certificate_ids)))


def picture(session: Session, certificate_id: int) -> dict[str, Any]:
    """What the register holds of one certificate now, as JSON, so that `restore` can bring it back."""
    row = session.execute(
        select(*(getattr(CertificateRow, name) for name in _CHANGEABLE)).where(col(CertificateRow.id) == certificate_id)
    ).one()
    periods = session.execute(
        select(*(getattr(CertificatePeriodRow, name) for name in _PERIOD_COLUMNS))
        .where(col(CertificatePeriodRow.certificate_id) == certificate_id)
        .order_by(col(CertificatePeriodRow.effective_from))
    )
    return {
        "certificate_id": certificate_id,
        "columns": {name: _packed(getattr(row, name)) for name in _CHANGEABLE},
        "periods": [{name: _packed(getattr(period, name)) for name in _PERIOD_COLUMNS} for period in periods],
    }


def restore(session: Session, taken: Mapping[str, Any]) -> int:
    """Bring back what `picture` took, and return the identifier of the certificate."""
    key: int = taken["certificate_id"]
    columns = {
        name: datetime.fromisoformat(value) if name in _TIMES else value for name, value in taken["columns"].items()
    }
    if columns["sha256"] is None:
        columns["der"] = None
    change_columns(session, key, columns)
    withdraw(session, [key])
    session.execute(
        insert(_PERIODS),
        [
            {
                **period,
                "effective_from": datetime.fromisoformat(period["effective_from"]),
                "effective_until": datetime.fromisoformat(period["effective_until"]),
                "status": CertificateStatus(period["status"]),
                "custody": Custody(period["custody"]),
            }
            for period in taken["periods"]
        ],
    )
    return key


def _event(key: int, kind: CertificateEventKind, effective_at: datetime, now: datetime, actor: str) -> dict[str, Any]:
    return {
        "certificate_id": key,
        "kind": kind,
        "effective_at": effective_at,
        "recorded_at": now,
        "actor": actor,
        "reason": None,
        "note": None,
        "details": {},
    }


def _packed(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
