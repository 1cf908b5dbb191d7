"""Filling an empty register with the demonstration province."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, select, text
from sqlmodel import col

from registry.accounts.passwords import hash_password
from registry.accounts.tables import UserRow
from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyEventRow, AgencyPeriodRow, AgencyRow, AgencySuccessionRow
from registry.batches import batches
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow
from registry.db.unit_of_work import UnitOfWork
from registry.demo.province import rows
from registry.demo.province.accounts import ACCOUNTS
from registry.demo.province.documents.cast import Cast, choose_cast, revocations
from registry.demo.province.documents.making import Studio, make_documents
from registry.demo.province.documents.signing import Signatory
from registry.demo.province.drafts import Draft
from registry.demo.province.pki import DemoPKI, KeyPair, make_pki, new_key
from registry.demo.province.plan import Plan, plan_province
from registry.runtime import Runtime
from registry.trust.service import add_authority

Progress = Callable[[str, float], None]

DOCUMENTS: Final = "documents"
"""Folder of the signed documents, in the data directory."""


def fill(runtime: Runtime, *, today: date, progress: Progress | None = None) -> None:
    """Fill the migrated database and the data directory with the province as of the beginning of `today`.

    Nothing happens when the register holds any agency already, be it the demonstration or a real one. All rows come in
    one transaction, and the documents stand in their place before it ends: a call that was killed leaves nothing that
    the next one does not replace. Everything but keys, signatures and password hashes is the same for the same day.
    `progress` is told what is being done and the share that is done, 0 to 1.
    """
    tell = progress or _say_nothing
    with runtime.database.read() as uow:
        if _is_filled(uow):
            return
    tell("plan", 0.0)
    plan = plan_province(today)
    tell("keys", 0.1)
    pki = make_pki()
    cast = choose_cast(plan)
    keys = {draft: new_key() for draft in (cast.head, cast.body, cast.former)}
    public_keys = {draft: key.public for draft, key in keys.items()}
    certificates = rows.certificate_rows(
        plan, pki, public_keys, lambda share: tell("certificates", 0.15 + share * 0.45)
    )
    tell("documents", 0.6)
    documents = _make_documents(plan, pki, cast, keys, certificates)
    tell("register", 0.75)
    with runtime.database.write() as uow:
        if _is_filled(uow):
            return
        _insert_agencies(uow, plan)
        _add_authorities(uow, pki)
        _insert(uow, CertificateRow, certificates.certificates)
        _insert(uow, CertificatePeriodRow, certificates.periods)
        _insert(uow, CertificateEventRow, certificates.events)
        _add_accounts(uow, plan)
        _set_sequences(uow)
        _put_in_place(documents, runtime.settings.data_dir / DOCUMENTS)
    tell("done", 1.0)


def _make_documents(
    plan: Plan, pki: DemoPKI, cast: Cast, keys: Mapping[Draft, KeyPair], certificates: rows.CertificateRows
) -> dict[str, bytes]:
    issued = dict(zip(plan.drafts, certificates.certificates, strict=True))
    serials = {draft: int(row["serial"], 16) for draft, row in issued.items()}
    return make_documents(
        Studio(
            cast=cast,
            pki=pki,
            signatories={draft: Signatory(issued[draft]["der"], key) for draft, key in keys.items()},
            revocations=tuple(revocations(plan, serials, cast.evidence_at)),
        )
    )


def _put_in_place(documents: Mapping[str, bytes], directory: Path) -> None:
    """Replace the folder as a whole: whoever looks sees all files of one making, or none."""
    fresh = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, content in documents.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    shutil.rmtree(directory, ignore_errors=True)
    fresh.rename(directory)


def _is_filled(uow: UnitOfWork) -> bool:
    return uow.session.execute(select(col(AgencyRow.id)).limit(1)).first() is not None


def _insert_agencies(uow: UnitOfWork, plan: Plan) -> None:
    _insert(uow, AgencyRow, rows.agency_rows(plan.agencies))
    _insert(uow, AgencyPeriodRow, rows.agency_period_rows(plan.agencies))
    _insert(uow, AgencyEventRow, rows.agency_event_rows(plan.agencies))
    _insert(uow, AgencySuccessionRow, rows.agency_succession_rows(plan.agencies))


def _insert(uow: UnitOfWork, table: type[Any], values: Sequence[rows.Row]) -> None:
    # The table and not its class: the ORM would make one statement for each pattern of missing values.
    for batch in batches(values):
        uow.session.execute(insert(table.__table__), batch)


def _add_authorities(uow: UnitOfWork, pki: DemoPKI) -> None:
    for root in pki.roots.values():
        add_authority(uow, Viewer.everything(), root.certificate, trust_anyway=True, generation=root.generation.value)
    for authority in pki.authorities.values():
        add_authority(uow, Viewer.everything(), authority.certificate)


def _add_accounts(uow: UnitOfWork, plan: Plan) -> None:
    for account in ACCOUNTS:
        uow.session.add(
            UserRow(
                username=account.username,
                full_name=account.full_name,
                email=f"{account.username}@bacgiang.example",
                password_hash=hash_password(account.password),
                role=account.role,
                agency_id=plan.agency(account.agency).id if account.agency else None,
                created_at=uow.now,
            )
        )
    uow.session.flush()


def _set_sequences(uow: UnitOfWork) -> None:
    """Let PostgreSQL number further rows after those that came with their numbers; SQLite does so by itself."""
    if uow.session.get_bind().dialect.name != "postgresql":
        return
    for table in (AgencyRow, CertificateRow):
        name = table.__tablename__
        highest = uow.session.execute(select(func.max(col(table.id)))).scalar_one()
        uow.session.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"), {"name": name, "highest": highest}
        )


def _say_nothing(what: str, share: float) -> None:
    del what, share
