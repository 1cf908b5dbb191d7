"""Changing which CA certificates the register trusts."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from certs.certificate import Certificate, MalformedCertificate, parse_certificate
from certs.messages import message
from certs.names import display_name
from registry.accounts.rights import require_administrator
from registry.accounts.viewer import Viewer
from registry.db.unit_of_work import UnitOfWork
from registry.trust.errors import AuthorityRefused, UnknownAnchor
from registry.trust.issuers import is_self_signed
from registry.trust.known_anchors import KNOWN_ANCHORS
from registry.trust.repository import UNKNOWN, load_issuers
from registry.trust.schemas import AuthorityView
from registry.trust.tables import CertificateAuthorityRow, TrustRole


def add_authority(
    uow: UnitOfWork, viewer: Viewer, der: bytes, *, trust_anyway: bool = False, generation: str | None = None
) -> AuthorityView:
    """Hold one CA certificate; a second time changes nothing and answers with the first.

    A self-signed certificate becomes an anchor, if its fingerprint is known or `trust_anyway` says so. Any other only
    helps to build paths, whoever hands it in. `generation` names what is below an anchor that the product does not
    know. Intermediate CAs that were waiting for this one take its generation.

    Raises `NotPermitted`, `AuthorityRefused` for what is no CA certificate, `UnknownAnchor`.
    """
    require_administrator(viewer)
    try:
        certificate = parse_certificate(der)
    except MalformedCertificate as fault:
        raise AuthorityRefused(fault.reason) from fault
    known = _find(uow, certificate.sha256)
    if known is not None:
        return known
    row = _row(uow, certificate, trust_anyway=trust_anyway, generation=generation)
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:
        # Somebody else added it between our look and our insert; the constraint decides, and theirs is as good.
        if (theirs := _find(uow, certificate.sha256)) is not None:
            return theirs
        raise
    _recognise_waiting(uow)
    uow.session.refresh(row)
    return AuthorityView.model_validate(row, from_attributes=True)


def _row(
    uow: UnitOfWork, certificate: Certificate, *, trust_anyway: bool, generation: str | None
) -> CertificateAuthorityRow:
    name = display_name(certificate.subject.common_name or str(certificate.subject))
    anchor = KNOWN_ANCHORS.get(certificate.sha256)
    if is_self_signed(certificate):
        # Roots of the first version of X.509 say nothing about being a CA; that they sign themselves is enough.
        if anchor is None and not trust_anyway:
            raise UnknownAnchor(message("trust.unknown_anchor", name=name, sha256=certificate.sha256))
        role = TrustRole.ANCHOR
        found = anchor.generation if anchor else generation or "other"
    elif certificate.is_ca:
        role = TrustRole.INTERMEDIATE
        found = load_issuers(uow.session).generation_of(certificate) or UNKNOWN
    else:
        raise AuthorityRefused(message("trust.not_a_ca", name=name))
    return CertificateAuthorityRow(
        sha256=certificate.sha256,
        der=certificate.der,
        subject=str(certificate.subject)[:500],
        role=role,
        generation=found,
        not_after=certificate.not_after,
        is_known=anchor is not None,
        added_at=uow.now,
    )


def _recognise_waiting(uow: UnitOfWork) -> None:
    # One pass for each link of a chain: real ones have at most two.
    while True:
        issuers = load_issuers(uow.session)
        waiting = uow.session.execute(
            select(CertificateAuthorityRow).where(col(CertificateAuthorityRow.generation) == UNKNOWN)
        ).scalars()
        recognised = 0
        for row in waiting:
            generation = issuers.generation_of(parse_certificate(row.der))
            if generation is not None:
                row.generation = generation
                recognised += 1
        uow.session.flush()
        if not recognised:
            return


def _find(uow: UnitOfWork, sha256: str) -> AuthorityView | None:
    row = uow.session.execute(
        select(CertificateAuthorityRow).where(col(CertificateAuthorityRow.sha256) == sha256)
    ).scalar_one_or_none()
    return None if row is None else AuthorityView.model_validate(row, from_attributes=True)
