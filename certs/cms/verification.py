"""Proofs about one SignerInfo: the digest of the content and the signature value (RFC 5652, 5.4 and 5.6).

Every `verify_` function returns what it proved and raises a `CMSError` otherwise. None of them says whose key it is, or
whether the algorithm is still good enough: that is for the path and the policy.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm as NotSupported
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from certs.cms import ber, messages
from certs.cms.algorithms import (
    DIGEST_OIDS,
    SIGNATURES,
    AlgorithmIdentifier,
    PSSParameters,
    Scheme,
    digest_name,
    hash_algorithm,
    parse_pss_parameters,
)
from certs.cms.ber import MalformedASN1
from certs.cms.errors import DigestMismatch, MalformedCMS, SignatureMismatch, UnsupportedAlgorithm
from certs.cms.signed_data import OID_ALGORITHM_PROTECTION, OID_CONTENT_TYPE, OID_MESSAGE_DIGEST, SignedData, SignerInfo
from certs.messages import Message, message


@dataclass(frozen=True, slots=True)
class SignatureMethod:
    """Scheme and digest of a signature after all declarations were brought together."""

    scheme: Scheme
    digest: str
    pss: PSSParameters | None = None


@dataclass(frozen=True, slots=True)
class VerifiedValue:
    """A signature value that fits the key, and what was odd about it."""

    method: SignatureMethod
    notes: tuple[Message, ...]


def compute_digest(name: str, ranges: Iterable[bytes | memoryview]) -> bytes:
    """Digest `ranges` in order. Raises `UnsupportedAlgorithm`."""
    algorithm = hash_algorithm(name)
    if algorithm is None:
        raise UnsupportedAlgorithm(message(messages.ALGORITHM_UNKNOWN, name=name))
    try:
        context = hashes.Hash(algorithm)
    except NotSupported as error:
        raise UnsupportedAlgorithm(message(messages.ALGORITHM_UNKNOWN, name=name)) from error
    for part in ranges:
        context.update(part)
    return context.finalize()


def signer_digest(signer: SignerInfo) -> tuple[str, tuple[Message, ...]]:
    """The digest algorithm the signer declared. Raises `UnsupportedAlgorithm`.

    Some signers put a signature algorithm there; the digest it fixes is meant and said so.
    """
    oid = signer.digest_algorithm.oid
    name = digest_name(oid)
    if name is not None:
        return name, ()
    fixed = SIGNATURES.get(oid)
    if fixed is not None and fixed[1] is not None:
        return fixed[1], (message(messages.DIGEST_ALGORITHM_MISLABELLED, name=oid),)
    raise UnsupportedAlgorithm(message(messages.ALGORITHM_UNKNOWN, name=oid))


def verify_content_digest(signed: SignedData, ranges: Iterable[bytes | memoryview]) -> str:
    """Prove that the signed attributes speak about `ranges`; returns the digest's name (RFC 5652, 5.6).

    Without signed attributes there is nothing to compare: the signature value itself covers the content, and
    `verify_signature_value` proves it. Raises `DigestMismatch`, `MalformedCMS` or `UnsupportedAlgorithm`.
    """
    signer = signed.signer
    name, _ = signer_digest(signer)
    if signer.signed_attributes is None:
        return name
    content_type = signer.signed(OID_CONTENT_TYPE)
    if content_type is not None and _oid(content_type) != signed.content_type:
        raise MalformedCMS(message(messages.CONTENT_TYPE_DIFFERS))
    declared = signer.signed(OID_MESSAGE_DIGEST)
    if declared is None:
        raise MalformedCMS(message(messages.ATTRIBUTE_MISSING, name="message-digest"))
    if not hmac.compare_digest(_octets(declared), compute_digest(name, ranges)):
        raise DigestMismatch(message(messages.DIGEST_MISMATCH))
    return name


def resolve_method(signer: SignerInfo) -> SignatureMethod:
    """Bring signature and digest algorithm together (RFC 5652, 5.3; RFC 8933, 3).

    Raises `UnsupportedAlgorithm` for an unknown one and `SignatureMismatch` when the two contradict each other.
    """
    digest, _ = signer_digest(signer)
    method = method_of(signer.signature_algorithm, digest)
    if method.digest != digest and method.scheme not in (Scheme.ED25519, Scheme.ED448):
        raise SignatureMismatch(
            message(messages.ALGORITHMS_DISAGREE, digest=digest, signature=f"{method.scheme} {method.digest}")
        )
    return method


def verify_algorithm_protection(signer: SignerInfo) -> None:
    """Prove that the algorithms named outside the signature are those the signer meant (RFC 6211, 2).

    Nothing to prove without the attribute. Raises `SignatureMismatch` or `MalformedCMS`.
    """
    element = signer.signed(OID_ALGORITHM_PROTECTION)
    if element is None:
        return
    try:
        for part in element.expect(ber.SEQUENCE).children():
            if part.matches(ber.SEQUENCE):
                declared, meant = signer.digest_algorithm.oid, next(part.children()).oid()
            elif part.matches(1, ber.CONTEXT):
                declared, meant = signer.signature_algorithm.oid, next(part.children()).oid()
            else:
                continue  # a message authentication code has no place beside a signature
            if declared != meant:
                raise SignatureMismatch(message(messages.ALGORITHMS_DISAGREE, digest=declared, signature=meant))
    except (MalformedASN1, StopIteration) as error:
        raise MalformedCMS(message(messages.MALFORMED, detail="cms-algorithm-protection")) from error


def method_of(algorithm: AlgorithmIdentifier, digest: str) -> SignatureMethod:
    """The method an algorithm identifier names, with `digest` where it leaves that open."""
    known = SIGNATURES.get(algorithm.oid)
    if known is None:
        raise UnsupportedAlgorithm(message(messages.ALGORITHM_UNKNOWN, name=algorithm.oid))
    scheme, fixed = known
    if scheme is Scheme.RSA_PSS:
        try:
            pss = parse_pss_parameters(algorithm.parameters)
        except ValueError as error:
            raise MalformedCMS(message(messages.MALFORMED, detail=error)) from error
        return SignatureMethod(scheme, pss.digest, pss)
    return SignatureMethod(scheme, fixed or digest)


def verify_signature_value(
    signer: SignerInfo, key: PublicKeyTypes, content: Iterable[bytes | memoryview]
) -> VerifiedValue:
    """Prove that the holder of `key` made the signature value (RFC 5652, 5.4).

    `content` is digested only when there are no signed attributes. Attributes are tried as transmitted and then in DER:
    signers exist that sent BER, and others that forgot to sort. Raises `SignatureMismatch`, `MalformedCMS` or
    `UnsupportedAlgorithm`.
    """
    method = resolve_method(signer)
    verify_algorithm_protection(signer)
    if signer.signed_attributes is None:
        return verify_value(method, key, signer.signature, tuple(content))
    sent = ber.read_element(signer.signed_attributes_sent)
    try:
        verified = verify_value(method, key, signer.signature, (sent.raw,))
    except SignatureMismatch:
        try:
            der = ber.to_der(sent)
        except MalformedASN1 as error:
            raise MalformedCMS(message(messages.MALFORMED, detail=error)) from error
        if der == sent.raw:
            raise
        return verify_value(method, key, signer.signature, (der,))
    parts = [part.raw for part in sent.children()]
    if parts != sorted(parts):
        return VerifiedValue(method, (*verified.notes, message(messages.ATTRIBUTES_NOT_DER)))
    return verified


def verify_value(
    method: SignatureMethod, key: PublicKeyTypes, signature: bytes, parts: tuple[bytes | memoryview, ...]
) -> VerifiedValue:
    """Prove a signature value over `parts`. Raises `SignatureMismatch` or `UnsupportedAlgorithm`."""
    notes: tuple[Message, ...] = ()
    try:
        match method.scheme, key:
            case Scheme.RSA_PKCS1, rsa.RSAPublicKey():
                notes = _verify_rsa(key, signature, method.digest, compute_digest(method.digest, parts))
            case Scheme.RSA_PSS, rsa.RSAPublicKey():
                _verify_pss(key, signature, method, compute_digest(method.digest, parts))
            case ((Scheme.ECDSA | Scheme.ECDSA_PLAIN), ec.EllipticCurvePublicKey()):
                notes = _verify_ecdsa(key, signature, method, compute_digest(method.digest, parts))
            case Scheme.DSA, dsa.DSAPublicKey():
                key.verify(signature, compute_digest(method.digest, parts), _prehashed(method.digest))
            case Scheme.ED25519, ed25519.Ed25519PublicKey():
                key.verify(signature, b"".join(parts))
            case Scheme.ED448, ed448.Ed448PublicKey():
                key.verify(signature, b"".join(parts))
            case _:
                raise SignatureMismatch(message(messages.KEY_DIFFERS, name=method.scheme))
    except (InvalidSignature, ValueError) as error:
        raise SignatureMismatch(message(messages.SIGNATURE_MISMATCH)) from error
    except NotSupported as error:
        raise UnsupportedAlgorithm(message(messages.ALGORITHM_UNKNOWN, name=method.scheme)) from error
    return VerifiedValue(method, notes)


def _prehashed(digest: str) -> utils.Prehashed:
    algorithm = hash_algorithm(digest)
    if algorithm is None:
        raise UnsupportedAlgorithm(message(messages.ALGORITHM_UNKNOWN, name=digest))
    return utils.Prehashed(algorithm)


def _verify_rsa(key: rsa.RSAPublicKey, signature: bytes, digest: str, value: bytes) -> tuple[Message, ...]:
    """RSASSA-PKCS1-v1_5, comparing the whole DigestInfo so that nothing inside it is free (RFC 8017, 8.2.2).

    The encoding without NULL is the one that RFC 8017, 9.2 note 1 tells verifiers to expect as well.
    """
    # A signature with leading zeros cut off is accepted by no library, yet some writers pad too much: length decides.
    if len(signature) != (key.key_size + 7) // 8:
        raise InvalidSignature
    recovered = key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
    oid = _encode_oid(DIGEST_OIDS[digest])
    octets = b"\x04" + ber.encode_length(len(value)) + value
    for parameters, notes in ((b"\x05\x00", ()), (b"", (message(messages.NONSTANDARD_DIGEST_INFO),))):
        algorithm = b"\x30" + ber.encode_length(len(oid) + len(parameters)) + oid + parameters
        expected = b"\x30" + ber.encode_length(len(algorithm) + len(octets)) + algorithm + octets
        if hmac.compare_digest(recovered, expected):
            return notes
    raise InvalidSignature


def _verify_pss(key: rsa.RSAPublicKey, signature: bytes, method: SignatureMethod, value: bytes) -> None:
    pss = method.pss
    mask = hash_algorithm(pss.mask_digest) if pss else None
    if pss is None or mask is None:
        raise UnsupportedAlgorithm(message(messages.ALGORITHM_UNKNOWN, name="MGF1"))
    key.verify(signature, value, padding.PSS(padding.MGF1(mask), pss.salt_length), _prehashed(method.digest))


def _verify_ecdsa(
    key: ec.EllipticCurvePublicKey, signature: bytes, method: SignatureMethod, value: bytes
) -> tuple[Message, ...]:
    """ECDSA in ASN.1 form, or plain r and s of equal length (BSI TR-03111, 5.2.1)."""
    algorithm = ec.ECDSA(_prehashed(method.digest))
    half = (key.curve.key_size + 7) // 8
    is_plain = len(signature) == 2 * half
    if method.scheme is Scheme.ECDSA and not is_plain:
        key.verify(signature, value, algorithm)
        return ()
    if method.scheme is Scheme.ECDSA:
        try:
            key.verify(signature, value, algorithm)
        except InvalidSignature:
            pass
        else:
            return ()
    if not is_plain:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    key.verify(utils.encode_dss_signature(r, s), value, algorithm)
    return (message(messages.NONSTANDARD_ECDSA),) if method.scheme is Scheme.ECDSA else ()


def _encode_oid(dotted: str) -> bytes:
    numbers = [int(part) for part in dotted.split(".")]
    content = bytearray()
    for number in (numbers[0] * 40 + numbers[1], *numbers[2:]):
        octets = [number & 0x7F]
        while number := number >> 7:
            octets.append(0x80 | number & 0x7F)
        content += bytes(reversed(octets))
    return b"\x06" + ber.encode_length(len(content)) + bytes(content)


def _oid(element: ber.Element) -> str:
    try:
        return element.oid()
    except ValueError as error:
        raise MalformedCMS(message(messages.MALFORMED, detail=error)) from error


def _octets(element: ber.Element) -> bytes:
    try:
        return element.expect(ber.OCTET_STRING).octets()
    except ValueError as error:
        raise MalformedCMS(message(messages.MALFORMED, detail=error)) from error
