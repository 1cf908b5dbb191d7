"""Attacks in the disguise of honest updates: signing, stamping, filling. No function returns what may be accepted.

Some need a document that was prepared before it was signed; none needs the key of a signer.
"""

import re

from tests.pdfs.attacks import FORGED, Attack, signed_document
from tests.pdfs.documents import CATALOG, FORM, SignedFile
from tests.pdfs.writer import dictionary, stream

DISGUISES: dict[str, Attack] = {}
_FORM = {
    "Type": b"/XObject",
    "Subtype": b"/Form",
    "BBox": b"[0 0 428 120]",
    "Resources": b"<< /Font << /F1 3 0 R >> >>",
}
_PICTURE = stream(_FORM, b"1 g 0 0 428 120 re f BT /F1 12 Tf (pay 900 to Mallory) Tj ET")
_WIDGET = {"Type": b"/Annot", "Subtype": b"/Widget", "Rect": b"[72 600 500 720]", "F": b"4"}
_WITH_IMAGE = b"<< /Font << /F1 3 0 R >> /XObject << /Im 80 0 R >> >>"


def _disguise(function: Attack) -> Attack:
    DISGUISES[function.__name__] = function
    return function


def _list_fields(file: SignedFile) -> None:
    file.edit(FORM, Fields=b"[" + b" ".join(b"%d 0 R" % number for number in file.fields.values()) + b"]")


def _widget_with_picture(file: SignedFile, **entries: bytes) -> int:
    """A widget that is no field of its own, with a picture over the text; on no page yet."""
    picture = b"<< /N %d 0 R >>" % file.add(_PICTURE)
    return file._put(file.number(), {**_WIDGET, "AP": picture, **entries})


# Objects that lie behind the revision whose table lists them: at the time of signing there was nothing.


def _listed_behind_the_end(past: int) -> tuple[SignedFile, int]:
    """A signed document whose first table has an object 80 at an offset that its file did not reach."""
    file = SignedFile(page_entries={"Resources": _WITH_IMAGE})
    where = len(file.data) + past
    section = len(file.data)
    writer = file.writer
    trailer = {"Root": b"1 0 R", "Size": b"99", "Prev": b"%d" % (writer.last_section or 0)}
    writer.data += b"xref\n80 1\n%010d 00000 n \ntrailer\n" % where + dictionary(trailer) + b"\n"
    writer.last_section = section
    writer.size = 99
    writer.end_mark(section)
    file.next_number = 99
    file.sign()
    return file, where


@_disguise
def object_listed_before_it_existed() -> bytes:
    """The update brings a stream, listed by its table, in which the awaited object lies at the awaited offset."""
    file, where = _listed_behind_the_end(9_000)
    number = file.number()
    inner = b"80 0 obj\n" + _PICTURE + b"\nendobj\n"
    head = b"%d 0 obj\n<< /Length %010d >>\nstream\n"
    padding = where - len(file.data) - len(head % (number, 0))
    file.pending[number] = (
        b"<< /Length %010d >>\nstream\n" % (padding + len(inner)) + b" " * padding + inner + b"endstream"
    )
    file.save()
    assert file.data[where:].startswith(b"80 0 obj")
    return file.data


@_disguise
def object_listed_before_it_existed_and_again_with_it() -> bytes:
    file, where = _listed_behind_the_end(9_000)
    filler = file.number()
    padding = (
        where - len(file.data) - len(b"%d 0 obj\n<< /Length 0000000000 >>\nstream\n\nendstream\nendobj\n" % filler)
    )
    offsets = {filler: len(file.data), 80: where}
    file.writer.data += b"%d 0 obj\n<< /Length %010d >>\nstream\n" % (filler, padding) + b" " * padding
    file.writer.data += b"\nendstream\nendobj\n"
    assert file.writer.place(80, _PICTURE) == where
    section = len(file.data)
    rows = b"".join(b"%d 1\n%010d 00000 n \n" % row for row in sorted(offsets.items()))
    trailer = {"Root": b"1 0 R", "Size": b"199", "Prev": b"%d" % (file.writer.last_section or 0)}
    file.writer.data += b"xref\n" + rows + b"trailer\n" + dictionary(trailer) + b"\n"
    file.writer.end_mark(section)
    return file.data


