"""What CRLs prove about one certificate (RFC 5280, 6.3.3).

Lists that the certificate's own issuer signed are read with `cryptography`, which stays fast on a hundred thousand
entries: whom one names is revoked, whatever part of the certificates the list is for, and one that is for the
certificate says "good" of it otherwise. Everything else (indirect and delta lists, partial reasons) goes through
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
from certs.path.certificates import ParsedCertificate
from certs.path.evidence_signers import find_list_signers, is_list_of
from certs.path.statements import LIBRARY_ERRORS, EvidenceKind, RevocationEvidence, StatusStatement

MAXIMUM_ISSUES = 4
"""Issues of complex lists tried for one certificate, the newest first."""
MAXIMUM_LISTS = 32
"""Lists that the library gets to see for one issue, the newest first."""


def read_lists(
    path: CertificationPath, index: int, evidence: RevocationEvidence, others: frozenset[ParsedCertificate]
) -> Iterator[StatusStatement]:
    """All authentic statements of CRLs about `path.certificates[index]`; what is damaged is passed over."""
    certificate, issuer = path.certificates[index], path.issuer_of(index)
    complex_lists: list[bytes] = []
    for der in sorted(evidence.crls):
        is_judged, statement = _read_own_list(der, certificate, issuer)
        if statement is not None:
            yield statement
        elif not is_judged and _may_concern(der, certificate):
            complex_lists.append(der)
    if complex_lists:
        yield from _read_complex_lists(complex_lists, path, index, evidence, others)


@lru_cache(maxsize=64)
def _load_crl(der: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_der_x509_crl(der)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _read_own_list(
    der: bytes, certificate: ParsedCertificate, issuer: ParsedCertificate
) -> tuple[bool, StatusStatement | None]:
    """Whether the list could be judged here, and what it says of the certificate if anything."""
    crl = _load_crl(der)
    may_sign = issuer.key_usage is None or "crl_sign" in issuer.key_usage
    # Serial numbers that are not positive are read differently by different libraries.
    if crl is None or not may_sign or certificate.serial_number <= 0:
        return False, None
    try:
        extensions = [(extension.value, extension.critical) for extension in crl.extensions]
        is_indirect = any(isinstance(v, x509.IssuingDistributionPoint) and v.indirect_crl for v, _ in extensions)
        if is_indirect or crl.issuer.public_bytes() != certificate.issuer or not is_list_of(der, issuer):
            return False, None
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        revoked_at, reason = _read_entry(entry) if entry is not None else (None, None)
        # An authentic list is believed when it names the certificate, even where parts of it are not understood.
        if revoked_at is None:
            covers = None if entry is not None else _covers(extensions, certificate)
            if not covers:
                return covers is not None, None
        this_update, next_update = crl.last_update_utc, crl.next_update_utc
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return False, None
    digest = hashlib.sha256(der).hexdigest()
    return True, StatusStatement(EvidenceKind.CRL, digest, this_update, next_update, revoked_at, reason)


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


def _covers(extensions: list[tuple[x509.ExtensionType, bool]], certificate: ParsedCertificate) -> bool | None:
    """Whether a list is for the certificate; None when the library has to say: deltas, parts by reason, other issuers.

    That deltas exist (freshestCRL) takes nothing from a complete list: following them is optional (RFC 5280, 6.3.1).
    """
    points = [value for value, _ in extensions if isinstance(value, x509.IssuingDistributionPoint)]
    understood = (x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)
    if any(is_critical and not isinstance(value, understood) for value, is_critical in extensions):
        return False
    is_delta = any(isinstance(value, x509.DeltaCRLIndicator) for value, _ in extensions)
    named = certificate.value.crl_distribution_points_value or ()
    if is_delta or any(p["crl_issuer"].native is not None or p["reasons"].native is not None for p in named):
        return None
    if not points:
        return True
    return _is_in_scope(points[0], certificate, {url for p in named if (url := p.url) is not None})


def _is_in_scope(
    point: x509.IssuingDistributionPoint, certificate: ParsedCertificate, addresses: set[str]
) -> bool | None:
    if point.only_some_reasons is not None or point.relative_name is not None:
        return None
    is_other_kind = point.only_contains_user_certs if certificate.is_ca else point.only_contains_ca_certs
    if is_other_kind or point.only_contains_attribute_certs:
        return False
    names = point.full_name or ()
    is_same = any(isinstance(n, x509.UniformResourceIdentifier) and n.value in addresses for n in names)
    return True if is_same or not names else None


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
    own.sort(key=lambda entry: entry[0], reverse=True)
    lists.sort(key=lambda entry: entry[0], reverse=True)
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
    known = known[:MAXIMUM_LISTS]
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
