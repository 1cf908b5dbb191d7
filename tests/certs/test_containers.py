import base64
import io
import itertools
import pickle
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.containers import ContainerLimits, Found, Refused, ZipLimits, read_certificates
from certs.messages import Message

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the public sample files are not beside the project")

START = datetime(2021, 5, 19, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def issue(number):
    return (
        x509.CertificateBuilder()
        .subject_name(name(f"Đơn vị {number}"))
        .issuer_name(name("CA"))
        .public_key(RSA_KEY.public_key())
        .serial_number(number)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=1826))
        .sign(RSA_KEY, hashes.SHA256())
    )


CERTIFICATES = [issue(number) for number in (1, 2, 3)]
DER = [certificate.public_bytes(Encoding.DER) for certificate in CERTIFICATES]
PEM = [certificate.public_bytes(Encoding.PEM) for certificate in CERTIFICATES]
BARE = base64.encodebytes(DER[0])
P7B = pkcs7.serialize_certificates(CERTIFICATES[:2], Encoding.DER)
P7B_PEM = pkcs7.serialize_certificates(CERTIFICATES[:2], Encoding.PEM)
REQUEST = x509.CertificateSigningRequestBuilder().subject_name(name("A")).sign(KEY, hashes.SHA256())
CRL = (
    x509.CertificateRevocationListBuilder()
    .issuer_name(name("CA"))
    .last_update(START)
    .next_update(START + timedelta(days=1))
    .sign(RSA_KEY, hashes.SHA256())
)
CMS = (
    pkcs7.PKCS7SignatureBuilder()
    .set_data(b"x")
    .add_signer(CERTIFICATES[1], RSA_KEY, hashes.SHA256())
    .add_certificate(CERTIFICATES[2])
    .sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])
)
CMS_WITHOUT_CERTIFICATE = (
    pkcs7.PKCS7SignatureBuilder()
    .set_data(b"x")
    .add_signer(CERTIFICATES[1], RSA_KEY, hashes.SHA256())
    .sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoCerts])
)


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
    return buffer.getvalue()


ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
ODT_TYPE = b"application/vnd.oasis.opendocument.text"


def pdf_of(*messages):
    fields = b"".join(b"/Type /Sig /Contents <" + cms.hex().encode() + b"00000000> " for cms in messages)
    return b"%PDF-1.7\n" + fields + b"%%EOF"


def read(data, file_name="a.bin", limits=None):
    return list(read_certificates(data, file_name=file_name, limits=limits))


def serials(findings):
    assert all(isinstance(finding, Found) for finding in findings), findings
    return [finding.certificate.serial for finding in findings]


def refusal(data, file_name="a.bin", limits=None):
    (finding,) = read(data, file_name, limits)
    assert isinstance(finding, Refused), finding
    assert finding.reason.text("vi")
    return finding.reason.code


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (DER[0], ["01"]),
        (DER[0] + b"\r\n\x00", ["01"]),
        (DER[0] + DER[1], ["01", "02"]),
        (PEM[0], ["01"]),
        (b"".join(PEM), ["01", "02", "03"]),
        (b"subject=/CN=x\r\n" + PEM[0].replace(b"\n", b"\r\n") + b"\r\ntext\r\n" + PEM[1], ["01", "02"]),
        (b"\xef\xbb\xbf" + PEM[0], ["01"]),
        (PEM[0].decode().encode("utf-16"), ["01"]),
        (PEM[0].replace(b"CERTIFICATE", b"X509 CERTIFICATE"), ["01"]),
        (BARE, ["01"]),
        (BARE.replace(b"\n", b""), ["01"]),
        (b"\xef\xbb\xbf" + BARE, ["01"]),
        (P7B, ["01", "02"]),
        (P7B_PEM, ["01", "02"]),
        (base64.encodebytes(P7B), ["01", "02"]),
        (b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(P7B) + b"-----END CERTIFICATE-----\n", ["01", "02"]),
    ],
)
def test_every_encoding_of_certificates_is_read(data, expected):
    assert serials(read(data)) == expected


