"""What revocation evidence proves, and at which moments."""

from datetime import timedelta

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from certs.path import (
    EvidenceKind,
    RevocationEvidence,
    RevocationStatus,
    assess_revocation,
    find_statements,
    load_certificate,
    search_paths,
)
from tests.pki.authority import END, NOW, SIGNING, START, pki, root

DAY = timedelta(days=1)
GOOD, REVOKED, UNKNOWN = RevocationStatus.GOOD, RevocationStatus.REVOKED, RevocationStatus.UNKNOWN


def assess(*, crls=(), ocsp=(), at=SIGNING, known_at=NOW, entity=None, maximum_age=None, brought_along=()):
    entity = entity or pki().agency
    others = frozenset(load_certificate(der) for der in (*entity.chain[:-1], *brought_along))
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


def test_a_hold_does_not_end_because_lists_drop_what_has_expired():
    short = pki().intermediate.issue("XÃ NGẮN HẠN", not_after=SIGNING + 10 * DAY)
    held = pki().intermediate.crl(
        [(short, SIGNING - 5 * DAY)], at=SIGNING - DAY, reason=x509.ReasonFlags.certificate_hold
    )
    dropped = pki().intermediate.crl(at=SIGNING + 40 * DAY)
    assert assess(crls=[held, dropped], entity=short).status is REVOKED


def test_an_invalidity_date_counts_when_it_is_earlier():
    listed = [(pki().agency, SIGNING + 20 * DAY)]
    crl = pki().intermediate.crl(listed, at=SIGNING + 30 * DAY, invalid_since=SIGNING - DAY)
    assessment = assess(crls=[crl])
    assert (assessment.status, assessment.revoked_at) == (REVOKED, SIGNING - DAY)


# --- Lists that are not plain ---


def scope(**more):
    nothing = dict.fromkeys(("full_name", "relative_name", "only_some_reasons"))
    kinds = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    return x509.IssuingDistributionPoint(**{**nothing, **dict.fromkeys(kinds, False), **more})


ADDRESS = [x509.UniformResourceIdentifier("http://crl.test/part7.crl")]
FRESHEST = x509.FreshestCRL([x509.DistributionPoint(ADDRESS, None, None, None)])
NOT_UNDERSTOOD = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
ODD_LISTS = {
    "with deltas elsewhere": (FRESHEST, False),
    "for users": (scope(only_contains_user_certs=True), True),
    "one part": (scope(full_name=ADDRESS), True),
    "some reasons": (scope(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])), True),
    "a delta": (x509.DeltaCRLIndicator(7), True),
    "not understood": (NOT_UNDERSTOOD, True),
}


@pytest.mark.parametrize("kind", ODD_LISTS)
def test_whom_any_list_of_the_issuer_names_is_revoked(kind):
    listed = [(pki().agency, SIGNING - DAY)]
    crl = pki().intermediate.crl(listed, at=SIGNING + DAY, extensions=[ODD_LISTS[kind]])
    assert assess(crls=[crl]).status is REVOKED


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("with deltas elsewhere", GOOD),
        ("for users", GOOD),
        ("one part", UNKNOWN),
        ("some reasons", UNKNOWN),
        ("a delta", UNKNOWN),
        ("not understood", UNKNOWN),
    ],
)
def test_only_a_list_that_is_for_the_certificate_says_good(kind, status):
    crl = pki().intermediate.crl(at=SIGNING + DAY, extensions=[ODD_LISTS[kind]])
    assert assess(crls=[crl]).status is status


def test_a_part_says_good_of_those_that_name_its_address():
    points = x509.CRLDistributionPoints([x509.DistributionPoint(ADDRESS, None, None, None)])
    entity = pki().intermediate.issue("XÃ TRONG PHẦN", extensions=((points, False),))
    part = pki().intermediate.crl(at=SIGNING + DAY, extensions=[ODD_LISTS["one part"]])
    assert assess(crls=[part], entity=entity).status is GOOD
    assert assess(crls=[part]).status is UNKNOWN


# --- What a document brings along ---


def undecodable():
    """A certificate whose subject is no UTF-8."""
    return root("NOBODY").der.replace(b"\x0c\x06NOBODY", b"\x0c\x06\xff\xfe\xff\xff\xfe\xff")


def twin(entity):
    """A self-made certificate with the issuer, serial number, subject and key of `entity`."""
    genuine = entity.certificate
    builder = x509.CertificateBuilder(genuine.issuer, genuine.subject, genuine.public_key(), genuine.serial_number)
    for extension in genuine.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    stranger = root("SOMEBODY ELSE").private_key
    signed = builder.not_valid_before(START).not_valid_after(END).sign(stranger, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", ["undecodable", "twin"])
@pytest.mark.parametrize("by", ["authority", "responder"])
def test_certificates_from_a_document_hide_no_revocation(kind, by):
    responder = pki().intermediate.responder() if by == "responder" else None
    response = pki().intermediate.ocsp(pki().agency, at=SIGNING, revoked_at=SIGNING - DAY, responder=responder)
    more = (
        [undecodable()] if kind == "undecodable" else [twin(pki().intermediate.responder()), twin(pki().intermediate)]
    )
    assert assess(ocsp=[response], brought_along=more).status is REVOKED


def test_lists_from_a_document_hide_no_revocation():
    users = (scope(only_contains_user_certs=True), True)
    genuine = pki().intermediate.crl([(pki().agency, SIGNING - DAY)], at=SIGNING, extensions=[users])
    stranger = root("SOMEBODY ELSE")
    made_up = [pki().intermediate.crl(at=NOW - index * DAY, extensions=[users], signer=stranger) for index in range(30)]
    assert assess(crls=[genuine, *made_up]).status is REVOKED


def test_an_answer_late_in_a_response_is_found():
    authority = pki().intermediate
    single = authority.ocsp(pki().agency, at=SIGNING, revoked_at=SIGNING - DAY)
    outer = asn1_ocsp.OCSPResponse.load(single)
    basic = outer["response_bytes"]["response"].parsed
    answers = basic["tbs_response_data"]["responses"]
    others = []
    for serial_number in range(9000, 9008):
        other = answers[0].copy()
        other["cert_id"]["serial_number"] = serial_number
        others.append(other)
    basic["tbs_response_data"]["responses"] = [*others, answers[0]]
    signed = basic["tbs_response_data"].dump(force=True)
    basic["signature"] = authority.private_key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    outer["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    assert assess(ocsp=[outer.dump(force=True)]).status is REVOKED


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
