"""The proof on paper, in Vietnamese."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from certs.names import display_name
from registry.alerts.proving.proof import ProofMailView, ProofView
from registry.alerts.schemas import ToldCertificateView
from registry.clock import VIETNAM, local_day
from registry.mail.ledger import MailEventView
from registry.mail.tables import MailEventKind, MailState
from registry.paper import HEAD, SECTION, SMALL, TITLE, grid, letterhead, paragraph, register_fonts, write_paper
from registry.spreadsheets import Words

_TITLE: Final = "Các lần đã báo chứng thư chữ ký số hết hạn"
_LISTED: Final = 50
"""Certificates of one mail that are printed: as many as the mail itself lists."""
_ALREADY_SAID: Final = frozenset({MailEventKind.ACCEPTED})
_MOMENT: Final = "%d/%m/%Y %H:%M:%S +07:00"


def write_proof_pdf(proof: ProofView, words: Words, file: IO[bytes] | Path, *, province: str) -> None:
    """Write the proof into `file`; `words` names the states of mails."""
    register_fonts()
    day = local_day(proof.printed_at)
    period = f"đến hết ngày {proof.last:%d/%m/%Y}"
    if proof.first is not None:
        period = f"từ ngày {proof.first:%d/%m/%Y} {period}"
    story: list[Any] = [
        letterhead(province, day),
        paragraph("BẢN GHI ĐÃ THÔNG BÁO", TITLE),
        paragraph(_TITLE, HEAD),
        paragraph(period.capitalize() if proof.first else f"Tính {period}", HEAD),
        *_subject(proof),
        paragraph(f"1. Thư đã được máy chủ thư tiếp nhận: {len(proof.accepted)}", SECTION),
        *_mails(proof.accepted, words),
        paragraph(f"2. Thư chưa được tiếp nhận, hoặc đã bị trả lại: {len(proof.others)}", SECTION),
        *_mails(proof.others, words),
        paragraph(f"3. Người nhận đã trả lời: {len(proof.answers)}", SECTION),
        *_answers(proof),
        paragraph("4. Bản ghi này chứng minh điều gì", SECTION),
        paragraph(
            "Mỗi dòng của mục 1 cho biết máy chủ thư đã nhận chuyển thư có mã (Message-ID) đó đến địa chỉ ghi bên cạnh, "
            "vào thời điểm ghi và với lời đáp được ghi nguyên văn. Mã này cũng nằm trong thư mà người nhận đang giữ và "
            "trong nhật ký của máy chủ thư hai bên, nên có thể đối chiếu. SHA-256 là mã băm của thư đúng như đã gửi."
        ),
        paragraph(
            "Bản ghi này không chứng minh rằng có người đã mở hoặc đã đọc thư. Chỉ mục 3 cho biết người giữ đường dẫn "
            "trong thư đã trả lời."
        ),
        paragraph(
            f"In từ sổ đăng ký chứng thư lúc {_moment(proof.printed_at)}, người in: {display_name(proof.printed_by)}.",
            SECTION,
        ),
    ]
    if proof.is_cut:
        story.append(paragraph("Kỳ này có nhiều thư hơn số in được ở đây; hãy in theo từng kỳ ngắn hơn.", SMALL))
    write_paper(story, file, title=f"{_TITLE}: {display_name(proof.about)}", author=province)


def say_step(step: int) -> str:
    """What a step is called: days before expiry, negative after it."""
    if step == 0:
        return "ngày hết hạn"
    return f"{step} ngày trước khi hết hạn" if step > 0 else f"{-step} ngày sau khi hết hạn"


def _matter(told: ToldCertificateView, words: Words) -> str:
    return say_step(told.step_days) if told.topic is None else words(told.topic)


def _subject(proof: ProofView) -> Iterator[Any]:
    if proof.expires_at is None:
        yield paragraph(f"Cơ quan: {display_name(proof.about)} ({proof.number})")
        return
    yield paragraph(f"Chứng thư của: {display_name(proof.about)}")
    yield paragraph(f"Số hiệu: {proof.number}")
    yield paragraph(f"Cơ quan quản lý: {display_name(proof.agency)}")
    yield paragraph(f"Hiệu lực đến: {_moment(proof.expires_at)}")


def _mails(mails: tuple[ProofMailView, ...], words: Words) -> Iterator[Any]:
    if not mails:
        yield paragraph("Không có.")
        return
    lines = []
    for each in mails:
        mail = each.mail
        is_sent = mail.state is MailState.SENT
        when = [paragraph(_moment(mail.sent_at or mail.created_at), SMALL)]
        if not is_sent:
            when.append(paragraph(f"(lập thư) {words(mail.state)}", SMALL))
        to = [
            paragraph(display_name(mail.recipient_name), SMALL),
            paragraph(mail.recipient, SMALL),
            paragraph(f"Message-ID: {mail.message_id}", SMALL),
        ]
        if mail.sent_subject:
            to.append(paragraph(f"Tiêu đề: {display_name(mail.sent_subject)}", SMALL))
        if mail.sent_sha256:
            to.append(paragraph(f"SHA-256: {mail.sent_sha256}", SMALL))
        said = [
            paragraph(f"{display_name(told.holder)}, số {told.serial}: {_matter(told, words)}", SMALL)
            for told in each.certificates[:_LISTED]
        ]
        if len(each.certificates) > _LISTED:
            said.append(paragraph(f"và {len(each.certificates) - _LISTED} chứng thư khác", SMALL))
        said.append(paragraph(f"Máy chủ thư đáp: {display_name(mail.last_reply or 'chưa có')}", SMALL))
        said += [
            paragraph(f"{_moment(event.at)} {words(event.kind)}{_by(event)}: {display_name(event.words)}", SMALL)
            for event in mail.events
            if event.kind not in _ALREADY_SAID
        ]
        lines.append((when, to, said))
    yield grid(("Thời điểm", "Người nhận", "Nội dung báo và lời đáp"), lines, (0.2, 0.38, 0.42))


def _by(event: MailEventView) -> str:
    return f" ({display_name(event.actor)})" if event.actor else ""


def _answers(proof: ProofView) -> Iterator[Any]:
    if not proof.answers:
        yield paragraph("Không có.")
        return
    held = {told.certificate_id: told.holder for each in (*proof.accepted, *proof.others) for told in each.certificates}
    lines = []
    for answer in proof.answers:
        said = f"hẹn nhắc lại ngày {answer.remind_on:%d/%m/%Y}"
        if answer.requested_on is not None:
            said = f"đã gửi đề nghị ngày {answer.requested_on:%d/%m/%Y}, {said}"
        about = held.get(answer.certificate_id, proof.about)
        lines.append(
            [
                paragraph(_moment(answer.recorded_at), SMALL),
                paragraph(answer.recipient, SMALL),
                paragraph(f"{display_name(about)}: {said}", SMALL),
            ]
        )
    yield grid(("Thời điểm", "Người trả lời", "Nội dung"), lines, (0.2, 0.38, 0.42))


def _moment(value: Any) -> str:
    return str(value.astimezone(VIETNAM).strftime(_MOMENT))
