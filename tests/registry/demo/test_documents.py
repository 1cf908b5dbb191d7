"""The signed documents: what the product itself says of them, and how they look."""

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select
from sqlmodel import col

from certs.validation import (
    Conclusion,
    Evidence,
    Indication,
    Integrity,
    SubIndication,
    ValidationPolicy,
    ValidationReport,
    validate_document,
)
from registry.certificates.tables import CertificatePeriodRow, CertificateRow, CertificateStatus
from registry.demo.province.documents.pictures import draw_hand, draw_seal
from registry.demo.province.seed import seeded
from registry.runtime import Runtime
from registry.trust.repository import load_trust

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def _judge(filled: Runtime, name: str) -> ValidationReport:
    """As a worker does it: with the register's own anchors, and nothing asked over the network."""
    with filled.database.read() as uow:
        trust = load_trust(uow.session)
    evidence = Evidence.from_der(trust=trust.anchors, certificates=trust.intermediates)
    data = (filled.settings.data_dir / "documents" / name).read_bytes()
    return validate_document(data, policy=ValidationPolicy(), evidence=evidence, at=AT)


def _registered(filled: Runtime, report: ValidationReport) -> list[str | None]:
    """The holders that the register knows for the signers' certificates."""
    with filled.database.read() as uow:
        return [
            uow.session.execute(
                select(col(CertificateRow.holder)).where(col(CertificateRow.sha256) == signature.certificate.sha256)
            ).scalar_one_or_none()
            for signature in report.signatures
            if signature.certificate is not None
        ]


def test_the_head_and_then_the_agency_signed_and_everything_holds(filled: Runtime):
    report = _judge(filled, "van-ban-hop-le.pdf")
    assert report.conclusion is Conclusion.VALID
    assert report.warnings == ()
    head, body = report.signatures
    assert body.signer == "SỞ Y TẾ"
    assert [holder is not None for holder in _registered(filled, report)] == [True, True]
    for signature in (head, body):
        assert signature.indication is Indication.TOTAL_PASSED
        assert signature.integrity is Integrity.INTACT
        assert signature.best_signature_time < AT
        assert len(signature.timestamps) == 1
    assert head.best_signature_time < body.best_signature_time


def test_the_appearance_is_as_the_decree_asks(filled: Runtime):
    appearance = _judge(filled, "van-ban-hop-le.pdf").appearance
    assert appearance is not None
    assert [message.code for message in appearance.messages] == ["appearance_complete"]
    hand, seal = appearance.signatures
    for each in (hand, seal):
        assert each.has_image
        assert each.image_has_transparency
    left, _, right, _ = hand.rectangle
    overlap = (seal.rectangle[2] - left) / (right - left)
    assert 0.25 < overlap < 0.4


def test_a_changed_amount_is_found(filled: Runtime):
    report = _judge(filled, "van-ban-bi-sua.pdf")
    assert report.conclusion is Conclusion.INVALID
    assert {signature.integrity for signature in report.signatures} == {Integrity.CHANGED}
    assert any(not change.permitted for signature in report.signatures for change in signature.changes)


def test_the_amount_a_reader_sees_differs(province: Path):
    texts = {}
    for name in ("van-ban-hop-le.pdf", "van-ban-bi-sua.pdf"):
        document = pypdfium2.PdfDocument(province / "documents" / name)
        texts[name] = document[0].get_textpage().get_text_bounded()
        document.close()
    assert "450.000.000 đồng" in texts["van-ban-hop-le.pdf"]
    assert "950.000.000" in texts["van-ban-bi-sua.pdf"]
    assert "Độc lập - Tự do - Hạnh phúc" in texts["van-ban-hop-le.pdf"]


def test_who_signs_after_revocation_is_caught_offline_and_the_register_knows_it_too(filled: Runtime):
    report = _judge(filled, "chung-thu-thu-hoi.pdf")
    assert report.conclusion is Conclusion.INVALID
    (signature,) = report.signatures
    assert signature.indication is Indication.TOTAL_FAILED
    assert signature.sub_indication is SubIndication.REVOKED
    assert signature.integrity is Integrity.INTACT
    assert signature.certificate is not None
    with filled.database.read() as uow:
        status = uow.session.execute(
            select(col(CertificatePeriodRow.status))
            .join(CertificateRow, col(CertificateRow.id) == col(CertificatePeriodRow.certificate_id))
            .where(
                col(CertificateRow.sha256) == signature.certificate.sha256,
                col(CertificatePeriodRow.effective_from) <= signature.best_signature_time,
                col(CertificatePeriodRow.effective_until) > signature.best_signature_time,
            )
        ).scalar_one()
    assert status is CertificateStatus.REVOKED


def test_a_stranger_signs_validly_and_the_register_does_not_know_them(filled: Runtime):
    report = _judge(filled, "ngoai-so.pdf")
    assert report.conclusion is Conclusion.VALID
    assert _registered(filled, report) == [None]


@pytest.mark.parametrize("holder", ["Nguyễn Văn An", "Trần Thị Bình", "Đỗ Hữu Cường"])
def test_a_hand_is_blue_on_nothing_and_the_same_every_time(holder: str):
    picture = draw_hand(seeded("hand", holder))
    assert picture.tobytes() == draw_hand(seeded("hand", holder)).tobytes()
    ink = [pixel for pixel in picture.get_flattened_data() if pixel[3] > 200]
    assert 0.005 < len(ink) / (picture.width * picture.height) < 0.25
    assert all(blue > red for red, _, blue, _ in ink)
    assert picture.getpixel((0, 0))[3] == 0


def test_a_seal_is_red_on_nothing():
    picture = draw_seal("* DEMO * TỈNH BẮC NINH ", "Sở Nông nghiệp và Môi trường")
    assert picture.width == picture.height
    ink = [pixel for pixel in picture.get_flattened_data() if pixel[3] > 200]
    assert all(red > blue for red, _, blue, _ in ink)
    assert picture.getpixel((picture.width // 2, picture.height // 5))[3] == 0
