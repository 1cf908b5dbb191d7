import base64
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.certificate import MAX_CERTIFICATE_BYTES, MalformedCertificate, format_serial, parse_certificate
from certs.keys import KeyInfo
from certs.names import Code, CodeKind
from certs.subject_kind import SubjectKind

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the public sample certificates are not beside the project"
)

START = datetime(2021, 5, 19, 6, 33, tzinfo=UTC)
CA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL_KEY = ec.generate_private_key(ec.SECP256R1())

AGENCY = (
    (NameOID.COUNTRY_NAME, "VN"),
    (NameOID.LOCALITY_NAME, "Bắc Giang"),
    (NameOID.ORGANIZATION_NAME, "UBND TỈNH BẮC GIANG"),
    (NameOID.COMMON_NAME, "SỞ Y TẾ"),
    (NameOID.USER_ID, "MST:2400123456"),
    (NameOID.EMAIL_ADDRESS, "SoYTe@bacgiang.example"),
)


def x509_name(pairs):
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


ISSUER = x509_name([(NameOID.COUNTRY_NAME, "VN"), (NameOID.COMMON_NAME, "DEMO CA")])


def issue(
    pairs=AGENCY, *, key=SMALL_KEY, serial=0x26B8281E7100B654, extensions=(), digest=None, issuer=ISSUER, pss=None
):
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509_name(pairs))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=1826))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(CA_KEY, digest or hashes.SHA256(), rsa_padding=pss).public_bytes(serialization.Encoding.DER)


PROFILE = (
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (
        x509.KeyUsage(
            digital_signature=True,
            content_commitment=True,
            key_encipherment=True,
            data_encipherment=True,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        ),
        True,
    ),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
    (x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.16.704.1.1.1.1.1"), None)]), False),
    (
        x509.SubjectAlternativeName([x509.RFC822Name("soyte@bacgiang.example"), x509.RFC822Name("vt@syt.example")]),
        False,
    ),
    (x509.AuthorityKeyIdentifier(b"\x50\xbe", None, None), False),
    (x509.SubjectKeyIdentifier(b"\x01\x02"), False),
    (
        x509.CRLDistributionPoints(
            [
                x509.DistributionPoint(
                    [x509.UniformResourceIdentifier(f"http://ca.example/{name}.crl")], None, None, None
                )
                for name in "ab"
            ]
        ),
        False,
    ),
    (
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(
                    AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://ca.example/ca.crt")
                ),
                x509.AccessDescription(
                    AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example")
                ),
            ]
        ),
        False,
    ),
)


def test_an_agency_certificate_is_read_into_what_the_register_keeps():
    der = issue(extensions=PROFILE)
    certificate = parse_certificate(der)
    assert certificate.der == der
    assert certificate.sha256 == x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex()
    assert certificate.serial == "26b8281e7100b654"
    assert certificate.subject.common_name == "SỞ Y TẾ"
    assert str(certificate.issuer) == "C=VN, CN=DEMO CA"
    assert (certificate.not_before, certificate.not_after) == (START, START + timedelta(days=1826))
    assert certificate.not_after.tzinfo is UTC
    assert certificate.key == KeyInfo("EC", 256, "secp256r1")
    assert (certificate.signature_algorithm, certificate.signature_hash) == ("sha256WithRSAEncryption", "sha256")
    assert certificate.codes == (Code(CodeKind.MST, "2400123456"),)
    assert certificate.emails == ("soyte@bacgiang.example", "vt@syt.example")
    assert (certificate.is_ca, certificate.is_self_issued) == (False, False)
    assert (certificate.is_weak_key, certificate.is_weak_signature) == (False, False)
    assert certificate.oddities == ()


