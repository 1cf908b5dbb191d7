"""The four documents of the demonstration, and the certificates beside them."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from registry.demo.province.documents.cast import Cast
from registry.demo.province.documents.letter import SUM_SIZE, Letter, Page, draw_letter
from registry.demo.province.documents.pictures import draw_hand, draw_seal
from registry.demo.province.documents.signing import Appearance, Revocation, Signatory, add_evidence, make_crl, sign
from registry.demo.province.drafts import Draft, Generation
from registry.demo.province.pki import DemoPKI, Issuance, new_key
from registry.demo.province.seed import seeded

VALID: Final = "van-ban-hop-le.pdf"
TAMPERED: Final = "van-ban-bi-sua.pdf"
REVOKED: Final = "chung-thu-thu-hoi.pdf"
STRANGER: Final = "ngoai-so.pdf"

_TRUE_SUM: Final = "450.000.000"
_FALSE_SUM: Final = "950.000.000"


@dataclass(frozen=True)
class Studio:
    """What documents are made with."""

    cast: Cast
    pki: DemoPKI
    signatories: Mapping[Draft, Signatory]
    revocations: tuple[Revocation, ...]


def make_documents(studio: Studio) -> dict[str, bytes]:
    """Make every file of the documents folder, by its path inside it."""
    authority, root = studio.pki.authorities[Generation.G2], studio.pki.roots[Generation.G2]
    crl = make_crl(authority, studio.revocations, studio.cast.evidence_at)
    root_crl = make_crl(root, (), studio.cast.evidence_at)
    evidence = ((authority.certificate,), (crl, root_crl))
    page = draw_letter(_letter_of_the_body(studio.cast))
    valid = add_evidence(_sign_as_body(studio, page), *evidence)
    return {
        VALID: valid,
        TAMPERED: _tamper(valid, page),
        REVOKED: add_evidence(_sign_as_former(studio), *evidence),
        STRANGER: add_evidence(_sign_as_stranger(studio), *evidence),
        "chung-thu/goc-demo-G1.cer": studio.pki.roots[Generation.G1].certificate,
        "chung-thu/goc-demo-G2.cer": root.certificate,
        "chung-thu/ca-demo-G1.cer": studio.pki.authorities[Generation.G1].certificate,
        "chung-thu/ca-demo-G2.cer": authority.certificate,
        "chung-thu/ca-demo-G2.crl": crl,
        "chung-thu/goc-demo-G2.crl": root_crl,
        "chung-thu/lanh-dao.cer": studio.signatories[studio.cast.head].certificate,
        "chung-thu/co-quan.cer": studio.signatories[studio.cast.body].certificate,
        "chung-thu/da-thu-hoi.cer": studio.signatories[studio.cast.former].certificate,
    }


def _letter_of_the_body(cast: Cast) -> Letter:
    state = cast.agency.state_on(cast.day)
    return Letter(
        superior=f"UBND TỈNH {state.province.upper()}",
        sender=state.name.upper(),
        number="2098/SYT-KHTC",
        place=state.province,
        on=cast.day,
        subject="bố trí kinh phí mua thiết bị lưu khóa bí mật cho các đơn vị trực thuộc",
        addressee="Sở Tài chính",
        paragraphs=(
            (
                "Thực hiện kế hoạch ứng dụng chữ ký số chuyên dùng công vụ năm nay, Sở Y tế đã rà soát số chứng thư chữ ký "
                "số sắp hết hạn của các bệnh viện, trung tâm và chi cục trực thuộc. Phần lớn chứng thư được cấp từ năm 2016 "
                "nay đã hết thời hạn, nhiều thiết bị lưu khóa bí mật đã hỏng hoặc không còn được hỗ trợ."
            ),
            (
                "Để việc gửi, nhận văn bản điện tử không bị gián đoạn, Sở Y tế đề nghị Sở Tài chính xem xét, bố trí kinh phí "
                "mua bổ sung thiết bị và cấp lại chứng thư cho các đơn vị theo danh sách kèm theo."
            ),
        ),
        sum_label="Tổng kinh phí đề nghị:",
        sum_digits=_TRUE_SUM,
        closing="Sở Y tế trân trọng đề nghị Sở Tài chính quan tâm, phối hợp./.",
        copies=("Như trên;", "Các đơn vị trực thuộc;", "Lưu: VT, KHTC."),
        position=cast.head.subscriber.position or "",
        signer=cast.head.subscriber.holder,
    )


def _sign_as_body(studio: Studio, page: Page) -> bytes:
    """The competent person first, then the agency (Nghị định 30/2020/NĐ-CP)."""
    cast, unit = studio.cast, studio.pki.time_stamping[Generation.G2]
    state = cast.agency.state_on(cast.day)
    hand = Appearance(draw_hand(seeded("hand", cast.head.subscriber.holder)), page.signature_box)
    seal = Appearance(draw_seal(f"* DEMO * TỈNH {state.province.upper()} ", state.name), page.seal_box)
    signed = sign(
        page.pdf,
        studio.signatories[cast.head],
        unit,
        cast.at(9, 12),
        field="ChuKyLanhDao",
        appearance=hand,
        is_certification=True,
    )
    return sign(signed, studio.signatories[cast.body], unit, cast.at(9, 41), field="ChuKyCoQuan", appearance=seal)


def _tamper(signed: bytes, page: Page) -> bytes:
    """Change the amount after signing, as one does who hopes that nobody checks: an update that paints over it."""
    left, bottom, right, top = page.sum_box
    content = (
        f"q 1 1 1 rg {left - 1:.2f} {bottom - 3:.2f} {right - left + 2:.2f} {top - bottom + 5:.2f} re f Q "
        f"0 g BT /Sua {SUM_SIZE} Tf {left:.2f} {bottom:.2f} Td ({_FALSE_SUM}) Tj ET"
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    font = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Font"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Type1"),
            generic.pdf_name("/BaseFont"): generic.pdf_name("/Times-Bold"),
        }
    )
    fonts = generic.DictionaryObject({generic.pdf_name("/Sua"): writer.add_object(font)})
    stream = writer.add_object(generic.StreamObject(stream_data=content.encode("ascii")))
    writer.add_stream_to_page(0, stream, resources=generic.DictionaryObject({generic.pdf_name("/Font"): fonts}))
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _sign_as_former(studio: Studio) -> bytes:
    """By somebody who has left, and whose certificate was revoked for it."""
    cast = studio.cast
    subscriber = cast.former.subscriber
    state = subscriber.agency.state_on(cast.day)
    page = draw_letter(
        Letter(
            superior=f"TỈNH {state.province.upper()}",
            sender=state.name.upper(),
            number="117/GM",
            place=state.province,
            on=cast.day,
            subject="tạm ứng kinh phí tập huấn chữ ký số",
            addressee="Các đơn vị liên quan",
            paragraphs=(
                (
                    "Để chuẩn bị lớp tập huấn sử dụng chữ ký số chuyên dùng công vụ, đề nghị các đơn vị chuyển tạm ứng kinh "
                    "phí tổ chức lớp học theo số tài khoản kèm theo trước ngày khai giảng."
                ),
            ),
            sum_label="Mức tạm ứng mỗi đơn vị:",
            sum_digits="12.500.000",
            closing="Đề nghị các đơn vị thực hiện đúng thời hạn./.",
            copies=("Như trên;", "Lưu: VT."),
            position=subscriber.position or "",
            signer=subscriber.holder,
        )
    )
    hand = Appearance(draw_hand(seeded("hand", subscriber.holder)), page.signature_box)
    unit = studio.pki.time_stamping[Generation.G2]
    return sign(page.pdf, studio.signatories[cast.former], unit, cast.at(14, 30), field="ChuKy", appearance=hand)


def _sign_as_stranger(studio: Studio) -> bytes:
    """By somebody whose certificate is good but stands in no register of this province."""
    cast = studio.cast
    at = cast.at(10, 5)
    holder = "Hoàng Văn Khách"
    key = new_key()
    certificate = Issuance(studio.pki.authorities[Generation.G2]).issue(
        serial=seeded("stranger").getrandbits(62) | 1 << 60,
        subject=(
            ("C", "VN"),
            ("L", "Tỉnh Mẫu"),
            ("O", "ỦY BAN NHÂN DÂN TỈNH MẪU"),
            ("OU", "TRUNG TÂM XÚC TIẾN THƯƠNG MẠI"),
            ("CN", holder),
        ),
        email="khachhv@tinhmau.example",
        not_before=at - timedelta(days=400),
        not_after=at + timedelta(days=1425),
        public_key=key.public,
    )
    page = draw_letter(
        Letter(
            superior="UBND TỈNH MẪU",
            sender="TRUNG TÂM XÚC TIẾN THƯƠNG MẠI",
            number="35/TTXTTM",
            place="Tỉnh Mẫu",
            on=cast.day,
            subject="mời tham gia hội chợ sản phẩm địa phương",
            addressee="Sở Y tế",
            paragraphs=(
                (
                    "Trung tâm Xúc tiến thương mại kính mời Quý cơ quan tham gia gian hàng giới thiệu sản phẩm dược liệu tại "
                    "hội chợ sản phẩm địa phương tổ chức vào tháng tới."
                ),
            ),
            sum_label="Phí tham gia một gian hàng:",
            sum_digits="3.000.000",
            closing="Rất mong nhận được sự tham gia của Quý cơ quan./.",
            copies=("Như trên;", "Lưu: VT."),
            position="Giám đốc",
            signer=holder,
        )
    )
    hand = Appearance(draw_hand(seeded("hand", holder)), page.signature_box)
    unit = studio.pki.time_stamping[Generation.G2]
    return sign(page.pdf, Signatory(certificate, key), unit, at, field="ChuKy", appearance=hand)
