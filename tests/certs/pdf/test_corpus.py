"""The public samples: every honest document passes, every attack is caught by the structure or by its digest."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from certs.pdf import analyse_document
from certs.pdf.errors import PDFError
from certs.pdf.model import DocumentAnalysis, EmbeddedSignature
from tests.certs.pdf.verdicts import is_acceptable

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
WRONG_BY_CRYPTOGRAPHY_ONLY = {
    "dss--PAdES-BpB-att-SHA256-SHA3_256withRSA.pdf": "the signature value is of another algorithm than declared",
    "dss--pades-bes-no-certificates.pdf": "no certificate to check the signature value with",
    "dss--pades-enveloping-empty-bytes-cms.pdf": "encapsulated content where there must be none",
    "pyhanko--pdf-sig-with-econtent.pdf": "encapsulated content where there must be none",
}


def _labels() -> list[Any]:
    rows = []
    for folder in ("pdf", "vn"):
        labels = CORPUS / folder / "labels.json"
        if labels.is_file():
            rows += [
                pytest.param(CORPUS / folder / row["file"], row, id=row["file"])
                for row in json.loads(labels.read_text())
            ]
    return rows or [
        pytest.param(None, {}, marks=pytest.mark.skip(reason="the public sample data is not beside the project"))
    ]


@pytest.mark.parametrize(("path", "label"), _labels())
def test_structure_agrees_with_the_label(path: Path, label: dict[str, Any]) -> None:
    try:
        analysis = analyse_document(path.read_bytes())
    except PDFError:
        assert label["acceptable"] is not True
        return
    if label["acceptable"] is True:
        assert is_acceptable(analysis)
    elif label["acceptable"] is False and path.name not in WRONG_BY_CRYPTOGRAPHY_ONLY:
        assert not is_acceptable(analysis) or not all(_has_digest(one) for one in analysis.signatures)
    if label["kind"] == "prepared":
        assert analysis.warnings
    _agrees_on_signatures(analysis, label)


def _agrees_on_signatures(analysis: DocumentAnalysis, label: dict[str, Any]) -> None:
    expected = {row["field"]: row for row in label["signatures"] or ()}
    if not expected or label["acceptable"] is not True:
        return
    assert [one.field_name for one in analysis.signatures] == list(expected) or {
        one.field_name for one in analysis.signatures
    } == set(expected)
    for one in analysis.signatures:
        assert one.type.value == expected[one.field_name]["type"]
        assert (one.coverage.value == "ENTIRE_FILE") is expected[one.field_name]["covers_whole_file"]


def _has_digest(one: EmbeddedSignature) -> bool:
    """Whether the value holds a digest of the signed bytes, under any of the usual algorithms."""
    digests = (
        hashlib.new(name, b"".join(one.signed_bytes)).digest() for name in ("sha1", "sha256", "sha384", "sha512")
    )
    return any(digest in one.contents for digest in digests)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the public sample data is not beside the project")
def test_the_decree_with_six_signatures() -> None:
    analysis = analyse_document((CORPUS / "vn" / "cp_50-2026-nd_6sigs.pdf").read_bytes())
    assert len(analysis.signatures) == 6
    assert all(one.appearance is not None and one.appearance.page for one in analysis.signatures)
    assert all(not change.is_visible for one in analysis.signatures for change in one.changes)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the public sample data is not beside the project")
def test_a_document_saved_again_is_no_forgery() -> None:
    analysis = analyse_document((CORPUS / "vn" / "resaved_sig-emptied_1.pdf").read_bytes())
    assert "pdf_saved_again" in {fault.code for fault in analysis.faults}
