"""What holds for every file: no change goes unnoticed, and there is always a report."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.validation import (
    Conclusion,
    Indication,
    Integrity,
    messages,
    report_as_json,
)
from tests.certs.validation.support import (
    document,
    only,
    validate,
)
from tests.pki.authority import SIGNING, pki
from tests.pki.documents import plain_pdf, sign

GENUINE = document()
TWICE = sign(sign(plain_pdf(), pki().agency, tsa=pki().tsa, stamped_at=SIGNING), pki().agency, field="Signature2")


def ranges(data):
    signature = max(analyse(data), key=lambda s: sum(s.byte_range[2:]))
    a, b, c, d = signature.byte_range
    return [(a, a + b), (c, c + d)]


def analyse(data):
    from certs.pdf import analyse_document

    return analyse_document(data).signatures


def is_accepted(report):
    return bool(report.signatures) and all(
        s.integrity in (Integrity.INTACT, Integrity.CHANGED_PERMITTED) for s in report.signatures
    )


@given(st.data())
@settings(deadline=None, max_examples=150)
@pytest.mark.parametrize("source", [GENUINE, TWICE], ids=["one", "two"])
def test_no_byte_inside_the_signed_ranges_can_be_changed_unnoticed(source, data):
    start, end = data.draw(st.sampled_from(ranges(source)))
    place = data.draw(st.integers(start, end - 1))
    changed = bytearray(source)
    changed[place] ^= data.draw(st.integers(1, 255))
    report = validate(bytes(changed))
    assert report.conclusion is not Conclusion.VALID
    assert not is_accepted(report)
    last = report.signatures[-1:]
    assert all(s.indication is not Indication.TOTAL_PASSED for s in last)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_whatever_is_done_to_a_file_there_is_a_report(data):
    changed = bytearray(TWICE)
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    report = validate(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
    assert report.message.text()
    assert report.message.code != messages.UNREADABLE_INTERNAL
    report_as_json(report)


@given(st.binary(min_size=1, max_size=200))
@settings(deadline=None, max_examples=100)
def test_appending_anything_never_raises_coverage(tail):
    order = ["UNCLEAR", "CONTIGUOUS_FROM_START", "ENTIRE_REVISION", "ENTIRE_FILE"]
    before, after = validate(GENUINE), validate(GENUINE + tail)
    for signature in after.signatures:
        assert order.index(signature.coverage) <= order.index(only(before).coverage)
    if tail.strip(b"\0\t\n\f\r "):  # white space of PDF (ISO 32000-2, table 1)
        assert not is_accepted(after)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_a_damaged_certificate_is_a_reason_and_no_accident(data):
    place = GENUINE.index(pki().agency.der.hex().encode())
    changed = bytearray(GENUINE)
    for _ in range(data.draw(st.integers(1, 4))):
        offset = data.draw(st.integers(0, 2 * len(pki().agency.der) - 1))
        changed[place + offset] = data.draw(st.sampled_from(b"0123456789abcdef"))
    report = validate(bytes(changed))
    assert report.message.code != messages.UNREADABLE_INTERNAL
    if bytes(changed) != GENUINE:
        assert report.conclusion is not Conclusion.VALID
    report_as_json(report)
