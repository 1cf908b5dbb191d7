import pickle
import unicodedata

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.der import MalformedDER
from certs.names import Code, CodeKind, display_name, parse_name

SCHOOL = [
    (NameOID.COUNTRY_NAME, "VN"),
    (NameOID.LOCALITY_NAME, "Bắc Giang"),
    (NameOID.ORGANIZATION_NAME, "UBND TỈNH BẮC GIANG"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "UBND XÃ TÂN AN"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "TRƯỜNG THCS TÂN AN"),
    (NameOID.COMMON_NAME, "TRƯỜNG THCS TÂN AN"),
    (NameOID.USER_ID, "MST:2400123456"),
    (NameOID.USER_ID, "MNS: 1 0 99 "),
    (NameOID.EMAIL_ADDRESS, "thcs.tanan@bacgiang.example"),
]


def name_of(pairs):
    return parse_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs]).public_bytes())


def common_name(value):
    return name_of([(NameOID.COMMON_NAME, value)])


def test_order_and_repetition_survive():
    name = name_of(SCHOOL)
    assert [(row.oid, row.value) for row in name.rows] == [(oid.dotted_string, value) for oid, value in SCHOOL]
    assert [row.name for row in name.rows] == ["C", "L", "O", "OU", "OU", "CN", "UID", "UID", "E"]


def test_what_the_register_reads_from_a_subject():
    name = name_of(SCHOOL)
    assert name.common_name == "TRƯỜNG THCS TÂN AN"
    assert name.organisation == "UBND TỈNH BẮC GIANG"
    assert name.organisational_units == ("UBND XÃ TÂN AN", "TRƯỜNG THCS TÂN AN")
    assert name.emails == ("thcs.tanan@bacgiang.example",)
    assert name.codes == (Code(CodeKind.MST, "2400123456"), Code(CodeKind.MNS, "1099"))


def test_absent_attributes_are_absent():
    name = parse_name(b"\x30\x00")
    assert (name.rows, name.common_name, name.organisation, name.codes, str(name)) == ((), None, None, (), "")


@pytest.mark.parametrize("uid", ["0100109106", "MST:", "XYZ:1", "MST", "", "MST 12"])
def test_uid_without_a_known_register_is_no_code(uid):
    assert parse_name(asn1.Name.build({"user_id": uid}).dump()).codes == ()


def test_shown_in_the_order_of_the_certificate():
    name = name_of(
        [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, 'A, "B" + C'), (NameOID.COMMON_NAME, "#x ")]
    )
    assert str(name) == r"C=VN, O=A\, \"B\" \+ C, CN=\#x\ "


def test_joined_attributes_stay_joined():
    rdn = x509.RelativeDistinguishedName(
        [x509.NameAttribute(NameOID.COMMON_NAME, "A"), x509.NameAttribute(NameOID.USER_ID, "CCCD:024001")]
    )
    name = parse_name(x509.Name([rdn]).public_bytes())
    assert str(name) in ("CN=A+UID=CCCD:024001", "UID=CCCD:024001+CN=A")
    assert {row.rdn for row in name.rows} == {0}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("SỞ Y TẾ", "Sở  y\ttế "),
        ("Hòa", unicodedata.normalize("NFD", "HÒA")),
        ("ＡＢ", "ab"),
        ("STRASSE", "Straße"),
        ("a\u200bb", "ab"),
    ],
)
def test_names_match_whatever_case_spacing_and_form(left, right):
    assert common_name(left).matches(common_name(right))
    assert common_name(left) != common_name(right)


def test_string_type_does_not_matter_for_matching():
    printable = parse_name(bytes.fromhex("300f310d300b06035504031304") + b"Root")
    utf8 = parse_name(bytes.fromhex("300f310d300b06035504030c04") + b"ROOT")
    assert printable.matches(utf8)


@pytest.mark.parametrize(("left", "right"), [("Sở Y tế", "So Y te"), ("A B", "AB"), ("A", "B")])
def test_different_names_do_not_match(left, right):
    assert not common_name(left).matches(common_name(right))


def test_order_of_attributes_counts():
    assert not name_of(SCHOOL).matches(name_of(SCHOOL[::-1]))


@pytest.mark.parametrize(
    ("encoded", "value", "is_text"),
    [
        ("0c02c3a9", "é", True),
        ("1302c3a9", "é", True),
        ("1401e9", "é", True),
        ("1e0201af", "Ư", True),
        ("1c04000001af", "Ư", True),
        ("0c01ff", "#0c01ff", False),
        ("1e0101", "#1e0101", False),
        ("020105", "#020105", False),
    ],
)
def test_every_string_type_is_read_and_the_unreadable_is_kept_as_bytes(encoded, value, is_text):
    raw = bytes.fromhex(encoded)
    pair = b"\x06\x03\x55\x04\x03" + raw
    der = bytes([0x30, len(pair) + 4, 0x31, len(pair) + 2, 0x30, len(pair)]) + pair
    row = parse_name(der).rows[0]
    assert (row.value, row.is_text, row.name) == (value, is_text, "CN")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SỞ Y TẾ", "SỞ Y TẾ"),
        ("good.vn\x00.evil.example", "good.vn␀.evil.example"),
        ("abc\u202egnp.exe", "abc⟦U+202E⟧gnp.exe"),
        ("a\r\n\tb\x7f\x85", "a␍␊␉b␡⟦U+0085⟧"),
        ("a\u200b\u2066\ufeff\u061c\u00ad", "a⟦U+200B⟧⟦U+2066⟧⟦U+FEFF⟧⟦U+061C⟧⟦U+00AD⟧"),
        ("a\u00a0\u3000b", "a  b"),
        ("a\u3164\u2800\ufe0f\u2028", "a⟦U+3164⟧⟦U+2800⟧⟦U+FE0F⟧⟦U+2028⟧"),
        ("\ud800\ue000\U000e0041", "⟦U+D800⟧⟦U+E000⟧⟦U+E0041⟧"),
        ("", ""),
    ],
)
def test_shown_text_hides_nothing_and_keeps_its_direction(text, shown):
    assert display_name(text) == shown


@settings(deadline=None)
@given(st.text())
def test_any_text_is_shown_printable(text):
    shown = display_name(text)
    assert all(c.isprintable() and unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in shown)
    assert display_name(shown) == shown


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), min_size=1, max_size=6))
def test_any_name_survives_and_is_shown_on_one_safe_line(values):
    built = asn1.Name.build({"common_name": "x"})
    template = built.chosen[0].copy()
    rdns = []
    for value in values:
        rdn = template.copy()
        rdn[0]["value"] = asn1.DirectoryString({"utf8_string": value})
        rdns.append(rdn)
    name = parse_name(asn1.Name(name="", value=asn1.RDNSequence(rdns)).dump())
    assert list(name.values("CN")) == values
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") for c in str(name))
    assert pickle.loads(pickle.dumps(name)) == name
    assert name.matches(name_of([(NameOID.COMMON_NAME, "x")])) == (
        name.comparison_key == name_of([(NameOID.COMMON_NAME, "x")]).comparison_key
    )


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80), st.builds(lambda tail: b"\x30" + bytes([len(tail)]) + tail, st.binary(max_size=100))
    )
)
def test_any_bytes_are_a_name_or_refused(data):
    try:
        name = parse_name(data)
    except MalformedDER:
        return
    assert isinstance(str(name), str)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_damaged_name_is_a_name_or_refused(data):
    der = bytearray(name_of(SCHOOL).der)
    der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        name = parse_name(bytes(der))
    except MalformedDER:
        return
    assert isinstance(name.codes, tuple)
    assert isinstance(str(name), str)
