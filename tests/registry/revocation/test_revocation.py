"""CRLs that the register holds, and what they change in it."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from sqlalchemy import select, update
from sqlmodel import col

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.certificates.changes import Change, revoke_certificate
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import register_certificate
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateStatus,
    SubscriberKind,
)
from registry.clock import FOREVER
from registry.errors import NotPermitted
from registry.revocation.errors import RevocationListRefused
from registry.revocation.repository import find_lapsed_lists, find_newest_lists, load_evidence
from registry.revocation.service import fill_scopes, store_list
from registry.revocation.tables import RevocationListRow
from registry.runtime import Runtime
from registry.trust.service import add_authority
from tests.factories.agencies import make_agency
from tests.fakes.clock import FakeClock
from tests.pki import authority as pki

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EVERYTHING = Viewer.everything()
SINCE = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def ca():
    return pki.root("CA GỐC")


@pytest.fixture
def hold(runtime: Runtime, ca):
    """Hold the CA and one of its certificates; the key of the certificate by its entity."""
    with runtime.database.write() as uow:
        add_authority(uow, EVERYTHING, ca.der, trust_anyway=True, generation="G2")
        agency = make_agency(uow)

    def register(entity) -> int:
        with runtime.database.write() as uow:
            submission = CertificateSubmission(der=entity.der, agency_id=agency, kind=SubscriberKind.PERSON)
            return register_certificate(uow, EVERYTHING, submission, actor="test").certificate_id

    return register


def store(runtime: Runtime, data: bytes, *, viewer: Viewer = EVERYTHING, source: str = "http://ca.example/a.crl"):
    with runtime.database.write() as uow:
        return store_list(uow, viewer, runtime.blobs, data, source=source)


def status(runtime: Runtime, certificate_id: int, at: datetime = FOREVER) -> CertificateStatus:
    period = CertificatePeriodRow
    with runtime.database.read() as uow:
        return (
            uow.session.execute(
                select(col(period.status)).where(
                    col(period.certificate_id) == certificate_id,
                    col(period.effective_from) <= at,
                    col(period.effective_until) >= at,
                )
            )
            .scalars()
            .all()[-1]
        )


def test_a_list_revokes_what_it_names_from_its_date_on_and_only_once(runtime: Runtime, ca, hold) -> None:
    revoked, untouched = ca.issue("Nguyễn Văn A"), ca.issue("Trần Thị B")
    key, other = hold(revoked), hold(untouched)
    data = ca.crl([(revoked, SINCE)], at=NOW - timedelta(hours=1), reason=x509.ReasonFlags.key_compromise)

    stored = store(runtime, data)
    again = store(runtime, data)

    assert (stored.is_new, stored.reconciliation.revoked) == (True, (key,))
    assert (again.is_new, again.reconciliation.revoked) == (False, ())
    assert status(runtime, key) is CertificateStatus.REVOKED
    assert status(runtime, key, SINCE - timedelta(seconds=1)) is CertificateStatus.ACTIVE
    assert status(runtime, other) is CertificateStatus.ACTIVE
    with runtime.database.read() as uow:
        event = uow.session.execute(
            select(CertificateEventRow).where(col(CertificateEventRow.kind) == CertificateEventKind.REVOKED)
        ).scalar_one()
        assert (event.effective_at, event.actor, event.reason) == (SINCE, "crl", "keyCompromise")
        newest = find_newest_lists(uow.session)
    assert [(view.entries, view.source) for view in newest] == [(1, "http://ca.example/a.crl")]
    assert runtime.blobs.read(newest[0].sha256) == data


def test_a_hold_is_no_revocation(runtime: Runtime, ca, hold) -> None:
    entity = ca.issue("Nguyễn Văn A")
    key = hold(entity)
    stored = store(
        runtime, ca.crl([(entity, SINCE)], at=NOW - timedelta(hours=1), reason=x509.ReasonFlags.certificate_hold)
    )
    assert stored.reconciliation.revoked == ()
    assert status(runtime, key) is CertificateStatus.ACTIVE


def test_what_the_register_knows_to_be_revoked_stays_as_it_was_entered(runtime: Runtime, ca, hold) -> None:
    entity = ca.issue("Nguyễn Văn A")
    key = hold(entity)
    earlier = Change(effective_at=SINCE - timedelta(days=9), actor="officer")
    with runtime.database.write() as uow:
        revoke_certificate(uow, EVERYTHING, key, reason="affiliationChanged", change=earlier)
    assert store(runtime, ca.crl([(entity, SINCE)], at=NOW - timedelta(hours=1))).reconciliation.revoked == ()


def test_a_serial_number_of_another_ca_is_another_certificate(runtime: Runtime, ca, hold) -> None:
    twin_ca = pki.root("CA KHÁC")
    entity = ca.issue("Nguyễn Văn A")
    key = hold(entity)
    with runtime.database.write() as uow:
        add_authority(uow, EVERYTHING, twin_ca.der, trust_anyway=True)
    assert store(runtime, twin_ca.crl([(entity, SINCE)], at=NOW - timedelta(hours=1))).reconciliation.revoked == ()
    assert status(runtime, key) is CertificateStatus.ACTIVE


def test_an_older_list_is_evidence_and_changes_nothing(runtime: Runtime, ca, hold) -> None:
    entity = ca.issue("Nguyễn Văn A")
    key = hold(entity)
    store(runtime, ca.crl(at=NOW - timedelta(hours=1)))
    stored = store(runtime, ca.crl([(entity, SINCE)], at=NOW - timedelta(days=200)))
    assert (stored.is_new, stored.reconciliation.revoked) == (True, ())
    assert status(runtime, key) is CertificateStatus.ACTIVE


def test_a_list_for_other_certificates_makes_none_out_of_date(runtime: Runtime, ca, hold) -> None:
    entity = ca.issue("Nguyễn Văn A")
    key = hold(entity)
    kinds = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    users, authorities = (
        x509.IssuingDistributionPoint(None, None, only_some_reasons=None, **{each: each == kind for each in kinds})
        for kind in kinds[:2]
    )
    store(runtime, ca.crl(at=NOW - timedelta(hours=1), extensions=[(authorities, True)]))
    listed = ca.crl([(entity, SINCE)], at=NOW - timedelta(hours=2), extensions=[(users, True)])
    assert store(runtime, listed).reconciliation.revoked == (key,)


def test_a_revocation_before_the_issue_is_shown_and_not_recorded(runtime: Runtime, ca, hold) -> None:
    entity = ca.issue("Nguyễn Văn A")
    key = hold(entity)
    long_ago = entity.certificate.not_valid_before_utc - timedelta(days=1)
    stored = store(runtime, ca.crl([(entity, long_ago)], at=NOW - timedelta(hours=1)))
    assert (stored.reconciliation.revoked, stored.reconciliation.contradicted) == ((), (key,))


def test_the_newest_list_and_the_last_of_each_quarter_are_evidence(runtime: Runtime, ca, hold) -> None:
    del hold
    moments = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((1, 5), (3, 20), (5, 1), (11, 1), (11, 22))]
    lists = [ca.crl(at=moment) for moment in moments]
    for data in reversed(lists):
        store(runtime, data)
    with runtime.database.read() as uow:
        kept = {runtime.blobs.read(sha256) for sha256 in load_evidence(uow.session)}
    assert kept == {lists[1], lists[2], lists[4]}


def part_for(url: str):
    kinds = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    names = [x509.UniformResourceIdentifier(url)]
    return x509.IssuingDistributionPoint(names, None, only_some_reasons=None, **dict.fromkeys(kinds, False)), True


def test_the_newest_list_of_each_part_is_evidence(runtime: Runtime, ca, hold) -> None:
    entity = ca.issue("Nguyễn Văn A")
    key = hold(entity)
    one, other = part_for("http://ca.example/1.crl"), part_for("http://ca.example/2.crl")
    outdated = ca.crl(at=NOW - timedelta(hours=3), extensions=[one])
    naming = ca.crl([(entity, SINCE)], at=NOW - timedelta(hours=2), extensions=[one])
    newest = ca.crl(at=NOW - timedelta(hours=1), extensions=[other])
    for data in (newest, naming, outdated):
        store(runtime, data)
    with runtime.database.read() as uow:
        kept = {runtime.blobs.read(sha256) for sha256 in load_evidence(uow.session)}
        assert {view.sha256 for view in find_newest_lists(uow.session)} == set(load_evidence(uow.session))
    assert kept == {naming, newest}
    assert status(runtime, key) is CertificateStatus.REVOKED


def test_a_list_for_all_certificates_takes_the_place_of_those_for_parts(runtime: Runtime, ca, hold) -> None:
    del hold
    part = part_for("http://ca.example/1.crl")
    store(runtime, ca.crl(at=NOW - timedelta(days=9), extensions=[part]))
    with runtime.database.read() as uow:
        assert len(find_lapsed_lists(uow.session, NOW)) == 1
    store(runtime, ca.crl(at=NOW - timedelta(hours=1)))
    with runtime.database.read() as uow:
        assert find_lapsed_lists(uow.session, NOW) == ()


def test_lists_that_were_held_before_are_told_apart_by_their_address_and_then_read(runtime: Runtime, ca, hold) -> None:
    del hold
    points = {f"http://ca.example/{each}.crl": part_for(f"http://ca.example/{each}.crl") for each in (1, 2)}
    for hours, (url, point) in enumerate(points.items(), start=1):
        store(runtime, ca.crl(at=NOW - timedelta(hours=hours), extensions=[point]), source=url)
    with runtime.database.write() as uow:
        uow.session.execute(update(RevocationListRow).values(scope=None))
    with runtime.database.read() as uow:
        before = load_evidence(uow.session)
    with runtime.database.write() as uow:
        fill_scopes(uow, runtime.blobs)
    with runtime.database.read() as uow:
        assert load_evidence(uow.session) == before
        assert len(before) == 2
        assert len({view.scope for view in find_newest_lists(uow.session)} - {None, ""}) == 2


def test_the_newest_list_lapses_at_its_next_update_and_is_not_missed_after_the_end_of_its_ca(
    runtime: Runtime, ca, hold
) -> None:
    del hold
    for moment in (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)):
        store(runtime, ca.crl(at=moment))
    with runtime.database.read() as uow:
        (newest,) = find_newest_lists(uow.session)
        assert newest.next_update is not None
        just_now, moment_later = newest.next_update, newest.next_update + timedelta(seconds=1)
        assert find_lapsed_lists(uow.session, just_now) == ()
        assert find_lapsed_lists(uow.session, moment_later) == (newest,)
        assert find_lapsed_lists(uow.session, FOREVER) == ()


@pytest.mark.parametrize("what", ["text", "stranger", "wrong key", "future", "cut"])
def test_what_proves_nothing_is_refused(runtime: Runtime, clock: FakeClock, ca, hold, what: str) -> None:
    del hold, clock
    good = ca.crl(at=NOW - timedelta(hours=1))
    data = {
        "text": b"<html>404</html>",
        "stranger": pki.root("CA LẠ").crl(at=NOW - timedelta(hours=1)),
        "wrong key": ca.crl(at=NOW - timedelta(hours=1), signer=pki.root("CA GỐC", kind="p256")),
        "future": ca.crl(at=NOW + timedelta(days=1)),
        "cut": good[:-20],
    }[what]
    with pytest.raises(RevocationListRefused):
        store(runtime, data)
    with runtime.database.read() as uow:
        assert find_newest_lists(uow.session) == ()


def test_only_an_administrator_hands_in_a_list(runtime: Runtime, ca, hold) -> None:
    del hold
    auditor = Viewer(user_id=None, role=Role.AUDITOR, agency_path=None)
    with pytest.raises(NotPermitted):
        store(runtime, ca.crl(at=NOW - timedelta(hours=1)), viewer=auditor)