def test_the_extensions_of_a_government_profile():
    extensions = parse_certificate(issue(extensions=PROFILE)).extensions
    assert extensions.key_usages == ("digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment")
    assert extensions.extended_key_usages == ("clientAuth", "emailProtection")
    assert extensions.policies == ("2.16.704.1.1.1.1.1",)
    assert (extensions.authority_key_id, extensions.subject_key_id) == ("50be", "0102")
    assert extensions.crl_urls == ("http://ca.example/a.crl", "http://ca.example/b.crl")
    assert (extensions.ocsp_urls, extensions.issuer_urls) == (("http://ocsp.example",), ("http://ca.example/ca.crt",))


def with_serial(der, old, new):
    """Put another INTEGER of the same length in the place of the serial number."""
    assert der.count(old) == 1
    return der.replace(old, new)


def test_the_tolerant_reading_gives_the_same_values_as_the_strict_one():
    strict = parse_certificate(issue(extensions=PROFILE, serial=0x1122334455667788))
    tolerant = parse_certificate(
        with_serial(strict.der, bytes.fromhex("02081122334455667788"), bytes.fromhex("0208f122334455667788"))
    )
    assert [oddity.code for oddity in tolerant.oddities] == ["certificate.odd.not_strict", "certificate.odd.serial"]
    assert tolerant.serial == "-0eddccbbaa998878"
    assert tolerant.extensions == strict.extensions
    assert (tolerant.not_before, tolerant.not_after) == (strict.not_before, strict.not_after)
    assert (tolerant.subject, tolerant.issuer) == (strict.subject, strict.issuer)
    assert (tolerant.key.algorithm, tolerant.key.bits) == ("EC", 256)


def test_one_damaged_extension_does_not_hide_the_others():
    whole = parse_certificate(issue(extensions=PROFILE))
    # the rfc822Name tag becomes one that GeneralName does not have
    damaged = parse_certificate(whole.der.replace(b"\x81\x16soyte@", b"\x8f\x16soyte@"))
    assert damaged.extensions.unreadable == ("2.5.29.17",)
    assert damaged.extensions.crl_urls == whole.extensions.crl_urls
    assert damaged.emails == ("SoYTe@bacgiang.example",)
    assert [oddity.code for oddity in damaged.oddities] == ["certificate.odd.extension"]
    assert "2.5.29.17" in damaged.oddities[0].text("vi")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "01"),
        (0x2F11D3, "2f11d3"),
        (0xFF, "ff"),
        (0, "00"),
        (-1, "-01"),
        (2**159 - 1, "7f" + 19 * "ff"),
        (2**160, "01" + 20 * "00"),
    ],
)
def test_serials_are_whole_octets_of_lower_case_hexadecimal(number, text):
    assert format_serial(number) == text
    assert int(format_serial(number), 16) == number


def test_a_serial_of_20_octets_survives():
    certificate = parse_certificate(issue(serial=2**159 - 1))
    assert certificate.serial == "7f" + 19 * "ff"
    assert certificate.oddities == ()


def test_weak_algorithms_are_flagged():
    certificate = parse_certificate(issue(key=rsa.generate_private_key(public_exponent=65537, key_size=1024)))
    assert certificate.is_weak_key
    sha1 = certificate.der.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105"))
    assert parse_certificate(sha1).is_weak_signature
    assert parse_certificate(sha1).signature_algorithm == "sha1WithRSAEncryption"


def test_other_keys_and_signatures():
    edwards = parse_certificate(issue(key=ed25519.Ed25519PrivateKey.generate()))
    assert (edwards.key, edwards.is_weak_key) == (KeyInfo("Ed25519", 256), False)
    pss = parse_certificate(issue(pss=padding.PSS(padding.MGF1(hashes.SHA384()), 48), digest=hashes.SHA384()))
    assert (pss.signature_algorithm, pss.signature_hash) == ("RSASSA-PSS", "sha384")


def test_different_algorithms_inside_and_outside_are_odd():
    der = issue()
    inner = der.index(bytes.fromhex("2a864886f70d01010b"))
    changed = parse_certificate(der[: inner + 8] + b"\x0c" + der[inner + 9 :])
    assert "certificate.odd.algorithms" in {oddity.code for oddity in changed.oddities}


