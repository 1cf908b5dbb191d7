"""Certificates whose CA the register did not hold when they came, and holds now."""

from sqlalchemy import select, update
from sqlmodel import col

from certs.certificate import parse_certificate
from registry.certificates.conditions import UNKNOWN_GENERATION
from registry.certificates.tables import CertificateRow
from registry.db.unit_of_work import UnitOfWork
from registry.trust.repository import load_issuers

_BATCH = 1000


def recognise_certificates(uow: UnitOfWork) -> int:
    """Give every certificate of unknown generation that of its CA, where the register holds it now; returns how many.

    To be called after CA certificates were added, in the same unit of work; doing it again changes nothing.
    """
    issuers = load_issuers(uow.session)
    recognised = 0
    last = 0
    while True:
        batch = uow.session.execute(
            select(col(CertificateRow.id), col(CertificateRow.der))
            .where(
                col(CertificateRow.generation) == UNKNOWN_GENERATION,
                col(CertificateRow.der).is_not(None),
                col(CertificateRow.id) > last,
            )
            .order_by(col(CertificateRow.id))
            .limit(_BATCH)
        ).all()
        if not batch:
            return recognised
        for key, der in batch:
            last = key
            generation = issuers.generation_of(parse_certificate(der))
            if generation is not None:
                uow.session.execute(
                    update(CertificateRow).where(col(CertificateRow.id) == key).values(generation=generation)
                )
                recognised += 1
