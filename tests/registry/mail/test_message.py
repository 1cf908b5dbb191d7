"""What a mail says and how it travels, with rows of extremes."""

import io
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from html.parser import HTMLParser
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlmodel import select

from registry.alerts.compose import compose_digest
from registry.alerts.digest import MAXIMUM_LINES
from registry.alerts.kinds import compose_mail, prepare_mails
from registry.alerts.notices import put_mail_once
from registry.alerts.planning.bodies import mail_body
from registry.alerts.recipients import Recipient
from registry.alerts.scan import scan_expiries
from registry.certificates.tables import CertificateEventKind, CertificateEventRow
from registry.mail.headers import MAIL_POLICY
from registry.mail.message import Attachment, build_message
from registry.mail.rendering import LANGUAGES, Rendered
from registry.mail.smtp import MailRefused
from registry.mail.tables import MailRow, MailState
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.registry.alerts.told import as_read
from tests.services import Mailbox
from tests.workers.in_process import send_outbox

TODAY = date(2026, 11, 23)
EXTREME = 'A" <b@x.example>\r\nBcc: c@x.example\0\u202e<script>alert(1)</script> Ủy ban nhân dân 🏛 ' + "rất dài " * 25


def row(name: str = "Sở Y tế", recipient: str = "syt@tinh.example", language: str = "vi") -> MailRow:
    return MailRow(
        kind="expiry_digest",
        recipient=recipient,
        recipient_name=name,
        language=language,
        day=TODAY,
        message_id="<1@tinh.example>",
        state=MailState.SENDING,
        not_before=datetime(2026, 11, 23, tzinfo=UTC),
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def travelled(message: EmailMessage) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(message.as_bytes(policy=SMTP), policy=default))


@given(st.text(max_size=300), st.text(max_size=300))
@settings(deadline=None, max_examples=150)
def test_no_name_adds_a_header(name: str, subject: str) -> None:
    message = build_message(
        row(name), Rendered(subject, "text", "<p>html</p>"), Settings(), at=datetime(2026, 11, 23, tzinfo=UTC)
    )
    arrived = travelled(message)
    assert sorted(arrived.keys()) == sorted(message.keys())
    assert [address.addr_spec for address in arrived["To"].addresses] == ["syt@tinh.example"]
    assert arrived["Bcc"] is None


AT = datetime(2026, 11, 23, tzinfo=UTC)
PLAIN = Rendered("Nhắc", "Một\n.\nkết thúc   \n" + "dài " * 400, "<p>Một</p>")


def test_all_mails_of_a_kind_to_one_recipient_are_one_conversation() -> None:
    first, second = row(), row(recipient="SYT@tinh.example")
    second.message_id, second.day = "<2@tinh.example>", TODAY + timedelta(days=1)
    other = row(recipient="other@tinh.example")
    sent = [travelled(build_message(mail, PLAIN, Settings(), at=AT)) for mail in (first, second, other)]
    assert sent[0]["References"] == sent[0]["In-Reply-To"] == sent[1]["References"]
    assert sent[0]["References"] != sent[2]["References"]
    assert len({str(message["Message-ID"]) for message in sent}) == 2  # `other` has the one of `first`
    assert all(str(message["References"]) != str(message["Message-ID"]) for message in sent)


def test_automatic_answers_are_kept_away() -> None:
    message = travelled(build_message(row(), PLAIN, Settings(), at=AT))
    assert message["Auto-Submitted"] == "auto-generated"
    assert "OOF" in message["X-Auto-Response-Suppress"]
    assert message["List-Unsubscribe"] is None


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_mail_that_one_may_do_without_can_be_stopped_with_one_click(scheme: str) -> None:
    url = f"{scheme}://chungthuso.tinh.example/unsubscribe?token=" + "0123456789abcdef" * 12
    built = build_message(row(), PLAIN, Settings(), at=AT, unsubscribe_url=url)
    raw = built.as_bytes(policy=MAIL_POLICY)
    assert (
        f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
    )  # in one piece: mail programs read no encoded words here
    assert (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw) is (scheme == "https")


def test_a_message_made_twice_has_the_same_bytes() -> None:
    one, two = (build_message(row(), PLAIN, Settings(), at=AT).as_bytes(policy=MAIL_POLICY) for _ in range(2))
    assert one == two


@given(st.text(max_size=400), st.binary(max_size=300), st.text(min_size=1, max_size=30))
@settings(deadline=None, max_examples=100)
def test_text_and_files_arrive_as_they_were_sent(text: str, data: bytes, name: str) -> None:
    parts = (Attachment("a.ics", "calendar", text), Attachment(name, "octet-stream", data))
    built = build_message(row(), Rendered("x", text, f"<p>{text}</p>"), Settings(), at=AT, attachments=parts)
    raw = built.as_bytes(policy=MAIL_POLICY)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = travelled(built)
    plain, first, second = message.get_body(("plain",)), *message.iter_attachments()
    assert plain is not None
    assert plain.get_content().splitlines() == text.splitlines()
    assert first.get_payload(decode=True) == text.encode("utf-8", "surrogatepass")
    assert second.get_content() == data