def test_self_issued_whatever_the_spelling():
    pairs = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.COMMON_NAME, "demo  ca")]
    assert parse_certificate(issue(pairs)).is_self_issued


def test_a_certificate_is_a_value():
    certificate = parse_certificate(issue(extensions=PROFILE))
    again = pickle.loads(pickle.dumps(certificate))
    assert (again, hash(again)) == (certificate, hash(certificate))
    assert again.extensions == certificate.extensions
    assert certificate != parse_certificate(issue(serial=7))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "certificate.empty"),
        (b"hello", "certificate.not_a_certificate"),
        (b"\x30\x80\x00\x00", "certificate.not_a_certificate"),
        (b"\x30\x00", "certificate.not_a_certificate"),
        (bytes(MAX_CERTIFICATE_BYTES + 1), "certificate.too_large"),
    ],
)
def test_what_is_no_certificate_is_refused_with_a_reason(data, code):
    with pytest.raises(MalformedCertificate) as refused:
        parse_certificate(data)
    assert refused.value.code == code
    assert refused.value.reason.text("vi")


def test_cut_off_and_trailing_bytes_are_refused():
    der = issue()
    for data in (der[:-1], der + b"\n", der[: len(der) // 2]):
        with pytest.raises(MalformedCertificate) as refused:
            parse_certificate(data)
        assert refused.value.code == "certificate.not_a_certificate"


def test_a_name_that_is_damaged_is_refused_by_field():
    der = issue().replace(b"\x06\x03\x55\x04\x07", b"\x05\x03\x55\x04\x07")
    with pytest.raises(MalformedCertificate) as refused:
        parse_certificate(der)
    assert refused.value.code == "certificate.bad_field"
    assert refused.value.reason.parameters["field"] == "subject"


@pytest.mark.parametrize(
    ("pairs", "usages", "kind", "is_certain"),
    [
        ([("UID", "CCCD:024075001234"), ("CN", "Nguyễn Văn An")], (), SubjectKind.PERSON, True),
        ([("UID", "MST:2400123456"), ("CN", "Sở Y tế")], (), SubjectKind.ORGANISATION, True),
        ([("UID", "MST:2400123456"), ("CN", "Phần mềm một cửa")], (), SubjectKind.DEVICE, False),
        ([("UID", "MST:1"), ("UID", "CMND:2"), ("CN", "Lê Thị B")], (), SubjectKind.PERSON, True),
        ([("CN", "TSA 01")], (ExtendedKeyUsageOID.TIME_STAMPING,), SubjectKind.DEVICE, True),
        ([("CN", "NGUYỄN THỊ HỒNG HẠNH")], (), SubjectKind.PERSON, False),
        ([("CN", "Tran Van Duc")], (), SubjectKind.PERSON, False),
        ([("CN", "Đoàn Văn Sở")], (), SubjectKind.PERSON, False),
        ([("CN", "Bàn Văn Minh")], (), SubjectKind.PERSON, False),
        ([("CN", "Ban Quản lý các khu công nghiệp")], (), SubjectKind.ORGANISATION, False),
        ([("CN", "UBND xã Tân An")], (), SubjectKind.ORGANISATION, False),
        ([("CN", "TRUONG TIEU HOC TAN AN")], (), SubjectKind.ORGANISATION, False),
        ([("O", "VNPT Group"), ("CN", "VNPT  group")], (), SubjectKind.ORGANISATION, False),
        ([("CN", "dichvucong.bacgiang.example")], (), SubjectKind.DEVICE, False),
        ([("CN", "Máy chủ ký số tập trung")], (), SubjectKind.DEVICE, False),
        ([("CN", "XYZ 3000")], (), None, False),
        ([("O", "X")], (), None, False),
    ],
)
def test_the_kind_is_guessed_with_reasons(pairs, usages, kind, is_certain):
    oids = {"CN": NameOID.COMMON_NAME, "UID": NameOID.USER_ID, "O": NameOID.ORGANIZATION_NAME}
    extensions = [(x509.ExtendedKeyUsage(usages), False)] if usages else []
    guess = parse_certificate(issue([(oids[name], value) for name, value in pairs], extensions=extensions)).kind_guess
    assert (guess.kind, guess.is_certain) == (kind, is_certain)
    assert bool(guess.reasons) == (kind is not None)
    assert all(reason.text(language) for reason in guess.reasons for language in ("vi", "en"))


def read_everything(certificate):
    """Touch every property that is read lazily."""
    assert isinstance(certificate.extensions.unreadable, tuple)
    assert isinstance(certificate.emails, tuple)
    assert isinstance(certificate.codes, tuple)
    assert isinstance(certificate.is_self_issued, bool)
    assert certificate.kind_guess.reasons is not None
    assert str(certificate.subject).isprintable()
    assert str(certificate.issuer).isprintable()
    return certificate.oddities


SEEDS = [issue(extensions=PROFILE), issue(), issue(extensions=PROFILE, serial=1)]
SEEDS.append(SEEDS[2].replace(bytes.fromhex("a003020102020101"), bytes.fromhex("a0030201020201ff")))


@settings(deadline=None, max_examples=1500)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_damaged_certificate_is_a_certificate_or_refused(seed, changes):
    der = bytearray(seed)
    for place, octet in changes:
        der[place % len(der)] = octet
    try:
        certificate = parse_certificate(bytes(der))
    except MalformedCertificate:
        return
    assert certificate.not_before.tzinfo is UTC
    read_everything(certificate)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_certificate_or_refused(data):
    try:
        certificate = parse_certificate(data)
    except MalformedCertificate:
        return
    read_everything(certificate)


def corpus_der(path):
    data = path.read_bytes()
    if data.startswith(b"-----"):
        return base64.b64decode(b"".join(data.split(b"-----")[2].split()))
    return data if data.startswith(b"\x30") else base64.b64decode(data)


@needs_corpus
def test_every_real_certificate_is_read_without_an_oddity():
    paths = [path for folder in ("leaf", "ca", "tsa") for path in sorted((CORPUS / folder).iterdir())]
    assert paths
    for path in paths:
        certificate = parse_certificate(corpus_der(path))
        assert read_everything(certificate) == (), path.name
        assert certificate.is_ca == (path.parent.name == "ca"), path.name


@needs_corpus
def test_real_leafs_of_both_generations():
    old = parse_certificate(corpus_der(CORPUS / "leaf" / "service-g1-2017.cer"))
    new = parse_certificate(corpus_der(CORPUS / "leaf" / "agency-g2-2025.pem"))
    assert (old.serial, old.is_weak_signature, old.emails) == ("2f11d3", True, ("ca@bcy.gov.vn",))
    assert (new.serial, new.is_weak_signature, new.key.bits) == ("2a05f812673607b0", False, 3072)
    assert (new.kind_guess.kind, old.kind_guess.kind) == (SubjectKind.ORGANISATION, SubjectKind.DEVICE)
    assert str(new.subject) == "C=VN, L=Hà Nội, O=BỘ TÀI CHÍNH, CN=CỤC THUẾ"


@needs_corpus
def test_every_certificate_of_pkits_is_read():
    odd = {}
    for path in sorted((CORPUS / "pkits" / "certs").iterdir()):
        oddities = read_everything(parse_certificate(path.read_bytes()))
        if oddities:
            odd[path.stem] = {oddity.code for oddity in oddities}
    assert odd == {
        "DSAParametersInheritedCACert": {"certificate.odd.not_strict", "certificate.odd.key"},
        "ValidDSAParameterInheritanceTest5EE": {"certificate.odd.not_strict", "certificate.odd.key"},
        "InvalidNegativeSerialNumberTest15EE": {"certificate.odd.not_strict", "certificate.odd.serial"},
    }
