import pytest
from asn1crypto import core
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.der import INTEGER, OCTET_STRING, SEQUENCE, MalformedDER, decode_oid, read_element, read_whole


def test_an_element_is_cut_where_it_lies():
    data = b"\xff" + bytes.fromhex("30070201050402abcd") + b"\xff"
    element = read_element(data, 1, len(data) - 1)
    assert (element.tag, element.start, element.content, element.end) == (SEQUENCE, 1, 3, 10)
    assert element.encoding == data[1:10]
    assert [(child.tag, child.value) for child in element.children()] == [
        (INTEGER, b"\x05"),
        (OCTET_STRING, b"\xab\xcd"),
    ]


@pytest.mark.parametrize(
    "encoding",
    ["", "30", "3001", "3080", "30850000000001", "3082", "1f0100", "300102"],
    ids=["nothing", "tag only", "too short", "indefinite", "length of length", "cut length", "long tag", "bad child"],
)
def test_what_is_not_an_encoding_is_refused(encoding):
    with pytest.raises(MalformedDER):
        list(read_whole(bytes.fromhex(encoding), SEQUENCE).children())


@pytest.mark.parametrize("encoding", ["020105", "3000ff"])
def test_the_whole_must_be_one_element_of_the_tag(encoding):
    with pytest.raises(MalformedDER):
        read_whole(bytes.fromhex(encoding), SEQUENCE)


def test_a_length_in_more_octets_than_needed_is_read():
    assert read_whole(bytes.fromhex("3081020500"), SEQUENCE).value == b"\x05\x00"


@settings(deadline=None)
@given(
    st.integers(0, 2).flatmap(
        lambda first: st.tuples(st.just(first), st.integers(0, 39), st.lists(st.integers(0, 2**40), max_size=6))
    )
)
def test_object_identifiers_read_as_asn1crypto_writes_them(arcs):
    first, second, rest = arcs
    dotted = ".".join(map(str, (first, second, *rest)))
    assert decode_oid(core.ObjectIdentifier(dotted).contents) == dotted


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x2a\x86"])
def test_unfinished_object_identifiers_are_refused(content):
    with pytest.raises(MalformedDER):
        decode_oid(content)


@settings(deadline=None)
@given(st.integers(0, 127), st.binary(max_size=300))
def test_any_value_survives(tag_seed, value):
    tag = tag_seed if tag_seed & 0x1F != 0x1F else 0x30
    length = bytes([len(value)]) if len(value) < 0x80 else b"\x82" + len(value).to_bytes(2, "big")
    assert read_whole(bytes([tag]) + length + value, tag).value == value
