"""Paths end at anchors or name what is missing, and a maze of equal names ends in bounded work."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from certs.path import is_self_signed, load_certificate, load_certificates, messages, search_paths
from tests.pki.authority import END, START, name, pki, root


def search(entity, *, anchors, others=()):
    return search_paths(
        load_certificate(entity.der),
        anchors=frozenset(load_certificate(a.der) for a in anchors),
        others=frozenset(load_certificate(o.der) for o in others),
    )


def test_a_path_leads_through_the_intermediate_to_the_anchor():
    path = search(pki().agency, anchors=[pki().root], others=[pki().intermediate]).paths[0]
    assert [c.der for c in path.certificates] == [pki().agency.der, pki().intermediate.der]
    assert path.anchor.der == pki().root.der
    assert (path.valid_from, path.valid_until) == (START, END)


def test_the_missing_authority_is_named():
    failure = search(pki().agency, anchors=[pki().root]).failure
    assert failure.code == messages.NO_ISSUER
    assert "TEST CA" in failure.text()


def test_a_root_that_nobody_trusts_is_named():
    failure = search(pki().agency, anchors=[], others=[pki().intermediate, pki().root]).failure
    assert failure.code == messages.ROOT_NOT_TRUSTED
    assert "TEST ROOT" in failure.text()


def test_an_authority_with_the_right_name_and_the_wrong_key_leads_nowhere():
    impostor = root("IMPOSTOR ROOT").intermediate("TEST CA", label="impostor")
    found = search(pki().agency, anchors=[root("IMPOSTOR ROOT")], others=[impostor])
    assert found.paths == ()


@pytest.mark.parametrize("key_identifier", [True, False])
def test_a_name_that_was_taken_without_the_key_is_said(*, key_identifier):
    impostor = root("IMPOSTOR ROOT").intermediate("TEST CA", label="impostor")
    forged = made_by(impostor, pki().intermediate.certificate.subject, key_identifier=key_identifier)
    failure = search_paths(
        load_certificate(forged),
        anchors=frozenset([load_certificate(pki().root.der)]),
        others=frozenset([load_certificate(pki().intermediate.der)]),
    ).failure
    assert failure.code == messages.NOT_ISSUED
    assert dict(failure.parameters) == {"name": "FORGED", "issuer": "TEST CA"}


def made_by(signer, issuer, *, key_identifier=False, serial_number=5, subject="FORGED"):
    """A certificate that names `issuer` but is signed by `signer`."""
    public = signer.private_key.public_key()
    builder = (
        x509.CertificateBuilder(issuer, name(subject), public, serial_number)
        .not_valid_before(START)
        .not_valid_after(END + timedelta(days=900))
        .add_extension(x509.BasicConstraints(True, None), critical=True)
    )
    if key_identifier:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    return builder.sign(signer.private_key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_made_up_authorities_do_not_crowd_out_the_genuine_one():
    genuine = pki().intermediate.certificate
    serials = [genuine.serial_number, *range(50, 60)]
    crowd = [
        load_certificate(made_by(root("SOMEBODY ELSE"), genuine.issuer, serial_number=n, subject="TEST CA"))
        for n in serials
    ]
    found = search_paths(
        load_certificate(pki().agency.der),
        anchors=frozenset([load_certificate(pki().root.der)]),
        others=frozenset([load_certificate(pki().intermediate.der), *crowd]),
    )
    assert [path.certificates[1].der for path in found.paths] == [pki().intermediate.der]


def test_a_constraint_that_cannot_be_checked_leads_nowhere():
    addresses = x509.NameConstraints([x509.IPAddress(ip_network("10.0.0.0/8"))], None)
    authority = pki().root.issue("IP CA", is_ca=True, usages=("key_cert_sign",), extensions=((addresses, True),))
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("192.168.1.1"))])
    leaf = authority.issue("HOST", extensions=((address, False),))
    found = search(leaf, anchors=[pki().root], others=[authority])
    assert (found.paths, found.failure.code) == ((), messages.CONSTRAINT_UNSUPPORTED)


def test_an_end_entity_does_not_vouch_for_anybody():
    fraud = pki().agency.issue("FRAUD")
    found = search(fraud, anchors=[pki().root], others=[pki().intermediate, pki().agency])
    assert found.paths == ()
    assert found.chain_found


def test_the_anchor_itself_is_a_path():
    path = search(pki().root, anchors=[pki().root]).paths[0]
    assert path.certificates == ()


def test_of_two_paths_the_one_valid_at_the_moment_is_taken():
    early = pki().root.intermediate("CROSS CA", not_after=START + timedelta(days=400))
    late = pki().root.intermediate("CROSS CA", not_before=START + timedelta(days=300), serial_number=77)
    leaf = early.issue("CROSSED", not_before=START + timedelta(days=310))
    found = search(leaf, anchors=[pki().root], others=[early, late])
    assert found.best_at(START + timedelta(days=320)) is not None
    assert found.best_at(START + timedelta(days=900)).certificates[1].der == late.der


def test_a_maze_of_equal_names_is_given_up():
    crowd = [
        root("MAZE", not_before=START + timedelta(days=n)).intermediate("MAZE", serial_number=100 + n)
        for n in range(40)
    ]
    leaf = crowd[0].issue("LOST")
    found = search(leaf, anchors=[pki().root], others=crowd)
    assert found.paths == ()


def test_self_signed_means_signed_by_the_own_key():
    assert is_self_signed(load_certificate(pki().root.der))
    assert not is_self_signed(load_certificate(pki().intermediate.der))
    same_name = root("TWIN").issue("TWIN", label="another key", is_ca=True, usages=("key_cert_sign",))
    assert load_certificate(same_name.der).is_self_issued
    assert not is_self_signed(load_certificate(same_name.der))


def test_damaged_certificates_are_passed_over():
    assert [c.der for c in load_certificates([b"", b"0\x00", pki().root.der, pki().root.der])] == [pki().root.der]
