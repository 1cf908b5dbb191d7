"""Attacks that count on readers who differ: every function returns bytes that must not be accepted.

One reader takes the last of two equal keys and another the first, one finds an object by its number and another by its
index, one inherits on the way down and another on the way up. What any of them would show must be what was signed.
"""

from tests.pdfs.attacks import FORGED, Attack, signed_document
from tests.pdfs.documents import CATALOG, FORM, PAGES, SignedFile
from tests.pdfs.writer import dictionary, stream

DIFFERENCES: dict[str, Attack] = {}
_PICTURE = stream(
    {"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 428 120]", "Resources": b"<< /Font << /F1 3 0 R >> >>"},
    b"1 g 0 0 428 120 re f BT /F1 12 Tf (pay 900 to Mallory) Tj ET",
)
_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_OTHER_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"


def _difference(function: Attack) -> Attack:
    DIFFERENCES[function.__name__] = function
    return function


def _list_fields(file: SignedFile) -> None:
    file.edit(FORM, Fields=b"[" + b" ".join(b"%d 0 R" % number for number in file.fields.values()) + b"]")


def _section(file: SignedFile, rows: bytes, root: bytes = b"1 0 R") -> bytes:
    """Append a table with these rows, and return the file."""
    writer = file.writer
    section = len(writer.data)
    trailer = {"Root": root, "Size": b"99", "Prev": b"%d" % (writer.last_section or 0)}
    writer.data += b"xref\n" + rows + b"trailer\n" + dictionary(trailer) + b"\n"
    writer.end_mark(section)
    return file.data


# Generations (7.3.10): a strict reader finds an object only under the generation it has.


@_difference
def generation_raised_so_that_the_page_is_empty() -> bytes:
    file = signed_document()
    number = file.content_numbers[0]
    where = file.writer.place(
        number, stream({}, b"BT /F1 12 Tf 72 700 Td (Page 1: pay 100 to Alice) Tj ET"), generation=1
    )
    return _section(file, b"%d 1\n%010d 00001 n \n" % (number, where))


@_difference
def generation_raised_so_that_a_page_shows_more() -> bytes:
    file = SignedFile(page_entries={"Contents": b"[80 1 R]"}, extra={80: FORGED})
    file.sign()
    where = file.writer.place(80, FORGED, generation=1)
    return _section(file, b"80 1\n%010d 00001 n \n" % where)


@_difference
def annotation_hidden_by_a_reference_with_another_generation() -> bytes:
    file = SignedFile()
    overlay = file.annotate()
    file.sign(permission=2)
    file.edit(file.page_numbers[0], Annots=b"[%d 7 R %d 0 R]" % (overlay, file.fields["Signature1"]))
    file.save()
    return file.data


# Object streams: some readers find a member by its number, others by its index.


@_difference
def member_of_an_object_stream_found_by_its_index() -> bytes:
    file = SignedFile(page_entries={"Resources": b"<< /Font 90 0 R >>"})
    head, members = b"90 0 91 20 ", b"<< /F1 3 0 R >>     << /F1 92 0 R >>"
    container = file.add(stream({"Type": b"/ObjStm", "N": b"2", "First": b"%d" % len(head)}, head + members))
    file.pending[92] = _OTHER_FONT
    file.save()
    writer = file.writer
    common = {"Root": b"1 0 R"}
    for signed, index in ((False, 0), (True, 1)):
        if signed:
            file.sign()
        trailer = {**common, "Prev": b"%d" % (writer.last_section or 0)}
        writer.last_section = writer._section_stream({90: (2, container, index)}, trailer, number=writer.size)
        writer.size += 1
        writer.end_mark(writer.last_section)
    return file.data


@_difference
def dangling_reference_filled_by_the_index_of_another_object() -> bytes:
    resources = b"<< /Font << /F1 3 0 R >> /XObject << /Im 80 0 R >> >>"
    file = SignedFile(page_entries={"Resources": resources})
    file.sign()
    container = file.add(stream({"Type": b"/ObjStm", "N": b"1", "First": b"5"}, b"81 0 << /Subtype /Form >>"))
    file.save()
    trailer = {"Root": b"1 0 R", "Prev": b"%d" % (file.writer.last_section or 0)}
    section = file.writer._section_stream({80: (2, container, 0)}, trailer, number=file.writer.size)
    file.writer.end_mark(section)
    return file.data


# Keys given twice, and values that only look equal.


@_difference
def change_below_the_first_of_two_equal_keys() -> bytes:
    resources = b"<< /Font << /F1 61 0 R >> /Font << /F1 62 0 R >> >>"
    file = SignedFile(page_entries={"Resources": b"60 0 R"}, extra={60: resources, 61: _FONT, 62: _FONT})
    file.sign()
    file.pending[61] = _OTHER_FONT
    file.save()
    return file.data


def _entangled(other: int, text: bytes) -> bytes:
    entries = b"<< /DecodeParms << /Other %d 0 R >> /Length %d >>" % (other, len(text))
    return entries + b"\nstream\n" + text + b"\nendstream"


@_difference
def contents_compared_before_with_a_pair_that_failed() -> bytes:
    """The first comparison takes the two contents as equal while it runs, and then fails."""
    silent = ("PieceInfo", "Metadata", "ID", "LastModified", "Tabs")
    file = SignedFile(
        page_entries={"Contents": b"61 0 R", **dict.fromkeys(silent, b"60 0 R")},
        extra={
            60: _entangled(61, b"(pay 100) Tj"),
            61: b"[60 0 R]",
            70: _entangled(71, b"(pay 900) Tj"),
            71: b"[70 0 R]",
        },
    )
    file.sign()
    file.edit(file.page_numbers[0], Contents=b"71 0 R", **dict.fromkeys(silent, b"70 0 R"))
    file.save()
    return file.data


