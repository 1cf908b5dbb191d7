"""Private keys are seen wherever they stand, and what only resembles them is not taken for one."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.containers import Found, read_certificates
from certs.secrets import find_secret
from tests.factories.certificates import make_der

EC, RSA = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
LOCKED = BestAvailableEncryption(b"x")
KEYS = [
    key.private_bytes(Encoding.DER, form, lock)
    for key in (EC, RSA)
    for form, lock in (
        (PrivateFormat.PKCS8, NoEncryption()),
        (PrivateFormat.PKCS8, LOCKED),
        (PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    )
]
STORES = [pkcs12.serialize_key_and_certificates(b"a", key, None, None, LOCKED) for key in (EC, RSA)]
ARMOURED = EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("key", KEYS + STORES)
def test_a_key_is_seen_behind_and_among_other_bytes(key: bytes) -> None:
    code = "container.key_store" if key in STORES else "container.private_key"
    for data in (
        key,
        b"\0\0\r\n" + key,
        b"PK\3\4 stored " + key + b" more",
        base64.b64encode(key),
        b"Ho ten;Ghi chu\nAn;" + base64.b64encode(key) + b"\n",
        b"Ho ten;Ghi chu\n" + base64.encodebytes(key),
        b"<key>" + base64.b64encode(key) + b"</key>",
        "khóa: ".encode("utf-16-le") + base64.b64encode(key).decode().encode("utf-16-le").replace(b"\0", b""),
    ):
        reason = find_secret(data)
        assert reason is not None
        assert reason.code == code


@pytest.mark.parametrize(
    "data",
    [
        b"text before\n" + ARMOURED,
        ARMOURED.decode().encode("utf-16-le"),
        ARMOURED.decode().encode("utf-16-be"),
        b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAAAA\n",
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
        b"junk\nPuTTY-User-Key-File-3: ssh-rsa\n",
        b"\x1e\xf1\xb5\xb0" + b"\0" * 30,
        b"<RSAKeyValue><Modulus>AQ</Modulus><D>AQ</D></RSAKeyValue>",
        b'{"kty":"RSA","n":"AQ","d":"AQ"}',
    ],
)
def test_other_forms_of_keys_are_seen(data: bytes) -> None:
    assert find_secret(data) is not None


@pytest.mark.parametrize(
    "data",
    [
        make_der(),
        base64.encodebytes(make_der()),
        "Thiết bị lưu khóa bí mật; BEGIN; PRIVATE KEY; MST: 0123456789".encode(),
        b"-----BEGIN CERTIFICATE-----",
        b'{"kty":"RSA","n":"AQ"}',
        b"M" * 1000,
        b"\x30\x82" * 1000,
    ],
)
def test_what_is_no_key_is_not_taken_for_one(data: bytes) -> None:
    assert find_secret(data) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_looked_at_and_refused_with_a_reason_for_keys(data: bytes) -> None:
    find_secret(data)
    findings = list(read_certificates(data + ARMOURED, file_name="a.bin"))
    assert findings
    assert not any(isinstance(finding, Found) for finding in findings)
    assert find_secret(data + ARMOURED) is not None
