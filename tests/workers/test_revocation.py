"""Fetching CRLs from a real server, and verdicts that rest on them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509

from registry.accounts.viewer import Viewer
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import register_certificate
from registry.certificates.tables import SubscriberKind
from registry.db.migrations import migrate
from registry.jobs import FetchRevocationListsJob
from registry.revocation.repository import find_newest_lists, find_sources
from registry.settings import Settings
from registry.trust.schemas import Trust
from registry.trust.service import add_authority
from tests.factories.agencies import make_agency
from tests.pki import authority as pki
from tests.pki.documents import plain_pdf, sign
from tests.workers.fetch.test_client import answer, server_that
from workers.resources import Resources
from workers.revocation import fetch_lists
from workers.sandbox import Sandbox

EVERYTHING = Viewer.everything()


@pytest.fixture
def resources(tmp_path: Path) -> Iterator[Resources]:
    resources = Resources(Settings(data_dir=tmp_path, outbound_allowed_hosts=("127.0.0.1",)))
    migrate(resources.runtime.database.engine)
    yield resources
    resources.close()


def naming(url: str) -> tuple[x509.CRLDistributionPoints, bool]:
    point = x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url)], relative_name=None, reasons=None, crl_issuer=None
    )
    return x509.CRLDistributionPoints([point]), False


def register(resources: Resources, ca: pki.Entity, holder: pki.Entity) -> None:
    with resources.runtime.database.write() as uow:
        add_authority(uow, EVERYTHING, ca.der, trust_anyway=True, generation="G2")
        submission = CertificateSubmission(der=holder.der, agency_id=make_agency(uow), kind=SubscriberKind.PERSON)
        register_certificate(uow, EVERYTHING, submission, actor="test")


def test_lists_are_fetched_from_the_addresses_in_certificates(resources: Resources) -> None:
    ca = pki.root("CA GỐC")
    now = resources.runtime.clock.now()
    data = ca.crl(at=(now - timedelta(hours=1)).replace(microsecond=0))
    with server_that(answer(200, data)) as (url, asked):
        register(resources, ca, ca.issue("Nguyễn Văn A", extensions=[naming(f"{url}/ca.crl")]))
        fetch_lists(resources, FetchRevocationListsJob())
        fetch_lists(resources, FetchRevocationListsJob())
        assert asked == ["/ca.crl", "/ca.crl"]
    with resources.runtime.database.read() as uow:
        (held,) = find_newest_lists(uow.session)
        (source,) = find_sources(uow.session)
    assert resources.runtime.blobs.read(held.sha256) == data
    assert (source.url, source.failure) == (held.source, None)
    assert source.succeeded_at is not None
    assert source.succeeded_at >= now


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [(404, b"", "answers 404"), (200, b"<html>", "not a certificate revocation list"), (302, b"", "answers 302")],
)
def test_what_went_wrong_is_kept_and_the_held_list_stays(
    resources: Resources, status: int, body: bytes, reason: str
) -> None:
    ca = pki.root("CA GỐC")
    data = ca.crl(at=(resources.runtime.clock.now() - timedelta(hours=1)).replace(microsecond=0))
    answers = [answer(200, data), answer(status, body)]

    def respond(handler: BaseHTTPRequestHandler) -> None:
        answers.pop(0)(handler)

    with server_that(respond) as (url, _):
        register(resources, ca, ca.issue("Nguyễn Văn A", extensions=[naming(f"{url}/ca.crl")]))
        fetch_lists(resources, FetchRevocationListsJob())
        fetch_lists(resources, FetchRevocationListsJob())
    with resources.runtime.database.read() as uow:
        assert len(find_newest_lists(uow.session)) == 1
        (source,) = find_sources(uow.session)
    assert source.failure is not None
    assert reason in source.failure


def test_a_verdict_knows_what_the_held_lists_say(tmp_path: Path) -> None:
    ca, now = pki.root("CA GỐC"), datetime(2026, 11, 23, tzinfo=UTC)
    good, bad = ca.issue("Nguyễn Văn A"), ca.issue("Trần Thị B")
    crl = tmp_path / "ca.crl"
    crl.write_bytes(ca.crl([(bad, now - timedelta(days=300))], at=now - timedelta(hours=1)))
    sandbox = Sandbox(seconds=20, memory_bytes=700 * 1024**2, revocation="warn")
    try:
        found = {}
        for name, holder in (("good", good), ("bad", bad)):
            path = tmp_path / f"{name}.pdf"
            path.write_bytes(sign(plain_pdf(), holder))
            reports, _ = sandbox.judge(path, Trust((ca.der,), ()), at=now, revocation_lists=(crl,))
            found[name] = reports["en"]["signatures"][0]
    finally:
        sandbox.close()
    assert (found["good"]["indication"], found["good"]["revocation"]) == ("TOTAL_PASSED", "good")
    assert found["bad"]["revocation"] == "revoked"
    assert found["bad"]["indication"] != "TOTAL_PASSED"


@pytest.mark.parametrize(
    "url", ["ldap://ca.example.vn/cn=ca", "http://crl.demo.example/ca.crl", "http://[/a", "http:///a"]
)
def test_addresses_that_lead_nowhere_are_not_asked(resources: Resources, url: str) -> None:
    ca = pki.root("CA GỐC")
    register(resources, ca, ca.issue("Nguyễn Văn A", extensions=[naming(url)]))
    fetch_lists(resources, FetchRevocationListsJob())
    with resources.runtime.database.read() as uow:
        assert find_sources(uow.session) == ()
