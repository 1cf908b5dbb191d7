"""Bringing the register in line with what a CA says in its CRL."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from certs.certificate import parse_certificate
from certs.messages import define, message
from certs.path.lists import RevocationList, RevokedEntry
from registry.accounts.viewer import Viewer
from registry.certificates.changes import REVOCATION_REASONS, Change, revoke_certificate
from registry.certificates.errors import ChangeRefused
from registry.certificates.tables import CertificatePeriodRow, CertificateRow, CertificateStatus
from registry.clock import FOREVER
from registry.db.unit_of_work import UnitOfWork
from registry.revocation.schemas import Reconciliation
from registry.trust.issuers import IssuerIndex

define(
    "revocation.note",
    vi="Theo danh sách thu hồi số {number} của CA, lý do: {reason}",
    en="By the CA's revocation list number {number}, reason: {reason}",
)

ACTOR: Final = "crl"
"""Who entered the events: the list itself, named in their note."""
_BATCH: Final = 500
_OTHER_REASON: Final = "unspecified"


def reconcile(uow: UnitOfWork, revocation_list: RevocationList, authority: bytes) -> Reconciliation:
    """Record as revoked what the list of the CA `authority` (DER) names and the register does not know to be revoked.

    The revocation takes effect when the list says. Holds are left alone. A certificate that the register knows only
    from the row of a list must bear the CA's name; any other must have been signed by its key.
    """
    issuers = IssuerIndex([(authority, "")])
    issuer_name = str(parse_certificate(authority).subject)
    revoked: list[int] = []
    contradicted: list[int] = []
    entries = revocation_list.revoked()
    while batch := {entry.serial: entry for entry in islice(entries, _BATCH)}:
        for row in _candidates(uow, batch):
            is_issued_by = (
                row.issuer == issuer_name
                if row.der is None
                else issuers.generation_of(parse_certificate(row.der)) is not None
            )
            if is_issued_by and row.id is not None:
                done = _revoke(uow, row.id, batch[row.serial], revocation_list)
                (revoked if done else contradicted).append(row.id)
    return Reconciliation(revoked=tuple(revoked), contradicted=tuple(contradicted))


def _candidates(uow: UnitOfWork, entries: dict[str, RevokedEntry]) -> Iterator[CertificateRow]:
    period = CertificatePeriodRow
    yield from (
        uow.session.execute(
            select(CertificateRow)
            .join(period, col(period.certificate_id) == col(CertificateRow.id))
            .where(
                col(CertificateRow.serial).in_(entries),
                col(period.effective_until) == FOREVER,
                col(period.status) != CertificateStatus.REVOKED,
            )
            .order_by(col(CertificateRow.id))
        )
        .scalars()
        .all()
    )


def _revoke(uow: UnitOfWork, certificate_id: int, entry: RevokedEntry, revocation_list: RevocationList) -> bool:
    reason = entry.reason if entry.reason in REVOCATION_REASONS else _OTHER_REASON
    number = revocation_list.number or revocation_list.sha256[:16]
    note = message("revocation.note", number=number, reason=entry.reason).text("vi")
    change = Change(effective_at=entry.revoked_at, actor=ACTOR, note=note)
    try:
        with uow.session.begin_nested():
            revoke_certificate(uow, Viewer.everything(), certificate_id, reason=reason, change=change)
    except ChangeRefused:
        return False
    return True
