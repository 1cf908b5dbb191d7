"""The signature, the signer and the report of one document."""

from io import BytesIO

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.pdf import messages as pdf_messages
from certs.pdf.model import SignatureType
from certs.validation import (
    BlockConclusion,
    Conclusion,
    Indication,
    Integrity,
    SubIndication,
    messages,
    report_as_json,
)
from tests.certs.validation.support import (
    DAY,
    PASSED,
    codes,
    document,
    only,
    validate,
    verdict,
)
from tests.pki.authority import END, NOW, SIGNING, START, Entity, pki, root
from tests.pki.cms import signed_data, stamped_by, timestamp_token, to_ber
from tests.pki.documents import add_document_timestamp, plain_pdf, sign, signed_pdf, signed_repeatedly


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


def test_a_container_in_ber_throughout_passes():
    def contents(data):
        return to_ber(signed_data(pki().agency, data, unsigned=[stamped_by(pki().tsa)], digest_name="sha512"))

    assert verdict(validate(signed_pdf(contents))) == PASSED


@pytest.mark.parametrize("kind", ["/DocTimeStamp", "/Sig", None])
def test_a_document_time_stamp_is_one_whatever_its_type_entry_says(kind):
    data = signed_pdf(lambda content: timestamp_token(pki().tsa, content), sub_filter="ETSI.RFC3161", kind=kind)
    report = validate(data)
    assert verdict(report) == PASSED
    assert only(report).type is SignatureType.DOCUMENT_TIMESTAMP
    assert report.message.code == messages.VALID_TIMESTAMP_ONLY
    wrong = validate(data.replace(b"Quyet dinh", b"Quyet DINH"))
    assert verdict(wrong) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE, Integrity.BROKEN)


def test_a_signature_added_to_a_locked_document_is_not_called_an_altered_text():
    locking = "/Reference [<< /TransformMethod /DocMDP /TransformParams << /P 1 /V /1.2 >> >>]"
    report = validate(signed_repeatedly(lambda data: signed_data(pki().agency, data), 2, entries=locking))
    assert report.signatures[0].integrity is Integrity.CHANGED
    assert report.conclusion is Conclusion.INVALID
    assert report.message.code == messages.INVALID_LOCKED
    assert report.what_to_do.code == messages.DO_SIGN_IN_ORDER


@pytest.mark.parametrize("is_attached", [True, False])
def test_a_signed_document_that_came_as_an_attachment_is_to_be_checked_on_its_own(is_attached):
    out = BytesIO()
    with pikepdf.open(BytesIO(plain_pdf())) as cover:
        if is_attached:
            cover.attachments["decision.pdf"] = sign(plain_pdf(), pki().agency)
        cover.save(out)
    report = validate(out.getvalue())
    assert report.conclusion is Conclusion.UNSIGNED
    assert (pdf_messages.WARN_ATTACHMENTS in codes(report.warnings)) is is_attached


def test_a_document_time_stamp_is_not_counted_as_a_signature():
    data = add_document_timestamp(sign(plain_pdf(), pki().agency), pki().tsa, at=SIGNING)
    report = validate(data)
    assert len(report.signatures) == 2
    assert report.message.code == messages.VALID_ONE
    report = validate(add_document_timestamp(sign(data, pki().agency, field="Seal"), pki().tsa, at=SIGNING))
    assert report.message.code == messages.VALID_MANY
    assert report.message.parameters["count"] == "2"


def test_adbe_pkcs7_sha1_signs_a_digest():
    import hashlib

    def contents(data):
        value = hashlib.sha1(data).digest()
        return signed_data(pki().agency, value, enveloped=value, unsigned=[stamped_by(pki().tsa)])

    good = signed_pdf(contents, sub_filter="adbe.pkcs7.sha1")
    # SHA-256 over the twenty bytes of a SHA-1 digest is as good as SHA-1.
    refused = (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Integrity.INTACT)
    assert verdict(validate(good)) == refused
    assert only(validate(good)).method.digest == "sha1"
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


def test_of_two_certificates_with_one_key_the_bound_one_signed():
    old = pki().intermediate.issue("XÃ CŨ", label="renewed with its key", serial_number=501)
    new = pki().intermediate.issue("XÃ MỚI", label="renewed with its key", serial_number=502)
    report = validate(document(new, certificates=[old.der, new.der], bind=new, by_key_identifier=True))
    assert verdict(report) == PASSED
    assert only(report).signer == "XÃ MỚI"


@pytest.mark.parametrize("name", ["BỊA", "XÃ BỊA Ở MỘT NƠI XA"])
def test_a_made_up_certificate_for_the_signers_key_takes_no_name_and_no_verdict(name):
    """The certificates of a signature are a set, which DER orders by length."""
    honest = pki().intermediate.issue("XÃ THẬT", label="a key with twins", serial_number=503)
    fake = root("CA BỊA").issue(name, label="a key with twins", serial_number=504)
    report = validate(document(honest, certificates=[fake.der, honest.der], by_key_identifier=True))
    assert verdict(report) == PASSED
    assert only(report).signer == "XÃ THẬT"


def test_a_made_up_certificate_for_the_key_of_a_unit_takes_no_time_stamp():
    unit = pki().intermediate.time_stamping_unit("TSA THẬT", label="a unit with twins", serial_number=505)
    fake = root("CA BỊA").time_stamping_unit("BỊA", label="a unit with twins", serial_number=506)
    stamp = stamped_by(unit, certificates=[fake.der, unit.der], by_key_identifier=True)
    data = signed_pdf(lambda content: signed_data(pki().agency, content, unsigned=[stamp]))
    (found,) = only(validate(data)).timestamps
    assert (found.is_proof, found.authority_name) == (True, "TSA THẬT")


