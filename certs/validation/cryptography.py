"""Format checking, the signing certificate, and cryptographic verification (EN 319 102-1, 5.2.2, 5.2.3, 5.2.7)."""

import hmac
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from certs.cms import (
    CMSError,
    DigestMismatch,
    MalformedCMS,
    SignatureMethod,
    SignatureMismatch,
    SignedData,
    TimestampToken,
    UnsupportedAlgorithm,
    ber,
    compute_digest,
    parse_signed_data,
    parse_timestamp_token,
    verify_content_digest,
    verify_imprint,
    verify_signature_value,
    verify_value,
)
from certs.cms import messages as cms_messages
from certs.cms.algorithms import Scheme
from certs.cms.attributes import CertificateReference, certificate_references, verify_certificate_binding
from certs.cms.verification import signer_digest
from certs.messages import Message, message
from certs.path import ParsedCertificate, UnusableKey, find_signer, load_certificates, public_key
from certs.pdf.model import EmbeddedSignature, SignatureType
from certs.validation import messages
from certs.validation.indications import SubIndication

DETACHED = frozenset({"adbe.pkcs7.detached", "ETSI.CAdES.detached", ""})
TIMESTAMP = "ETSI.RFC3161"
Bytes = tuple[bytes | memoryview, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a building block did not pass."""

    sub_indication: SubIndication
    message: Message


@dataclass(frozen=True, slots=True)
class Examination:
    """What the signature itself says and proves, before any question of trust."""

    signed_data: SignedData | None = field(repr=False, default=None)
    token: TimestampToken | None = field(repr=False, default=None)
    certificate: ParsedCertificate | None = None
    twins: tuple[ParsedCertificate, ...] = ()
    """Further certificates for the key that signed, when nothing that is signed tells which of them is meant."""
    method: SignatureMethod | None = None
    format_problem: Problem | None = None
    certificate_problem: Problem | None = None
    crypto_problem: Problem | None = None
    notes: tuple[Message, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether form, digest or value are shown to be wrong; a check that could not be made shows nothing."""
        unknown = self.crypto_problem is not None and self.crypto_problem.sub_indication is SubIndication.GENERIC
        return self.format_problem is not None or (self.crypto_problem is not None and not unknown)

    @property
    def problem(self) -> Problem | None:
        """The first problem in the order of EN 319 102-1, 5.3; a wrong digest or value outweighs a missing certificate."""
        return self.format_problem or self.crypto_problem or self.certificate_problem


def examine_signature(signature: EmbeddedSignature, known: tuple[ParsedCertificate, ...]) -> Examination:
    """Read the signature, find the signer's certificate in it or among `known`, and check digest and value."""
    examined = _examine(signature, known)
    if signature.signed_bytes:
        return examined
    # The digest of nothing differs from every other, which says nothing about the document.
    nothing = Problem(SubIndication.FORMAT_FAILURE, message(messages.NOTHING_TO_DIGEST))
    return replace(examined, format_problem=examined.format_problem or nothing, crypto_problem=None)


def _examine(signature: EmbeddedSignature, known: tuple[ParsedCertificate, ...]) -> Examination:
    if signature.sub_filter == "adbe.x509.rsa_sha1":
        return _examine_raw_rsa(signature)
    contents, ranges = signature.contents, signature.signed_bytes
    try:
        if signature.sub_filter == TIMESTAMP or signature.type is SignatureType.DOCUMENT_TIMESTAMP:
            token = parse_timestamp_token(contents)
            return examine_token(token, ranges, known, _padding_notes(token.signed_data))
        signed = parse_signed_data(contents)
    except MalformedCMS as error:
        return Examination(format_problem=Problem(SubIndication.FORMAT_FAILURE, error.message))
    if signature.sub_filter == "adbe.pkcs7.sha1":
        return _examine_signed_digest(signed, ranges, known)
    problem: Message | None = None
    if signature.sub_filter not in DETACHED:
        problem = message(messages.SUB_FILTER_UNKNOWN, name=signature.sub_filter)
    elif signed.content is not None:
        problem = message(cms_messages.ENVELOPED_CONTENT)
    if problem is not None:
        return Examination(signed, format_problem=Problem(SubIndication.FORMAT_FAILURE, problem))
    return _with_signer(signed, ranges, known, None, _padding_notes(signed))


def _examine_signed_digest(signed: SignedData, ranges: Bytes, known: tuple[ParsedCertificate, ...]) -> Examination:
    """adbe.pkcs7.sha1: what is signed is the SHA-1 digest of the document (ISO 32000-1, 12.8.3.3.1)."""
    if signed.content is None:
        missing = message(cms_messages.CONTENT_MISSING)
        return Examination(signed, format_problem=Problem(SubIndication.FORMAT_FAILURE, missing))
    is_altered = not hmac.compare_digest(signed.content, compute_digest("sha1", ranges))
    problem = Problem(SubIndication.HASH_FAILURE, _altered()) if is_altered else None
    examined = _with_signer(signed, (signed.content,), known, problem, _padding_notes(signed))
    # Whatever digest the signer used over it, the weaker one counts.
    method = replace(examined.method, digest="sha1") if examined.method is not None else None
    return replace(examined, method=method)


def examine_token(
    token: TimestampToken, stamped: Bytes, known: tuple[ParsedCertificate, ...], notes: tuple[Message, ...] = ()
) -> Examination:
    """The same for a time-stamp token over `stamped` (EN 319 102-1, 5.4)."""
    problem: Problem | None = None
    try:
        verify_imprint(token, stamped)
    except CMSError as error:
        problem = _problem_of(error)
    content = token.signed_data.content or b""
    examined = _with_signer(token.signed_data, (content,), known, problem, notes)
    return replace(examined, token=token)


def _with_signer(
    signed: SignedData,
    content: Bytes,
    known: tuple[ParsedCertificate, ...],
    problem: Problem | None,
    notes: tuple[Message, ...],
) -> Examination:
    """Find the certificate, then check content digest, signature value and binding."""
    notes = (*notes, *signed.signer.notes)
    method: SignatureMethod | None = None
    try:
        _, digest_notes = signer_digest(signed.signer)
        notes = (*notes, *digest_notes)
        if problem is None:
            verify_content_digest(signed, content)
    except CMSError as error:
        problem = _problem_of(error)
    candidates = find_signer(
        signed.signer.identifier, _bound_first(signed, (*load_certificates(signed.certificates), *known))
    )
    if not candidates:
        missing = Problem(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, message(messages.CERTIFICATE_MISSING))
        return Examination(
            signed,
            certificate_problem=missing,
            format_problem=_form(problem),
            crypto_problem=_crypto(problem),
            notes=notes,
        )
    chosen, value_problem = candidates[0], None
    # Several certificates may fit the identifier (renewed with the same key identifier): the one whose key fits signed.
    for candidate in candidates:
        try:
            verified = verify_signature_value(signed.signer, public_key(candidate), content)
        except CMSError as error:
            value_problem = value_problem or _problem_of(error)
            continue
        except UnusableKey:
            value_problem = value_problem or Problem(SubIndication.GENERIC, message(messages.KEY_UNUSABLE))
            continue
        chosen, method, value_problem = candidate, verified.method, None
        notes = (*notes, *verified.notes)
        break
    problem = problem or value_problem
    return Examination(
        signed,
        certificate=chosen,
        twins=_find_twins(signed, chosen, candidates),
        method=method,
        certificate_problem=_check_binding(signed, chosen),
        format_problem=_form(problem),
        crypto_problem=_crypto(problem),
        notes=notes,
    )


def _find_twins(
    signed: SignedData, chosen: ParsedCertificate, candidates: tuple[ParsedCertificate, ...]
) -> tuple[ParsedCertificate, ...]:
    """Other candidates with the key of the chosen one; none where the signature binds a certificate."""
    try:
        if certificate_references(signed.signer):
            return ()
        key = public_key(chosen)
    except (CMSError, UnusableKey):
        return ()
    return tuple(c for c in candidates if c != chosen and _has_key(c, key))


def _has_key(certificate: ParsedCertificate, key: PublicKeyTypes) -> bool:
    try:
        return public_key(certificate) == key
    except UnusableKey:
        return False


def _bound_first(signed: SignedData, certificates: tuple[ParsedCertificate, ...]) -> tuple[ParsedCertificate, ...]:
    """Those that the signer bound into the signature before others: a renewed certificate may share its key with them."""
    try:
        references = certificate_references(signed.signer)
    except CMSError:
        return certificates
    if not references:
        return certificates
    return tuple(sorted(certificates, key=lambda c: not _is_bound(references, c)))


def _is_bound(references: tuple[CertificateReference, ...], certificate: ParsedCertificate) -> bool:
    try:
        verify_certificate_binding(references, certificate.der)
    except CMSError:
        return False
    return True


def _check_binding(signed: SignedData, certificate: ParsedCertificate) -> Problem | None:
    """Whether the signature covers this very certificate, where it names one (EN 319 102-1, 5.2.3.4)."""
    try:
        verify_certificate_binding(certificate_references(signed.signer), certificate.der)
    except UnsupportedAlgorithm:
        return None
    except CMSError as error:
        return Problem(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, error.message)
    return None


def _examine_raw_rsa(signature: EmbeddedSignature) -> Examination:
    """adbe.x509.rsa_sha1: a bare PKCS #1 value beside its certificates (ISO 32000-2, 12.8.3.2)."""
    certificates = load_certificates(signature.certificates)
    if not certificates:
        missing = Problem(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, message(messages.CERTIFICATE_MISSING))
        return Examination(certificate_problem=missing)
    signer = certificates[0]
    try:
        value = ber.read_element(signature.contents).expect(ber.OCTET_STRING).octets()
    except ber.MalformedASN1 as error:
        malformed = message(cms_messages.MALFORMED, detail=error)
        return Examination(certificate=signer, format_problem=Problem(SubIndication.FORMAT_FAILURE, malformed))
    failure: Problem | None = None
    # The name says SHA-1; writers exist that put other digests into the DigestInfo.
    for digest in ("sha1", "sha256", "sha384", "sha512"):
        method = SignatureMethod(Scheme.RSA_PKCS1, digest)
        try:
            verified = verify_value(method, public_key(signer), value, signature.signed_bytes)
        except CMSError as error:
            failure = failure or _problem_of(error)
        except UnusableKey:
            failure = Problem(SubIndication.GENERIC, message(messages.KEY_UNUSABLE))
        else:
            return Examination(certificate=signer, method=method, notes=verified.notes)
    # The value holds the digest: which of the two differs cannot be told apart, and the document is the likelier.
    if failure is not None and failure.sub_indication is SubIndication.SIG_CRYPTO_FAILURE:
        failure = Problem(SubIndication.HASH_FAILURE, _altered())
    return Examination(certificate=signer, crypto_problem=failure)


def _problem_of(error: CMSError) -> Problem:
    match error:
        case DigestMismatch():
            return Problem(SubIndication.HASH_FAILURE, error.message)
        case SignatureMismatch():
            return Problem(SubIndication.SIG_CRYPTO_FAILURE, error.message)
        case MalformedCMS():
            return Problem(SubIndication.FORMAT_FAILURE, error.message)
        case _:
            return Problem(SubIndication.GENERIC, error.message)


def _form(problem: Problem | None) -> Problem | None:
    """The problem if it is one of form (5.2.2)."""
    return problem if problem is not None and problem.sub_indication is SubIndication.FORMAT_FAILURE else None


def _crypto(problem: Problem | None) -> Problem | None:
    """The problem if it is one of cryptography (5.2.7)."""
    return problem if _form(problem) is None else None


def _padding_notes(signed: SignedData) -> tuple[Message, ...]:
    return (message(cms_messages.PADDING_NOT_ZERO),) if signed.trailing.strip(b"\0") else ()


def _altered() -> Message:
    return message(cms_messages.DIGEST_MISMATCH)