@_disguise
def section_listed_before_it_existed() -> bytes:
    """The signed section continues at an offset behind the signed bytes."""
    file = SignedFile(page_entries={"Resources": _WITH_IMAGE})
    where = len(file.data) + 9_000
    old = file.writer.last_section or 0
    file.writer.last_section = where
    file.sign()
    number = file.number()
    head = b"%d 0 obj\n<< /Length %010d >>\nstream\n"
    forged = b"80 0 obj\n" + _PICTURE + b"\nendobj\n"
    padding = where - len(file.data) - len(head % (number, 0)) - len(forged)
    trailer = dictionary({"Root": b"1 0 R", "Size": b"99", "Prev": b"%d" % old})
    section = b"xref\n80 1\n%010d 00000 n \ntrailer\n" % (where - len(forged)) + trailer + b"\n"
    content = b" " * padding + forged + section
    file.pending[number] = b"<< /Length %010d >>\nstream\n" % len(content) + content + b"endstream"
    signed = file.data.rindex(b"startxref\n")
    file.writer.last_section = int(file.data[signed:].split()[1])
    file.save()
    assert file.data[where:].startswith(b"xref")
    return file.data


# One object read from two places.


@_disguise
def stream_entered_by_another_head() -> bytes:
    """Two heads of one object end in the same stream; the outer one has the inner in a comment."""
    inner = b"%d 0 obj << /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Matrix [9 0 0 9 0 0] /Length 15 /Odd"
    file = SignedFile(page_entries={"Resources": _WITH_IMAGE})
    body = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 15 /Odd % " + inner % 80
    file.pending[80] = body + b"\n(x) >>\nstream\n0 0 9 9 re f    \nendstream"
    file.save()
    file.sign()
    section, writer = len(file.data), file.writer
    where = file.data.index(inner % 80)
    trailer = {"Root": b"1 0 R", "Size": b"%d" % writer.size, "Prev": b"%d" % (writer.last_section or 0)}
    writer.data += b"xref\n80 1\n%010d 00000 n \ntrailer\n" % where + dictionary(trailer) + b"\n"
    writer.end_mark(section)
    return file.data


def _packed_by(**indirect: bytes) -> SignedFile:
    """A signed document whose fonts lie in an object stream with entries that are references."""
    font, other = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", b"<< /Type /Font /BaseFont /Symbol >>"
    file = SignedFile(page_entries={"Resources": b"<< /Font << /F1 90 0 R >> >>"}, extra={88: b"6", 89: b"0"})
    content = b"90 0  " + other.ljust(len(font)) + font
    entries = {"Type": b"/ObjStm", "N": b"1", "First": b"%d" % (6 + len(font)), **indirect}
    file.pending[89] = b"%d" % (6 + len(font))
    container = file.add(stream(entries, content))
    file.save()
    writer = file.writer
    trailer = {"Root": b"1 0 R", "Prev": b"%d" % (writer.last_section or 0)}
    writer.last_section = writer._section_stream({90: (2, container, 0)}, trailer, number=writer.size)
    writer.size += 1
    writer.end_mark(writer.last_section)
    file.sign()
    return file


@_disguise
def object_stream_whose_first_member_moves() -> bytes:
    file = _packed_by(First=b"89 0 R")
    file.pending[89] = b"6"
    file.save()
    return file.data


def _looked_for_in(members: dict[str, bytes], content: bytes) -> bytes:
    """A font that the page uses is looked for in an object stream of the update."""
    file = SignedFile(page_entries={"Resources": b"<< /Font << /F1 90 0 R >> >>"})
    file.sign()
    container = file.add(stream({"Type": b"/ObjStm", **members}, content))
    file.save()
    trailer = {"Root": b"1 0 R", "Prev": b"%d" % (file.writer.last_section or 0)}
    section = file.writer._section_stream({90: (2, container, 0)}, trailer, number=file.writer.size)
    file.writer.end_mark(section)
    return file.data


@_disguise
def object_stream_with_an_offset_that_only_some_read() -> bytes:
    return _looked_for_in({"N": b"1", "First": b"8"}, b"90 1_0  << >>     << /Type /Font >>")


@_disguise
def object_stream_without_objects() -> bytes:
    return _looked_for_in({"N": b"0", "First": b"0"}, b"")


# Parts that stand where a reader finds them and a comparison may not look.


@_disguise
def page_that_is_a_reference_to_another_object() -> bytes:
    file = SignedFile()
    page = file.page_numbers[0]
    file.pending[90] = dictionary(file.dictionaries[page])
    file.pending[page] = b"90 0 R"
    file.save()
    file.dictionaries[90] = file.dictionaries.pop(page)
    file.page_numbers, file.annotations = [90], {90: []}
    file.sign()
    file.pending[91] = FORGED
    file.edit(90, Contents=b"91 0 R")
    file.save()
    return file.data


@_disguise
def annotation_that_is_a_reference_to_another_object() -> bytes:
    file = SignedFile()
    note = file.annotate()
    file.pending[90] = dictionary(file.dictionaries[note])
    file.pending[note] = b"90 0 R"
    file.save()
    file.sign(permission=2)
    file.pending[90] = dictionary({**file.dictionaries[note], "Rect": b"[0 0 612 792]"})
    file.save()
    return file.data


