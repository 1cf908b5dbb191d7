"""Paths end at anchors or name what is missing, and a maze of equal names ends in bounded work."""

from datetime import timedelta

from certs.path import is_self_signed, load_certificate, load_certificates, messages, search_paths
from tests.pki.authority import END, START, pki, root


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