# Pages: what is inherited on the way down, and what is counted.


@_difference
def pages_below_a_new_node_that_crops() -> bytes:
    file = signed_document()
    kids = b" ".join(b"%d 0 R" % number for number in file.page_numbers)
    node = file.add(b"<< /Type /Pages /Parent 2 0 R /Kids [" + kids + b"] /Count 2 /CropBox [0 0 9 9] >>")
    file.edit(PAGES, Kids=b"[%d 0 R]" % node)
    file.save()
    return file.data


@_difference
def nothing_among_the_pages() -> bytes:
    file = signed_document()
    one, two = file.page_numbers
    file.edit(PAGES, Kids=b"[%d 0 R null %d 0 R]" % (one, two))
    file.save()
    return file.data


# Signature fields that nobody signed.


@_difference
def picture_in_a_new_field_without_a_signature() -> bytes:
    file = signed_document(2)
    number = file._signature_field("Sneak", None, page=0, rectangle=(72, 600, 500, 720))
    file.edit(number, AP=b"<< /N %d 0 R >>" % file.add(_PICTURE))
    _list_fields(file)
    file.save()
    return file.data


@_difference
def picture_in_a_new_field_with_a_word_for_a_signature() -> bytes:
    file = signed_document(2)
    number = file._signature_field("Sneak", None, page=0, rectangle=(72, 600, 500, 720))
    file.edit(number, V=b"(signed)", AP=b"<< /N %d 0 R >>" % file.add(_PICTURE))
    _list_fields(file)
    file.save()
    return file.data


def _empty_field_edited(**entries: bytes) -> bytes:
    file = SignedFile(empty_signature_fields=["Later"])
    file.sign(permission=2)
    picture = b"<< /N %d 0 R >>" % file.add(_PICTURE)
    file.edit(file.fields["Later"], Rect=b"[72 600 500 720]", AP=picture, **entries)
    file.save()
    return file.data


@_difference
def empty_signature_field_with_a_word_for_a_signature() -> bytes:
    return _empty_field_edited(V=b"(signed)")


@_difference
def empty_signature_field_made_a_text_field() -> bytes:
    return _empty_field_edited(FT=b"/Tx", V=b"(signed)")


@_difference
def signature_shown_again_in_a_new_field() -> bytes:
    file = signed_document(2)
    value = file.signature_numbers["Signature1"]
    number = file._signature_field("Copy", value, page=0, rectangle=(72, 600, 500, 720))
    file.edit(number, AP=b"<< /N %d 0 R >>" % file.add(_PICTURE))
    _list_fields(file)
    file.save()
    return file.data


@_difference
def signature_shown_again_in_an_empty_field() -> bytes:
    file = SignedFile(empty_signature_fields=["Later"])
    file.sign(permission=2)
    picture = b"<< /N %d 0 R >>" % file.add(_PICTURE)
    value = b"%d 0 R" % file.signature_numbers["Signature1"]
    file.edit(file.fields["Later"], V=value, Rect=b"[72 600 500 720]", AP=picture)
    file.save()
    return file.data


# Fields and annotations.


@_difference
def widget_below_another_parent() -> bytes:
    file = SignedFile()
    parent, kid = file.number(), file.number() + 1
    file._put(parent, {"T": b"(x)", "FT": b"/Tx", "V": b"(100)", "Kids": b"[%d 0 R]" % kid})
    file._put(kid, {"Subtype": b"/Widget", "Rect": b"[72 600 300 620]", "Parent": b"%d 0 R" % parent})
    file._attach(kid, 0)
    file.fields["x"] = parent
    file.edit(FORM, Fields=b"[%d 0 R]" % parent, NeedAppearances=b"true")
    file.save()
    file.sign()
    file.edit(kid, Parent=b"%d 0 R" % file.add(b"<< /T (x) /FT /Tx /V (900) /Kids [%d 0 R] >>" % kid))
    file.save()
    return file.data


@_difference
def field_no_longer_printed() -> bytes:
    file = signed_document(2)
    file.edit(file.fields["amount"], F=b"0")
    file.save()
    return file.data


@_difference
def layers_switched_through_a_field() -> bytes:
    """The configuration of the layers doubles as a text field that may be filled in."""
    layer = b"<< /Type /OCG /Name (x) /Usage << /View << /ViewState /OFF >> >> >>"
    file = SignedFile(text_fields={"amount": "100"}, extra={300: layer})
    field = file.fields["amount"]
    file.edit(CATALOG, OCProperties=b"<< /OCGs [300 0 R] /D %d 0 R >>" % field)
    file.save()
    file.sign()
    file.edit(field, V=b"(9)", AS=b"[<< /Event /View /Category [/View] /OCGs [300 0 R] >>]")
    file.save()
    return file.data


@_difference
def annotation_that_runs_a_script() -> bytes:
    file = signed_document(3)
    number = file.annotate(b"/Screen")
    file.edit(number, A=b"<< /S /JavaScript /JS (x) >>")
    file.save()
    return file.data


@_difference
def default_picture_used_by_an_appearance_replaced() -> bytes:
    """A signing program may point the name to its own picture only where nothing looks it up."""
    file = SignedFile(text_fields={"amount": "100"}, extra={300: _PICTURE, 301: _PICTURE.replace(b"900", b"100")})
    bare = stream({"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 9 9]"}, b"/FRM Do")
    file.edit(FORM, DR=b"<< /XObject << /FRM 301 0 R >> >>")
    file.edit(file.fields["amount"], AP=b"<< /N %d 0 R >>" % file.add(bare))
    file.save()
    file.sign()
    file.edit(FORM, DR=b"<< /XObject << /FRM 300 0 R >> >>")
    file.save()
    return file.data