def _with_the_tree_in_the_catalog(**entries: bytes) -> SignedFile:
    """The root of the page tree is no object of its own; its list of kids is object 60."""
    other = b"<< /Type /Page /MediaBox [0 0 612 792] /Contents 62 0 R >>"
    file = SignedFile(extra={60: b"[64 0 R]", 61: other, 62: FORGED, 63: b"90"})
    assert file.page_numbers == [64]
    tree = {"Type": b"/Pages", "Kids": b"60 0 R", "Count": b"1", **entries}
    file.edit(CATALOG, Pages=dictionary(tree))
    file.edit(64, Parent=b"1 0 R")
    file.save()
    file.sign()
    return file


@_disguise
def page_exchanged_in_a_tree_within_the_catalog() -> bytes:
    file = _with_the_tree_in_the_catalog()
    file.pending[60] = b"[61 0 R]"
    file.save()
    return file.data


@_disguise
def pages_turned_by_a_tree_within_the_catalog() -> bytes:
    file = _with_the_tree_in_the_catalog(Rotate=b"0")
    file.edit(CATALOG, Pages=file.dictionaries[CATALOG]["Pages"].replace(b"/Rotate 0", b"/Rotate 180"))
    file.save()
    return file.data


def _below_a_parent_outside_the_tree() -> SignedFile:
    """Readers that look upwards find what a page inherits in object 60, which the tree does not lead to."""
    parent = b"<< /Type /Pages /Kids [] /Count 0 /Parent 2 0 R /Rotate 0 /Resources 61 0 R >>"
    file = SignedFile(extra={60: parent, 61: b"<< /Font << /F1 3 0 R >> >>"})
    file.edit(file.page_numbers[0], Parent=b"60 0 R", Resources=None)
    file.save()
    file.sign()
    return file


@_disguise
def parent_outside_the_tree_turns_the_page() -> bytes:
    file = _below_a_parent_outside_the_tree()
    file.pending[60] = b"<< /Type /Pages /Kids [] /Count 0 /Parent 2 0 R /Rotate 180 /Resources 61 0 R >>"
    file.save()
    return file.data


@_disguise
def parent_outside_the_tree_gives_another_font() -> bytes:
    file = _below_a_parent_outside_the_tree()
    file.pending[61] = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Symbol >> >> >>"
    file.save()
    return file.data


@_disguise
def parent_outside_the_form_changes_a_value() -> bytes:
    """Readers that look upwards from the widget find its value in object 60, which the form does not lead to."""
    file = SignedFile(extra={60: b"<< /T (amount) /FT /Tx /V (100) >>"})
    text, kid = file.number(), file.number() + 1
    file.next_number = kid + 1
    file._put(text, {"T": b"(amount)", "FT": b"/Tx", "V": b"(100)", "Kids": b"[%d 0 R]" % kid})
    file._put(kid, {**_WIDGET, "Parent": b"60 0 R"})
    file._attach(kid, 0)
    file.fields["amount"] = text
    _list_fields(file)
    file.save()
    file.sign(permission=2)
    file.pending[60] = b"<< /T (amount) /FT /Tx /V (900) >>"
    file.save()
    return file.data


def _widget_that_is_no_field(**entries: bytes) -> SignedFile:
    file = SignedFile(extra={60: b"<< /T (amount) /FT /Tx /V (100) >>", 61: b"(100)"})
    file._put(file.number(), {**_WIDGET, "FT": b"/Tx", **entries})
    file._attach(file.next_number - 1, 0)
    file.save()
    file.sign(permission=2)
    return file


@_disguise
def value_of_a_widget_that_is_no_field() -> bytes:
    file = _widget_that_is_no_field(T=b"(amount)", V=b"61 0 R")
    file.pending[61] = b"(900)"
    file.save()
    return file.data


@_disguise
def value_above_a_widget_that_is_no_field() -> bytes:
    file = _widget_that_is_no_field(Parent=b"60 0 R")
    file.pending[60] = b"<< /T (amount) /FT /Tx /V (900) >>"
    file.save()
    return file.data


@_disguise
def annotation_in_place_of_the_list_of_annotations() -> bytes:
    file = SignedFile(pages=2)
    file.sign()
    picture = b"<< /N %d 0 R >>" % file.add(_PICTURE)
    note = file.add(dictionary({**_WIDGET, "Subtype": b"/Stamp", "AP": picture}))
    file.edit(file.page_numbers[1], Annots=b"%d 0 R" % note)
    file.save()
    return file.data


# Signature fields that lay something over the page, without being signed and without looking new.


