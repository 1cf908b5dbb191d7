"""Holding CRLs: handing one in, and keeping the addresses from which they are fetched."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from certs.messages import message
from certs.path import load_certificate
from certs.path.lists import MalformedList, RevocationList, find_list_issuer, read_list
from registry.accounts.rights import require_administrator
from registry.accounts.viewer import Viewer
from registry.blobs import FileBlobStore
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.revocation.errors import RevocationListRefused
from registry.revocation.reconcile import reconcile
from registry.revocation.repository import find_distribution_points
from registry.revocation.schemas import StoredList
from registry.revocation.tables import RevocationListRow, RevocationSourceRow
from registry.trust.tables import CertificateAuthorityRow

MAXIMUM_LIST_BYTES: Final = 64 * 1024 * 1024
"""A hundred thousand revoked certificates make some 4 MB."""
CLOCK_TOLERANCE: Final = timedelta(minutes=10)
"""How far a CA's clock may be ahead of ours."""


def store_list(uow: UnitOfWork, viewer: Viewer, blobs: FileBlobStore, data: bytes, *, source: str) -> StoredList:
    """Hold one CRL (DER or PEM), and record in the register what it says; a second time changes nothing.

    A list that is older than the newest one held for the same certificates is kept as evidence and changes no
    certificate, for what it says is out of date. Raises `NotPermitted`; `RevocationListRefused` for what is no complete
    CRL of a CA that the register holds, and for one from the future, which would hide every later one.
    """
    require_administrator(viewer)
    revocation_list = _read(data, source)
    authority = _authority(uow, revocation_list, source)
    if revocation_list.this_update > uow.now + CLOCK_TOLERANCE:
        moment = revocation_list.this_update.isoformat()
        raise RevocationListRefused(message("revocation.from_future", name=source, moment=moment))
    is_newest = not _holds_newer(uow, authority, revocation_list)
    is_new = _add(uow, blobs, authority, revocation_list, source)
    answer = StoredList(
        authority=authority.subject,
        is_new=is_new,
        this_update=revocation_list.this_update,
        next_update=revocation_list.next_update,
    )
    if not (is_new and is_newest):
        return answer
    return answer.model_copy(update={"reconciliation": reconcile(uow, revocation_list, authority.der)})


def refresh_sources(uow: UnitOfWork) -> tuple[str, ...]:
    """Take over the addresses that certificates name and return all that are known, in order.

    An address stays known when no certificate names it any more: lists of an old generation are asked for longer.
    """
    known = set(uow.session.execute(select(col(RevocationSourceRow.url))).scalars())
    for url in find_distribution_points(uow.session):
        if url in known:
            continue
        try:
            with uow.session.begin_nested():
                uow.session.add(RevocationSourceRow(url=url))
        except IntegrityError:
            # Another run of the same job added it just now.
            continue
        known.add(url)
    return tuple(sorted(known))


def fill_scopes(uow: UnitOfWork, blobs: FileBlobStore) -> None:
    """Read for which certificates those lists are that were held before this was kept; lost bytes leave it open."""
    rows = uow.session.execute(select(RevocationListRow).where(col(RevocationListRow.scope).is_(None))).scalars()
    for row in rows:
        with suppress(FileNotFoundError, MalformedList):
            row.scope = read_list(blobs.read(row.sha256)).scope


def record_attempt(uow: UnitOfWork, url: str, *, failure: str | None) -> None:
    """Keep how fetching from an address went; `failure` None means that a list came and is held."""
    row = uow.session.execute(
        select(RevocationSourceRow).where(col(RevocationSourceRow.url) == url).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        return
    row.attempted_at = uow.now
    row.failure = failure[:2000] if failure is not None else None
    if failure is None:
        row.succeeded_at = uow.now


def _read(data: bytes, source: str) -> RevocationList:
    try:
        revocation_list = read_list(data)
    except MalformedList as fault:
        raise RevocationListRefused(message("revocation.not_a_list", name=source)) from fault
    if not revocation_list.is_base:
        raise RevocationListRefused(message("revocation.not_a_base", name=source))
    return revocation_list


def _authority(uow: UnitOfWork, revocation_list: RevocationList, source: str) -> CertificateAuthorityRow:
    rows = uow.session.execute(select(CertificateAuthorityRow).order_by(col(CertificateAuthorityRow.sha256))).scalars()
    by_sha256: dict[str, CertificateAuthorityRow] = {row.sha256: row for row in rows}
    issuer = find_list_issuer(revocation_list, (load_certificate(row.der) for row in by_sha256.values()))
    if issuer is None:
        raise RevocationListRefused(message("revocation.unknown_issuer", name=source))
    return by_sha256[issuer.sha256]


def _holds_newer(uow: UnitOfWork, authority: CertificateAuthorityRow, revocation_list: RevocationList) -> bool:
    return (
        uow.session.execute(
            select(col(RevocationListRow.id))
            .where(
                col(RevocationListRow.authority_id) == authority.id,
                col(RevocationListRow.scope) == revocation_list.scope,
                col(RevocationListRow.this_update) > revocation_list.this_update,
            )
            .limit(1)
        ).first()
        is not None
    )


def _add(
    uow: UnitOfWork,
    blobs: FileBlobStore,
    authority: CertificateAuthorityRow,
    revocation_list: RevocationList,
    source: str,
) -> bool:
    known = select(col(RevocationListRow.id)).where(col(RevocationListRow.sha256) == revocation_list.sha256)
    if uow.session.execute(known).first() is not None:
        return False
    # First the bytes, then the row: a blob without a row is harmless, a row without its blob is not.
    blobs.put([revocation_list.der], limit=MAXIMUM_LIST_BYTES)
    row = RevocationListRow(
        authority_id=key_of(authority),
        sha256=revocation_list.sha256,
        this_update=revocation_list.this_update,
        next_update=revocation_list.next_update,
        number=revocation_list.number,
        scope=revocation_list.scope,
        entries=revocation_list.entry_count,
        size=len(revocation_list.der),
        source=source[:1000],
        received_at=uow.now,
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:
        return False
    return True