def test_the_place_tells_where_a_certificate_was():
    inner = zip_of({"xã/b.p7b": P7B})
    outer = zip_of({"a.cer": DER[0], "huyện/trong.zip": inner, "c.pem": b"".join(PEM)})
    assert [finding.place for finding in read(outer, "gửi.zip")] == [
        "gửi.zip/a.cer",
        "gửi.zip/huyện/trong.zip/xã/b.p7b#1",
        "gửi.zip/huyện/trong.zip/xã/b.p7b#2",
        "gửi.zip/c.pem#1",
        "gửi.zip/c.pem#2",
        "gửi.zip/c.pem#3",
    ]


def test_places_are_safe_to_show():
    (finding,) = read(zip_of({"a\u202erec.cer": DER[0]}), "b\x00.zip")
    assert finding.place == "b␀.zip/a⟦U+202E⟧rec.cer"


def zip_with_raw_name(raw, extra=b""):
    """A ZIP whose only member has these bytes as its name and no flag that says how they are encoded."""
    placeholder = b"n" * len(raw)
    info = zipfile.ZipInfo(placeholder.decode())
    info.extra = extra
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, DER[0])
    return buffer.getvalue().replace(placeholder, raw)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("xã Tân An/chứng thư.cer".encode(), "xã Tân An/chứng thư.cer"),
        ("Trường.cer".encode("cp1258", errors="ignore"), "Trường.cer"),
        (b"Nguy\xd4n V\xa8n A.cer", "Nguyễn Văn A.cer"),
        (b"Nguye\xe3n Va\xean A.cer", "Nguyễn Văn A.cer"),
        (b"thu muc\\a.cer", "thu muc/a.cer"),
    ],
)
def test_file_names_in_a_zip_are_read_in_any_encoding(raw, path):
    if raw.startswith(b"Tr"):
        raw = b"Tr\xfd\xf5\xcc" + b"ng.cer"  # ườ as code page 1258 writes it
    assert [finding.place for finding in read(zip_with_raw_name(raw), "z.zip")] == [f"z.zip/{path}"]


def falsely_claimed_zip():
    placeholder, raw = "ừ" * 5 + ".cer", b"Nguy\xd4n V\xa8n An 1.cer"
    return zip_of({"a.cer": DER[0], placeholder: DER[1], "xã.cer": DER[2]}).replace(placeholder.encode(), raw)


def test_a_name_that_falsely_claims_to_be_utf8_hides_no_other():
    found = read(falsely_claimed_zip(), "z.zip")
    assert [finding.place for finding in found] == ["z.zip/a.cer", "z.zip/Nguyễn Văn An 1.cer", "z.zip/xã.cer"]
    assert serials(found) == ["01", "02", "03"]


@given(st.integers(0, 4000), st.integers(0, 255))
def test_a_directory_with_false_claims_and_wrong_numbers_is_refused_and_never_raised_for(place, octet):
    data = bytearray(falsely_claimed_zip())
    data[-1 - place % 260] = octet
    for finding in read(bytes(data), "z.zip"):
        assert finding.place.startswith("z.zip")


def test_the_unicode_name_of_info_zip_wins():
    path = "xã.cer".encode()
    extra = struct.pack("<HHBI", 0x7075, 5 + len(path), 1, 0) + path
    assert [finding.place for finding in read(zip_with_raw_name(b"x\xc6.cer", extra), "z.zip")] == ["z.zip/xã.cer"]


def test_litter_of_operating_systems_is_passed_over():
    data = zip_of({"a.cer": DER[0], "__MACOSX/._a.cer": b"x", "d/.DS_Store": b"x", "Thumbs.db": b"x", "d/": b""})
    assert serials(read(data)) == ["01"]


