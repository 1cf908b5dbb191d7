"""The pictures have the last word: an update after which a page looks different is never accepted in silence."""

import functools
import re

import pypdfium2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certs.pdf import analyse_document
from certs.pdf.errors import PDFError
from tests.certs.pdf.verdicts import is_acceptable, visible
from tests.pdfs.documents import SignedFile
from tests.pdfs.writer import Body, Writer, stream

_NUMBER = re.compile(rb"(?<![/\w.])(\d+)(?! \d+ R)(?! R)(?=[ \]])")
_REFERENCE = re.compile(rb"\d+ 0 R")
_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj\n", re.DOTALL)


@functools.cache
def signed() -> tuple[bytes, int]:
    """A document with all that draws: text, a form XObject, fields, an annotation, two signatures; and its last section."""
    drawing = stream({"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 99 99]"}, b"1 0 0 rg 0 0 60 60 re f")
    content = b"BT /F1 30 Tf 72 600 Td (Pay 100) Tj ET /Fm Do"
    file = SignedFile(
        pages=2,
        text_fields={"amount": "100", "note": "x"},
        extra={60: drawing, 61: stream({}, content)},
        page_entries={"Resources": b"<< /Font << /F1 3 0 R >> /XObject << /Fm 60 0 R >> >>", "Contents": b"61 0 R"},
    )
    file.annotate()
    file.sign("First", permission=2)
    file.sign("Second", page=1)
    return file.data, file.writer.last_section or 0


@functools.cache
def objects() -> dict[int, Body]:
    """The newest body of every object."""
    return {int(match[1]): match[2] for match in _OBJECT.finditer(signed()[0]) if b"/ByteRange" not in match[2]}


def pictures(data: bytes) -> list[bytes]:
    document = pypdfium2.PdfDocument(data)
    try:
        document.init_forms()
        return [bytes(document[index].render(scale=0.3).buffer) for index in range(len(document))]
    finally:
        document.close()


@st.composite
def changed_objects(draw: st.DrawFn) -> dict[int, Body | None]:
    """New bodies for one or two objects; None frees the object."""
    known = objects()
    numbers = st.sampled_from(sorted(known))
    changed: dict[int, Body | None] = {}
    for _ in range(draw(st.integers(1, 2))):
        number = draw(numbers)
        head, mark, rest = known[number].partition(b"\nstream\n")
        match draw(st.integers(0, 5)):
            case 0:
                changed[number] = None
            case 1:
                changed[number] = known[draw(numbers)]
            case 2:
                target = b"%d 0 R" % draw(numbers)
                changed[number] = _REFERENCE.sub(target, head, count=draw(st.integers(1, 3))) + mark + rest
            case 3 if not mark:
                delta = draw(st.integers(1, 60))
                changed[number] = _NUMBER.sub(
                    lambda m, d=delta: b"%d" % (int(m[0]) + d), head, count=draw(st.integers(1, 6))
                )  # type: ignore[misc]
            case 4:
                keys = re.findall(rb"/[A-Za-z]+ (?=[^/])", head)
                key = draw(st.sampled_from(keys)) if keys else b"/Type "
                changed[number] = head.replace(key, b"/Other ", 1) + mark + rest
            case _:
                changed[number] = b"null"
    return changed


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(changed_objects())
def test_an_update_that_changes_a_picture_is_never_silently_accepted(changed: dict[int, Body | None]) -> None:
    data, section = signed()
    writer = Writer(header=data)
    writer.last_section = section
    writer.size = 100
    bodies = {number: body for number, body in changed.items() if body is not None}
    writer.revision(
        bodies, free={number: 65535 for number, body in changed.items() if body is None}, trailer={"Info": b"5 0 R"}
    )
    updated = bytes(writer.data)
    try:
        analysis = analyse_document(updated)
    except PDFError:
        return
    if is_acceptable(analysis) and not visible(analysis):
        assert pictures(updated) == pictures(data)
