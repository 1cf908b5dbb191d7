"""Whatever the bytes are, there is an answer, and additions never make it better."""

import functools
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certs.pdf import analyse_document
from certs.pdf.errors import PDFError
from certs.pdf.model import Coverage
from tests.certs.pdf.verdicts import is_accepted
from tests.pdfs.attacks import ATTACKS
from tests.pdfs.documents import SignedFile
from tests.pdfs.writer import Style

TOKENS = (
    b"<<", b">>", b"[", b"]", b"(", b")", b"<", b">", b"null", b"true", b" R", b"1 0 R", b"-1", b"99999999999", b"1e9", b".",
    b"/Kids", b"/Parent", b"/Contents", b"/V", b"obj", b"endobj", b"stream", b"endstream", b"xref", b"trailer", b"startxref",
    b"%%EOF", b"%", b"#", b"\x00", b"/Length 5", b"/Prev 0", b"/Type /Page",
)  # fmt: skip
RANK = {Coverage.UNCLEAR: 0, Coverage.CONTIGUOUS_FROM_START: 1, Coverage.ENTIRE_REVISION: 2, Coverage.ENTIRE_FILE: 3}
STYLES: tuple[Style, ...] = ("table", "stream", "packed", "hybrid")


@functools.cache
def honest(style: Style) -> bytes:
    file = SignedFile(pages=2, text_fields={"amount": "100"}, style=style)
    file.sign("First", permission=2)
    file.sign("Second", page=1)
    file.fill("amount", "200")
    file.extend_dss(b"certificate")
    file.time_stamp("Stamp")
    return file.data


@functools.cache
def material() -> tuple[bytes, ...]:
    return (*(honest(style) for style in STYLES), *(attack() for attack in ATTACKS.values()))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(material())))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 4)):
            case 0:
                data[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                data[place:place] = draw(st.sampled_from(TOKENS))
            case 2:
                del data[place : place + draw(st.integers(1, 40))]
            case 3:
                other = draw(st.integers(0, len(data)))
                data[place : place + 20] = data[other : other + 20]
            case _:
                data[place : place + 2] = b"%d" % draw(st.integers(0, 40))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_any_bytes_give_an_analysis_or_one_of_our_errors(data: bytes) -> None:
    try:
        analysis = analyse_document(data)
    except PDFError:
        return
    assert analysis.signs_of_signing or not analysis.signatures
    assert all(warning.text("vi") and warning.text("en") for warning in analysis.warnings)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_document_give_one_of_our_errors(data: bytes) -> None:
    with pytest.raises(PDFError):
        analyse_document(b"%PDF-1.7\n" + data)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(STYLES),
    st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(TOKENS), max_size=12).map(b"\n".join)),
)
def test_appending_never_raises_coverage_and_is_never_overlooked(style: Style, tail: bytes) -> None:
    data = honest(style)
    before = {one.field_name: RANK[one.coverage] for one in analyse_document(data).signatures}
    try:
        after = analyse_document(data + tail)
    except PDFError:
        return
    assert all(RANK[one.coverage] <= before.get(one.field_name, 0) for one in after.signatures)
    if tail.strip(b"\x00\t\n\x0c\r "):
        assert not is_accepted(data + tail)
        assert all(one.coverage is not Coverage.ENTIRE_FILE for one in after.signatures)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(STYLES), st.integers(0, 2**32))
def test_cutting_a_document_is_noticed_or_leaves_an_earlier_revision(style: Style, seed: int) -> None:
    data = honest(style)
    ends = {revision.end for revision in analyse_document(data).revisions}
    cut = random.Random(seed).randrange(len(data))
    if not any(end - 2 <= cut <= end for end in ends):
        assert not is_accepted(data[:cut])


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(STYLES),
    st.lists(st.sampled_from(["sign", "fill", "store", "stamp"]), max_size=6),
    st.integers(0, 3),
)
def test_any_order_of_honest_steps_is_accepted(style: Style, steps: list[str], extra_pages: int) -> None:
    file = SignedFile(pages=1 + extra_pages, text_fields={"amount": "100"}, style=style)
    file.sign("First", permission=2)
    for index, step in enumerate(steps):
        if step == "sign":
            file.sign(f"Next{index}", page=index % (1 + extra_pages))
        elif step == "fill":
            file.fill("amount", str(index))
        elif step == "store":
            file.extend_dss(b"%d" % index)
        else:
            file.time_stamp(f"Stamp{index}")
    assert is_accepted(file.data)