@_disguise
def picture_in_a_kid_of_a_new_field_that_has_fields() -> bytes:
    """The new field counts as a group of fields; one of its kids is no field but a picture."""
    file = signed_document(2)
    parent = file.number()
    named = file._put(parent + 1, {"FT": b"/Sig", "T": b"(a)", "Parent": b"%d 0 R" % parent})
    file.next_number = parent + 2
    widget = _widget_with_picture(file, Parent=b"%d 0 R" % parent)
    file._put(parent, {"FT": b"/Sig", "T": b"(group)", "Kids": b"[%d 0 R %d 0 R]" % (named, widget)})
    file._attach(widget, 0)
    file.fields["group"] = parent
    _list_fields(file)
    file.save()
    return file.data


@_disguise
def picture_in_a_kid_of_a_known_field_that_has_fields() -> bytes:
    file = SignedFile()
    parent = file.number()
    kid = file._put(parent + 1, {"FT": b"/Sig", "T": b"(a)", "Parent": b"%d 0 R" % parent})
    file.next_number = parent + 2
    file._put(parent, {"FT": b"/Sig", "T": b"(group)", "Kids": b"[%d 0 R]" % kid})
    file.fields["group"] = parent
    _list_fields(file)
    file.save()
    file.sign(permission=2)
    widget = _widget_with_picture(file, Parent=b"%d 0 R" % parent)
    file.edit(parent, Kids=b"[%d 0 R %d 0 R]" % (kid, widget))
    file._attach(widget, 0)
    file.save()
    return file.data


def _new_field_shown_as(**entries: bytes) -> bytes:
    file = signed_document(2)
    number = file._signature_field("Sneak", None, page=0, rectangle=(72, 600, 500, 720))
    file.edit(number, **entries)
    _list_fields(file)
    file.save()
    return file.data


@_disguise
def new_field_that_is_a_text_note() -> bytes:
    """Readers draw such annotations from their entries, without any appearance."""
    return _new_field_shown_as(Subtype=b"/FreeText", Contents=b"(pay 900)", DA=b"(/F1 12 Tf)", C=b"[1 1 1]")


@_disguise
def new_field_that_is_a_filled_square() -> bytes:
    return _new_field_shown_as(Subtype=b"/Square", IC=b"[1 1 1]", C=b"[1 1 1]")


@_disguise
def new_field_with_a_background() -> bytes:
    return _new_field_shown_as(MK=b"<< /BG [1 1 1] >>")


@_disguise
def time_stamp_that_is_a_filled_square() -> bytes:
    file = signed_document(1)
    number = file._signature_field("Stamp", None, page=0, rectangle=(72, 600, 500, 720))
    file.edit(number, Subtype=b"/Square", IC=b"[1 1 1]")
    _list_fields(file)
    file.time_stamp("Stamp")
    return file.data


@_disguise
def picture_stamped_in_nobodys_name() -> bytes:
    """Everybody can have a document time-stamped; what the stamp shows is signed by no person."""
    file = signed_document(2)
    file.sign("Stamp", rectangle=(72, 690, 400, 720), sub_filter=b"/ETSI.RFC3161", kind=b"/DocTimeStamp")
    return file.data


@_disguise
def signed_field_turned_into_a_filled_square() -> bytes:
    file = SignedFile(empty_signature_fields=["Later"])
    file.sign(permission=2)
    file.edit(file.fields["Later"], Subtype=b"/Square", Rect=b"[72 600 500 720]")
    file.sign("Later")
    return file.data


def _with_a_hidden_field() -> tuple[SignedFile, int]:
    """An unsigned field with a picture, prepared before the document was signed, that no page shows."""
    file = SignedFile(pages=2)
    number = _widget_with_picture(file, FT=b"/Sig", T=b"(Later)")
    file.fields["Later"] = number
    _list_fields(file)
    file.save()
    file.sign(permission=2)
    return file, number


@_disguise
def prepared_field_put_on_a_page() -> bytes:
    file, number = _with_a_hidden_field()
    file._attach(number, 0)
    file.save()
    return file.data


@_disguise
def prepared_field_shown_on_another_page() -> bytes:
    file = SignedFile(pages=2, empty_signature_fields=["Later"])
    file.edit(file.fields["Later"], AP=b"<< /N %d 0 R >>" % file.add(_PICTURE), Rect=b"[72 600 500 720]")
    file.save()
    file.sign(permission=2)
    file._attach(file.fields["Later"], 1)
    file.save()
    return file.data


@_disguise
def known_annotation_made_the_widget_of_a_new_field() -> bytes:
    """First the field takes the annotation in, then it is signed and may look as it likes."""
    file = SignedFile()
    note = file.annotate()
    file.sign(permission=2)
    number = file.number()
    file._put(number, {"FT": b"/Sig", "T": b"(Sneak)", "Kids": b"[%d 0 R]" % note})
    file.fields["Sneak"] = number
    _list_fields(file)
    file.save()
    file.edit(note, Rect=b"[0 0 0 0]")
    file.sign("Sneak")
    return file.data


