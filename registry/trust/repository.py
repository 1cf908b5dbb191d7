"""Queries about the CA certificates. They are public, so that no viewer restricts them."""

from sqlalchemy import select
from sqlmodel import Session, col

from registry.trust.issuers import IssuerIndex
from registry.trust.schemas import AuthorityView, Trust
from registry.trust.tables import CertificateAuthorityRow, TrustRole

UNKNOWN = "unknown"
"""Generation of what no held anchor has issued."""


def load_trust(session: Session) -> Trust:
    """The CA certificates as verification takes them, in a fixed order."""
    rows = session.execute(
        select(col(CertificateAuthorityRow.role), col(CertificateAuthorityRow.der)).order_by(
            col(CertificateAuthorityRow.sha256)
        )
    ).all()
    return Trust(
        anchors=tuple(der for role, der in rows if role is TrustRole.ANCHOR),
        intermediates=tuple(der for role, der in rows if role is TrustRole.INTERMEDIATE),
    )


def load_issuers(session: Session) -> IssuerIndex:
    """The CAs that lead to an anchor, to find out which of them issued a certificate."""
    rows = session.execute(
        select(col(CertificateAuthorityRow.der), col(CertificateAuthorityRow.generation))
        .where(col(CertificateAuthorityRow.generation) != UNKNOWN)
        .order_by(col(CertificateAuthorityRow.sha256))
    )
    return IssuerIndex((der, generation) for der, generation in rows)


def find_generations(session: Session) -> tuple[str, ...]:
    """Names of the CA generations that certificates can be of, those without a known CA last."""
    column = col(CertificateAuthorityRow.generation)
    return (*session.execute(select(column).where(column != UNKNOWN).distinct().order_by(column)).scalars(), UNKNOWN)


def find_authorities(session: Session) -> tuple[AuthorityView, ...]:
    """Every CA certificate, anchors first, then by name."""
    rows = session.execute(
        select(CertificateAuthorityRow).order_by(
            col(CertificateAuthorityRow.role), col(CertificateAuthorityRow.subject), col(CertificateAuthorityRow.id)
        )
    ).scalars()
    return tuple(AuthorityView.model_validate(row, from_attributes=True) for row in rows)
