"""One document at a time: what the report says about the signature, the signer, the time and the certificate."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.validation import (
    BlockConclusion,
    Conclusion,
    Evidence,
    Indication,
    Integrity,
    RevocationRule,
    SubIndication,
    TimeSource,
    ValidationPolicy,
    messages,
    validate_document,
)
from tests.pki.authority import NOW, SIGNING, START, Entity, pki, root
from tests.pki.cms import attribute, signed_data, stamped_by, timestamp_token, tlv
from tests.pki.documents import add_document_timestamp, plain_pdf, sign, signed_pdf

DAY = timedelta(days=1)
POLICY = ValidationPolicy()
STRICT = ValidationPolicy(revocation=RevocationRule.REQUIRED)


def evidence(*, crls=(), ocsp=(), anchors=None, certificates=None):
    return Evidence.from_der(
        trust=[pki().root.der] if anchors is None else anchors,
        certificates=[pki().intermediate.der] if certificates is None else certificates,
        crls=crls,
        ocsp_responses=ocsp,
    )


def validate(data, *, policy=POLICY, at=NOW, **more):
    return validate_document(data, policy=policy, evidence=evidence(**more), at=at)


def document(entity=None, *, sub_filter="adbe.pkcs7.detached", entries="", stamped=True, stamped_at=SIGNING, **more):
    entity = entity or pki().agency
    unsigned = [stamped_by(pki().tsa, at=stamped_at)] if stamped else []
    return signed_pdf(
        lambda data: signed_data(entity, data, unsigned=unsigned, **more), sub_filter=sub_filter, entries=entries
    )


def only(report):
    assert len(report.signatures) == 1, report
    return report.signatures[0]


def verdict(report):
    signature = only(report)
    return signature.indication, signature.sub_indication, signature.integrity


def codes(found):
    return {m.code for m in found}


PASSED = (Indication.TOTAL_PASSED, None, Integrity.INTACT)


# --- the signature itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "sub_filter", "more"),
    [
        ("rsa2048", "adbe.pkcs7.detached", {}),
        ("rsa2048", "ETSI.CAdES.detached", {}),
        ("rsa2048", "adbe.pkcs7.detached", {"scheme": "pss"}),
        ("rsa2048", "adbe.pkcs7.detached", {"scheme": "no_null"}),
        ("rsa2048", "adbe.pkcs7.detached", {"attributes": False}),
        ("p256", "ETSI.CAdES.detached", {"scheme": "plain"}),
        ("ed25519", "ETSI.CAdES.detached", {"digest_name": "sha512"}),
        ("ed448", "ETSI.CAdES.detached", {"digest_name": "shake256"}),
        ("rsa3072", "ETSI.CAdES.detached", {"digest_name": "sha3_512"}),
    ],
)
def test_signatures_of_every_kind_pass(kind, sub_filter, more):
    entity = pki().intermediate.issue(f"AGENCY {kind}", kind=kind)
    report = validate(document(entity, sub_filter=sub_filter, **more))
    assert verdict(report) == PASSED
    assert report.conclusion is Conclusion.VALID
    assert only(report).signer == f"AGENCY {kind}"


def test_adbe_pkcs7_sha1_signs_a_digest():
    import hashlib

    def contents(data):
        value = hashlib.sha1(data).digest()
        return signed_data(pki().agency, value, enveloped=value, unsigned=[stamped_by(pki().tsa)])

    good = signed_pdf(contents, sub_filter="adbe.pkcs7.sha1")
    assert verdict(validate(good)) == PASSED
    wrong = good.replace(b"Quyet dinh", b"Quyet DINH")
    assert verdict(validate(wrong)) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE, Integrity.BROKEN)


def test_adbe_x509_rsa_sha1_is_a_bare_value_beside_its_certificate():
    from asn1crypto import core
    from cryptography.hazmat.primitives.asymmetric import padding

    def contents(data):
        return core.OctetString(pki().agency.private_key.sign(data, padding.PKCS1v15(), hashes.SHA1())).dump()

    entries = f"/Cert <{pki().agency.der.hex()}>"
    good = signed_pdf(contents, sub_filter="adbe.x509.rsa_sha1", entries=entries)
    report = validate(good, at=START + DAY)
    assert only(report).integrity is Integrity.INTACT
    assert only(report).signer == "UBND XÃ THỬ NGHIỆM"
    wrong = validate(good.replace(b"Quyet dinh", b"Quyet DINH"))
    assert verdict(wrong) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE, Integrity.BROKEN)


def test_content_inside_a_detached_signature_is_refused():
    for content in (b"", b"something else"):
        report = validate(document(enveloped=content))
        assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE, Integrity.BROKEN)


def test_an_altered_page_is_a_hash_failure():
    report = validate(document().replace(b"Quyet dinh", b"Quyet DINH"))
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE, Integrity.BROKEN)
    assert report.conclusion is Conclusion.INVALID
    assert report.message.code == messages.INVALID_ALTERED


def test_a_wrong_value_is_a_crypto_failure():
    other = root("SOMEBODY ELSE").issue("FRAUD")
    impostor = Entity(pki().agency.certificate, other.private_key, pki().intermediate)
    report = validate(document(impostor))
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.SIG_CRYPTO_FAILURE, Integrity.BROKEN)


def test_rubbish_in_place_of_the_signature_is_a_format_failure():
    report = validate(signed_pdf(lambda _: b"0\x03abc"))
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE, Integrity.BROKEN)


def test_an_unknown_algorithm_is_unknown():
    report = validate(document(signature_algorithm={"algorithm": "1.2.3.4"}))
    assert verdict(report) == (Indication.INDETERMINATE, SubIndication.GENERIC, Integrity.UNKNOWN)


# --- the signer -------------------------------------------------------------------------------------------------------


def test_a_certificate_that_is_nowhere_leaves_the_signature_open():
    report = validate(document(certificates=()))
    assert verdict(report) == (
        Indication.INDETERMINATE,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
        Integrity.UNKNOWN,
    )


def test_a_certificate_that_is_not_embedded_may_be_supplied():
    report = validate(document(certificates=()), certificates=[pki().intermediate.der, pki().agency.der])
    assert verdict(report) == PASSED


def test_another_certificate_than_the_bound_one_is_not_accepted():
    again = pki().intermediate.issue("OTHER NAME", label="UBND XÃ THỬ NGHIỆM")
    report = validate(document(again, bind=pki().agency))
    assert only(report).sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_without_anchors_the_missing_authority_is_named():
    report = validate(document(), anchors=[], certificates=[])
    assert verdict(report) == (
        Indication.INDETERMINATE,
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
        Integrity.INTACT,
    )
    assert "TEST CA" in report.message.text()
    assert report.message.code == messages.UNDETERMINED_ISSUER


def test_anchors_that_the_document_brings_along_are_not_trusted():
    chain = (pki().agency.der, *pki().agency.chain)
    report = validate(document(certificates=chain), anchors=[], certificates=[])
    assert only(report).sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_a_certificate_for_something_else_may_not_sign():
    entity = pki().intermediate.issue("ENCRYPTION ONLY", usages=("key_encipherment",))
    assert only(validate(document(entity))).sub_indication is SubIndication.CHAIN_CONSTRAINTS_FAILURE


# --- the time ---------------------------------------------------------------------------------------------------------


def test_the_time_stamp_is_the_best_signature_time():
    signature = only(validate(document()))
    assert signature.best_signature_time == SIGNING
    assert signature.best_signature_time_source is TimeSource.SIGNATURE_TIMESTAMP


def test_without_a_time_stamp_the_signature_is_known_to_exist_only_now():
    report = validate(document(stamped=False, signing_time=SIGNING))
    signature = only(report)
    assert signature.claimed_signing_time == SIGNING
    assert signature.best_signature_time == NOW
    assert signature.best_signature_time_source is TimeSource.VALIDATION_TIME
    assert messages.CLAIM_ONLY in codes(report.warnings)


def test_a_time_stamp_for_another_signature_proves_nothing():
    other = timestamp_token(pki().tsa, b"another signature")

    stolen = attribute("signature_time_stamp_token", cms.ContentInfo.load(other))
    data = signed_pdf(lambda content: signed_data(pki().agency, content, unsigned=[stolen]))
    report = validate(data)
    assert only(report).best_signature_time_source is TimeSource.VALIDATION_TIME
    assert messages.TIMESTAMP_BROKEN in codes(report.warnings)
    assert report.as_json()["signatures"][0]["timestamp"] is None


def test_a_time_stamp_from_the_future_proves_nothing():
    report = validate(document(), at=SIGNING - 10 * DAY)
    assert only(report).best_signature_time == SIGNING - 10 * DAY
    assert messages.TIMESTAMP_UNTRUSTED in codes(report.warnings)


def test_a_time_stamp_over_a_broken_digest_proves_nothing():
    data = signed_pdf(
        lambda content: signed_data(pki().agency, content, unsigned=[stamped_by(pki().tsa, digest_name="md5")])
    )
    assert only(validate(data)).best_signature_time == NOW


@pytest.mark.parametrize("unit", ["stranger", "no usage"])
def test_a_time_stamp_of_nobody_trusted_proves_nothing(unit):
    tsa = root("SOMEBODY ELSE").time_stamping_unit() if unit == "stranger" else pki().root.issue("NO TSA")
    data = signed_pdf(lambda content: signed_data(pki().agency, content, unsigned=[stamped_by(tsa)]))
    report = validate(data)
    assert only(report).best_signature_time_source is TimeSource.VALIDATION_TIME
    assert messages.TIMESTAMP_UNTRUSTED in codes(report.warnings)


def test_a_later_document_time_stamp_proves_the_signature():
    data = add_document_timestamp(sign(plain_pdf(), pki().agency), pki().tsa, at=SIGNING)
    report = validate(data)
    signature, stamp = report.signatures
    assert (signature.best_signature_time, signature.best_signature_time_source) == (
        SIGNING,
        TimeSource.DOCUMENT_TIMESTAMP,
    )
    assert stamp.indication is Indication.TOTAL_PASSED
    assert report.conclusion is Conclusion.VALID


def test_a_document_time_stamp_does_not_prove_what_came_later():
    stamped = add_document_timestamp(plain_pdf(), pki().tsa, at=SIGNING)
    _, signature = validate(sign(stamped, pki().agency)).signatures
    assert signature.best_signature_time_source is TimeSource.VALIDATION_TIME


def test_an_expired_unit_stamped_while_it_was_valid():
    tsa = pki().root.time_stamping_unit("OLD TSA", not_after=SIGNING + DAY)
    data = signed_pdf(lambda content: signed_data(pki().agency, content, unsigned=[stamped_by(tsa)]))
    assert only(validate(data)).best_signature_time == SIGNING
    strict = replace(POLICY, timestamps_outlive_their_certificate=False)
    assert only(validate(data, policy=strict)).best_signature_time == NOW


@pytest.mark.parametrize(
    ("entries", "signing_time", "is_habit"),
    [
        ("/M (D:20240601100000+07'00')", SIGNING + timedelta(hours=7), True),
        ("/M (D:20240601100000+07'00')", SIGNING, False),
        ("", SIGNING + timedelta(hours=7), True),
        ("", SIGNING, False),
        ("/M (D:20240601030000Z)", SIGNING, False),
    ],
)
def test_local_time_marked_as_utc_is_recognised(entries, signing_time, is_habit):
    report = validate(document(entries=entries, signing_time=signing_time))
    assert (messages.CLAIMED_TIME_IS_LOCAL in codes(report.warnings)) is is_habit
    assert verdict(report) == PASSED
    assert only(report).best_signature_time == SIGNING


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (timedelta(minutes=19), messages.CLAIMED_TIME_AFTER_MINUTES),
        (timedelta(hours=3), messages.CLAIMED_TIME_AFTER_HOURS),
        (-timedelta(days=3), messages.CLAIMED_TIME_LONG_BEFORE),
    ],
)
def test_a_claim_that_differs_from_the_time_stamp_is_said_and_fails_nothing(offset, expected):
    report = validate(document(signing_time=SIGNING + offset))
    signature = only(report)
    assert expected in codes((*signature.warnings, *signature.notes))
    assert verdict(report) == PASSED


# --- validity and revocation -------------------------------------------------------------------------------------------


def test_a_certificate_that_expired_since_still_signed_validly():
    entity = pki().intermediate.issue("EXPIRED SINCE", not_after=SIGNING + DAY)
    report = validate(document(entity))
    assert verdict(report) == PASSED
    assert only(report).is_expired_now


def test_an_expired_certificate_without_proof_of_the_time_is_out_of_bounds():
    entity = pki().intermediate.issue("EXPIRED", not_after=SIGNING + DAY)
    report = validate(document(entity, stamped=False, signing_time=SIGNING))
    assert verdict(report)[:2] == (Indication.INDETERMINATE, SubIndication.OUT_OF_BOUNDS_NO_POE)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_last_second_of_validity_counts(seconds):
    entity = pki().intermediate.issue("LAST SECOND", not_after=SIGNING)
    report = validate(document(entity, stamped_at=SIGNING + timedelta(seconds=seconds)))
    expected = None if seconds <= 0 else SubIndication.OUT_OF_BOUNDS_NO_POE
    assert only(report).sub_indication is expected


def test_a_certificate_from_the_future_did_not_sign():
    entity = pki().intermediate.issue("FROM THE FUTURE", not_before=SIGNING + 10 * DAY)
    report = validate(document(entity))
    assert verdict(report)[:2] == (Indication.TOTAL_FAILED, SubIndication.NOT_YET_VALID)


def test_a_clock_that_is_hours_slow_does_not_make_a_certificate_too_young():
    entity = pki().intermediate.issue("ISSUED TODAY", not_before=SIGNING + timedelta(hours=7))
    assert verdict(validate(document(entity))) == PASSED


def test_missing_evidence_is_a_warning_or_a_reason_to_wait():
    lenient, strict = validate(document()), validate(document(), policy=STRICT)
    assert verdict(lenient) == PASSED
    assert messages.REVOCATION_UNKNOWN in codes(lenient.warnings)
    assert lenient.as_json()["signatures"][0]["revocation"] == "unknown"
    assert verdict(strict)[:2] == (Indication.INDETERMINATE, SubIndication.TRY_LATER)


def test_complete_evidence_satisfies_the_strict_policy():
    crls = [pki().intermediate.crl(at=SIGNING + DAY), pki().root.crl(at=SIGNING + DAY)]
    report = validate(document(), policy=STRICT, crls=crls)
    assert verdict(report) == PASSED
    assert report.as_json()["signatures"][0]["revocation"] == "good"


def test_revoked_before_the_time_stamp_fails():
    crl = pki().intermediate.crl([(pki().agency, SIGNING - DAY)], at=NOW - DAY, reason=x509.ReasonFlags.key_compromise)
    report = validate(document(), crls=[crl])
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.REVOKED, Integrity.INTACT)
    assert report.message.code == messages.INVALID_REVOKED
    assert report.as_json()["signatures"][0]["revocation"] == "revoked"


def test_revoked_after_the_time_stamp_passes_with_a_note():
    crl = pki().intermediate.crl([(pki().agency, SIGNING + DAY)], at=NOW - DAY)
    report = validate(document(), crls=[crl])
    assert verdict(report) == PASSED
    assert messages.REVOKED_AFTER in codes(report.warnings)
    as_json = report.as_json()["signatures"][0]
    assert (as_json["revocation"], as_json["signer_status_now"]["revocation"]) == ("good", "revoked")


def test_revoked_and_no_proof_of_the_time_is_undetermined():
    crl = pki().intermediate.crl([(pki().agency, SIGNING + DAY)], at=NOW - DAY)
    report = validate(document(stamped=False, signing_time=SIGNING), crls=[crl])
    assert verdict(report)[:2] == (Indication.INDETERMINATE, SubIndication.REVOKED_NO_POE)


def test_a_revoked_authority_is_named_as_such():
    crl = pki().root.crl([(pki().intermediate, SIGNING - DAY)], at=NOW - DAY)
    report = validate(document(), crls=[crl])
    assert verdict(report)[:2] == (Indication.INDETERMINATE, SubIndication.REVOKED_CA_NO_POE)


def test_a_time_stamp_of_a_revoked_unit_proves_nothing():
    crl = pki().root.crl([(pki().tsa, SIGNING - DAY)], at=NOW - DAY)
    assert only(validate(document(), crls=[crl])).best_signature_time == NOW


def test_evidence_inside_the_signature_counts():
    crl = pki().intermediate.crl([(pki().agency, SIGNING - DAY)], at=SIGNING)
    archive = tlv(0x30, tlv(0xA0, tlv(0x30, crl)))
    oid = bytes.fromhex("06092a864886f72f010108")
    signed = cms.CMSAttribute.load(tlv(0x30, oid + tlv(0x31, archive)))
    report = validate(document(more_attributes=(signed,)))
    assert only(report).sub_indication is SubIndication.REVOKED


# --- algorithms -------------------------------------------------------------------------------------------------------


def test_sha1_is_read_with_a_warning_before_the_date_and_refused_after():
    old = SIGNING.replace(year=2021)
    report = validate(document(digest_name="sha1", stamped_at=old))
    assert verdict(report) == PASSED
    assert messages.ALGORITHM_WEAK in codes(report.warnings)
    late = validate(document(digest_name="sha1"))
    assert verdict(late) == (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Integrity.INTACT)
    unproven = validate(document(digest_name="sha1", stamped=False))
    assert only(unproven).sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


def test_a_key_that_is_too_small_is_refused():
    entity = pki().intermediate.issue("SMALL KEY", kind="rsa1024")
    assert only(validate(document(entity))).sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE


# --- the report -------------------------------------------------------------------------------------------------------


def test_a_report_has_no_truth_value():
    report = validate(document())
    with pytest.raises(TypeError):
        bool(report)
    with pytest.raises(TypeError):
        bool(only(report))


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        validate(document(), at=NOW.replace(tzinfo=None))


def test_every_block_is_reported_with_its_clause():
    blocks = {block.clause: block.conclusion for block in only(validate(document())).blocks}
    assert set(blocks) >= {"5.2.2", "5.2.3", "5.2.6", "5.2.7", "5.2.8", "5.4"}
    assert set(blocks.values()) == {BlockConclusion.PASSED}


def test_an_unsigned_document_is_unsigned_and_rubbish_is_unreadable():
    assert validate(plain_pdf()).conclusion is Conclusion.UNSIGNED
    for rubbish in (b"", b"%PDF-", b"hello", bytes(1000)):
        report = validate(rubbish)
        assert (report.conclusion, report.signatures) == (Conclusion.UNREADABLE, ())


def test_the_same_inputs_give_an_equal_report_whatever_the_order_of_the_evidence():
    crls = [pki().intermediate.crl(at=SIGNING + n * DAY) for n in range(3)] + [pki().root.crl(at=SIGNING)]
    certificates = [pki().intermediate.der, pki().tsa.der, root("UNRELATED").der]
    data = add_document_timestamp(sign(plain_pdf(), pki().agency, tsa=pki().tsa, stamped_at=SIGNING), pki().tsa, at=NOW)
    first = validate(data, crls=crls, certificates=certificates)
    second = validate(data, crls=crls[::-1], certificates=certificates[::-1])
    assert first == second
    assert first.as_json() == second.as_json()


def test_evidence_that_is_not_authentic_changes_no_indication():
    forged = pki().intermediate.crl([(pki().agency, START)], at=SIGNING, signer=root("SOMEBODY ELSE"))
    assert verdict(validate(document(), crls=[forged, b"rubbish"], ocsp=[b"rubbish"])) == PASSED


def test_the_json_holds_the_contract():
    as_json = validate(
        document(entries="/M (D:20240601100000+07'00')"), crls=[pki().intermediate.crl(at=SIGNING)]
    ).as_json()
    assert {"sha256", "bytes", "conclusion", "message", "warnings", "signatures"} <= set(as_json)
    signature = as_json["signatures"][0]
    expected = {
        "field": "Signature1",
        "type": "signature",
        "signer": "UBND XÃ THỬ NGHIỆM",
        "issuer": "TEST CA",
        "claimed_signing_time": "2024-06-01T03:00:00Z",
        "timestamp": "2024-06-01T03:00:00Z",
        "best_signature_time": "2024-06-01T03:00:00Z",
        "indication": "TOTAL_PASSED",
        "sub_indication": None,
        "integrity": "intact",
        "coverage": "ENTIRE_FILE",
        "changes": [],
        "trust_anchor": "TEST ROOT",
        "revocation": "good",
    }
    assert {key: signature[key] for key in expected} == expected
    assert len(signature["certificate_sha256"]) == 64
    english = validate(document()).as_json("en")
    assert english["message"].startswith("The signature is valid")


def test_a_flood_of_certificates_is_too_complex_and_not_valid():
    flood = [pki().root.issue(f"FLOOD {n}", label="flood", serial_number=10_000 + n).der for n in range(201)]
    data = signed_pdf(lambda content: signed_data(pki().agency, content, certificates=flood), gap=200_000)
    report = validate(data)
    assert (report.conclusion, report.message.code) == (Conclusion.UNREADABLE, messages.TOO_COMPLEX)


def test_a_byte_range_that_says_nothing_is_a_format_failure():
    data = document().replace(b"/ByteRange [0 ", b"/ByteRange [0.")
    report = validate(data)
    assert report.conclusion is Conclusion.INVALID
    assert only(report).sub_indication is SubIndication.FORMAT_FAILURE


# --- properties -------------------------------------------------------------------------------------------------------

GENUINE = document()
TWICE = sign(sign(plain_pdf(), pki().agency, tsa=pki().tsa, stamped_at=SIGNING), pki().agency, field="Signature2")


def ranges(data):
    signature = max(analyse(data), key=lambda s: sum(s.byte_range[2:]))
    a, b, c, d = signature.byte_range
    return [(a, a + b), (c, c + d)]


def analyse(data):
    from certs.pdf import analyse_document

    return analyse_document(data).signatures


def is_accepted(report):
    return bool(report.signatures) and all(
        s.integrity in (Integrity.INTACT, Integrity.CHANGED_PERMITTED) for s in report.signatures
    )


@given(st.data())
@settings(deadline=None, max_examples=150)
@pytest.mark.parametrize("source", [GENUINE, TWICE], ids=["one", "two"])
def test_no_byte_inside_the_signed_ranges_can_be_changed_unnoticed(source, data):
    start, end = data.draw(st.sampled_from(ranges(source)))
    place = data.draw(st.integers(start, end - 1))
    changed = bytearray(source)
    changed[place] ^= data.draw(st.integers(1, 255))
    report = validate(bytes(changed))
    assert report.conclusion is not Conclusion.VALID
    assert not is_accepted(report)
    last = report.signatures[-1:]
    assert all(s.indication is not Indication.TOTAL_PASSED for s in last)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_whatever_is_done_to_a_file_there_is_a_report(data):
    changed = bytearray(TWICE)
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    report = validate(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
    assert report.message.text()
    assert report.message.code != messages.UNREADABLE_INTERNAL
    report.as_json()


@given(st.binary(min_size=1, max_size=200))
@settings(deadline=None, max_examples=100)
def test_appending_anything_never_raises_coverage(tail):
    order = ["UNCLEAR", "CONTIGUOUS_FROM_START", "ENTIRE_REVISION", "ENTIRE_FILE"]
    before, after = validate(GENUINE), validate(GENUINE + tail)
    for signature in after.signatures:
        assert order.index(signature.coverage) <= order.index(only(before).coverage)
    if tail.strip(b"\0\t\n\f\r "):  # white space of PDF (ISO 32000-2, table 1)
        assert not is_accepted(after)
