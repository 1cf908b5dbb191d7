from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.mail.headers import MAIL_POLICY, read_field

WORDS = ["sắp", "hết", "hạn", "chứng", "thư", "Trung", "tâm", "Phát", "triển", "quỹ", "đất", "Lục", "Nam", "12", "(a)"]


def written(subject: str, name: str) -> dict[str, str]:
    message = EmailMessage()
    message["Subject"] = subject
    message["To"] = Address(name, username="a", domain="b.example")
    message.set_content("x")
    data = message.as_bytes(policy=MAIL_POLICY)
    assert all(len(line) <= 78 for line in data.split(b"\r\n"))
    assert data.isascii()
    read = message_from_bytes(data, policy=default)
    return {key: read_field(value) for key, value in read.raw_items()}


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join))
def test_every_space_of_a_long_vietnamese_subject_survives(text: str) -> None:
    assert written(text, "x")["Subject"] == text


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS[:-1]), min_size=1, max_size=20).map(" ".join))
def test_every_space_of_a_long_vietnamese_name_survives(name: str) -> None:
    assert written("x", name)["To"].replace('"', "") == f"{name} <a@b.example>"


@pytest.mark.parametrize("raw", ["=?utf-8?b?!!!?=", "=?nonsense?q?x?=", "=?utf-8?q?=FF?=", "=?utf-8?b?abcde?=", ""])
def test_reading_a_field_never_fails(raw: str) -> None:
    assert isinstance(read_field(raw), str)
