"""What CRLs prove about one certificate (RFC 5280, 6.3.3).

Lists that the certificate's own issuer signed are read with `cryptography`, which stays fast on a hundred thousand
entries: whom one names is revoked, whatever part of the certificates the list is for, and one that leaves nothing out
says "good" of the others. Everything else (indirect, partitioned and delta lists, partial reasons) goes through
pyhanko-certvalidator.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain

from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import (
    CRLFetchError,
    CRLValidationError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
)
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl

from certs.path.building import CertificationPath, run_synchronously
from certs.path.certificates import ParsedCertificate, UnusableKey, public_key
from certs.path.evidence_signers import find_list_signers, is_list_of
from certs.path.statements import LIBRARY_ERRORS, EvidenceKind, RevocationEvidence, StatusStatement

MAXIMUM_ISSUES = 16
"""Issues of complex lists tried for one certificate, the newest first; only lists of the path's authorities count."""


def read_lists(
    path: CertificationPath, index: int, evidence: RevocationEvidence, others: frozenset[ParsedCertificate]
) -> Iterator[StatusStatement]:
    """All authentic statements of CRLs about `path.certificates[index]`; what is damaged is passed over."""
    certificate, issuer = path.certificates[index], path.issuer_of(index)
    complex_lists: list[bytes] = []
    for der in sorted(evidence.crls):
        statement = _read_own_list(der, certificate, issuer)
        if statement is not None:
            yield statement
        elif _may_concern(der, certificate):
            complex_lists.append(der)
    if complex_lists:
        yield from _read_complex_lists(complex_lists, path, index, evidence, others)


