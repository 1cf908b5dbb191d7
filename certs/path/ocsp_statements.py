"""What OCSP responses prove about one certificate (RFC 6960, 3.2), by pyhanko-certvalidator."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice

from asn1crypto import ocsp as asn1_ocsp
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import OCSPValidationError, PathBuildingError, PathValidationError, RevokedError
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.revinfo.archival import OCSPContainer
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from certs.path.building import CertificationPath, run_synchronously
from certs.path.certificates import ParsedCertificate
from certs.path.evidence_signers import find_responders
from certs.path.statements import LIBRARY_ERRORS, EvidenceKind, RevocationEvidence, StatusStatement

MAXIMUM_ANSWERS = 4
"""Answers about one certificate judged in one response; one is usual."""
_AGES = timedelta(days=365 * 100)

_RESPONDER_POLICY = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        ee_certificate_rule=RevocationCheckingRule.NO_CHECK,
        intermediate_ca_cert_rule=RevocationCheckingRule.NO_CHECK,
    ),
    freshness=_AGES,
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
)
"""Age is judged by `assess_revocation`, and a responder's own revocation is not followed: the usual responder
certificate carries ocsp-nocheck (RFC 6960, 4.2.2.2.1)."""


def read_responses(
    path: CertificationPath, index: int, evidence: RevocationEvidence, others: frozenset[ParsedCertificate]
) -> Iterator[StatusStatement]:
    """All authentic statements of OCSP responses about `path.certificates[index]`; what is damaged is passed over."""
    if not evidence.ocsp_responses:
        return
    responders = find_responders(path.issuer_of(index), others)
    for der in sorted(evidence.ocsp_responses):
        yield from _read_response(der, path, path.certificates[index], responders)


@lru_cache(maxsize=256)
def _load_answers(der: bytes) -> tuple[tuple[int, OCSPContainer], ...]:
    """The answers of a response, each with the serial number that it speaks of."""
    try:
        return tuple(
            (single["cert_id"]["serial_number"].native, container)
            for container in OCSPContainer.load_multi(asn1_ocsp.OCSPResponse.load(der))
            if (single := container.extract_single_response()) is not None
        )
    except LIBRARY_ERRORS:
        return ()


def _invalid_since(answer: asn1_ocsp.SingleResponse) -> datetime:
    """The invalidity date of an answer, which counts when it is earlier than the revocation (RFC 5280, 5.3.2)."""
    for extension in answer["single_extensions"]:
        if extension["extn_id"].native == "invalidity_date":
            since: datetime = extension["extn_value"].parsed.native
            return since
    return datetime.max.replace(tzinfo=UTC)


def _read_response(
    der: bytes, path: CertificationPath, certificate: ParsedCertificate, responders: tuple[ParsedCertificate, ...]
) -> Iterator[StatusStatement]:
    about = (container for serial, container in _load_answers(der) if serial == certificate.serial_number)
    for container in islice(about, MAXIMUM_ANSWERS):
        try:
            single, response = container.extract_single_response(), container.extract_basic_ocsp_response()
            if single is None or response is None:
                continue
            produced = response["tbs_response_data"]["produced_at"].native
            this_update, next_update = single["this_update"].native, single["next_update"].native
            # The responder must have been entitled when it answered, not today: its certificates are short-lived.
            context = ValidationContext(
                trust_roots=[path.anchor.value],
                other_certs=[c.value for c in (*path.certificates[1:], *responders)],
                moment=max(produced, this_update),
                ocsps=[container],
                revinfo_policy=_RESPONDER_POLICY,
                algorithm_usage_policy=AcceptAllAlgorithms(),
            )
            revoked_at: datetime | None = None
            reason: str | None = None
            try:
                run_synchronously(verify_ocsp_response(certificate.value, path.library_path, context))
            except RevokedError as error:
                revoked_at, reason = min(error.revocation_dt, _invalid_since(single)), error.reason.native
        except (OCSPValidationError, PathValidationError, PathBuildingError, *LIBRARY_ERRORS):
            continue
        digest = hashlib.sha256(der).hexdigest()
        yield StatusStatement(EvidenceKind.OCSP, digest, this_update.astimezone(UTC), next_update, revoked_at, reason)
