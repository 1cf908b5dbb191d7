"""Work stays bounded: past a bound the answer is "too complex", and ordinary size is no reason for it."""

import tracemalloc
import zlib

import pytest

from certs.pdf import LimitExceeded, Limits, PDFError, analyse_document
from tests.certs.pdf.verdicts import is_acceptable, is_accepted
from tests.pdfs.documents import CATALOG, FORM, PAGES, SignedFile
from tests.pdfs.writer import dictionary, stream


def _with(number: int, body: bytes) -> bytes:
    file = SignedFile()
    file.pending[number] = body
    file.save()
    return file.data


def _bomb(levels: int = 1) -> bytes:
    content = b"\x00" * (200 << 20)
    for _ in range(levels):
        content = zlib.compress(content, 9)
    return content


def _bomb_in_an_object_stream() -> bytes:
    file = SignedFile()
    entries = {"Type": b"/ObjStm", "N": b"1", "First": b"6", "Filter": b"/FlateDecode"}
    file.writer.revision({40: stream(entries, _bomb())})
    file.writer.last_section = file.writer._section_stream(
        {FORM: (2, 40, 0)}, {"Root": b"1 0 R", "Prev": b"%d" % (file.writer.last_section or 0)}, number=60
    )
    file.writer.end_mark(file.writer.last_section)
    return file.data


def _bomb_in_a_section() -> bytes:
    file = SignedFile()
    where = len(file.data)
    entries = {"Type": b"/XRef", "Size": b"50", "W": b"[1 5 2]", "Root": b"1 0 R", "Filter": b"/FlateDecode"}
    file.writer.place(49, stream(entries, _bomb()))
    file.writer.end_mark(where)
    return file.data


def _sections_in_a_loop() -> bytes:
    file = SignedFile()
    file.writer.last_section = len(file.data)
    file.save()
    return file.data


def _lengths_that_need_each_other() -> bytes:
    file = SignedFile()
    for number in range(100, 300):
        file.pending[number] = b"<< /Length %d 0 R >>\nstream\nx\nendstream" % (number + 1)
    file.pending[FORM] = b"100 0 R"
    file.save()
    return file.data


def _fields_nested(depth: int) -> bytes:
    file = SignedFile()
    for number in range(100, 100 + depth):
        file.pending[number] = b"<< /T (a) /Kids [%d 0 R] >>" % (number + 1)
    file.edit(FORM, Fields=b"[100 0 R]")
    file.save()
    return file.data


def _pages_nested(depth: int) -> bytes:
    file = SignedFile()
    for number in range(100, 100 + depth):
        file.pending[number] = b"<< /Type /Pages /Kids [%d 0 R] >>" % (number + 1)
    file.edit(CATALOG, Pages=b"100 0 R")
    file.save()
    return file.data


SAMPLES = {
    "nested arrays": lambda: _with(FORM, b"[" * 100_000 + b"]" * 100_000),
    "nested dictionaries": lambda: _with(FORM, b"<< /A " * 50_000 + b"null" + b">>" * 50_000),
    "nested brackets in a string": lambda: _with(FORM, b"<< /A (" + b"(" * 200_000 + b") >>"),
    "a very long array": lambda: _with(FORM, b"[" + b"1 " * 3_000_000 + b"]"),
    "a very long number": lambda: _with(FORM, b"9" * 100_000),
    "a length of two gigabytes": lambda: _with(FORM, b"<< /Length 2147483647 >>\nstream\nx\nendstream"),
    "a section with a billion entries": lambda: SignedFile().data.replace(b"xref\n0 ", b"xref\n0 1000000000", 1),
    "pages in a loop": lambda: _with(PAGES, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
    "fields in a loop": lambda: _with(FORM, b"<< /Fields [4 0 R 4 0 R] /Kids [4 0 R] >>"),
    "parents in a loop": lambda: _with(PAGES, b"<< /Type /Pages /Kids [10 0 R] /Count 1 /Parent 2 0 R >>"),
    "a reference to itself": lambda: _with(FORM, b"4 0 R"),
    "sections in a loop": _sections_in_a_loop,
    "lengths that need each other": _lengths_that_need_each_other,
    "fields 10,000 deep": lambda: _fields_nested(10_000),
    "pages 10,000 deep": lambda: _pages_nested(10_000),
    "an object stream that expands without end": _bomb_in_an_object_stream,
    "a section that expands without end": _bomb_in_a_section,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_ends_without_being_accepted(name: str) -> None:
    data = SAMPLES[name]()
    tracemalloc.start()
    try:
        assert not is_accepted(data)
        assert tracemalloc.get_traced_memory()[1] < 400 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (Limits(file_bytes=100), "file_bytes"),
        (Limits(revisions=2), "revisions"),
        (Limits(objects=5), "objects"),
        (Limits(depth=1), "depth"),
        (Limits(signatures=1), "signatures"),
        (Limits(steps=100), "steps"),
        (Limits(decompressed_bytes=50), "decompressed_bytes"),
    ],
)
def test_each_limit_is_kept_and_named(limits: Limits, limit: str) -> None:
    file = SignedFile(style="packed")
    file.sign("First")
    file.sign("Second")
    with pytest.raises(LimitExceeded) as caught:
        analyse_document(file.data, limits=limits)
    assert caught.value.message.parameters["limit"] == limit


def test_a_hundred_signatures_need_work_in_proportion() -> None:
    """Steps are counted, not seconds: twice the signatures must not need three times the steps."""
    file = SignedFile(pages=3)
    for index in range(100):
        file.sign(f"Signature{index}", page=index % 3)
    half = len(file.data)
    few = file.data
    for index in range(100, 200):
        file.sign(f"Signature{index}", page=index % 3)
    assert half < len(file.data)
    assert is_acceptable(analyse_document(few))
    assert _steps_needed(file.data) < 3 * _steps_needed(few)


def _steps_needed(data: bytes) -> int:
    """The smallest budget, within a tenth, with which the analysis ends."""
    low, high = 1_000, Limits().steps
    while high > 1.1 * low:
        middle = int((low * high) ** 0.5)
        try:
            analyse_document(data, limits=Limits(steps=middle))
        except LimitExceeded:
            low = middle
        else:
            high = middle
    return high


def test_a_page_tree_of_ordinary_size_is_judged() -> None:
    file = SignedFile(pages=1500)
    file.sign(permission=2)
    file.sign("Second", page=1499)
    assert is_acceptable(analyse_document(file.data))


def test_errors_carry_sentences_in_both_languages() -> None:
    for data in (b"", b"%PDF-1.7", b"no document", dictionary({})):
        with pytest.raises(PDFError) as caught:
            analyse_document(data)
        assert caught.value.message.text("vi") != caught.value.message.text("en")
