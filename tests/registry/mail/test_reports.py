"""Reading what mail servers send back."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.mail.reports import MAXIMUM_BYTES, ReturnReport, UnreadableReport, parse_report
from registry.mail.tables import MailEventKind
from tests.registry.mail.returned import COMPLAINT, ENVELOPE_ONLY, GMAIL, OUT_OF_OFFICE, POSTFIX, SHAPES, report

ID = "<0123456789abcdef@tinh.example>"
TO = "gone@xa.example"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("failed", MailEventKind.BOUNCED),
        ("Delayed", MailEventKind.DELAYED),
        ("relayed", MailEventKind.DELIVERED),
        ("delivered", MailEventKind.DELIVERED),
    ],
)
def test_what_the_servers_of_the_world_report(shape: str, action: str, kind: MailEventKind) -> None:
    assert parse_report(report(SHAPES[shape], message_id=ID, recipient=TO, action=action)) == ReturnReport(
        kind=kind,
        code="5.1.1",
        words="550 5.1.1 no such user here",
        recipients=frozenset({TO}),
        message_ids=(ID,),
        envelope_ids=(),
        addressed_to=("chungthuso@tinh.example", "bounces@tinh.example")
        if shape == "postfix"
        else ("chungthuso@tinh.example",),
    )


def test_a_report_without_the_message_names_its_envelope() -> None:
    read = parse_report(report(ENVELOPE_ONLY, message_id=ID, recipient=TO))
    assert (read.message_ids, read.envelope_ids) == ((), ("0123456789abcdef",))


def test_a_complaint() -> None:
    read = parse_report(report(COMPLAINT, message_id=ID, recipient=TO))
    assert (read.kind, read.message_ids, read.recipients) == (MailEventKind.COMPLAINED, (ID,), {TO})
    assert read.words == "abuse SomeGenerator/1.0"


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        ("5.0.0", "550 5.7.1 refused by policy", "5.7.1"),
        ("5.0.0", "550 no such user", "5.0.0"),
        ("", "550 5.2.2 mailbox full", "5.2.2"),
        ("4.4.7 (expired)", "", "4.4.7"),
        ("nonsense", "nonsense", ""),
    ],
)
def test_the_code_that_says_most(status: str, answer: str, code: str) -> None:
    assert parse_report(report(POSTFIX, message_id=ID, recipient=TO, status=status, answer=answer)).code == code


def test_the_gravest_of_several_recipients_counts() -> None:
    raw = report(POSTFIX, message_id=ID, recipient=TO)
    two = raw.replace(
        b"Final-Recipient: rfc822",
        b"Final-Recipient: rfc822; other@xa.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822",
    )
    read = parse_report(two)
    assert (read.kind, read.recipients) == (MailEventKind.BOUNCED, {TO})


def test_words_are_safe_to_show() -> None:
    read = parse_report(report(POSTFIX, message_id=ID, recipient=TO, answer="550 \x1b[2J\u202eevil <script>"))
    assert "\x1b" not in read.words
    assert "\u202e" not in read.words


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 1000,
        b"Subject: hello\r\n\r\nhello",
        report(OUT_OF_OFFICE, message_id=ID, recipient=TO),
        b'Content-Type: multipart/report; boundary="a"\r\n\r\n--a\r\nContent-Type: message/delivery-status\r\n\r\n--a--',
        report(POSTFIX, message_id=ID, recipient=TO, action="unheard of"),
    ],
)
def test_anything_else_is_no_report(raw: bytes) -> None:
    with pytest.raises(UnreadableReport):
        parse_report(raw)


def test_a_report_inside_a_returned_message_says_nothing() -> None:
    inner = report(POSTFIX, message_id=ID, recipient=TO)
    outer = b'Content-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n'
    with pytest.raises(UnreadableReport):
        parse_report(outer + inner + b"\r\n--o--\r\n")


def test_endless_nesting_and_length_are_cut_short() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth) for depth in range(20_000)
    )
    with pytest.raises(UnreadableReport):
        parse_report(nested)
    with pytest.raises(UnreadableReport):
        parse_report(b"Content-Type: message/rfc822\r\n\r\n" * 20_000)
    long = report(GMAIL, message_id=ID, recipient=TO) + b"x" * MAXIMUM_BYTES
    assert parse_report(long).message_ids == (ID,)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_broken_reports_give_a_report_or_the_one_error(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([*SHAPES.values(), COMPLAINT, ENVELOPE_ONLY]))
    raw = bytearray(report(shape, message_id=ID, recipient=TO))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    for _ in range(data.draw(st.integers(1, 40))):
        place = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[place] = chance.randrange(256)
            case 1:
                del raw[place : place + chance.randrange(60)]
            case 2:
                raw[place:place] = raw[chance.randrange(len(raw)) :][: chance.randrange(200)]
            case _:
                raw[place:place] = chance.choice([b"\r\n", b"\0", b"=?utf-8?b?a?=", b";", b'"', b"\xff", b"\r\n\r\n"])
    try:
        read = parse_report(bytes(raw))
    except UnreadableReport:
        return
    assert "\n" not in read.words
    read.words.encode()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=2000))
def test_any_bytes_give_the_one_error(raw: bytes) -> None:
    with pytest.raises(UnreadableReport):
        parse_report(raw)
