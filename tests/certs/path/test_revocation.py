"""What revocation evidence proves, and at which moments."""

from datetime import timedelta

import pytest
from cryptography import x509

from certs.path import (
    EvidenceKind,
    RevocationEvidence,
    RevocationStatus,
    assess_revocation,
    find_statements,
    load_certificate,
    search_paths,
)
from tests.pki.authority import NOW, SIGNING, pki, root

DAY = timedelta(days=1)
GOOD, REVOKED, UNKNOWN = RevocationStatus.GOOD, RevocationStatus.REVOKED, RevocationStatus.UNKNOWN


def assess(*, crls=(), ocsp=(), at=SIGNING, known_at=NOW, entity=None, maximum_age=None):
    entity = entity or pki().agency
    others = frozenset(load_certificate(der) for der in entity.chain[:-1])
    leaf = load_certificate(entity.der)
    path = search_paths(leaf, anchors=frozenset([load_certificate(entity.root.der)]), others=others).best_at(at)
    statements = find_statements(path, 0, RevocationEvidence(frozenset(crls), frozenset(ocsp)), others)
    return assess_revocation(statements, leaf, at=at, known_at=known_at, maximum_age=maximum_age)


def test_without_evidence_nothing_is_known():
    assert assess().status is UNKNOWN


@pytest.mark.parametrize("issued", [SIGNING - DAY, SIGNING + DAY, NOW - DAY])
def test_an_authentic_list_without_the_certificate_says_good(issued):
    assessment = assess(crls=[pki().intermediate.crl(at=issued)])
    assert (assessment.status, assessment.evidence.kind) == (GOOD, EvidenceKind.CRL)


def test_a_list_that_ended_before_the_signing_time_is_stale():
    assessment = assess(crls=[pki().intermediate.crl(at=SIGNING - 30 * DAY)])
    assert (assessment.status, assessment.is_stale) == (UNKNOWN, True)


def test_a_list_older_than_the_policy_allows_is_stale():
    old = pki().intermediate.crl(at=SIGNING - 2 * DAY)
    assert assess(crls=[old], maximum_age=DAY).is_stale
    assert assess(crls=[old], maximum_age=3 * DAY).status is GOOD


def test_a_list_issued_after_the_time_of_validation_is_not_known_yet():
    assert assess(crls=[pki().intermediate.crl(at=NOW + DAY)]).status is UNKNOWN


def test_a_list_of_another_authority_says_nothing():
    assert assess(crls=[root("SOMEBODY ELSE").crl(at=SIGNING)]).status is UNKNOWN


def test_a_list_with_the_right_name_and_the_wrong_key_says_nothing():
    forged = pki().intermediate.crl([(pki().agency, SIGNING - DAY)], at=SIGNING, signer=root("SOMEBODY ELSE"))
    assert assess(crls=[forged]).status is UNKNOWN


def test_damaged_evidence_says_nothing():
    crl = pki().intermediate.crl(at=SIGNING)
    assert assess(crls=[b"", b"0\x03abc", crl[:-3]], ocsp=[b"", b"0\x03\x0a\x01\x00"]).status is UNKNOWN


def test_a_revocation_counts_from_its_moment_on():
    crl = pki().intermediate.crl([(pki().agency, SIGNING)], at=SIGNING + DAY)
    second = timedelta(seconds=1)
    before, then = assess(crls=[crl], at=SIGNING - second), assess(crls=[crl], at=SIGNING)
    assert (before.status, before.revoked_at) == (GOOD, SIGNING)
    assert (then.status, then.revoked_at) == (REVOKED, SIGNING)


def test_a_revocation_outweighs_a_later_answer_without_it():
    revoked = pki().intermediate.crl(
        [(pki().agency, SIGNING - DAY)], at=SIGNING, reason=x509.ReasonFlags.key_compromise
    )
    later = pki().intermediate.crl(at=NOW - DAY)
    assessment = assess(crls=[revoked, later])
    assert (assessment.status, assessment.reason) == (REVOKED, "key_compromise")


def test_a_hold_that_was_lifted_does_not_count():
    held = pki().intermediate.crl([(pki().agency, SIGNING - DAY)], at=SIGNING, reason=x509.ReasonFlags.certificate_hold)
    later = pki().intermediate.crl(at=NOW - DAY)
    assert assess(crls=[held]).status is REVOKED
    assert assess(crls=[held, later]).status is GOOD


def test_good_after_the_end_of_the_certificate_proves_nothing():
    short = pki().intermediate.issue("SHORT", not_after=SIGNING + DAY)
    assert assess(crls=[pki().intermediate.crl(at=SIGNING + 2 * DAY)], entity=short).status is UNKNOWN


@pytest.mark.parametrize("responder", [None, "TEST OCSP"])
def test_an_ocsp_response_of_the_authority_or_its_responder(responder):
    authority = pki().intermediate
    signer = authority.responder(responder) if responder else None
    good = authority.ocsp(pki().agency, at=SIGNING + timedelta(minutes=5), responder=signer)
    revoked = authority.ocsp(pki().agency, at=NOW - DAY, revoked_at=SIGNING - DAY, responder=signer)
    assert assess(ocsp=[good]).status is GOOD
    assert assess(ocsp=[revoked]).status is REVOKED


def test_an_expired_responder_was_entitled_when_it_answered():
    responder = pki().intermediate.responder("OLD OCSP", not_before=SIGNING - DAY, not_after=SIGNING + DAY)
    assert assess(ocsp=[pki().intermediate.ocsp(pki().agency, at=SIGNING, responder=responder)]).status is GOOD


def test_a_responder_without_the_usage_says_nothing():
    impostor = pki().intermediate.issue("NO RESPONDER")
    assert assess(ocsp=[pki().intermediate.ocsp(pki().agency, at=SIGNING, responder=impostor)]).status is UNKNOWN


def test_a_responder_of_another_authority_says_nothing():
    stranger = root("SOMEBODY ELSE").responder()
    assert assess(ocsp=[pki().intermediate.ocsp(pki().agency, at=SIGNING, responder=stranger)]).status is UNKNOWN