@_disguise
def widget_of_a_text_field_made_that_of_a_signature() -> bytes:
    file = SignedFile()
    text, kid = file.number(), file.number() + 1
    file.next_number = kid + 1
    file._put(text, {"T": b"(amount)", "FT": b"/Tx", "V": b"(100)", "Kids": b"[%d 0 R]" % kid})
    file._put(
        kid, {**_WIDGET, "Parent": b"%d 0 R" % text, "AP": b"<< /N %d 0 R >>" % file.add(file.text_appearance("100"))}
    )
    file._attach(kid, 0)
    file.fields = {"amount": text, **file.fields}
    _list_fields(file)
    file.save()
    file.sign(permission=2)
    number = file._put(file.number(), {"FT": b"/Sig", "T": b"(Sneak)", "Kids": b"[%d 0 R]" % kid})
    file.fields["Sneak"] = number
    _list_fields(file)
    file.save()
    file.edit(kid, AP=b"<< /N %d 0 R >>" % file.add(file.text_appearance("900")))
    file.sign("Sneak")
    return file.data


def _signed_with_lists_of_their_own() -> SignedFile:
    """Fields, kids and annotations are listed in objects 60 to 62."""
    file = SignedFile(extra={60: b"[63 0 R]", 61: b"[64 0 R]", 62: b"[64 0 R]"})
    file.next_number = 65
    file._put(63, {"FT": b"/Sig", "T": b"(Signature1)", "Kids": b"61 0 R"})
    picture = b"<< /N %d 0 R >>" % file.add(_PICTURE)
    file._put(64, {**_WIDGET, "Parent": b"63 0 R", "AP": picture})
    file.fields["Signature1"] = 63
    file.edit(FORM, Fields=b"60 0 R")
    file.edit(file.page_numbers[0], Annots=b"62 0 R")
    file.save()
    file.sign(permission=2)
    return file


for _number in (60, 61, 62):

    def _stranger(number: int = _number) -> bytes:
        file = _signed_with_lists_of_their_own()
        file.pending[number] = b"[/Nothing " + {60: b"63 0 R]"}.get(number, b"64 0 R]")
        file.save()
        return file.data

    DISGUISES[f"stranger_in_list_{_number}"] = _stranger


@_disguise
def widget_of_two_fields_hidden_by_a_time_stamp() -> bytes:
    """It shows the value of a text field, and an empty signature field has it as well."""
    file = SignedFile()
    text, kid, later = (file.number() + index for index in range(3))
    file.next_number = later + 1
    picture = b"<< /N %d 0 R >>" % file.add(file.text_appearance("100"))
    file._put(text, {"T": b"(amount)", "FT": b"/Tx", "V": b"(100)", "Kids": b"[%d 0 R]" % kid})
    file._put(kid, {**_WIDGET, "Parent": b"%d 0 R" % text, "AP": picture})
    file._put(later, {"T": b"(Later)", "FT": b"/Sig", "Kids": b"[%d 0 R]" % kid})
    file.fields |= {"amount": text, "Later": later}
    file._attach(kid, 0)
    _list_fields(file)
    file.save()
    file.sign(permission=1)
    file.edit(kid, Rect=b"[0 0 0 0]")
    file.time_stamp("Later")
    return file.data


# Signatures and locks that are lost on the way.


@_disguise
def certification_hidden_by_a_field_below_it() -> bytes:
    """The certified field counts as a group of fields now; what remains is a signature that forbids less."""
    file = signed_document(1)
    file.time_stamp("Stamp")
    parent = file.fields["Signature1"]
    kid = file._put(file.number(), {"FT": b"/Sig", "T": b"(a)", "V": b"null", "Parent": b"%d 0 R" % parent})
    file.edit(parent, Kids=b"[%d 0 R]" % kid)
    file.fill("amount", "900")
    return file.data


@_disguise
def locked_field_filled_through_its_parent() -> bytes:
    parent = b"<< /T (group) /FT /Tx /V (100) /Kids [61 0 R] >>"
    child = b"<< /T (one) /Parent 60 0 R /Type /Annot /Subtype /Widget /Rect [9 9 90 20] >>"
    file = SignedFile(extra={60: parent, 61: child})
    file.fields["group"] = 60
    file.sign(lock=b"<< /Action /Include /Fields [(group.one)] >>")
    file.sign("Second")
    file.pending[60] = parent.replace(b"100", b"900")
    file.save()
    return file.data


# Values that only seem to change, and others that do change.


