"""Time-stamp tokens: what they stamp is proven, and what they must hold is demanded."""

import pytest

from certs.cms import CMSError, DigestMismatch, MalformedCMS, parse_timestamp_token, verify_imprint
from tests.pki.authority import SIGNING, pki
from tests.pki.cms import signed_data, timestamp_token, to_ber

STAMPED = b"a signature value"


@pytest.mark.parametrize("encode", [bytes, to_ber], ids=["DER", "BER"])
@pytest.mark.parametrize("digest_name", ["sha1", "sha256", "sha512", "sha3_256"])
def test_a_genuine_token_is_read_and_proven(encode, digest_name):
    token = parse_timestamp_token(encode(timestamp_token(pki().tsa, STAMPED, digest_name=digest_name)))
    verify_imprint(token, (STAMPED[:5], STAMPED[5:]))
    assert token.info.gen_time == SIGNING
    assert token.info.imprint_digest == digest_name


def test_a_token_over_something_else_is_noticed():
    token = parse_timestamp_token(timestamp_token(pki().tsa, STAMPED))
    with pytest.raises(DigestMismatch):
        verify_imprint(token, (STAMPED + b".",))


def test_a_token_without_signed_attributes_is_refused():
    token = parse_timestamp_token(timestamp_token(pki().tsa, STAMPED, attributes=False))
    with pytest.raises(MalformedCMS):
        verify_imprint(token, (STAMPED,))


@pytest.mark.parametrize(
    "data", [b"", b"0\x00", signed_data(pki().agency, b"x"), timestamp_token(pki().tsa, b"x")[:200]]
)
def test_what_is_no_token_is_refused(data):
    with pytest.raises(CMSError):
        parse_timestamp_token(data)
