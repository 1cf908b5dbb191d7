"""Validation of signed documents by ETSI EN 319 102-1: policy, evidence and a time go in, a report comes out.

    report = validate_document(data, policy=ValidationPolicy(), evidence=Evidence(), at=moment)
    report.conclusion, report.message.text("vi"), report_as_json(report)

Nothing is fetched, and no clock is read.
"""

from certs.pdf import Limits
from certs.validation.document import unreadable_report, validate_document
from certs.validation.evidence import Evidence
from certs.validation.indications import BlockConclusion, Conclusion, Indication, Integrity, SubIndication
from certs.validation.policy import AlgorithmRule, KeyRule, RevocationRule, Strength, Usage, ValidationPolicy
from certs.validation.presentation import report_as_json
from certs.validation.report import (
    AppearanceReport,
    Block,
    SignatureAppearance,
    SignatureReport,
    TimeSource,
    TimestampReport,
    ValidationReport,
)

__all__ = [
    "AlgorithmRule",
    "AppearanceReport",
    "Block",
    "BlockConclusion",
    "Conclusion",
    "Evidence",
    "Indication",
    "Integrity",
    "KeyRule",
    "Limits",
    "RevocationRule",
    "SignatureAppearance",
    "SignatureReport",
    "Strength",
    "SubIndication",
    "TimeSource",
    "TimestampReport",
    "Usage",
    "ValidationPolicy",
    "ValidationReport",
    "report_as_json",
    "unreadable_report",
    "validate_document",
]
