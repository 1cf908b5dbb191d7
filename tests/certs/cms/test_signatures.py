"""Signature values of every kind in the wild are proven, and a change in any of their parts is noticed."""

from datetime import UTC, datetime

import pytest
from asn1crypto import algos, cms, core
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.cms import (
    CMSError,
    DigestMismatch,
    MalformedCMS,
    SignatureMismatch,
    UnsupportedAlgorithm,
    messages,
    parse_signed_data,
    verify_content_digest,
    verify_signature_value,
)
from certs.cms.attributes import certificate_references, parse_time, signing_time, verify_certificate_binding
from certs.cms.ber import MalformedASN1, read_element
from certs.path import load_certificate, public_key
from tests.pki.authority import SIGNING, pki
from tests.pki.cms import attribute, signed_data, tlv, to_ber

CONTENT = b"what was signed"


def agency(kind="rsa2048"):
    return pki().agency if kind == "rsa2048" else pki().intermediate.issue(f"AGENCY {kind}", kind=kind)


def prove(data, entity, content=CONTENT):
    signed = parse_signed_data(data)
    verify_content_digest(signed, (content,))
    return verify_signature_value(signed.signer, public_key(load_certificate(entity.der)), (content,))


def codes(verified):
    return [note.code for note in verified.notes]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("rsa2048", {}),
        ("rsa2048", {"digest_name": "sha1"}),
        ("rsa2048", {"digest_name": "sha512"}),
        ("rsa2048", {"digest_name": "sha3_256"}),
        ("rsa2048", {"scheme": "pss"}),
        ("rsa2048", {"scheme": "pss", "digest_name": "sha512"}),
        ("p256", {}),
        ("p384", {"digest_name": "sha384"}),
        ("brainpool", {}),
        ("p256", {"scheme": "plain"}),
        ("ed25519", {"digest_name": "sha512"}),
        ("ed448", {"digest_name": "shake256"}),
        ("dsa", {}),
        ("rsa2048", {"by_key_identifier": True}),
        ("rsa2048", {"attributes": False}),
        ("p256", {"attributes": False}),
        ("ed25519", {"attributes": False, "digest_name": "sha512"}),
    ],
)
@pytest.mark.parametrize("encode", [bytes, to_ber], ids=["DER", "BER"])
def test_genuine_signatures_are_proven(kind, more, encode):
    entity = agency(kind)
    verified = prove(encode(signed_data(entity, CONTENT, **more)), entity)
    assert codes(verified) == []


def test_a_digest_info_without_null_is_right_but_not_standard():
    verified = prove(signed_data(agency(), CONTENT, scheme="no_null"), agency())
    assert codes(verified) == [messages.NONSTANDARD_DIGEST_INFO]


def test_plain_ecdsa_under_the_usual_identifier_is_right_but_not_standard():
    entity = agency("p256")
    verified = prove(signed_data(entity, CONTENT, scheme="plain_undeclared"), entity)
    assert codes(verified) == [messages.NONSTANDARD_ECDSA]


def test_unsorted_attributes_are_right_for_the_bytes_as_written():
    verified = prove(signed_data(agency(), CONTENT, sort=False), agency())
    assert codes(verified) == [messages.ATTRIBUTES_NOT_DER]


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "ed25519"])
def test_altered_content_is_noticed(kind):
    entity = agency(kind)
    with pytest.raises(DigestMismatch):
        prove(signed_data(entity, CONTENT), entity, CONTENT + b".")
    with pytest.raises(SignatureMismatch):
        prove(signed_data(entity, CONTENT, attributes=False), entity, CONTENT + b".")


def test_another_key_is_noticed():
    with pytest.raises(SignatureMismatch):
        prove(signed_data(agency(), CONTENT), pki().tsa)
    with pytest.raises(SignatureMismatch):
        prove(signed_data(agency(), CONTENT), agency("p256"))


def test_algorithms_that_contradict_each_other_are_refused():
    data = signed_data(agency(), CONTENT, signature_algorithm={"algorithm": "sha512_rsa"})
    with pytest.raises(SignatureMismatch) as caught:
        prove(data, agency())
    assert caught.value.message.code == messages.ALGORITHMS_DISAGREE


@pytest.mark.parametrize(("meant", "is_right"), [("sha256", True), ("sha512", False)])
def test_the_algorithms_the_signer_meant_are_compared(meant, is_right):
    digest = algos.DigestAlgorithm({"algorithm": meant}).dump()
    value = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"}).dump()
    oid = bytes.fromhex("06092a864886f70d010934")
    protection = tlv(0x30, digest + tlv(0xA1, value[2:]))
    more = (cms.CMSAttribute.load(tlv(0x30, oid + tlv(0x31, protection))),)
    data = signed_data(agency(), CONTENT, more_attributes=more)
    if is_right:
        prove(data, agency())
    else:
        with pytest.raises(SignatureMismatch):
            prove(data, agency())


def test_an_unknown_algorithm_is_unknown_and_not_wrong():
    data = signed_data(agency(), CONTENT, digest_algorithm={"algorithm": "1.2.3.4"})
    with pytest.raises(UnsupportedAlgorithm):
        prove(data, agency())


