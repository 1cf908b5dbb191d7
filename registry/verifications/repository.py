"""Queries of the verifications."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from registry.certificates.tables import CertificateRow
from registry.verifications.tables import VerificationRow


class VerificationRepository:
    """Rows of one session. Whoever holds an identifier may read its row, so no viewer is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: VerificationRow) -> None:
        """Take up a new row."""
        self._session.add(row)

    def find(self, verification_id: str) -> VerificationRow | None:
        """The row, or None."""
        return self._session.get(VerificationRow, verification_id)

    def find_registered_at(self, certificate_sha256: str) -> datetime:
        """When the register first held this certificate, which it does hold."""
        query = select(CertificateRow.registered_at).where(CertificateRow.sha256 == certificate_sha256)
        return self._session.exec(query).one()

    def find_for_change(self, verification_id: str) -> VerificationRow | None:
        """The row, locked until the transaction ends, so that of two workers one waits for the other."""
        query = select(VerificationRow).where(VerificationRow.id == verification_id).with_for_update()
        return self._session.exec(query).first()

    def find_stranded(self, now: datetime, *, limit: int) -> Sequence[VerificationRow]:
        """Unfinished rows whose lease has ended, oldest first, without those another sweep has in hand."""
        query = (
            select(VerificationRow)
            .where(
                col(VerificationRow.state).in_(VerificationRow.WAITING),
                col(VerificationRow.lease_until) < now,
            )
            .order_by(col(VerificationRow.submitted_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return self._session.exec(query).all()
