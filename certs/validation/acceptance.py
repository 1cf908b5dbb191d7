"""The acceptance of algorithms and key sizes, of the signature and of its chain (EN 319 102-1, 5.2.8)."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from certs.cms import SignatureMethod
from certs.messages import Message, message
from certs.path import (
    CertificationPath,
    ParsedCertificate,
    UnusableKey,
    certificate_method,
    common_name,
    public_key,
)
from certs.validation import messages
from certs.validation.cryptography import Problem
from certs.validation.indications import SubIndication
from certs.validation.policy import Strength, Usage, ValidationPolicy


def assess_algorithms(
    certificate: ParsedCertificate,
    method: SignatureMethod | None,
    policy: ValidationPolicy,
    usage: Usage,
    at: datetime,
    *,
    is_proven: bool,
) -> tuple[Problem | None, list[Message]]:
    """The digest and key of the signature itself (5.2.8.4.2)."""
    judged = _judge_key(certificate, policy, at)
    if method is not None:
        judged.insert(0, (f"{method.scheme}, {method.digest.upper()}", policy.assess_method(method, usage, at)))
    return _collect(judged, messages.ALGORITHM_WEAK, is_proven=is_proven)


def assess_chain(
    path: CertificationPath, policy: ValidationPolicy, at: datetime, *, is_proven: bool
) -> tuple[Problem | None, list[Message]]:
    """The signatures on the certificates of the path; the anchor's own is nobody's business."""
    problem: Problem | None = None
    warnings: list[Message] = []
    for index, certificate in enumerate(path.certificates):
        method = certificate_method(certificate)
        judged = _judge_key(path.issuer_of(index), policy, at)
        if method is not None:
            judged.insert(0, (method.digest.upper(), policy.assess_method(method, Usage.CERTIFICATE, at)))
        found, weak = _collect(
            judged, messages.CHAIN_ALGORITHM_WEAK, is_proven=is_proven, name=common_name(certificate.value.subject)
        )
        problem = problem or found
        warnings.extend(weak)
    return problem, warnings


def _judge_key(certificate: ParsedCertificate, policy: ValidationPolicy, at: datetime) -> list[tuple[str, Strength]]:
    """What the policy says of the certificate's key, under the name by which people know it."""
    size = _key_size(certificate)
    return [] if size is None else [(f"{size[0].upper()} {size[1]} bit", policy.assess_key(*size, at))]


def _collect(
    judged: list[tuple[str, Strength]], weak_code: str, *, is_proven: bool, name: str = ""
) -> tuple[Problem | None, list[Message]]:
    problem: Problem | None = None
    warnings: list[Message] = []
    for algorithm, strength in judged:
        if strength is Strength.WEAK:
            warnings.append(message(weak_code, algorithm=algorithm, name=name))
        elif strength is Strength.REFUSED and problem is None:
            code = messages.ALGORITHM_REFUSED if is_proven else messages.ALGORITHM_REFUSED_NO_PROOF
            kind = (
                SubIndication.CRYPTO_CONSTRAINTS_FAILURE
                if is_proven
                else SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
            )
            problem = Problem(kind, message(code, algorithm=algorithm))
    return problem, warnings


def _key_size(certificate: ParsedCertificate) -> tuple[str, int] | None:
    try:
        key = public_key(certificate)
    except UnusableKey:
        return None
    match key:
        case rsa.RSAPublicKey():
            return "rsa", key.key_size
        case dsa.DSAPublicKey():
            return "dsa", key.key_size
        case ec.EllipticCurvePublicKey():
            return "ec", key.curve.key_size
        case _:
            return None