PASSWORD = BestAvailableEncryption(b"secret")
TRADITIONAL = PrivateFormat.TraditionalOpenSSL
PKCS8 = PrivateFormat.PKCS8
KEYS = {
    "pkcs8": RSA_KEY.private_bytes(Encoding.DER, PKCS8, NoEncryption()),
    "pkcs8-pem": RSA_KEY.private_bytes(Encoding.PEM, PKCS8, NoEncryption()),
    "pkcs8-encrypted": RSA_KEY.private_bytes(Encoding.DER, PKCS8, PASSWORD),
    "pkcs8-encrypted-pem": RSA_KEY.private_bytes(Encoding.PEM, PKCS8, PASSWORD),
    "pkcs1": RSA_KEY.private_bytes(Encoding.DER, TRADITIONAL, NoEncryption()),
    "pkcs1-pem": RSA_KEY.private_bytes(Encoding.PEM, TRADITIONAL, NoEncryption()),
    "pkcs1-encrypted-pem": RSA_KEY.private_bytes(Encoding.PEM, TRADITIONAL, PASSWORD),
    "sec1": KEY.private_bytes(Encoding.DER, TRADITIONAL, NoEncryption()),
    "sec1-pem": KEY.private_bytes(Encoding.PEM, TRADITIONAL, NoEncryption()),
    "dsa": dsa.generate_private_key(1024).private_bytes(Encoding.DER, TRADITIONAL, NoEncryption()),
    "openssh": KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
}
KEYS["pkcs8-bare"] = base64.encodebytes(KEYS["pkcs8"])
KEYS["pkcs8-as-certificate"] = b"-----BEGIN CERTIFICATE-----\n" + KEYS["pkcs8-bare"] + b"-----END CERTIFICATE-----\n"
KEYS["cut"] = KEYS["pkcs8"][:400]
KEYS["cut-pem"] = KEYS["pkcs1-pem"][:400]
KEYS["putty"] = b"PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: none\r\n"

STORE = pkcs12.serialize_key_and_certificates(b"a", RSA_KEY, CERTIFICATES[0], None, PASSWORD)
STORES = {
    "pkcs12": STORE,
    "pkcs12-bare": base64.encodebytes(STORE),
    "pkcs12-indefinite": bytes.fromhex("3080020103308006092a864886f70d010701a080"),
    "jks": b"\xfe\xed\xfe\xed\x00\x00\x00\x02" + bytes(20),
}


@pytest.mark.parametrize("data", KEYS.values(), ids=KEYS.keys())
def test_a_private_key_is_refused(data):
    assert refusal(data) == "container.private_key"
    assert refusal(zip_of({"k.bin": data})) == "container.private_key"


@pytest.mark.parametrize("data", STORES.values(), ids=STORES.keys())
def test_a_key_store_is_refused(data):
    assert refusal(data) == "container.key_store"


@pytest.mark.parametrize("file_name", ["a.pfx", "A.P12", "x.jks"])
def test_an_unreadable_key_store_is_known_by_its_name(file_name):
    assert refusal(b"\x01\x02garbage", file_name) == "container.key_store"


def test_the_user_is_told_what_to_do_about_a_key():
    (finding,) = read(KEYS["pkcs1"])
    assert "coi như khóa đã lộ" in finding.reason.text("vi")
    assert "exposed" in finding.reason.text("en")


def test_a_key_beside_its_certificate_is_refused_and_the_certificate_taken():
    first, second = read(KEYS["pkcs1-pem"] + PEM[0], "a.pem")
    assert (first.place, first.reason.code) == ("a.pem#1", "container.private_key")
    assert (second.place, second.certificate.serial) == ("a.pem#2", "01")


@pytest.mark.parametrize("data", [*KEYS.values(), *STORES.values()], ids=[*KEYS, *STORES])
def test_nothing_of_a_secret_is_repeated(data):
    for finding in read(data):
        said = finding.reason.text("vi") + finding.reason.text("en") + repr(finding)
        for form in (data, base64.b64encode(data), data.hex().encode()):
            chunks = {form[at : at + 12] for at in range(0, len(form) - 12, 12)}
            assert not any(chunk.decode("latin-1") in said for chunk in chunks)


