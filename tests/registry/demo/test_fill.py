"""The filled register and the documents beside it, as others read them."""

import itertools
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import func, select
from sqlmodel import col

from certs.certificate import parse_certificate
from certs.names import parse_name
from registry.accounts.passwords import is_password
from registry.accounts.tables import Role, UserRow
from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow, Medium
from registry.clock import start_of_day
from registry.db.migrations import migrate
from registry.demo.province import fill
from registry.demo.province.accounts import ACCOUNTS
from registry.demo.province.fill import DOCUMENTS
from registry.runtime import Runtime
from registry.settings import Settings
from registry.trust.repository import load_issuers
from registry.trust.tables import CertificateAuthorityRow, TrustRole
from tests.conftest import _new_postgresql_database
from tests.fakes.queue import RecordingQueue
from tests.province import TODAY


def _count(runtime: Runtime, table) -> int:
    with runtime.database.read() as uow:
        return uow.session.execute(select(func.count()).select_from(table)).scalar_one()


def test_certificates_are_distinct_and_what_their_columns_say(filled: Runtime):
    with filled.database.read() as uow:
        rows = uow.session.execute(select(CertificateRow).order_by(col(CertificateRow.id))).scalars().all()
        issuers = load_issuers(uow.session)
    assert len(rows) > 6000
    assert len({row.sha256 for row in rows}) == len(rows)
    assert len({(row.issuer, row.serial) for row in rows}) == len(rows)
    loaded = [x509.load_der_x509_certificate(row.der) for row in rows]
    assert len({each.public_key().public_numbers().n for each in loaded}) == len(rows)
    for row in rows[::97]:
        certificate = parse_certificate(row.der)
        assert certificate.oddities == ()
        assert (row.serial, row.sha256) == (certificate.serial, certificate.sha256)
        assert (row.not_before, row.not_after) == (certificate.not_before, certificate.not_after)
        assert row.issued_at == row.not_before
        assert row.generation == issuers.generation_of(certificate)
        assert certificate.emails[0] == row.email
        assert (row.iccid is not None) == (row.medium is Medium.SIM)


def test_profiles_follow_the_generations(filled: Runtime):
    with filled.database.read() as uow:
        first, second = (
            uow.session.execute(
                select(CertificateRow).where(col(CertificateRow.generation) == name).limit(1)
            ).scalar_one()
            for name in ("demo-G1", "demo-G2")
        )
    assert first.signature_algorithm == "sha1WithRSAEncryption"
    assert len(first.serial) == 6
    old = parse_certificate(first.der)
    assert old.extensions.policies == ()
    assert second.signature_algorithm == "sha256WithRSAEncryption"
    assert len(second.serial) == 16
    new = parse_certificate(second.der)
    assert new.extensions.policies == ("2.16.704.1.1.1.1.1",)
    assert "DEMO" in str(new.issuer)
    for certificate in (old, new):
        assert set(certificate.extensions.key_usages) == {
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
        }


def test_every_moment_has_one_period_of_each_certificate(filled: Runtime):
    later = col(CertificatePeriodRow.effective_from)
    with filled.database.read() as uow:
        rows = uow.session.execute(
            select(col(CertificatePeriodRow.certificate_id), later, col(CertificatePeriodRow.effective_until)).order_by(
                col(CertificatePeriodRow.certificate_id), later
            )
        ).all()
    for (one, _, until), (other, since, _) in itertools.pairwise(rows):
        assert one != other or until == since
    assert len({row[0] for row in rows}) == _count(filled, CertificateRow)


def test_events_are_recorded_after_they_happened_and_before_today(filled: Runtime):
    with filled.database.read() as uow:
        earliest, latest = uow.session.execute(
            select(
                func.min(col(CertificateEventRow.recorded_at)),
                func.max(col(CertificateEventRow.recorded_at)),
            )
        ).one()
        backwards = uow.session.execute(
            select(func.count())
            .select_from(CertificateEventRow)
            .where(col(CertificateEventRow.recorded_at) < col(CertificateEventRow.effective_at))
        ).scalar_one()
    assert backwards == 0
    assert earliest.year == 2011
    assert latest <= start_of_day(TODAY) + timedelta(minutes=1)


def test_the_demo_authorities_are_trusted_because_the_demonstration_said_so(filled: Runtime):
    with filled.database.read() as uow:
        rows = uow.session.execute(select(CertificateAuthorityRow)).scalars().all()
    assert sorted((row.role, row.generation) for row in rows) == [
        (TrustRole.ANCHOR, "demo-G1"),
        (TrustRole.ANCHOR, "demo-G2"),
        (TrustRole.INTERMEDIATE, "demo-G1"),
        (TrustRole.INTERMEDIATE, "demo-G2"),
    ]
    assert not any(row.is_known for row in rows)
    assert all("DEMO" in str(parse_name(parse_certificate(row.der).subject.der)) for row in rows)


def test_there_is_a_login_for_each_role_and_the_officer_works_for_the_department_of_health(filled: Runtime):
    with filled.database.read() as uow:
        users = {user.username: user for user in uow.session.execute(select(UserRow)).scalars()}
        officer_of = uow.session.execute(
            select(col(AgencyPeriodRow.name)).where(col(AgencyPeriodRow.agency_id) == users["canbo"].agency_id)
        ).scalars()
        assert set(officer_of) == {"Sở Y tế"}
    assert {user.role for user in users.values()} == set(Role)
    for account in ACCOUNTS:
        assert is_password(account.password, users[account.username].password_hash)


def test_a_second_call_changes_nothing(filled: Runtime, province: Path):
    before = {path: path.stat().st_mtime_ns for path in (province / DOCUMENTS).rglob("*")}
    counts = [_count(filled, table) for table in (AgencyRow, CertificateRow, CertificateEventRow, UserRow)]
    fill(filled, today=date(2027, 1, 1))
    assert [_count(filled, table) for table in (AgencyRow, CertificateRow, CertificateEventRow, UserRow)] == counts
    assert {path: path.stat().st_mtime_ns for path in (province / DOCUMENTS).rglob("*")} == before


def test_what_fails_half_way_leaves_nothing_and_the_next_call_does_it_all(
    postgresql: str, tmp_path: Path, queue: RecordingQueue
):
    """On PostgreSQL, whose numbering must go on behind the province's as well."""
    runtime = Runtime.build(
        Settings(data_dir=tmp_path, database_url=_new_postgresql_database(postgresql), redis_url=""), queue=queue
    )
    migrate(runtime.database.engine)
    in_the_way = tmp_path / DOCUMENTS
    in_the_way.write_text("not a folder")
    with pytest.raises(NotADirectoryError):
        fill(runtime, today=TODAY)
    assert _count(runtime, AgencyRow) == 0
    assert _count(runtime, CertificateRow) == 0

    in_the_way.unlink()
    steps: list[tuple[str, float]] = []
    fill(runtime, today=TODAY, progress=lambda what, share: steps.append((what, share)))
    assert _count(runtime, CertificateRow) > 6000
    assert sorted(path.name for path in in_the_way.glob("*.pdf")) == [
        "chung-thu-thu-hoi.pdf",
        "ngoai-so.pdf",
        "van-ban-bi-sua.pdf",
        "van-ban-hop-le.pdf",
    ]
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with runtime.database.write() as uow:
        agency = AgencyRow(code="H02.NEW")
        uow.session.add(agency)
        uow.session.flush()
        assert agency.id == _highest(uow, AgencyRow)
    runtime.close()


def _highest(uow, table) -> int:
    return uow.session.execute(select(func.max(col(table.id)))).scalar_one()