@lru_cache(maxsize=64)
def _load_crl(der: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_der_x509_crl(der)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _read_own_list(der: bytes, certificate: ParsedCertificate, issuer: ParsedCertificate) -> StatusStatement | None:
    """A statement from a list that the certificate's issuer signed, None when it is anything else."""
    crl = _load_crl(der)
    may_sign = issuer.key_usage is None or "crl_sign" in issuer.key_usage
    # Serial numbers that are not positive are read differently by different libraries.
    if crl is None or not may_sign or certificate.serial_number <= 0:
        return None
    try:
        extensions = [(extension.value, extension.critical) for extension in crl.extensions]
        is_indirect = any(isinstance(v, x509.IssuingDistributionPoint) and v.indirect_crl for v, _ in extensions)
        if is_indirect or not _is_signed_by_issuer(crl, certificate, issuer):
            return None
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        revoked_at, reason = _read_entry(entry) if entry is not None else (None, None)
        # An authentic list is believed when it names the certificate, even where parts of it are not understood.
        if revoked_at is None and (entry is not None or not _is_complete(extensions, certificate)):
            return None
        this_update, next_update = crl.last_update_utc, crl.next_update_utc
    except (ValueError, TypeError, UnsupportedAlgorithm, UnusableKey, x509.DuplicateExtension):
        return None
    digest = hashlib.sha256(der).hexdigest()
    return StatusStatement(EvidenceKind.CRL, digest, this_update, next_update, revoked_at, reason)


def _read_entry(entry: x509.RevokedCertificate) -> tuple[datetime | None, str | None]:
    """From when on the entry's certificate is not to be relied on, and why; no time where it comes off the list.

    An invalidity date that is earlier than the revocation counts: from then on the key is known or suspected to be in
    other hands, or the certificate wrong (RFC 5280, 5.3.2).
    """
    revoked_at, reason = entry.revocation_date_utc, "unspecified"
    for extension in entry.extensions:
        match extension.value:
            case x509.CRLReason(reason=x509.ReasonFlags.remove_from_crl):
                return None, None
            case x509.CRLReason(reason=given):
                reason = given.name  # as asn1crypto names it, e.g. ca_compromise
            case x509.InvalidityDate(invalidity_date_utc=invalid_since):
                revoked_at = min(revoked_at, invalid_since)
    return revoked_at, reason


def _is_signed_by_issuer(
    crl: x509.CertificateRevocationList, certificate: ParsedCertificate, issuer: ParsedCertificate
) -> bool:
    if crl.issuer.public_bytes() != certificate.issuer:
        return False
    return crl.is_signature_valid(public_key(issuer))  # type: ignore[arg-type]  # other kinds of key raise TypeError


def _is_complete(extensions: list[tuple[x509.ExtensionType, bool]], certificate: ParsedCertificate) -> bool:
    """Whether the list leaves nobody out: no part, no delta, nothing critical that is not understood.

    That deltas exist (freshestCRL) takes nothing from a complete list: following them is optional (RFC 5280, 6.3.1).
    """
    partial = (x509.DeltaCRLIndicator, x509.IssuingDistributionPoint)
    if any(critical or isinstance(value, partial) for value, critical in extensions):
        return False
    points = certificate.value.crl_distribution_points_value
    return points is None or all(p["crl_issuer"].native is None and p["reasons"].native is None for p in points)


@lru_cache(maxsize=64)
def _load_asn1_crl(der: bytes) -> asn1_crl.CertificateList | None:
    try:
        value = asn1_crl.CertificateList.load(der)
        value["tbs_cert_list"]["this_update"].native  # noqa: B018 - parsing is lazy; this is where damage shows
    except LIBRARY_ERRORS:
        return None
    return value


def _may_concern(der: bytes, certificate: ParsedCertificate) -> bool:
    value = _load_asn1_crl(der)
    if value is None:
        return False
    try:
        return (
            value.issuer == certificate.value.issuer
            or value.issuing_distribution_point_value is not None
            or value.delta_crl_indicator_value is not None
        )
    except LIBRARY_ERRORS:
        return False


def _read_complex_lists(
    concerning: list[bytes],
    path: CertificationPath,
    index: int,
    evidence: RevocationEvidence,
    others: frozenset[ParsedCertificate],
) -> Iterator[StatusStatement]:
    """Let the library judge the lists as they stood at each issue of one that concerns the certificate.

    First only those of the certificate's own issuer, who is judged with the rest of the path. Then all of the path's
    authorities and of whom they appointed, for these must be known not to be revoked (RFC 5280, 6.3.3).
    """
    authorities = (*path.certificates[1:], path.anchor)
    signers = find_list_signers(authorities, others)
    lists = [
        (value["tbs_cert_list"]["this_update"].native, der, value)
        for der in sorted(evidence.crls)
        if (value := _load_asn1_crl(der)) is not None
        and any(is_list_of(der, signer) for signer in (*authorities, *signers))
    ]
    own = [entry for entry in lists if is_list_of(entry[1], path.issuer_of(index))]
    moments = sorted({moment for moment, der, _ in lists if der in concerning}, reverse=True)[:MAXIMUM_ISSUES]
    judgements = (
        _judge_lists(
            [(der, value) for issued, der, value in known if issued <= moment], moment, path, index, more, mode=mode
        )
        for moment in moments
        for known, more, mode in ((own, (), "soft-fail"), (lists, signers, "require"))
    )
    yield from chain.from_iterable(judgements)


def _judge_lists(
    known: list[tuple[bytes, asn1_crl.CertificateList]],
    moment: datetime,
    path: CertificationPath,
    index: int,
    signers: tuple[ParsedCertificate, ...],
    *,
    mode: str,
) -> Iterator[StatusStatement]:
    if not known:
        return
    context = ValidationContext(
        trust_roots=[path.anchor.value],
        other_certs=[c.value for c in (*path.certificates[1:], *signers)],
        # A moment later, for the library counts only revocations that lie before the time it judges at.
        moment=moment + timedelta(seconds=1),
        crls=[value for _, value in known],
        revocation_mode=mode,
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )
    digest = hashlib.sha256(b"".join(sorted(der for der, _ in known))).hexdigest()
    updates = [value["tbs_cert_list"]["next_update"].native for _, value in known]
    next_update = min((u for u in updates if u is not None and u >= moment), default=None)
    revoked_at: datetime | None = None
    reason: str | None = None
    try:
        run_synchronously(verify_crl(path.certificates[index].value, path.library_path, context))
    except RevokedError as error:
        revoked_at, reason = error.revocation_dt, error.reason.native
    except (CRLValidationError, CRLFetchError, PathValidationError, PathBuildingError, *LIBRARY_ERRORS):
        return
    yield StatusStatement(EvidenceKind.CRL, digest, moment, next_update, revoked_at, reason)
