"""Agreement with the world: every labelled document judged as its label asks."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import pem

from certs.validation import (
    Conclusion,
    Evidence,
    Indication,
    Integrity,
    SubIndication,
    ValidationPolicy,
    messages,
    report_as_json,
    validate_document,
)

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
if not CORPUS.is_dir():
    pytest.skip("the public sample data is not beside the project (../shared/corpus)", allow_module_level=True)

AT = datetime(2026, 11, 23, tzinfo=UTC)
LABELS = [
    (folder, row) for folder in ("vn", "pdf") for row in json.loads((CORPUS / folder / "labels.json").read_text())
]


def certificate(path):
    data = path.read_bytes()
    return pem.unarmor(data)[2] if pem.detect(data) else data


@pytest.fixture(scope="module")
def evidence():
    return Evidence.from_der(trust=[certificate(path) for path in sorted((CORPUS / "ca").iterdir())])


def validate(data, evidence):
    return validate_document(data, policy=ValidationPolicy(), evidence=evidence, at=AT)


def read(folder, name):
    return (CORPUS / folder / name).read_bytes()


@pytest.mark.parametrize(
    ("folder", "row"), LABELS, ids=lambda value: value["file"] if isinstance(value, dict) else value
)
def test_the_label_is_met(folder, row, evidence):
    report = validate(read(folder, row["file"]), evidence)
    accepted = bool(report.signatures) and all(
        s.integrity in (Integrity.INTACT, Integrity.CHANGED_PERMITTED) for s in report.signatures
    )
    assert report.message.code != messages.UNREADABLE_INTERNAL
    if row["acceptable"] is not None:
        assert accepted is row["acceptable"], row["why"]
    if row["kind"] == "prepared":
        assert report.warnings
    if row["kind"] == "attack" and row["acceptable"] is False:
        assert report.conclusion is Conclusion.INVALID


HONEST = [row["file"] for folder, row in LABELS if folder == "vn" and row["acceptable"]]
ALLOWED = {None, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE}


@pytest.mark.parametrize("name", HONEST)
def test_honest_documents_pass_or_are_open_only_for_their_algorithm(name, evidence):
    assert {s.sub_indication for s in validate(read("vn", name), evidence).signatures} <= ALLOWED


def test_the_decision_of_the_prime_minister(evidence):
    report = validate(read("vn", "222-ttg.signed.pdf"), evidence)
    signature = report_as_json(report)["signatures"][0]
    assert report.conclusion is Conclusion.VALID
    assert signature["indication"] == "TOTAL_PASSED"
    assert signature["signer"] == "CỔNG THÔNG TIN ĐIỆN TỬ CHÍNH PHỦ"
    assert signature["timestamp"] == "2025-01-24T10:00:37Z"
    assert messages.CLAIMED_TIME_IS_LOCAL in {w.code for w in report.warnings}


def test_the_decision_with_one_byte_of_a_page_flipped(evidence):
    data = bytearray(read("vn", "222-ttg.signed.pdf"))
    data[len(data) // 2] ^= 1
    report = validate(bytes(data), evidence)
    signature = report.signatures[0]
    assert report.conclusion is Conclusion.INVALID
    assert (signature.indication, signature.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)


def test_the_decision_without_anchors_names_the_missing_authority():
    report = validate(read("vn", "222-ttg.signed.pdf"), Evidence())
    signature = report.signatures[0]
    assert (signature.indication, signature.sub_indication) == (
        Indication.INDETERMINATE,
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    )
    assert "CA phục vụ các cơ quan Nhà nước G2" in report.message.text()