@_disguise
def value_written_in_another_encoding_to_excuse_a_picture() -> bytes:
    file = signed_document(2)
    picture = b"<< /N %d 0 R >>" % file.add(file.text_appearance("900"))
    file.edit(file.fields["amount"], V=b"<" + "100".encode("utf-16").hex().encode() + b">", AP=picture)
    file.save()
    return file.data


@_disguise
def value_with_an_invisible_character_to_excuse_a_picture() -> bytes:
    file = signed_document(2)
    picture = b"<< /N %d 0 R >>" % file.add(file.text_appearance("900"))
    value = b"\xfe\xff" + "100\u200b ".encode("utf-16-be")
    file.edit(file.fields["amount"], V=b"<" + value.hex().encode() + b">", AP=picture)
    file.save()
    return file.data


@_disguise
def values_drawn_in_white() -> bytes:
    """Readers draw the values themselves, with what the form says where a field says nothing."""
    file = SignedFile(text_fields={"amount": "100"})
    file.edit(FORM, NeedAppearances=b"true")
    file.save()
    file.sign(permission=2)
    file.edit(FORM, DA=b"(/F1 1 Tf 1 g)")
    file.save()
    return file.data


def _drawing_the_form(**first: bytes) -> bytes:
    """The page draws what a text field shows; another entry leads to the resources before /Resources does."""
    file = SignedFile(
        text_fields={"amount": "100"},
        page_entries={"Resources": b"60 0 R"},
        extra={60: b"<< /Font << /F1 3 0 R >> /XObject 64 0 R >>"},
    )
    assert file.fields["amount"] == 64
    page = file.page_numbers[0]
    file.dictionaries[page] = {**first, **file.dictionaries[page]}
    file.edit(page)
    file.save()
    file.sign(permission=2)
    file.fill("amount", "900")
    return file.data


@_disguise
def resource_that_doubles_as_a_field_reached_twice() -> bytes:
    return _drawing_the_form(Own=b"60 0 R")


@_disguise
def resource_that_doubles_as_a_field_in_a_key_given_twice() -> bytes:
    """Only readers that take the first of two keys draw the field."""
    file = SignedFile(text_fields={"amount": "100"}, empty_signature_fields=["Signature1"])
    page, field = file.page_numbers[0], file.fields["amount"]
    file.edit(page)
    first = b"/Resources << /Font << /F1 3 0 R >> /XObject %d 0 R >> /Resources" % field
    file.pending[page] = file.pending[page].replace(b"/Resources", first)
    file.save()
    file.sign(permission=2)
    file.fill("amount", "900")
    return file.data


# What is read aloud and copied.


def _tagged(element: bytes, changed: bytes, **added: bytes) -> bytes:
    """A tagged document: element 51 holds the text of the page; it is changed in an update."""
    elements = {50: b"<< /Type /StructTreeRoot /K [51 0 R] >>", 51: element, 52: b"<< /Nothing true >>"}
    file = SignedFile(catalog={"StructTreeRoot": b"50 0 R", **added}, extra=elements)
    file.sign()
    file.sign("Second", also={51: changed})
    return file.data


_ELEMENT = b"<< /Type /StructElem /S /P /P 50 0 R /Pg 7 0 R /K 0 >>"


@_disguise
def replacement_text_given_to_a_known_element() -> bytes:
    return _tagged(_ELEMENT, _ELEMENT.replace(b" >>", b" /ActualText (Pay 900) >>"))


@_disguise
def replacement_text_of_an_element_with_private_data() -> bytes:
    """Reached through private data too, which nobody is shown."""
    element = _ELEMENT.replace(b" >>", b" /ActualText (Pay 100) >>")
    return _tagged(element, element.replace(b"100", b"900"), PieceInfo=b"<< /Own << /Private 51 0 R >> >>")


@_disguise
def replacement_text_in_a_new_element_over_old_text() -> bytes:
    elements = {50: b"<< /Type /StructTreeRoot /K [51 0 R] >>", 51: _ELEMENT}
    file = SignedFile(catalog={"StructTreeRoot": b"50 0 R"}, extra=elements)
    file.sign()
    new = file.add(_ELEMENT.replace(b" >>", b" /ActualText (Pay 900) >>"))
    file.sign("Second", also={50: b"<< /Type /StructTreeRoot /K [%d 0 R] >>" % new})
    return file.data


@_disguise
def structure_tree_exchanged() -> bytes:
    elements = {50: b"<< /Type /StructTreeRoot /K [51 0 R] >>", 51: _ELEMENT}
    file = SignedFile(catalog={"StructTreeRoot": b"50 0 R"}, extra=elements)
    file.sign()
    new = b"<< /S /P /Pg 7 0 R /K << /Type /MCR /MCID 0 >> /ActualText (Pay 900) >>"
    file.edit(CATALOG, StructTreeRoot=b"%d 0 R" % file.add(b"<< /Type /StructTreeRoot /K " + new + b" >>"))
    file.sign("Second")
    return file.data


