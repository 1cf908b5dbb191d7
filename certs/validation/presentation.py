"""The report as JSON. The keys of the contract are fixed; further keys only add to them."""

from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certs.messages import Message
from certs.names import display_name, parse_name
from certs.path import ParsedCertificate, RevocationAssessment, RevocationStatus, UnusableKey, common_name, public_key
from certs.pdf.model import SignatureType
from certs.validation.report import AppearanceReport, SignatureReport, TimestampReport, ValidationReport

JSON = dict[str, Any]


def report_as_json(report: ValidationReport, language: str = "vi") -> JSON:
    """The report as the JSON contract wants it, without `file` and `elapsed_ms`, which the caller knows.

    Sentences in `language`, and in both where a message stands for itself. Times in UTC with Z.
    """
    return {
        "sha256": report.sha256,
        "bytes": report.size,
        "conclusion": report.conclusion.value,
        "message": report.message.text(language),
        "message_code": report.message.code,
        "what_to_do": report.what_to_do.text(language),
        "warnings": [f"{warning.code}: {warning.text(language)}" for warning in report.warnings],
        "signatures": [_signature(signature, language) for signature in report.signatures],
        "appearance": _appearance(report.appearance, language),
        "validated_at": iso(report.at),
        "policy": {
            "name": report.policy.name,
            "version": report.policy.version,
            "revocation": report.policy.revocation.value,
        },
        "pages": report.page_count,
        "revisions": report.revision_count,
        "empty_fields": list(report.empty_fields),
        "encrypted": report.is_encrypted,
        "producer": report.producer,
    }


def iso(moment: datetime | None) -> str | None:
    """A time in UTC with Z and whole seconds; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def message_json(message: Message) -> JSON:
    """A message with its code and both sentences."""
    return {"code": message.code, "vi": message.text("vi"), "en": message.text("en")}


def _signature(report: SignatureReport, language: str) -> JSON:
    # Anybody can make a right time-stamp: only what a trusted unit tells is shown as the time.
    proof = min((t for t in report.timestamps if t.is_proof), key=lambda t: t.gen_time, default=None)
    status = report.revocation.status if report.revocation is not None else RevocationStatus.UNKNOWN
    is_timestamp = report.type is SignatureType.DOCUMENT_TIMESTAMP
    return {
        "field": report.field_name,
        "type": report.type.value,
        "sub_filter": report.sub_filter,
        "signer": report.signer,
        "issuer": report.issuer,
        "certificate_sha256": report.certificate.sha256 if report.certificate is not None else None,
        "claimed_signing_time": iso(report.claimed_signing_time),
        "claimed_time_note": message_json(report.claimed_time_note) if report.claimed_time_note is not None else None,
        "timestamp": iso(proof.gen_time) if proof is not None else None,
        "timestamp_authority": proof.authority_name if proof is not None and not is_timestamp else None,
        "timestamps": [_timestamp(t) for t in report.timestamps],
        "best_signature_time": iso(report.best_signature_time),
        "best_signature_time_source": report.best_signature_time_source.value,
        "indication": report.indication.value,
        "sub_indication": report.sub_indication.value if report.sub_indication is not None else None,
        "why": message_json(report.why) if report.why is not None else None,
        "indication_urn": report.indication.urn,
        "sub_indication_urn": report.sub_indication.urn if report.sub_indication is not None else None,
        "integrity": report.integrity.value,
        "coverage": report.coverage.value,
        "changes": [
            {
                "what": change.message.text(language),
                "permitted": change.permitted,
                "code": change.message.code,
                "rule": change.rule,
                "revision": change.revision,
                "page": change.page,
                "old": change.message.parameters.get("old"),
                "new": change.message.parameters.get("new"),
            }
            for change in report.changes
        ],
        "trust_anchor": common_name(report.trust_anchor.value.subject) if report.trust_anchor is not None else None,
        "trust_anchor_sha256": report.trust_anchor.sha256 if report.trust_anchor is not None else None,
        "chain": [{"name": common_name(c.value.subject), "sha256": c.sha256} for c in report.chain],
        "revocation": status.value,
        "revocation_evidence": _evidence(report.revocation),
        "signer_status_now": _status_now(report),
        "signer_certificate": _certificate(report.certificate),
        "algorithm": f"{report.method.scheme}, {report.method.digest}" if report.method is not None else None,
        "reason": report.reason,
        "location": report.location,
        "blocks": [
            {
                "name": block.name,
                "clause": block.clause,
                "conclusion": block.conclusion.value,
                "sub_indication": block.sub_indication.value if block.sub_indication is not None else None,
                "messages": [message_json(m) for m in block.messages],
            }
            for block in report.blocks
        ],
        "messages": _messages(report),
        "warnings": [f"{warning.code}: {warning.text(language)}" for warning in report.warnings],
    }


def _messages(report: SignatureReport) -> list[JSON]:
    """Everything said about the signature, each once: reasons of the blocks, warnings, notes."""
    reasons = [m for b in report.blocks if b.sub_indication is not None for m in b.messages]
    return [message_json(m) for m in dict.fromkeys((*reasons, *report.warnings, *report.notes))]


def _timestamp(report: TimestampReport) -> JSON:
    return {
        "time": iso(report.gen_time),
        "source": report.source.value,
        "authority": report.authority_name,
        "indication": report.indication.value,
        "sub_indication": report.sub_indication.value if report.sub_indication is not None else None,
        "messages": [message_json(m) for m in report.messages],
    }


def _evidence(assessment: RevocationAssessment | None) -> JSON | None:
    if assessment is None or assessment.evidence is None:
        return None
    evidence = assessment.evidence
    return {
        "kind": evidence.kind.value,
        "sha256": evidence.sha256,
        "this_update": iso(evidence.this_update),
        "next_update": iso(evidence.next_update),
        "revoked_at": iso(assessment.revoked_at),
        "reason": assessment.reason,
    }


def _status_now(report: SignatureReport) -> JSON:
    now = report.status_now
    return {
        "revocation": now.status.value if now is not None else RevocationStatus.UNKNOWN.value,
        "revoked_at": iso(now.revoked_at) if now is not None else None,
        "expired": report.is_expired_now,
    }


def _certificate(certificate: ParsedCertificate | None) -> JSON | None:
    if certificate is None:
        return None
    try:
        rows = [{"name": row.name, "value": display_name(row.value)} for row in parse_name(certificate.subject).rows]
    except ValueError:
        rows = []
    return {
        "subject": rows,
        "issuer": common_name(certificate.value.issuer),
        "serial": f"{certificate.serial_number:x}",
        "not_before": iso(certificate.not_before),
        "not_after": iso(certificate.not_after),
        "key": _key(certificate),
        "sha256": certificate.sha256,
    }


def _key(certificate: ParsedCertificate) -> str | None:
    try:
        key = public_key(certificate)
    except UnusableKey:
        return None
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}"
        case _:
            return type(key).__name__.removesuffix("PublicKey").removeprefix("_")


def _appearance(report: AppearanceReport | None, language: str) -> JSON | None:
    if report is None:
        return None
    return {
        "basis": "Nghị định 30/2020/NĐ-CP, Phụ lục I",
        "signatures": [
            {
                "field": shown.field_name,
                "role": shown.role,
                "page": shown.page,
                "rectangle": list(shown.rectangle),
                "position": shown.position,
                "has_image": shown.has_image,
                "image_has_transparency": shown.image_has_transparency,
                "hidden": shown.is_hidden,
            }
            for shown in report.signatures
        ],
        "messages": [f"{m.code}: {m.text(language)}" for m in report.messages],
    }
