"""Putting items into the register beside what `registry.certificates.service` does.

Entries of lists without their certificates, certificates that were taken back and come again, and pictures of what was
there before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from registry.certificates.entering import change_columns, event_row, insert_certificates
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
)
from registry.clock import FOREVER
from registry.db.bulk import insert_rows
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
    """Enter rows, most of them without their certificates; None where another one has the issuer and serial number."""
    distinct = {(row["issuer"], row["serial"]): row for row in reversed(rows)}
    entered = {
        (each.issuer, each.serial): each.certificate_id
        for each in insert_certificates(session, list(distinct.values()))
    }
    # Of two equal rows the first is entered; `pop` leaves nothing for the second.
    return [entered.pop((row["issuer"], row["serial"]), None) for row in rows]


def entry_key(columns: Mapping[str, Any]) -> tuple[Any, ...]:
    """Equal for two rows of lists that tell of one certificate in the same words."""
    return tuple(columns[name] for name in ("issuer", "serial", "holder_folded", "not_after"))


def find_entries(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, ...], int]:
    """The certificates that others entered from such rows meanwhile, by `entry_key`."""
    if not rows:
        return {}
    row = CertificateRow
    found = session.execute(
        select(col(row.id), col(row.issuer), col(row.serial), col(row.holder_folded), col(row.not_after)).where(
            col(row.serial).in_({each["serial"] for each in rows})
        )
    )
    return {tuple(told): key for key, *told in found}


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
                **event_row(
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
        events.append({**event_row(key, CertificateEventKind.REGISTERED, uow.now, uow.now, actor), "note": note})
    insert_rows(uow.session, _PERIODS, periods)
    insert_rows(uow.session, _EVENTS, events)


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


def record_correction(
    uow: UnitOfWork, certificate_ids: Collection[int], *, actor: str, details: Any, note: str
) -> None:
    """Record for each certificate that what the register held of it was put right."""
    if certificate_ids:
        event = {
            **event_row(0, CertificateEventKind.CORRECTED, uow.now, uow.now, actor),
            "note": note,
            "details": details,
        }
        insert_rows(uow.session, _EVENTS, [{**event, "certificate_id": key} for key in certificate_ids])


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


def _packed(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