@_disguise
def page_tree_given_twice_until_it_was_signed() -> bytes:
    """Readers that take the first of two keys saw another document when it was signed."""
    page = b"<< /Type /Page /Parent 60 0 R /MediaBox [0 0 612 792] /Contents 62 0 R >>"
    file = SignedFile(extra={60: b"<< /Type /Pages /Kids [61 0 R] /Count 1 >>", 61: page, 62: FORGED})
    file.edit(CATALOG)
    file.pending[CATALOG] = file.pending[CATALOG].replace(b"/Pages", b"/Pages 60 0 R /Pages")
    file.save()
    file.sign()
    file.edit(CATALOG)
    file.save()
    return file.data


@_disguise
def content_coded_with_parameters_that_some_readers_skip() -> bytes:
    """A predictor given beside a list of filters: here it yields the same text, elsewhere another one."""
    file = signed_document()
    text = b"BT /F1 12 Tf 72 700 Td (Page 1: pay 100 to Alice) Tj ET"
    coded = stream({"DecodeParms": b"<< /Predictor 12 /Columns %d >>" % len(text)}, b"\0" + text, compress=True)
    file.pending[file.content_numbers[0]] = coded.replace(b"/Filter /FlateDecode", b"/Filter [/FlateDecode]")
    file.save()
    return file.data


# Tables and headers that some readers read otherwise.


@_disguise
def objects_shown_by_a_larger_size() -> bytes:
    """To a strict reader the picture on the page was missing when it was signed (7.5.5)."""
    file = SignedFile(page_entries={"Resources": _WITH_IMAGE}, extra={80: _PICTURE})
    file.sign()
    size = file.writer.size
    data = re.sub(rb"/Size (\d+)", lambda match: b"/Size " + b"60".rjust(len(match[1])), file.data)
    file.writer.data[:] = data
    file.writer.size = size
    file.edit(CATALOG)
    file.save()
    return file.data


@_disguise
def bytes_before_the_header_that_reveal_another_table() -> bytes:
    """Counted from the first byte of the file, not from the header, the same offset leads to another section."""
    shift = 400
    file = SignedFile(extra={60: FORGED})
    forged = file.data.index(b"60 0 obj")
    space = b" " * 2_000
    file.sign(also={61: stream({}, space)})
    trailer = {"Root": b"1 0 R", "Size": b"99", "Prev": b"%d" % (file.writer.last_section or 0)}
    other = b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (file.content_numbers[0], forged + shift) + dictionary(trailer)
    where = (file.writer.last_section or 0) - shift
    start = file.data.index(space)
    assert start < where < start + len(space) - len(other)
    # What stands in the stream was there before the signature; it is set last because it has to know its place.
    data = file.data[:where] + other + file.data[where + len(other) :]
    return b" " * (shift - 1) + b"\n" + data


# Fields without a value, and what readers look for in the resources of the form.

_OVERLAY = stream({**_FORM, "BBox": b"[0 0 200 20]"}, b"1 g 0 0 200 20 re f")
_ODD_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"


def _with_an_overlay(**form: bytes) -> SignedFile:
    """A text field without a value has a picture that covers a part of the page."""
    file = SignedFile(text_fields={"amount": ""})
    picture = b"<< /N %d 0 R >>" % file.add(_OVERLAY)
    file.edit(file.fields["amount"], V=None, AP=picture, Rect=b"[72 690 400 720]")
    file.edit(FORM, **form)
    file.save()
    file.sign(permission=2)
    return file


@_disguise
def overlay_removed_by_filling_in_nothing() -> bytes:
    file = _with_an_overlay()
    file.edit(file.fields["amount"], V=b"()", AP=b"<< /N %d 0 R >>" % file.add(stream(_FORM, b"")))
    file.save()
    return file.data


@_disguise
def overlay_drawn_anew_by_the_reader() -> bytes:
    """Without a value the reader draws nothing where the overlay was."""
    file = _with_an_overlay()
    file.edit(FORM, NeedAppearances=b"true")
    file.save()
    return file.data


def _no_longer_drawn_anew(kind: bytes, picture: bytes) -> bytes:
    """The reader drew the value, and now shows a picture, which was prepared: it says something else or cannot be read."""
    file = SignedFile(text_fields={"amount": "100"}, extra={60: _PICTURE})
    file.edit(file.fields["amount"], FT=kind, AP=b"<< /N %d 0 R >>" % file.add(picture))
    file.edit(FORM, NeedAppearances=b"true")
    file.save()
    file.sign(permission=2)
    file.edit(FORM, NeedAppearances=None)
    file.save()
    return file.data