@pytest.mark.parametrize(
    ("data", "file_name", "code"),
    [
        (b"", "a.cer", "container.empty"),
        (b" \r\n\x00", "a.cer", "container.empty"),
        (REQUEST.public_bytes(Encoding.DER), "a.cer", "container.request"),
        (REQUEST.public_bytes(Encoding.PEM), "a.cer", "container.request"),
        (CRL.public_bytes(Encoding.DER), "a.cer", "container.crl"),
        (CRL.public_bytes(Encoding.PEM), "a.cer", "container.crl"),
        (KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "a", "container.public_key"),
        (KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "a", "container.public_key"),
        (RSA_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1), "a", "container.public_key"),
        (zip_of({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "a.xlsx", "container.spreadsheet"),
        (zip_of({"mimetype": ODS_TYPE}, zipfile.ZIP_STORED), "a.ods", "container.spreadsheet"),
        (zip_of({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "a.docx", "container.office_document"),
        (zip_of({"mimetype": ODT_TYPE}, zipfile.ZIP_STORED), "a.odt", "container.office_document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls", "container.spreadsheet"),
        ("STT;Họ và tên\n1;A".encode(), "ds.csv", "container.spreadsheet"),
        (b"0123;A", "ds.csv", "container.spreadsheet"),
        (b"Rar!\x1a\x07\x01\x00", "a.rar", "container.archive"),
        (b"7z\xbc\xaf\x27\x1c", "a.7z", "container.archive"),
        (b"hello", "a.txt", "container.unknown"),
        (b"\x89PNG\r\n", "a.png", "container.unknown"),
        (zip_of({}), "a.zip", "container.empty"),
        (b"PK\x03\x04garbage", "a.zip", "container.zip_damaged"),
        (PEM[0][:300], "a.pem", "container.pem_incomplete"),
        (PEM[0].replace(b"MII", b"M!I"), "a.pem", "container.pem_not_base64"),
        (pkcs7.serialize_certificates(CERTIFICATES[:1], Encoding.DER)[:-40], "a.p7b", "container.p7b_damaged"),
        (CMS_WITHOUT_CERTIFICATE, "a.p7s", "container.p7b_empty"),
        (DER[0][:200], "a.cer", "certificate.not_a_certificate"),
        (b"%PDF-1.7\n%%EOF", "a.pdf", "container.pdf_unsigned"),
        (pdf_of(bytes(200)), "a.pdf", "container.pdf_unsigned"),
        (pdf_of(CMS_WITHOUT_CERTIFICATE), "a.pdf", "container.pdf_signer_missing"),
    ],
    ids=itertools.count(),  # the data hold fresh keys, which must not name the cases
)
def test_everything_else_is_refused_with_its_own_reason(data, file_name, code):
    assert refusal(data, file_name) == code


def test_data_after_a_certificate_is_mentioned():
    first, second = read(DER[0] + b"trailing")
    assert (first.certificate.serial, second.reason.code) == ("01", "container.trailing_bytes")


def test_a_bad_file_in_a_zip_does_not_hide_the_others():
    data = zip_of(
        {
            "1.cer": DER[0],
            "2.cer": b"junk",
            "list.xlsx": zip_of({"[Content_Types].xml": b"", "xl/a": b""}),
            "3.cer": DER[1],
        }
    )
    codes = [f.certificate.serial if isinstance(f, Found) else f.reason.code for f in read(data)]
    assert codes == ["01", "container.unknown", "container.spreadsheet", "02"]


def test_an_encrypted_zip_is_refused_member_by_member():
    data = bytearray(zip_of({"a.cer": DER[0]}))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)) == "container.zip_encrypted"


def test_a_member_that_expands_without_measure_is_refused():
    data = zip_of({"bomb.cer": bytes(20_000_000), "good.cer": DER[0]})
    first, second = read(data)
    assert first.reason.code == "container.zip_bomb"
    assert second.certificate.serial == "01"


def test_a_member_that_lies_about_its_size_is_not_unpacked_further():
    data = zip_of({"bomb.cer": bytes(20_000_000)})
    lying = data.replace(struct.pack("<I", 20_000_000), struct.pack("<I", 10))
    assert refusal(lying) in ("container.zip_bomb", "container.zip_damaged")


def test_the_total_that_a_zip_may_expand_to_is_bounded_over_all_levels():
    limits = ContainerLimits(zip=ZipLimits(max_total_bytes=len(DER[0]) * 3))
    inner = zip_of({f"{n}.cer": DER[0] for n in range(50)})
    findings = read(zip_of({"a.zip": inner, "b.cer": DER[1]}), limits=limits)
    assert findings[-1].reason.code == "container.zip_bomb"
    assert len(findings) < 6


def test_the_number_of_members_is_bounded():
    limits = ContainerLimits(zip=ZipLimits(max_members=5))
    assert refusal(zip_of({f"{n}.cer": DER[0] for n in range(6)}), limits=limits) == "container.too_many"
    inner = zip_of({f"{n}.cer": DER[0] for n in range(4)})
    findings = read(zip_of({"a.zip": inner, "b.zip": inner}), limits=limits)
    assert sum(isinstance(finding, Found) for finding in findings) == 4
    assert isinstance(findings[-1], Refused)


def test_depth_size_and_number_of_findings_are_bounded():
    nested = DER[0]
    for _ in range(4):
        nested = zip_of({"a.zip": nested})
    assert refusal(nested) == "container.zip_too_deep"
    assert serials(read(zip_of({"a.zip": zip_of({"a.zip": zip_of({"a.cer": DER[0]})})}))) == ["01"]
    assert refusal(DER[0], limits=ContainerLimits(max_bytes=100)) == "container.too_large"
    findings = read(b"".join(PEM), limits=ContainerLimits(max_findings=2))
    assert [type(finding) for finding in findings] == [Found, Found, Refused]
    assert findings[-1].reason.code == "container.too_many"
    too_long = read_certificates(bytes(3 << 20), file_name="a.cer", limits=ContainerLimits(max_bytes=2 << 20))
    assert next(iter(too_long)).reason.text("vi") == "Tệp lớn hơn giới hạn 2 MB."
    too_big = ContainerLimits(zip=ZipLimits(max_member_bytes=100))
    assert refusal(zip_of({"a.cer": DER[0]}), limits=too_big) == "container.too_large"


def test_findings_travel_between_processes():
    findings = read(DER[0] + b"x")
    assert pickle.loads(pickle.dumps(findings)) == findings


def test_findings_come_one_by_one():
    findings = read_certificates(b"".join(PEM) + b"-----BEGIN CERTIFICATE-----", file_name="a.pem")
    assert next(findings).certificate.serial == "01"


def test_a_signed_pdf_gives_each_signer_once():
    (finding,) = read(pdf_of(CMS, bytes(100), CMS), "qd.pdf")
    assert (finding.place, finding.certificate.serial) == ("qd.pdf", "02")


SEEDS = [
    DER[0],
    PEM[0] + PEM[1],
    BARE,
    P7B,
    CMS,
    pdf_of(CMS),
    zip_of({"xã/a.cer": DER[0], "b.zip": zip_of({"c.pem": PEM[0]})}),
    zip_with_raw_name(b"Nguy\xd4n.cer"),
    KEYS["pkcs8"],
    STORE,
]


def is_answer(finding):
    if isinstance(finding, Found):
        return finding.place.isprintable() and len(finding.certificate.sha256) == 64
    return finding.place.isprintable() and isinstance(finding.reason, Message)


@settings(deadline=None, max_examples=800)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=3)), min_size=1, max_size=3))
def test_damaged_files_give_certificates_or_refusals(seed, changes):
    data = bytearray(seed)
    for place, octets in changes:
        at = place % len(data)
        data[at : at + len(octets) or at + 4] = octets
    findings = read(bytes(data), "a.bin")
    assert findings
    assert all(is_answer(finding) for finding in findings)


@settings(deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["", "PK\x03\x04", "%PDF-1.7 /Contents <", "0\x82", "-----BEGIN "]),
    st.text(max_size=8),
)
def test_any_bytes_give_certificates_or_refusals(data, start, file_name):
    findings = read(start.encode("latin-1") + data, file_name)
    assert findings
    assert all(is_answer(finding) for finding in findings)


@needs_corpus
def test_signers_of_real_documents():
    def signers(path):
        return [str(finding.certificate.subject) for finding in read(path.read_bytes(), path.name)]

    portal = signers(CORPUS / "vn" / "222-ttg.signed.pdf")
    assert len(portal) == 1
    assert "CN=CỔNG THÔNG TIN ĐIỆN TỬ CHÍNH PHỦ" in portal[0]
    decree = signers(CORPUS / "vn" / "cp_50-2026-nd_6sigs.pdf")
    assert [subject.partition("CN=")[2].partition(",")[0] for subject in decree] == ["Trần Hồng Hà", "CHÍNH PHỦ"]


@needs_corpus
def test_every_sample_document_gives_an_answer():
    for path in sorted((CORPUS / "pdf").glob("*.pdf")):
        assert read(path.read_bytes(), path.name), path.name
