"""Everything about one certificate: what it says, what happened to it, what it replaced and what replaced it."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from certs.certificate import parse_certificate
from certs.names import display_name
from registry.accounts.viewer import Viewer
from registry.agencies.repository import find_agencies_by_id
from registry.certificates.errors import certificate_not_found
from registry.certificates.repository import find_certificates_by_id
from registry.certificates.schemas import CertificateDetail, CertificateEventView, CertificateView, TechnicalView
from registry.certificates.tables import CertificateEventRow, CertificateRow
from registry.db.unit_of_work import UnitOfWork
from registry.views import MessageView

_LONGEST_CHAIN: Final = 20
"""Certificates shown before and after one; real chains are shorter, and a loop in the data must end somewhere."""


def get_certificate(uow: UnitOfWork, viewer: Viewer, certificate_id: int, as_of: datetime) -> CertificateDetail:
    """Everything about one certificate as of a moment.

    Raises `CertificateNotFound` when there is none, when it was not issued yet, or when the viewer may not know of it.
    """
    view = find_certificates_by_id(uow, viewer, (certificate_id,), as_of).get(certificate_id)
    row = uow.session.get(CertificateRow, certificate_id)
    if view is None or row is None:
        raise certificate_not_found(certificate_id)
    agency = find_agencies_by_id(uow, (view.agency_id,), as_of)[view.agency_id]
    named = find_agencies_by_id(uow, (row.named_agency_id,), row.issued_at)[row.named_agency_id]
    return CertificateDetail(
        certificate=view,
        agency_path=agency.path,
        named_agency_id=row.named_agency_id,
        named_agency_name=named.name,
        iccid=row.iccid,
        registered_at=row.registered_at,
        technical=_technical(row),
        events=_events(uow, certificate_id),
        replaces=_chain(uow, viewer, certificate_id, as_of, forward=False),
        replaced_by=_chain(uow, viewer, certificate_id, as_of, forward=True),
    )


def _technical(row: CertificateRow) -> TechnicalView:
    view = TechnicalView(
        subject=row.subject,
        issuer=row.issuer,
        signature_algorithm=row.signature_algorithm,
        key_algorithm=row.key_algorithm,
        key_bits=row.key_bits or None,
    )
    if row.der is None:
        return view
    certificate = parse_certificate(row.der)
    extensions = certificate.extensions
    return view.model_copy(
        update={
            "key_usages": extensions.key_usages,
            "extended_key_usages": extensions.extended_key_usages,
            "policies": extensions.policies,
            "codes": tuple(f"{code.kind}: {display_name(code.value)}" for code in certificate.codes),
            "emails": tuple(map(display_name, certificate.emails)),
            "crl_urls": tuple(map(display_name, extensions.crl_urls)),
            "ocsp_urls": tuple(map(display_name, extensions.ocsp_urls)),
            "issuer_urls": tuple(map(display_name, extensions.issuer_urls)),
            "oddities": tuple(map(MessageView.of, certificate.oddities)),
        }
    )


def _events(uow: UnitOfWork, certificate_id: int) -> tuple[CertificateEventView, ...]:
    rows = uow.session.execute(
        select(CertificateEventRow)
        .where(col(CertificateEventRow.certificate_id) == certificate_id)
        .order_by(col(CertificateEventRow.effective_at), col(CertificateEventRow.id))
    ).scalars()
    return tuple(CertificateEventView.model_validate(row, from_attributes=True) for row in rows)


def _chain(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, as_of: datetime, *, forward: bool
) -> tuple[CertificateView, ...]:
    own, other = col(CertificateRow.id), col(CertificateRow.replaces_id)
    found: list[int] = []
    nearest = [certificate_id]
    while nearest and len(found) < _LONGEST_CHAIN:
        if forward:
            statement = select(own).where(other.in_(nearest)).order_by(own)
        else:
            statement = select(other).where(own.in_(nearest), other.is_not(None))
        seen = {certificate_id, *found}
        nearest = [each for each in uow.session.execute(statement).scalars() if each is not None and each not in seen]
        found.extend(nearest)
    views = find_certificates_by_id(uow, viewer, tuple(found), as_of)
    return tuple(views[each] for each in found if each in views)