@_disguise
def values_no_longer_drawn_by_the_reader() -> bytes:
    return _no_longer_drawn_anew(b"/Tx", SignedFile.text_appearance("900"))


@_disguise
def value_no_longer_drawn_over_a_picture_of_another() -> bytes:
    form = {**_FORM, "Resources": b"<< /XObject << /Im 60 0 R >> >>"}
    return _no_longer_drawn_anew(b"/Tx", stream(form, b"/Im Do"))


@_disguise
def choice_no_longer_drawn_over_another() -> bytes:
    return _no_longer_drawn_anew(b"/Ch", SignedFile.text_appearance("900"))


@_disguise
def awaited_picture_added_to_the_resources_of_the_form() -> bytes:
    """An appearance without resources of its own draws a picture that nobody had when it was signed."""
    file = SignedFile(text_fields={"amount": "100"})
    form = {key: value for key, value in _FORM.items() if key != "Resources"}
    file.edit(file.fields["amount"], AP=b"<< /N %d 0 R >>" % file.add(stream(form, b"/Late Do")))
    file.save()
    file.sign(permission=2)
    late = b"<< /Late %d 0 R >>" % file.add(_PICTURE)
    file.edit(FORM, DR=b"<< /Font << /F1 3 0 R >> /XObject " + late + b" >>")
    file.save()
    return file.data


def _awaiting_a_font(*, is_anew: bool, field: bytes | None, form: bytes | None) -> SignedFile:
    """A value that the reader draws, with a font that the form does not have."""
    file = SignedFile(text_fields={"amount": "100"})
    entries = {"DA": field} if is_anew else {"DA": field, "AP": None}
    file.edit(file.fields["amount"], **entries)
    file.edit(FORM, DA=form, **({"NeedAppearances": b"true"} if is_anew else {}))
    file.save()
    file.sign(permission=2)
    return file


for _anew in ("", "_and_drawn_anew"):
    for _place, _where in {"field": (b"(/Own 12 Tf)", None), "form": (None, b"(/Own 12 Tf)")}.items():

        def _awaited(anew: str = _anew, where: tuple[bytes | None, bytes | None] = _where) -> bytes:
            file = _awaiting_a_font(is_anew=bool(anew), field=where[0], form=where[1])
            file.edit(FORM, DR=b"<< /Font << /F1 3 0 R /Own %d 0 R >> >>" % file.add(_ODD_FONT))
            file.save()
            return file.data

        DISGUISES[f"awaited_font_of_a_{_place}_added{_anew}"] = _awaited


@_disguise
def value_without_a_picture_shown_by_a_default_of_the_form() -> bytes:
    """Nothing was drawn as long as nobody said in which font."""
    file = _awaiting_a_font(is_anew=False, field=None, form=None)
    file.edit(FORM, DA=b"(/F1 12 Tf)")
    file.save()
    return file.data


@_disguise
def time_stamp_painted_by_an_operator_joined_to_a_number() -> bytes:
    """Several readers end a number at the first letter."""
    file = signed_document(2)
    picture = file.add(stream(_FORM, b"1 g 0 0 428 120 re 0f"))
    number = file._signature_field("Stamp", None, page=0, rectangle=(72, 600, 500, 720))
    file.edit(number, AP=b"<< /N %d 0 R >>" % picture)
    _list_fields(file)
    file.time_stamp("Stamp")
    return file.data


@_disguise
def hidden_field_printed() -> bytes:
    """What no screen shows comes to be printed."""
    file = SignedFile(text_fields={"amount": "900"})
    file.edit(file.fields["amount"], F=b"32")
    file.save()
    file.sign(permission=2)
    file.edit(file.fields["amount"], F=b"36")
    file.save()
    return file.data


@_disguise
def number_past_what_readers_hold_written_as_a_fraction() -> bytes:
    """As an integer it overflows in some readers, with a point it does not (annex C.2)."""
    file = SignedFile(page_entries={"CropBox": b"[0 0 4294967596 792]"})
    file.sign()
    file.edit(file.page_numbers[0], CropBox=b"[0 0 4294967596.0 792]")
    file.save()
    return file.data


@_disguise
def object_stream_whose_data_come_to_lie_in_another_file() -> bytes:
    """Readers that look for the file find none of the objects; others go on reading what stands here (7.3.8.2)."""
    file = SignedFile(style="packed")
    file.sign()
    container = re.search(rb"(\d+) 0 obj\n(<< /Type /ObjStm .*?)( >>\nstream.*?endstream)", file.data, re.DOTALL)
    assert container is not None
    file.pending[int(container[1])] = container[2] + b" /F (other)" + container[3]
    file.style = "stream"
    file.save()
    return file.data
