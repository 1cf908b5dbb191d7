"""Habits of signing programs in use, each seen in the files they write, leave a document acceptable."""

import re

import pytest

from certs.pdf import analyse_document
from tests.certs.pdf.verdicts import is_acceptable, is_accepted
from tests.pdfs.documents import CATALOG, FORM, SignedFile
from tests.pdfs.writer import dictionary, stream

_PICTURE = {"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 9 9]"}


def test_one_name_for_the_picture_of_every_signature_in_the_default_resources() -> None:
    """Apache PDFBox calls the form of each visible signature /FRM."""
    file = SignedFile(text_fields={"amount": "100"})
    for name in ("First", "Second"):
        picture = file.add(stream({**_PICTURE, "Resources": b"<< >>"}, b"0 0 9 9 re S"))
        file.edit(FORM, DR=b"<< /Font << /F1 3 0 R >> /XObject << /FRM %d 0 R >> >>" % picture)
        file.sign(name)
    assert is_accepted(file.data)


def test_one_signature_for_two_fields_when_it_was_made() -> None:
    file = SignedFile(empty_signature_fields=["One", "Two"])
    file.edit(file.fields["Two"], V=b"%d 0 R" % max(file.next_number, file.writer.size))
    file.sign("One")
    assert file.dictionaries[file.fields["Two"]]["V"] == b"%d 0 R" % file.signature_numbers["One"]
    file.sign("Later")
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert len(analysis.signatures) == 2


def test_a_field_drawn_in_one_revision_and_signed_in_the_next() -> None:
    file = SignedFile()
    file.sign("First", permission=2)
    number = file._signature_field("Second", None, page=0, rectangle=(1, 1, 99, 99))
    file.edit(number, AP=b"<< /N %d 0 R >>" % file.add(stream(_PICTURE, b"0 0 9 9 re f")))
    file.edit(FORM, Fields=b"[%d 0 R %d 0 R]" % (file.fields["First"], number))
    file.save()
    file.sign("Second")
    assert is_accepted(file.data)


def _empty_field_drawn_later(*, is_signed: bool, kind: bytes | None = b"/Sig", **options: object) -> bytes:
    """Aspose.PDF adds the field, gives it a picture with its next revision, and signs it with a third."""
    file = SignedFile()
    file.sign("First", **options)  # type: ignore[arg-type]
    number = file._signature_field("Second", None, page=0, rectangle=(1, 1, 99, 99))
    file.edit(FORM, Fields=b"[%d 0 R %d 0 R]" % (file.fields["First"], number))
    file.save()
    file.edit(number, AP=b"<< /N %d 0 R >>" % file.add(stream(_PICTURE, b"0 0 9 9 re f")))
    file.save()
    if is_signed:
        file.sign("Second", kind=kind, sub_filter=b"/ETSI.RFC3161" if kind != b"/Sig" else b"/ETSI.CAdES.detached")
    return file.data


@pytest.mark.parametrize("permission", [None, 2, 3])
def test_a_field_added_drawn_and_signed_in_three_revisions(permission: int | None) -> None:
    assert is_accepted(_empty_field_drawn_later(is_signed=True, permission=permission))


def test_a_field_that_is_drawn_and_never_signed_or_only_stamped_is_a_picture() -> None:
    assert not is_accepted(_empty_field_drawn_later(is_signed=False))
    assert not is_accepted(_empty_field_drawn_later(is_signed=True, kind=b"/DocTimeStamp"))
    assert not is_accepted(_empty_field_drawn_later(is_signed=True, permission=1))


def test_an_empty_field_without_a_picture() -> None:
    file = SignedFile()
    file.sign("First", permission=2)
    number = file._signature_field("Second", None, page=0, rectangle=(1, 1, 99, 99))
    file.edit(number, AP=b"<< /N %d 0 R >>" % file.add(stream(_PICTURE, b"q Q")))
    file.edit(FORM, Fields=b"[%d 0 R %d 0 R]" % (file.fields["First"], number))
    file.save()
    assert is_accepted(file.data)


def test_a_tooltip_and_a_highlight_of_the_field_that_is_signed() -> None:
    file = SignedFile(empty_signature_fields=["Later"])
    file.sign("First")
    file.edit(file.fields["Later"], H=b"/N", TU=b"(Sign here)")
    file.sign("Later")
    assert is_accepted(file.data)


def test_procedure_sets_of_the_default_resources() -> None:
    file = SignedFile()
    file.edit(FORM, DR=b"<< /Font << /F1 3 0 R >> /ProcSet [/PDF] >>")
    file.save()
    file.sign("First")
    file.edit(FORM, DR=b"<< /Font << /F1 3 0 R >> /ProcSet [/PDF /Text] >>")
    file.sign("Second")
    assert is_accepted(file.data)


