"""Signature containers put together part by part, so that each part can be left out, repeated or made wrong."""

import hashlib
from datetime import UTC

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, utils

from tests.pki.authority import SIGNING

PLAIN_ECDSA_SHA256 = "0.4.0.127.0.7.1.1.4.1.3"
_HASHES = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}


def digest(name, data):
    if name.startswith("shake"):
        return hashlib.shake_256(data).digest(64)
    return hashlib.new(name, data).digest()


def attribute(kind, *values):
    return cms.CMSAttribute({"type": kind, "values": list(values)})


def sign_value(entity, data, *, digest_name="sha256", scheme="default"):
    """A signature value and its algorithm identifier."""
    key, algorithm = entity.private_key, _HASHES.get(digest_name, hashes.SHA256)()
    if scheme == "pss":
        value = key.sign(data, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
        parameters = algos.RSASSAPSSParams(
            {
                "hash_algorithm": {"algorithm": digest_name},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest_name}},
                "salt_length": algorithm.digest_size,
            }
        )
        return value, algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
    if scheme == "no_null":
        return _sign_without_null(key, digest(digest_name, data)), _signed_digest("rsassa_pkcs1v15")
    match key:
        case rsa.RSAPrivateKey():
            return key.sign(data, padding.PKCS1v15(), algorithm), _signed_digest("rsassa_pkcs1v15")
        case ec.EllipticCurvePrivateKey():
            value = key.sign(data, ec.ECDSA(algorithm))
            if scheme in ("plain", "plain_undeclared"):
                half = (key.curve.key_size + 7) // 8
                value = b"".join(part.to_bytes(half, "big") for part in utils.decode_dss_signature(value))
            return value, _signed_digest(PLAIN_ECDSA_SHA256 if scheme == "plain" else f"{digest_name}_ecdsa")
        case dsa.DSAPrivateKey():
            return key.sign(data, algorithm), _signed_digest(f"{digest_name}_dsa")
        case _:
            return key.sign(data), _signed_digest("ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "ed448")


def _signed_digest(name):
    return algos.SignedDigestAlgorithm({"algorithm": name})


def _sign_without_null(key, value):
    """PKCS #1 v1.5 with a DigestInfo that lacks the NULL, as some remote signers write it (SHA-256 only)."""
    oid = bytes.fromhex("0609608648016503040201")
    algorithm = b"\x30" + bytes([len(oid)]) + oid
    info = algorithm + b"\x04" + bytes([len(value)]) + value
    info = b"\x30" + bytes([len(info)]) + info
    size = key.key_size // 8
    block = int.from_bytes(b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info, "big")
    numbers = key.private_numbers()
    return pow(block, numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


def signer_info(
    entity,
    content,
    *,
    content_type="data",
    digest_name="sha256",
    scheme="default",
    attributes=True,
    leave_out=(),
    more_attributes=(),
    signing_time=None,
    by_key_identifier=False,
    bind=None,
    unsigned=(),
    digest_algorithm=None,
    signature_algorithm=None,
    sort=True,
):
    """A SignerInfo over `content`; every argument bends one part of it."""
    certificate = x509.Certificate.load(entity.der)
    signed = None
    to_sign = content
    if attributes:
        parts = [attribute("content_type", content_type), attribute("message_digest", digest(digest_name, content))]
        if signing_time is not None:
            parts.append(attribute("signing_time", cms.Time({"utc_time": core.UTCTime(signing_time.astimezone(UTC))})))
        if bind is not None:
            reference = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(bind.der).digest()})
            parts.append(attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [reference]})))
        parts = [part for part in parts if part["type"].native not in leave_out] + list(more_attributes)
        signed = cms.CMSAttributes(parts)
        if not sort:
            encoded = sorted((part.dump() for part in parts), reverse=True)
            signed = cms.CMSAttributes.load(tlv(0x31, b"".join(encoded)))
        to_sign = signed.dump()
    value, algorithm = sign_value(entity, to_sign, digest_name=digest_name, scheme=scheme)
    identifier = (
        cms.SignerIdentifier({"subject_key_identifier": certificate.key_identifier})
        if by_key_identifier
        else cms.SignerIdentifier(
            {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            }
        )
    )
    info = {
        "version": "v3" if by_key_identifier else "v1",
        "sid": identifier,
        "digest_algorithm": digest_algorithm or {"algorithm": digest_name},
        "signature_algorithm": signature_algorithm or algorithm,
        "signature": value,
    }
    if signed is not None:
        info["signed_attrs"] = signed
    if unsigned:
        info["unsigned_attrs"] = cms.CMSAttributes([a(value) if callable(a) else a for a in unsigned])
    return cms.SignerInfo(info)


def tlv(tag, content):
    """One element with a single tag octet and the shortest length."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def signed_data(entity, content, *, certificates=None, enveloped=None, content_type="data", signers=1, crls=(), **more):
    """A ContentInfo as DER; `enveloped` puts content octets into it."""
    embedded = (entity.der,) if certificates is None else certificates
    info = signer_info(entity, content, content_type=content_type, **more)
    encapsulated = {"content_type": content_type}
    if enveloped is not None:
        encapsulated["content"] = core.ParsableOctetString(enveloped)
    value = {
        "version": "v3",
        "digest_algorithms": [info["digest_algorithm"]],
        "encap_content_info": cms.EncapsulatedContentInfo(encapsulated),
        "signer_infos": [info] * signers,
    }
    if embedded:
        value["certificates"] = [cms.CertificateChoices("certificate", x509.Certificate.load(der)) for der in embedded]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(value)}).dump()


def timestamp_token(tsa, stamped, *, at=SIGNING, imprint=None, digest_name="sha256", certificates=None, **more):
    """A time-stamp token over `stamped`."""
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": {"algorithm": digest_name},
                "hashed_message": imprint if imprint is not None else digest(digest_name, stamped),
            },
            "serial_number": 7,
            "gen_time": at,
        }
    ).dump()
    return signed_data(
        tsa, info, enveloped=info, content_type="tst_info", certificates=certificates, digest_name=digest_name, **more
    )


def stamped_by(tsa, **more):
    """An unsigned attribute that time-stamps the signature value it is put beside."""

    def build(signature):
        token = cms.ContentInfo.load(timestamp_token(tsa, signature, **more))
        return attribute("signature_time_stamp_token", token)

    return build


def to_ber(der):
    """The same value with every constructed element in indefinite length (X.690, 8.1.3.6)."""
    position = 0
    out = b""
    while position < len(der):
        tag = der[position]
        length = der[position + 1]
        start = position + 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(der[start : start + count], "big")
            start += count
        content = der[start : start + length]
        out += bytes([tag, 0x80]) + to_ber(content) + b"\x00\x00" if tag & 0x20 else der[position : start + length]
        position = start + length
    return out
