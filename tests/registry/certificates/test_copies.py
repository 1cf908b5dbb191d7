from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import or_, select
from sqlmodel import col

from registry.certificates.changes import Change, revoke_certificate
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.query import CertificateQuery, Dimension, Standing
from registry.certificates.recognition import recognise_certificates
from registry.certificates.repository import count_by, count_certificates, find_certificates
from registry.certificates.tables import CertificatePeriodRow, CertificateRow, Medium, SubscriberKind
from registry.certificates.tally import tally
from registry.db.unit_of_work import Database, UnitOfWork
from tests.factories.agencies import make_agency
from tests.factories.certificates import EVERYTHING, ISSUED, make_certificate, trust_small_ca

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
COPIES = ("kind", "medium", "generation", "named_agency_id", "issued_at", "not_before", "not_after", "holder_sort")


@pytest.fixture
def corrected(database: Database) -> int:
    """A certificate that was revoked, then corrected in everything that can be, then recognised."""
    with database.write() as uow:
        agency, other = make_agency(uow), make_agency(uow, "Sở Nội vụ")
        key = make_certificate(uow, agency, device_number="CU12345")
        make_certificate(uow, other, holder="Trần Thị Bình", kind=SubscriberKind.ORGANISATION)
        change = Change(effective_at=ISSUED + timedelta(days=9), actor="test")
        revoke_certificate(uow, EVERYTHING, key, reason="superseded", change=change)
        correction = CertificateCorrection(
            kind=SubscriberKind.DEVICE, medium=Medium.SIM, agency_id=other, device_number="MOI67890"
        )
        correct_certificate(uow, EVERYTHING, key, correction, Change(effective_at=NOW, actor="test"))
        trust_small_ca(uow)
        recognise_certificates(uow)
    return key


def test_periods_say_what_their_certificates_say(database: Database, corrected: int) -> None:
    certificate, period = CertificateRow, CertificatePeriodRow
    differing = or_(*(getattr(certificate, name).is_distinct_from(getattr(period, name)) for name in COPIES))
    weak = CertificatePeriodRow.__table__.c.is_weak  # type: ignore[attr-defined]
    with database.read() as uow:
        joined = select(col(period.id)).join(certificate, col(certificate.id) == col(period.certificate_id))
        assert uow.session.execute(joined).all()
        assert not uow.session.execute(joined.where(or_(differing, weak))).all()


def found(uow: UnitOfWork, text: str) -> list[int]:
    return [view.id for view in find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW, text=text)).items]


def test_a_corrected_certificate_is_found_by_what_holds_now(database: Database, corrected: int) -> None:
    with database.read() as uow:
        assert found(uow, "oi678") == found(uow, "mo") == [corrected]
        assert not found(uow, "CU12345")
        assert not found(uow, "oi678 binh")


def test_a_tally_counts_what_each_query_counts(database: Database, corrected: int) -> None:
    base = CertificateQuery(as_of=ISSUED + timedelta(days=30))
    narrowed = [base.narrow(Dimension.STANDING, standing) for standing in Standing]
    with database.read() as uow:
        counts = tally(uow, EVERYTHING, base, narrowed)
        for query in (base, *narrowed):
            assert counts.total(query) == count_certificates(uow, EVERYTHING, query)
            for dimension in (
                Dimension.KIND,
                Dimension.MEDIUM,
                Dimension.GENERATION,
                Dimension.LEVEL,
                Dimension.AGENCY,
            ):
                buckets = count_by(uow, EVERYTHING, query, dimension)
                assert counts.by(query, dimension) == {bucket.key: bucket.count for bucket in buckets}
