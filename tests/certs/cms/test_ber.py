"""The reader of BER: any bytes give an element or a refusal, and DER comes out as it went in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.cms import ber
from certs.cms.ber import MalformedASN1, read_element, to_der
from tests.pki.authority import pki
from tests.pki.cms import signed_data, to_ber


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=300)
def test_any_bytes_give_an_element_or_a_refusal(data):
    try:
        element = read_element(data)
        assert 0 < element.end <= len(data)
        if element.is_constructed:
            list(element.children())
        to_der(element)
    except MalformedASN1:
        pass


def test_a_certificate_is_encoded_again_without_a_difference():
    der = pki().agency.der
    assert to_der(read_element(der)) == der


def test_indefinite_lengths_become_definite():
    der = pki().agency.der
    assert to_der(read_element(to_ber(der))) == der


def test_constructed_strings_are_joined():
    element = read_element(bytes.fromhex("2480040161040162040163" + "0000"))
    assert element.octets() == b"abc"
    assert to_der(element) == b"\x04\x03abc"


def test_a_set_is_sorted():
    assert to_der(read_element(bytes.fromhex("3106020102020101"))) == bytes.fromhex("3106020101020102")


@pytest.mark.parametrize("depth", [33, 5000])
def test_deep_nesting_is_refused_without_exhausting_the_stack(depth):
    with pytest.raises(MalformedASN1):
        read_element(b"\x30\x80" * depth + b"\x00\x00" * depth)


@pytest.mark.parametrize("text", ["", "30", "3080", "3005", "30850000000001", "0480", "1f", "308900000000000000000100"])
def test_truncated_and_impossible_lengths_are_refused(text):
    with pytest.raises(MalformedASN1):
        read_element(bytes.fromhex(text))


def test_object_identifiers_are_read():
    assert ber.decode_oid(bytes.fromhex("2a864886f70d010702")) == "1.2.840.113549.1.7.2"
    assert ber.decode_oid(bytes.fromhex("883703")) == "2.999.3"
    with pytest.raises(MalformedASN1):
        ber.decode_oid(b"\x86")


def test_a_whole_container_survives_the_way_through_ber():
    der = signed_data(pki().agency, b"content")
    assert to_der(read_element(to_ber(der))) == der