class Text(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def digest(runtime: Runtime) -> MailRow:
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        return uow.session.exec(select(MailRow)).one()


def rendered(runtime: Runtime, mail: MailRow) -> Rendered:
    with runtime.database.read() as uow:
        return as_read(compose_digest(uow, mail, runtime.settings))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_of_extremes_renders(runtime: Runtime, language: str) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, EXTREME.replace("\0", ""), "syt@tinh.example")
        for days in (-7, 0, 1, 30, 31, 90):
            add_certificate(uow.session, agency, TODAY + timedelta(days=days), holder=EXTREME.replace("\0", ""))
    mail = digest(runtime)
    mail.language = language
    result = rendered(runtime, mail)
    assert "\n" not in result.subject
    page = Text(result.html)
    assert "script" not in page.tags
    assert "alert(1)" in page.text
    assert f'<html lang="{language}">' in result.html
    with runtime.database.read() as uow:
        message = travelled(compose_digest(uow, mail, runtime.settings))
    assert message["Bcc"] is None
    assert message["Content-Language"] == language
    assert message.get_body(("plain",)) is not None
    assert message.get_body(("html",)) is not None


def test_what_the_mail_says(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "UBND xã Đồng Kỳ", "dongky@xa.example")
        soon = add_certificate(uow.session, agency, date(2026, 12, 26), holder="Trần Văn Đức")
        add_certificate(uow.session, agency, date(2026, 12, 23), holder="Lê Thị Hạnh")
        add_certificate(uow.session, agency, date(2026, 11, 24), holder="Phạm Quang Huy")
        add_certificate(uow.session, agency, date(2026, 11, 20), holder="Vũ Thị Lan")
    result = rendered(runtime, digest(runtime))
    assert result.subject == (
        "Hôm nay là ngày cuối đề nghị gia hạn 1 chứng thư chữ ký số; từ ngày mai chỉ cấp mới (UBND xã Đồng Kỳ)"
    )
    for said in (
        "Kính gửi UBND xã Đồng Kỳ",
        "HÔM NAY là ngày cuối gửi được đề nghị gia hạn 1 chứng thư dưới đây; từ ngày mai không gia hạn được nữa, chỉ có thể đề nghị cấp mới.",
        "1. Vũ Thị Lan (Chủ tịch)",
        "Đã hết hạn: thứ Sáu, 20/11/2026 17:03 +07:00 (3 ngày trước)",
        "2. Phạm Quang Huy",
        "không còn gia hạn được, hãy gửi đề nghị cấp mới ngay (mẫu 01, Nghị định 68/2024/NĐ-CP",
        "3. Lê Thị Hạnh",
        "HÔM NAY (thứ Hai, 23/11/2026) là ngày cuối gửi được đề nghị gia hạn",
        "4. Trần Văn Đức",
        "Hết hạn: thứ Bảy, 26/12/2026 17:03 +07:00 (còn 33 ngày)",
        "gửi đề nghị gia hạn (mẫu 04, Nghị định 68/2024/NĐ-CP) chậm nhất thứ Năm, 26/11/2026",
        f"http://127.0.0.1:8000/certificates/{soon}",
        "http://127.0.0.1:8000/certificates?expiring=90",
    ):
        assert said in result.text
    assert "Còn 33 ngày" in Text(result.html).text


def test_a_subject_names_the_most_urgent_day(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "UBND xã Đồng Kỳ", "dongky@xa.example")
        add_certificate(uow.session, agency, date(2026, 11, 24))
        add_certificate(uow.session, agency, date(2026, 11, 20))
    assert rendered(runtime, digest(runtime)).subject == "2 chứng thư chữ ký số đã hoặc sắp hết hạn (UBND xã Đồng Kỳ)"


@pytest.mark.parametrize(
    ("expires", "vi", "en"),
    [
        (
            date(2026, 11, 20),
            "Chứng thư chữ ký số của Vũ Thị Lan đã hết hạn ngày 20/11/2026",
            "The signature certificate of Vũ Thị Lan expired on 20/11/2026",
        ),
        (
            TODAY,
            "Chứng thư chữ ký số của Vũ Thị Lan hết hạn hôm nay",
            "The signature certificate of Vũ Thị Lan expires today",
        ),
        (
            date(2026, 11, 24),
            "Chứng thư chữ ký số của Vũ Thị Lan còn 1 ngày, hết hạn 24/11/2026",
            "The signature certificate of Vũ Thị Lan expires in 1 day, on 24/11/2026",
        ),
        (
            date(2026, 12, 23),
            "Hôm nay là ngày cuối đề nghị gia hạn chứng thư chữ ký số của Vũ Thị Lan; từ ngày mai chỉ cấp mới",
            "Last day to ask for the extension of the signature certificate of Vũ Thị Lan; from tomorrow only issued anew",
        ),
    ],
)
def test_the_subject_of_one_certificate_names_its_holder_and_its_day(
    runtime: Runtime, expires: date, vi: str, en: str
) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "UBND xã Đồng Kỳ", "dongky@xa.example")
        add_certificate(uow.session, agency, expires, holder="Vũ Thị Lan")
    mail = digest(runtime)
    assert rendered(runtime, mail).subject == vi
    mail.language = "en"
    assert rendered(runtime, mail).subject == en


def test_what_is_to_be_done_is_to_be_done_on_a_working_day(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "UBND xã Đồng Kỳ", "dongky@xa.example")
        add_certificate(uow.session, agency, date(2026, 12, 29))
    mail = digest(runtime)
    result = rendered(runtime, mail)
    said = "chậm nhất thứ Sáu, 27/11/2026 (hạn cuối chủ Nhật, 29/11/2026 rơi vào ngày nghỉ); sau đó chỉ có thể đề nghị"
    assert said in result.text
    assert said in Text(result.html).text
    with runtime.database.read() as uow:
        parts = travelled(compose_digest(uow, mail, runtime.settings)).iter_attachments()
        (calendar,) = (part.get_content() for part in parts if part.get_content_type() == "text/calendar")
    assert "DTSTART;VALUE=DATE:20261127" in calendar


def test_an_agency_is_not_named_again_beside_its_own_certificate(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Trường Mầm non Thái Đào", "thaidao@truong.example")
        add_certificate(uow.session, agency, date(2026, 11, 24), holder="TRƯỜNG MẦM NON THÁI ĐÀO")
    result = rendered(runtime, digest(runtime))
    assert "Cơ quan:" not in result.text
    assert "Cơ quan:" not in result.html


def test_a_certificate_that_was_extended_before_is_to_be_issued_anew(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        first = add_certificate(uow.session, agency, date(2023, 12, 26), is_replaced=True)
        second = add_certificate(uow.session, agency, date(2026, 12, 26), replaces=first)
        uow.session.add(
            CertificateEventRow(
                certificate_id=second,
                kind=CertificateEventKind.EXTENDED,
                effective_at=uow.now,
                recorded_at=uow.now,
                actor="test",
            )
        )
    assert "không còn gia hạn được" in rendered(runtime, digest(runtime)).text


def test_a_long_list_is_cut_and_counted(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        for _ in range(MAXIMUM_LINES + 13):
            add_certificate(uow.session, agency, TODAY + timedelta(days=7))
    result = rendered(runtime, digest(runtime))
    assert result.subject.startswith("63 chứng thư")
    assert "… và 13 chứng thư khác." in result.text


@pytest.mark.parametrize(("language", "count"), [("vi", 1013), ("en", 51)])  # more than the rows of one query; one more
def test_the_whole_of_a_long_list_travels_as_a_workbook(runtime: Runtime, language: str, count: int) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        for number in range(count):
            days = timedelta(days=number % 30)
            add_certificate(uow.session, agency, TODAY + days, holder=f"=1+1 Nguyễn {number}")
    mail = digest(runtime)
    mail.language = language
    with runtime.database.read() as uow:
        message = travelled(compose_digest(uow, mail, runtime.settings))
    name, workbook = [(part.get_filename(), part.get_content()) for part in message.iter_attachments()][-1]
    assert name == "danh-sach-chung-thu.xlsx"
    headings, *lines = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert headings[0] == ("Holder" if language == "en" else "Chủ thể")
    assert sorted(line[0] for line in lines) == sorted(f"=1+1 Nguyễn {number}" for number in range(count))
    left = [line[7] for line in lines]
    assert left == sorted(left)
    assert len(message.as_bytes()) < 400_000


def test_mails_loaded_together_say_what_each_says_alone(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        for number in range(7):
            agency = add_agency(uow.session, f"Xã {number}", f"x{number}@xa.example")
            for days in range(number + 1):
                add_certificate(uow.session, agency, TODAY + timedelta(days=7 * days))
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        mails = uow.session.exec(select(MailRow)).all()
        together = prepare_mails(uow, mails, runtime.settings)
        for mail in mails:
            alone = compose_mail(uow, mail, runtime.settings)
            assert together(mail).as_bytes(policy=MAIL_POLICY) == alone.as_bytes(policy=MAIL_POLICY)
    assert len(mails) > 1


def test_a_mail_whose_matters_are_settled_is_not_sent(runtime: Runtime, clock: FakeClock) -> None:
    from registry.certificates.tables import CertificatePeriodRow

    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        add_certificate(uow.session, agency, TODAY + timedelta(days=7))
    mail = digest(runtime)
    with runtime.database.write() as uow:
        uow.session.exec(select(CertificatePeriodRow)).one().is_replaced = True
    with pytest.raises(MailRefused, match="replaced"):
        rendered(runtime, mail)


def test_a_mail_of_a_kind_that_this_version_does_not_know_waits(runtime: Runtime, mailbox: Mailbox) -> None:
    with runtime.database.write() as uow:
        mail_id = put_mail_once(uow, runtime.settings, kind="of_tomorrow", recipient=Recipient("a@xa.example", "Xã A"))
    send_outbox(runtime, smtp_url=mailbox.url)
    with runtime.database.read() as uow:
        mail = uow.session.get_one(MailRow, mail_id)
        assert (mail.state, mail.attempts) == (MailState.PENDING, 1)
        assert not mail_body(uow, mail_id or 0, runtime.settings).is_there
