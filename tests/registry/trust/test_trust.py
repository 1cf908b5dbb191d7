from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.db.unit_of_work import Database
from registry.errors import NotPermitted
from registry.trust.errors import AuthorityRefused, UnknownAnchor
from registry.trust.known_anchors import KNOWN_ANCHORS
from registry.trust.repository import find_authorities, load_issuers, load_trust
from registry.trust.service import add_authority
from registry.trust.tables import TrustRole
from tests.factories.certificates import small_ca

EVERYTHING = Viewer.everything()


def read(path: Path) -> bytes:
    data = path.read_bytes()
    if data.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
    return data


def test_known_roots_are_anchors_and_name_the_generation_of_what_they_issued(database: Database, corpus: Path) -> None:
    with database.write() as uow:
        # The CA comes first here: it waits for its root.
        waiting = add_authority(uow, EVERYTHING, read(corpus / "ca" / "government-ca-state-bodies-g2.crt"))
        assert (waiting.role, waiting.generation) == (TrustRole.INTERMEDIATE, "unknown")
        for name in ("government-root-g1.cer", "government-root-g2.crt", "government-ca-state-bodies-g1.cer"):
            add_authority(uow, EVERYTHING, read(corpus / "ca" / name))
        for name in ("national-root-2014.crt", "national-root-mic-2008.cer", "public-viettel-2015.cer"):
            add_authority(uow, EVERYTHING, read(corpus / "ca" / name))
    with database.read() as uow:
        held = find_authorities(uow.session)
        assert {view.sha256 for view in held if view.role is TrustRole.ANCHOR} == set(KNOWN_ANCHORS)
        assert all(view.is_known for view in held if view.role is TrustRole.ANCHOR)
        assert sorted(view.generation for view in held) == ["G1", "G1", "G2", "G2", "public", "public", "public"]
        anchors, intermediates = load_trust(uow.session)
        assert (len(anchors), len(intermediates)) == (4, 3)


def test_leafs_are_recognised_by_the_signature_of_their_ca(database: Database, corpus: Path) -> None:
    from certs.certificate import parse_certificate

    with database.write() as uow:
        for path in sorted((corpus / "ca").iterdir()):
            add_authority(uow, EVERYTHING, read(path))
    with database.read() as uow:
        issuers = load_issuers(uow.session)
        found = {
            path.name: issuers.generation_of(parse_certificate(read(path)))
            for path in sorted((corpus / "leaf").iterdir())
        }
    assert found == {
        "agency-g2-2021.pem": "G2",
        "agency-g2-2025.pem": "G2",
        "service-g1-2017.cer": "G1",
        "sim-test-g1-2016.pem": "G1",
    }


def test_the_same_certificate_twice_is_one_row(database: Database, corpus: Path) -> None:
    der = read(corpus / "ca" / "government-root-g1.cer")
    for _ in range(2):
        with database.write() as uow:
            add_authority(uow, EVERYTHING, der)
    with database.read() as uow:
        assert len(find_authorities(uow.session)) == 1


def test_a_subscriber_is_no_ca(database: Database, corpus: Path) -> None:
    with database.write() as uow, pytest.raises(AuthorityRefused):
        add_authority(uow, EVERYTHING, read(corpus / "leaf" / "agency-g2-2021.pem"))
    with database.write() as uow, pytest.raises(AuthorityRefused):
        add_authority(uow, EVERYTHING, b"no certificate")


def test_an_unknown_root_needs_somebodys_word(database: Database) -> None:
    root = small_ca("Gốc lạ")
    with database.write() as uow:
        with pytest.raises(UnknownAnchor):
            add_authority(uow, EVERYTHING, root.der)
        view = add_authority(uow, EVERYTHING, root.der, trust_anyway=True, generation="internal")
        assert (view.role, view.generation, view.is_known) == (TrustRole.ANCHOR, "internal", False)
        below = add_authority(uow, EVERYTHING, small_ca("CA dưới", "Gốc lạ").der)
        assert (below.role, below.generation) == (TrustRole.INTERMEDIATE, "internal")


def test_only_the_administrator_adds(database: Database, corpus: Path) -> None:
    viewer = Viewer(user_id=1, role=Role.AUDITOR, agency_path=None)
    with database.write() as uow, pytest.raises(NotPermitted):
        add_authority(uow, viewer, read(corpus / "ca" / "government-root-g1.cer"))