def test_a_signature_algorithm_in_place_of_the_digest_is_read_as_its_digest():
    data = signed_data(agency(), CONTENT, digest_algorithm={"algorithm": "1.2.840.113549.1.1.11"})
    assert prove(data, agency()).method.digest == "sha256"


@pytest.mark.parametrize("left_out", ["message_digest"])
def test_a_missing_message_digest_is_refused(left_out):
    with pytest.raises(MalformedCMS):
        prove(signed_data(agency(), CONTENT, leave_out=(left_out,)), agency())


def test_a_repeated_message_digest_is_refused():
    again = attribute("message_digest", b"\0" * 32)
    with pytest.raises(MalformedCMS):
        prove(signed_data(agency(), CONTENT, more_attributes=(again,)), agency())


def test_a_content_type_that_differs_is_refused():
    other = attribute("content_type", "signed_data")
    with pytest.raises(MalformedCMS):
        prove(signed_data(agency(), CONTENT, leave_out=("content_type",), more_attributes=(other,)), agency())


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_signer_is_taken(count):
    with pytest.raises(MalformedCMS):
        parse_signed_data(signed_data(agency(), CONTENT, signers=count))


def test_a_second_list_of_signers_is_refused():
    data = signed_data(agency(), CONTENT)
    body = cms.ContentInfo.load(data)["content"].untag()
    parts = b"".join(part.raw for part in read_element(body.dump()).children())
    twice = tlv(0x30, read_element(data).content[:11] + tlv(0xA0, tlv(0x30, parts + body["signer_infos"].dump())))
    with pytest.raises(MalformedCMS) as refused:
        parse_signed_data(twice)
    assert refused.value.message.code == messages.SIGNER_COUNT


def test_the_binding_names_the_certificate():
    signed = parse_signed_data(signed_data(agency(), CONTENT, bind=agency()))
    references = certificate_references(signed.signer)
    verify_certificate_binding(references, agency().der)
    with pytest.raises(SignatureMismatch):
        verify_certificate_binding(references, pki().tsa.der)


def test_an_unsigned_attribute_that_does_not_decode_is_passed_over():
    strange = attribute("1.2.840.113549.1.9.16.2.10", core.Any(core.OctetString(b"x")))
    data = bytearray(signed_data(agency(), CONTENT, unsigned=[strange]))
    place = data.rindex(b"\x04\x01x")
    data[place - 2 : place] = b"\x02\x03"  # the SET of values becomes an INTEGER
    verified = prove(bytes(data), agency())
    assert codes(verified) == []
    notes = parse_signed_data(bytes(data)).signer.notes
    assert [note.code for note in notes] == [messages.ATTRIBUTE_SKIPPED]


def test_the_claimed_time_is_read_in_utc():
    assert signing_time(parse_signed_data(signed_data(agency(), CONTENT, signing_time=SIGNING)).signer) == SIGNING
    assert signing_time(parse_signed_data(signed_data(agency(), CONTENT)).signer) is None


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"\x17\x0d250124101949Z", datetime(2025, 1, 24, 10, 19, 49, tzinfo=UTC)),
        (b"\x17\x0b2501241019Z", datetime(2025, 1, 24, 10, 19, tzinfo=UTC)),
        (b"\x17\x11250124171949+0700", datetime(2025, 1, 24, 10, 19, 49, tzinfo=UTC)),
        (b"\x18\x1120250124101949.5Z", datetime(2025, 1, 24, 10, 19, 49, 500000, tzinfo=UTC)),
        (b"\x17\x0d990124101949Z", datetime(1999, 1, 24, 10, 19, 49, tzinfo=UTC)),
    ],
)
def test_times_are_read(encoded, expected):
    assert parse_time(read_element(encoded)) == expected


@pytest.mark.parametrize("encoded", [b"\x17\x0d250199101949Z", b"\x17\x03abc", b"\x02\x01\x01"])
def test_what_is_no_time_is_refused(encoded):
    with pytest.raises(MalformedASN1):
        parse_time(read_element(encoded))


GENUINE = signed_data(pki().agency, CONTENT, bind=pki().agency)
SIGNER = parse_signed_data(GENUINE).signer
PROTECTED = (
    GENUINE.index(SIGNER.signed_attributes_sent[4:]),
    GENUINE.index(SIGNER.signed_attributes_sent[4:]) + len(SIGNER.signed_attributes_sent) - 4,
)
VALUE = (GENUINE.index(SIGNER.signature), GENUINE.index(SIGNER.signature) + len(SIGNER.signature))


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_no_bit_of_attributes_or_value_can_be_flipped_unnoticed(data):
    start, end = data.draw(st.sampled_from([PROTECTED, VALUE]))
    place = data.draw(st.integers(start, end - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(GENUINE)
    changed[place] ^= 1 << bit
    with pytest.raises(CMSError):
        prove(bytes(changed), agency())


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_mutated_containers_are_read_or_refused(data):
    changed = bytearray(GENUINE)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    for candidate in (bytes(changed), bytes(changed[:cut])):
        try:
            prove(candidate, agency())
        except CMSError:
            continue
