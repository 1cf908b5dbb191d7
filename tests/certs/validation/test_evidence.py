"""The time, validity, revocation and algorithms: what is proven, and what follows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.messages import message
from certs.validation import (
    Conclusion,
    Indication,
    Integrity,
    SubIndication,
    TimeSource,
    messages,
    report_as_json,
)
from tests.certs.validation.support import (
    DAY,
    PASSED,
    POLICY,
    STRICT,
    codes,
    document,
    only,
    validate,
    verdict,
)
from tests.pki.authority import NOW, SIGNING, pki, root
from tests.pki.cms import attribute, signed_data, stamped_by, timestamp_token, tlv
from tests.pki.documents import add_document_timestamp, plain_pdf, sign, signed_pdf


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
    assert report_as_json(report)["signatures"][0]["timestamp"] is None


def test_a_time_stamp_from_the_future_proves_nothing():
    report = validate(document(), at=SIGNING - 10 * DAY)
    assert only(report).best_signature_time == SIGNING - 10 * DAY
    assert messages.TIMESTAMP_UNTRUSTED in codes(report.warnings)


def test_a_time_stamp_over_a_broken_digest_proves_nothing():
    data = signed_pdf(
        lambda content: signed_data(pki().agency, content, unsigned=[stamped_by(pki().tsa, digest_name="md5")])
    )
    assert only(validate(data)).best_signature_time == NOW


UNITS = {
    "stranger": lambda: root("SOMEBODY ELSE").time_stamping_unit(),
    "no purpose": lambda: pki().root.issue("NO TSA"),
    "no usage": lambda: pki().root.issue(
        "TSA THAT ENCRYPTS", usages=("key_encipherment",), extended=(ExtendedKeyUsageOID.TIME_STAMPING,)
    ),
}


@pytest.mark.parametrize("unit", UNITS)
def test_a_time_stamp_of_nobody_trusted_proves_nothing(unit):
    tsa = UNITS[unit]()
    data = signed_pdf(lambda content: signed_data(pki().agency, content, unsigned=[stamped_by(tsa)]))
    report = validate(data)
    assert only(report).best_signature_time_source is TimeSource.VALIDATION_TIME
    assert messages.TIMESTAMP_UNTRUSTED in codes(report.warnings)


def test_the_time_of_nobody_trusted_is_not_shown_as_the_time():
    stranger = root("SOMEBODY ELSE").time_stamping_unit("TSA TỰ LẬP")
    early = stamped_by(stranger, at=SIGNING - 900 * DAY)
    for unsigned, expected in (
        ([early], (None, None)),
        ([early, stamped_by(pki().tsa)], ("2024-06-01T03:00:00Z", "TEST TSA")),
    ):
        data = signed_pdf(lambda content, unsigned=unsigned: signed_data(pki().agency, content, unsigned=unsigned))
        as_json = report_as_json(validate(data))["signatures"][0]
        assert (as_json["timestamp"], as_json["timestamp_authority"]) == expected
        assert "TSA TỰ LẬP" in {stamp["authority"] for stamp in as_json["timestamps"]}


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


def test_a_document_time_stamp_of_an_unknown_authority_takes_nothing_from_the_signatures():
    stranger = root("A ROOT FROM ABROAD").time_stamping_unit("FOREIGN TSA")
    signed = sign(plain_pdf(), pki().agency, tsa=pki().tsa, stamped_at=SIGNING)
    report = validate(add_document_timestamp(signed, stranger, at=SIGNING))
    signature, stamp = report.signatures
    assert signature.indication is Indication.TOTAL_PASSED
    assert stamp.indication is Indication.INDETERMINATE
    assert report.conclusion is Conclusion.VALID
    assert report.message.code == messages.VALID_ONE
    assert report.what_to_do.code == messages.DO_READ_WARNINGS
    assert message(messages.TIMESTAMP_UNTRUSTED, name="FOREIGN TSA") in report.warnings


def test_a_document_time_stamp_of_an_unknown_authority_alone_decides_nothing():
    stranger = root("A ROOT FROM ABROAD").time_stamping_unit("FOREIGN TSA")
    assert validate(add_document_timestamp(plain_pdf(), stranger, at=SIGNING)).conclusion is Conclusion.INDETERMINATE


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
        (timedelta(minutes=19), message(messages.CLAIMED_TIME_AFTER_MINUTES, minutes=19)),
        (timedelta(hours=2, minutes=50), message(messages.CLAIMED_TIME_AFTER_HOURS, hours=3)),
        (timedelta(hours=49), message(messages.CLAIMED_TIME_AFTER_DAYS, days=2)),
        (-timedelta(days=3), message(messages.CLAIMED_TIME_LONG_BEFORE, days=3)),
        (-timedelta(days=7300), message(messages.CLAIMED_TIME_LONG_BEFORE, days=7300)),
    ],
)
def test_a_claim_that_differs_from_the_time_stamp_is_said_and_fails_nothing(offset, expected):
    report = validate(document(signing_time=SIGNING + offset))
    signature = only(report)
    assert expected in (*signature.warnings, *signature.notes)
    assert verdict(report) == PASSED


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ([], messages.REVOCATION_UNKNOWN),
        ([SIGNING - 30 * DAY], messages.REVOCATION_STALE),
        ([NOW], messages.REVOCATION_TOO_LATE),
        ([SIGNING - 30 * DAY, NOW], messages.REVOCATION_STALE),
    ],
)
def test_why_revocation_data_do_not_tell_of_the_time_of_signing(issued, expected):
    entity = pki().intermediate.issue("EXPIRED SINCE", not_after=SIGNING + DAY)
    report = validate(document(entity), crls=[pki().intermediate.crl(at=at) for at in issued])
    assert verdict(report) == PASSED
    assert {m.code for m in report.warnings if m.code.startswith("revocation_")} == {expected}


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
    assert report_as_json(lenient)["signatures"][0]["revocation"] == "unknown"
    assert verdict(strict)[:2] == (Indication.INDETERMINATE, SubIndication.TRY_LATER)


def test_missing_evidence_is_told_before_all_other_warnings():
    report = validate(document(stamped=False))
    for warnings in (report.warnings, only(report).warnings):
        assert [each.code for each in warnings] == [messages.REVOCATION_UNKNOWN, messages.CLAIM_ONLY]


def test_a_unit_that_waits_for_evidence_leaves_its_signature_waiting():
    expired = pki().intermediate.issue("EXPIRED SINCE", not_after=SIGNING + DAY)
    report = validate(document(expired), policy=STRICT)
    assert only(report).sub_indication is SubIndication.TRY_LATER
    assert only(report).best_signature_time == SIGNING
    without_the_unit = [pki().intermediate.crl(at=SIGNING + timedelta(hours=1))]
    report = validate(document(expired), policy=STRICT, crls=without_the_unit)
    assert only(report).sub_indication is SubIndication.TRY_LATER


def test_complete_evidence_satisfies_the_strict_policy():
    crls = [pki().intermediate.crl(at=SIGNING + DAY), pki().root.crl(at=SIGNING + DAY)]
    report = validate(document(), policy=STRICT, crls=crls)
    assert verdict(report) == PASSED
    assert report_as_json(report)["signatures"][0]["revocation"] == "good"


def test_revoked_before_the_time_stamp_fails():
    crl = pki().intermediate.crl([(pki().agency, SIGNING - DAY)], at=NOW - DAY, reason=x509.ReasonFlags.key_compromise)
    report = validate(document(), crls=[crl])
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.REVOKED, Integrity.INTACT)
    assert report.message.code == messages.INVALID_REVOKED
    assert report_as_json(report)["signatures"][0]["revocation"] == "revoked"


def test_revoked_after_the_time_stamp_passes_with_a_note():
    crl = pki().intermediate.crl([(pki().agency, SIGNING + DAY)], at=NOW - DAY)
    report = validate(document(), crls=[crl])
    assert verdict(report) == PASSED
    assert messages.REVOKED_AFTER in codes(report.warnings)
    as_json = report_as_json(report)["signatures"][0]
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


@pytest.mark.parametrize(
    ("reason", "is_proof"),
    [
        (None, False),
        (x509.ReasonFlags.key_compromise, False),
        (x509.ReasonFlags.superseded, True),
        (x509.ReasonFlags.cessation_of_operation, True),
    ],
)
def test_a_unit_whose_key_may_be_lost_proves_nothing_whatever_time_it_tells(reason, *, is_proof):
    crl = pki().root.crl([(pki().tsa, SIGNING + 30 * DAY)], at=NOW - DAY, reason=reason)
    signature = only(validate(document(), crls=[crl]))
    assert (signature.best_signature_time == SIGNING) is is_proof


@pytest.mark.parametrize(
    ("reason", "is_proof"), [(x509.ReasonFlags.ca_compromise, False), (x509.ReasonFlags.superseded, True)]
)
def test_a_unit_of_an_authority_whose_key_is_lost_proves_nothing(reason, *, is_proof):
    unit = pki().intermediate.time_stamping_unit("TSA UNDER A CA")
    data = signed_pdf(lambda content: signed_data(pki().agency, content, unsigned=[stamped_by(unit)]))
    crl = pki().root.crl([(pki().intermediate, SIGNING + 30 * DAY)], at=NOW - DAY, reason=reason)
    assert (only(validate(data, crls=[crl])).best_signature_time == SIGNING) is is_proof


def test_another_unit_vouches_for_a_time_stamp_whose_unit_lost_its_key():
    lost = pki().root.time_stamping_unit("LOST TSA")
    document_stamped = add_document_timestamp(sign(plain_pdf(), pki().agency), lost, at=SIGNING)
    twice = add_document_timestamp(document_stamped, pki().tsa, at=SIGNING + DAY)
    crl = pki().root.crl([(lost, SIGNING + 30 * DAY)], at=NOW - DAY, reason=x509.ReasonFlags.key_compromise)
    signature, first, _ = validate(twice, crls=[crl]).signatures
    assert signature.best_signature_time == SIGNING + DAY
    assert first.indication is Indication.TOTAL_PASSED


def test_evidence_inside_the_signature_counts():
    crl = pki().intermediate.crl([(pki().agency, SIGNING - DAY)], at=SIGNING)
    archive = tlv(0x30, tlv(0xA0, tlv(0x30, crl)))
    oid = bytes.fromhex("06092a864886f72f010108")
    signed = cms.CMSAttribute.load(tlv(0x30, oid + tlv(0x31, archive)))
    report = validate(document(more_attributes=(signed,)))
    assert only(report).sub_indication is SubIndication.REVOKED


def test_sha1_is_read_with_a_warning_before_the_date_and_refused_after():
    old = SIGNING.replace(year=2021)
    report = validate(document(digest_name="sha1", stamped_at=old))
    assert verdict(report) == PASSED
    assert messages.ALGORITHM_WEAK in codes(report.warnings)
    late = validate(document(digest_name="sha1"))
    assert verdict(late) == (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Integrity.INTACT)
    unproven = validate(document(digest_name="sha1", stamped=False))
    assert only(unproven).sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


def test_dsa_is_read_with_a_warning_before_the_date_and_refused_after():
    entity = pki().intermediate.issue("DSA", kind="dsa")
    report = validate(document(entity, stamped_at=SIGNING.replace(year=2023)))
    assert verdict(report) == PASSED
    assert messages.ALGORITHM_WEAK in codes(report.warnings)
    late = validate(document(entity))
    assert verdict(late) == (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Integrity.INTACT)


def test_a_key_that_is_too_small_is_refused():
    entity = pki().intermediate.issue("SMALL KEY", kind="rsa1024")
    assert only(validate(document(entity))).sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE
