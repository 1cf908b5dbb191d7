from datetime import UTC, datetime, timedelta
from pathlib import Path

from registry.demo.mailbox import Mailbox

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MAIL = """\
From: =?utf-8?b?VOG7iW5oIELhuq9jIEdpYW5n?= <so@tinh.example>
To: xa@xa.example
Subject: =?utf-8?q?H=E1=BA=BFt_h=E1=BA=A1n?=
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Kính gửi
"""


def test_the_newest_mail_comes_first_and_reads_as_written(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mail")
    assert mailbox.find() == ()
    for minute in range(3):
        mailbox.keep(MAIL.encode(), at=AT + timedelta(minutes=minute))
    found = mailbox.find(limit=2)
    assert [mail.received_at for mail in found] == [AT + timedelta(minutes=2), AT + timedelta(minutes=1)]
    assert (found[0].subject, found[0].text.strip(), found[0].html) == ("Hết hạn", "Kính gửi", "")
    assert found[0].sender == "Tỉnh Bắc Giang <so@tinh.example>"
    assert mailbox.get(found[0].name) == found[0]


def test_only_mails_of_the_box_are_read(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mail")
    mailbox.keep(MAIL.encode(), at=AT)
    (tmp_path / "secret.eml").write_text("secret")
    (tmp_path / "mail" / "incoming-half").write_text("half")
    for name in ("../secret.eml", "/etc/passwd", "incoming-half", "20261123T020000000000Z-aaaaaaaa.eml", ""):
        assert mailbox.get(name) is None
    assert len(mailbox.find()) == 1


def test_a_mail_that_is_none_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    name = mailbox.keep(b"\xff\xfe\0 no header at all", at=AT)
    mail = mailbox.get(name)
    assert mail is not None
    assert mail.subject == ""
