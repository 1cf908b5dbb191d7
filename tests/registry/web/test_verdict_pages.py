"""Handing in a document and reading the verdict, with the worker's part done by the test."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from certs.containers import Found, read_certificates
from certs.validation import Evidence, ValidationPolicy, report_as_json, validate_document
from registry.runtime import Runtime
from registry.verifications.service import claim_verification, record_report
from registry.verifications.tables import VerificationRow
from registry.web.verdict import BLOCKS, CONCLUSIONS, INDICATIONS, signer_cards
from tests.pki.authority import SIGNING, pki
from tests.pki.documents import add_document_timestamp, plain_pdf, sign
from tests.registry.web.browsing import Browser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LANGUAGES = ("vi", "en")


@pytest.fixture(autouse=True)
def no_waiting(runtime: Runtime) -> None:
    """Nobody judges in these tests before the answer, so there is nothing to wait for."""
    settings = runtime.settings.model_copy(update={"verification_wait_seconds": 0.0})
    object.__setattr__(runtime, "settings", settings)


def hand_in(browser: Browser, content: bytes, name: str = "văn bản.pdf") -> str:
    answer = browser.post("/verify", files={"file": (name, content, "application/pdf")})
    assert answer.status_code == 303
    address: str = answer.headers["location"]
    return address


def judge(runtime: Runtime, address: str, content: bytes, evidence: Evidence | None = None) -> dict[str, Any]:
    policy = ValidationPolicy()
    report = validate_document(content, policy=policy, evidence=evidence or Evidence(), at=runtime.clock.now())
    verification_id = address.rsplit("/", 1)[-1]
    with runtime.database.write() as uow:
        claim = claim_verification(uow, verification_id, lease=timedelta(minutes=1), policy=policy)
        assert claim is not None
        reports = {language: report_as_json(report, language) for language in LANGUAGES}
        record_report(uow, claim, reports, elapsed=timedelta(milliseconds=120))
    return reports["vi"]


def test_a_form_without_script_leads_to_the_verdict(browser: Browser, runtime: Runtime) -> None:
    content = b"%PDF-1.7\n%%EOF"
    address = hand_in(browser, content)
    waiting = browser.get(address).text
    assert "văn bản.pdf" in waiting
    assert f'hx-get="{address}"' in waiting  # asks again by itself
    assert '<noscript><meta http-equiv="refresh"' in waiting  # and without script too
    report = judge(runtime, address, content)
    page = browser.get(address).text
    assert report["message"] in page
    assert report["what_to_do"] in page
    assert "hx-get" not in page


def test_a_missing_file_is_said_beside_the_form(browser: Browser, runtime: Runtime) -> None:
    answer = browser.post("/verify", files={"file": ("", b"", "application/pdf")})
    assert answer.status_code == 422
    assert '<a href="#file">Chưa có tệp nào được gửi lên.' in answer.text
    settings = runtime.settings.model_copy(update={"upload_limit_bytes": 10})
    object.__setattr__(runtime, "settings", settings)
    answer = browser.post("/verify", files={"file": ("a.pdf", b"x" * 11, "application/pdf")})
    assert answer.status_code == 413
    with runtime.database.read() as uow:
        assert uow.session.exec(select(VerificationRow)).all() == []


def test_the_name_of_a_file_is_text(browser: Browser) -> None:
    address = hand_in(browser, b"%PDF-1.7", name="<script>alert(1)</script>.pdf")
    assert "<script>alert" not in browser.get(address).text


def der_of(path: Path) -> bytes:
    (found,) = read_certificates(path.read_bytes(), file_name=path.name)
    assert isinstance(found, Found)
    return found.certificate.der


def test_a_real_document(browser: Browser, runtime: Runtime, corpus: Path) -> None:
    content = (corpus / "vn" / "222-ttg.signed.pdf").read_bytes()
    trusted = [der_of(corpus / "ca" / name) for name in ("government-root-g1.cer", "government-root-g2.crt")]
    helping = [der_of(corpus / "ca" / "government-ca-state-bodies-g2.crt")]
    address = hand_in(browser, content)
    judge(runtime, address, content, Evidence.from_der(trust=trusted, certificates=helping))
    page = browser.get(address).text
    assert "tone-valid" in page
    assert "<h1>Hợp lệ</h1>" in page
    assert "CỔNG THÔNG TIN ĐIỆN TỬ CHÍNH PHỦ" in page
    assert "24/01/2025 17:00 +07:00" in page  # the time-stamp
    assert "24/01/2025 17:19 +07:00" in page  # what the signer claims, as marked
    assert "đánh dấu là giờ quốc tế" in page
    assert "Chứng thư này không có trong sổ đăng ký." in page
    assert "RootCA chuyên dùng Chính phủ G2" in page
    browser.post("/preferences", {"language": "en"})
    assert "<h1>Valid</h1>" in browser.get(address).text


def test_a_time_stamp_of_the_document_is_no_signature_and_claims_nothing(browser: Browser, runtime: Runtime) -> None:
    stamped = add_document_timestamp(plain_pdf(), pki().tsa, at=SIGNING)
    for content, heading in (
        (stamped, ">1 dấu thời gian của văn bản</h2>"),
        (sign(stamped, pki().agency), ">1 chữ ký số, theo thứ tự ký; 1 dấu thời gian của văn bản</h2>"),
    ):
        address = hand_in(browser, content)
        judge(runtime, address, content)
        page = browser.get(address).text
        assert heading in page
        card = page.partition('<article class="card" aria-labelledby="stamp-1">')[2].partition("</article>")[0]
        assert "Dấu thời gian chứng minh" in card
        assert "người ký khai" not in card


SIGNATURE: dict[str, Any] = {
    "field": "Signature1",
    "type": "signature",
    "signer": "Nguyễn Thị Lan",
    "issuer": "CA",
    "certificate_sha256": "a" * 64,
    "indication": "TOTAL_PASSED",
    "integrity": "intact",
    "revocation": "good",
    "revocation_evidence": None,
    "best_signature_time": "2025-01-24T10:00:37Z",
    "best_signature_time_source": "signature_timestamp",
    "timestamp_authority": "TSA",
    "trust_anchor": "Root",
    "algorithm": "RSA, sha256",
    "claimed_time_note": None,
    "warnings": [],
    "messages": [],
    "changes": [],
    "blocks": [{"name": name, "conclusion": "PASSED", "sub_indication": None, "messages": []} for name in BLOCKS],
    "register": None,
}


def tones(signature: dict[str, Any]) -> dict[str, str]:
    ((card,),) = (card.signatures for card in signer_cards({"signatures": [signature]}, "en"))
    return {check.name: check.tone for check in card.checks}


def test_a_tick_is_given_only_for_what_the_report_says(runtime: Runtime) -> None:
    assert tones(SIGNATURE) == {
        "Integrity": "valid",
        "Certificate": "valid",
        "Revocation": "valid",
        "Time of signing": "valid",
        "Algorithms": "valid",
        "Register": "unknown",
    }
    nothing_known = SIGNATURE | {
        "integrity": "unknown",
        "revocation": "unknown",
        "best_signature_time_source": "validation_time",
        "trust_anchor": None,
        "blocks": [],
    }
    assert "valid" not in tones(nothing_known).values()
    broken = SIGNATURE | {"integrity": "broken", "revocation": "revoked"}
    assert (tones(broken)["Integrity"], tones(broken)["Revocation"]) == ("invalid", "invalid")


def test_revocation_does_not_taint_the_path(runtime: Runtime) -> None:
    sentence = {"code": "revoked_before_signing", "vi": "Đã bị thu hồi trước khi ký.", "en": "Revoked before signing."}
    path = {
        "name": "x509_certificate_validation",
        "conclusion": "FAILED",
        "sub_indication": "REVOKED",
        "messages": [sentence],
    }
    blocks = [path if block["name"] == path["name"] else block for block in SIGNATURE["blocks"]]
    revoked = SIGNATURE | {"revocation": "revoked", "indication": "TOTAL_FAILED", "blocks": blocks}
    assert (tones(revoked)["Certificate"], tones(revoked)["Revocation"]) == ("valid", "invalid")
    ((card,),) = (card.signatures for card in signer_cards({"signatures": [revoked]}, "vi"))
    assert card.checks[2].sentences == ("Đã bị thu hồi trước khi ký.",)


def test_who_stands_behind_a_signature_comes_from_the_register(runtime: Runtime) -> None:
    entry = {
        "certificate_id": 1,
        "holder": "Nguyễn Thị Lan",
        "position": None,
        "agency": "Sở Tài nguyên và Môi trường",
        "agency_code": "H02.14",
        "status_at_signing": "active",
        "agency_now": "Sở Nông nghiệp và Môi trường",
        "status_now": "revoked",
        "registered_since": "2020-01-01T00:00:00Z",
    }
    ((card,),) = (card.signatures for card in signer_cards({"signatures": [SIGNATURE | {"register": entry}]}, "vi"))
    assert card.checks[-1].sentences == (
        "Đăng ký cho Sở Tài nguyên và Môi trường; khi ký: đang hiệu lực.",
        "Hiện nay do Sở Nông nghiệp và Môi trường quản lý.",
    )
    assert tones(SIGNATURE | {"register": entry | {"status_at_signing": "revoked"}})["Register"] == "invalid"
    assert tones(SIGNATURE | {"register": entry | {"status_at_signing": "expired"}})["Register"] == "undetermined"


def test_signatures_are_grouped_by_certificate_in_the_order_of_signing(runtime: Runtime) -> None:
    leader, seal = SIGNATURE, SIGNATURE | {"certificate_sha256": "b" * 64, "signer": "SỞ Y TẾ"}
    unknown = SIGNATURE | {"certificate_sha256": None, "indication": "TOTAL_FAILED"}
    cards = signer_cards({"signatures": [leader, seal, leader, unknown, unknown, seal]}, "vi")
    assert [[signature.number for signature in card.signatures] for card in cards] == [[1, 3], [2, 6], [4], [5]]
    assert cards[2].worst.tone == "invalid"


def test_document_time_stamps_are_counted_apart(runtime: Runtime) -> None:
    stamp = SIGNATURE | {"type": "document_timestamp", "certificate_sha256": "c" * 64, "signer": "TSA"}
    seal = SIGNATURE | {"certificate_sha256": "b" * 64}
    cards = signer_cards({"signatures": [SIGNATURE, stamp, seal, stamp]}, "vi")
    assert [[signature.number for signature in card.signatures] for card in cards] == [[1], [1, 2], [2]]
    assert [card.is_timestamp for card in cards] == [False, True, False]


def test_equal_changes_are_said_once_and_forbidden_ones_first(runtime: Runtime) -> None:
    def change(what: str, *, permitted: bool) -> dict[str, Any]:
        return {"what": what, "permitted": permitted, "old": None, "new": None}

    changes = [change("a", permitted=True), change("b", permitted=False), change("a", permitted=True)]
    ((card,),) = (card.signatures for card in signer_cards({"signatures": [SIGNATURE | {"changes": changes}]}, "vi"))
    assert [(line.what, line.is_permitted, line.count) for line in card.changes] == [("b", False, 1), ("a", True, 2)]
    assert card.has_forbidden_changes


def test_every_answer_of_a_report_has_its_words(runtime: Runtime) -> None:
    from certs.validation import Conclusion, Indication, Integrity
    from registry.web import verdict

    assert set(CONCLUSIONS) == {member.value for member in Conclusion}
    assert set(INDICATIONS) == {member.value for member in Indication}
    assert set(verdict._INTEGRITY) == {member.value for member in Integrity}