@pytest.mark.parametrize("tail", [b"\r\n\r\n", b"   \n", b"\r", b"\x00\x00"])
def test_white_space_after_the_end_mark_inside_the_signed_range(tail: bytes) -> None:
    class Writes(SignedFile):
        def save(self, **options: object) -> None:
            super().save(**options)  # type: ignore[arg-type]
            self.writer.data += tail

    file = Writes()
    file.sign("First")
    file.sign("Second")
    assert is_accepted(file.data)


def test_a_first_section_that_says_there_is_none_before_it() -> None:
    file = SignedFile()
    file.writer.data = bytearray(re.sub(rb"trailer\n<<", b"trailer\n<< /Prev 0", file.data))
    file.sign()
    assert is_accepted(file.data)


def test_freed_objects_that_never_existed_are_nothing() -> None:
    file = SignedFile()
    file.sign("First")
    file.sign("Second", free=dict.fromkeys(range(500, 540), 1))
    assert is_accepted(file.data)


def test_link_annotations_where_annotations_are_allowed() -> None:
    file = SignedFile()
    file.sign(permission=3)
    number = file.annotate(b"/Link")
    file.edit(number, A=dictionary({"S": b"/URI", "URI": b"(https://example.vn)"}))
    file.save()
    assert is_accepted(file.data)


def test_a_border_style_spelled_out_with_the_field_that_is_filled() -> None:
    """MuPDF writes the border of every field that it fills."""
    file = SignedFile(text_fields={"amount": "100", "note": ""})
    file.sign(permission=2)
    file.edit(file.fields["amount"], BS=b"<< /S /S /W 1 >>")
    file.fill("amount", "200")
    assert is_accepted(file.data)


def test_a_border_style_of_a_field_that_keeps_its_value_is_a_change() -> None:
    file = SignedFile(text_fields={"amount": "100"})
    file.sign(permission=2)
    file.edit(file.fields["amount"], BS=b"<< /S /S /W 50 >>")
    file.save()
    assert not is_accepted(file.data)


@pytest.mark.parametrize(
    ("before", "after", "is_allowed"),
    [
        (None, b"/UseAttachments", True),
        (b"/UseNone", b"/UseOutlines", True),
        (b"/UseThumbs", None, True),
        (None, b"/FullScreen", False),
        (b"/FullScreen", b"/UseNone", False),
        (None, b"/Unheard", False),
        (None, b"(UseNone)", False),
        (None, b"[/UseNone]", False),
    ],
)
def test_the_panel_that_opens_beside_the_page(before: bytes | None, after: bytes | None, *, is_allowed: bool) -> None:
    """MuPDF opens the attachments of a document that has some."""
    file = SignedFile(catalog={} if before is None else {"PageMode": before})
    file.sign(permission=2)
    file.edit(CATALOG, PageMode=after)
    file.save()
    assert is_accepted(file.data) is is_allowed


_LINK = b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://example.vn) >> >>"
_ELSEWHERE = _LINK.replace(b"example", b"elsewhere")
_FIELD = _LINK.replace(b"/Link", b"/Widget /FT /Sig /T (Second)")


def _made_an_object(
    written: bytes, becomes: bytes, later: bytes | None = None, *, is_old: bool = False, is_field: bool = False
) -> bytes:
    """An annotation that was written into its page when the first signature was made, and is an object afterwards."""
    file = SignedFile(empty_signature_fields=["First"])
    page, first = file.page_numbers[0], file.fields["First"]
    file.edit(page, Annots=b"[%s %d 0 R]" % (written, first))
    number = file.number()
    if is_old:
        file.pending[number] = becomes
    file.save()
    file.sign("First", permission=2)
    file.pending[number] = becomes
    file.edit(page, Annots=b"[%d 0 R %d 0 R]" % (number, first))
    if is_field:
        file.edit(FORM, Fields=b"[%d 0 R %d 0 R]" % (first, number))
    file.save()
    if later is not None:
        file.pending[number] = later
        file.save()
    return file.data


def test_annotations_written_into_the_page_become_objects() -> None:
    """Apache PDFBox writes every page that it signs in this way."""
    assert is_accepted(_made_an_object(_LINK, _LINK))


def test_an_annotation_that_becomes_an_object_stays_what_it_was() -> None:
    assert not is_accepted(_made_an_object(_LINK, _ELSEWHERE))
    assert not is_accepted(_made_an_object(_LINK, _LINK, _ELSEWHERE))
    assert not is_accepted(_made_an_object(_LINK, _LINK, is_old=True))
    assert not is_accepted(_made_an_object(_FIELD, _FIELD))
    assert not is_accepted(_made_an_object(_FIELD, _FIELD, is_field=True))
    assert not is_accepted(_made_an_object(_LINK, _LINK, is_field=True))