def test_where_different_holders_may_have_signed_nobody_is_named():
    one, other = (
        pki().intermediate.issue(name, label="a shared key", serial_number=serial)
        for name, serial in (("XÃ MỘT", 507), ("XÃ HAI", 508))
    )
    report = validate(document(one, certificates=[one.der, other.der], by_key_identifier=True))
    assert verdict(report) == (
        Indication.INDETERMINATE,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
        Integrity.INTACT,
    )
    assert only(report).signer == ""
    assert messages.SIGNER_AMBIGUOUS in codes(report.warnings)


def test_a_renewed_certificate_with_the_same_key_is_of_the_same_holder():
    old, new = (
        pki().intermediate.issue("XÃ GIA HẠN", label="renewed for one name", serial_number=serial)
        for serial in (509, 510)
    )
    report = validate(document(new, certificates=[old.der, new.der], by_key_identifier=True))
    assert verdict(report) == PASSED
    assert only(report).signer == "XÃ GIA HẠN"


def test_a_forged_certificate_is_said_to_be_one():
    stranger = root("SOMEBODY ELSE").issue("UBND XÃ GIẢ")
    forged = Entity(
        x509.CertificateBuilder(
            pki().intermediate.certificate.subject, stranger.certificate.subject, stranger.certificate.public_key(), 5
        )
        .not_valid_before(START)
        .not_valid_after(END)
        .sign(stranger.private_key, hashes.SHA256()),
        stranger.private_key,
    )
    report = validate(document(forged))
    assert verdict(report)[:2] == (Indication.INDETERMINATE, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    assert report.message.code == messages.UNDETERMINED_NOT_ISSUED
    assert "TEST CA" in report.message.text()


def test_an_anchor_that_signs_is_bound_to_its_own_dates():
    anchor = root("TỰ KÝ", not_after=NOW - DAY)
    alone = Entity(
        x509.CertificateBuilder(
            anchor.certificate.subject, anchor.certificate.subject, anchor.certificate.public_key(), 9
        )
        .not_valid_before(START)
        .not_valid_after(NOW - DAY)
        .sign(anchor.private_key, hashes.SHA256()),
        anchor.private_key,
    )
    trust = {"anchors": [alone.der, pki().root.der], "certificates": []}
    assert verdict(validate(document(alone), **trust)) == PASSED
    late = validate(document(alone, stamped=False), **trust)
    assert verdict(late)[:2] == (Indication.INDETERMINATE, SubIndication.OUT_OF_BOUNDS_NO_POE)


@pytest.mark.parametrize(
    ("purposes", "may_sign", "may_stamp"),
    [
        ((ExtendedKeyUsageOID.SERVER_AUTH,), False, False),
        ((ExtendedKeyUsageOID.EMAIL_PROTECTION,), True, False),
        ((ExtendedKeyUsageOID.TIME_STAMPING,), False, True),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True, True),
    ],
)
def test_an_authority_gives_no_purpose_that_it_lacks(purposes, *, may_sign, may_stamp):
    authority = pki().root.issue("CA FOR SOMETHING", is_ca=True, usages=("key_cert_sign",), extended=purposes)
    signed = validate(document(authority.issue("UBND XÃ DƯỚI CA")), certificates=[authority.der])
    assert (only(signed).sub_indication is None) is may_sign
    unit = authority.time_stamping_unit("TSA FOR SOMETHING")
    data = signed_pdf(lambda content: signed_data(pki().agency, content, unsigned=[stamped_by(unit)]))
    stamped = validate(data, certificates=[authority.der, pki().intermediate.der])
    assert (only(stamped).best_signature_time == SIGNING) is may_stamp


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


@pytest.mark.parametrize(
    ("purposes", "may_sign"),
    [
        ((ExtendedKeyUsageOID.SERVER_AUTH,), False),
        ((ExtendedKeyUsageOID.TIME_STAMPING,), False),
        ((ExtendedKeyUsageOID.OCSP_SIGNING,), False),
        ((ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH), True),
        ((ExtendedKeyUsageOID.EMAIL_PROTECTION,), True),
    ],
)
def test_the_certificate_of_a_machine_may_not_sign_documents(purposes, *, may_sign):
    entity = pki().intermediate.issue("MACHINE", extended=purposes)
    expected = None if may_sign else SubIndication.CHAIN_CONSTRAINTS_FAILURE
    assert only(validate(document(entity))).sub_indication is expected


@pytest.mark.parametrize("digest", ["md5", "sha1"])
def test_a_weak_digest_is_not_made_good_by_the_scheme_that_signs_it(digest):
    entity = pki().intermediate.issue("AGENCY ed25519", kind="ed25519")
    report = validate(document(entity, digest_name=digest))
    assert only(report).sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE


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
    assert report_as_json(first) == report_as_json(second)


def test_evidence_that_is_not_authentic_changes_no_indication():
    forged = pki().intermediate.crl([(pki().agency, START)], at=SIGNING, signer=root("SOMEBODY ELSE"))
    assert verdict(validate(document(), crls=[forged, b"rubbish"], ocsp=[b"rubbish"])) == PASSED


def test_the_json_holds_the_contract():
    as_json = report_as_json(
        validate(document(entries="/M (D:20240601100000+07'00')"), crls=[pki().intermediate.crl(at=SIGNING)])
    )
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
    english = report_as_json(validate(document()), "en")
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
