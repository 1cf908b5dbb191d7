"""Attacks on signed documents, one function each: every one returns bytes that must not be accepted.

The families are those of the public research: forged signature objects, incremental saving, wrapping, shadow documents,
and changes that hide among honest additions.
"""

import re
from collections.abc import Callable

from tests.pdfs.documents import CATALOG, FONT, FORM, PAGES, SignedFile
from tests.pdfs.writer import dictionary, stream

Attack = Callable[[], bytes]
ATTACKS: dict[str, Attack] = {}
FORGED = stream({}, b"BT /F1 12 Tf 72 700 Td (Page 1: pay 900 to Mallory) Tj ET")


def _attack(function: Attack) -> Attack:
    ATTACKS[function.__name__] = function
    return function


def signed_document(permission: int | None = None, **options: object) -> SignedFile:
    file = SignedFile(pages=2, text_fields={"amount": "100"}, **options)  # type: ignore[arg-type]
    file.sign(permission=permission)
    return file


# Universal signature forgery: the signature object is damaged, everything else shows a signer.


def _damaged(pattern: bytes, replacement: bytes) -> bytes:
    """Override the signature dictionary with a damaged copy, as the published samples do."""
    file = signed_document()
    number = file.signature_numbers["Signature1"]
    start = file.data.index(b"%d 0 obj" % number)
    body = file.data[file.data.index(b"<<", start) : file.data.index(b"endobj", start)].strip()
    file.pending[number] = re.sub(pattern, replacement, body, count=1)
    file.save()
    return file.data


def _damaged_in_place(pattern: bytes, replacement: bytes) -> bytes:
    data = signed_document().data
    return re.sub(pattern, lambda match: replacement.ljust(len(match[0])), data, count=1)


_CONTENTS = rb"/Contents <[0-9A-Fa-f]+>"
_RANGE = rb"/ByteRange \[[^\]]*\]"
for _name, _pattern, _replacement in (
    ("empty_contents", _CONTENTS, b"/Contents <>"),
    ("null_contents", _CONTENTS, b"/Contents null"),
    ("zero_contents", _CONTENTS, b"/Contents <0000>"),
    ("missing_contents", _CONTENTS, b""),
    ("contents_as_number", _CONTENTS, b"/Contents 1"),
    ("missing_range", _RANGE, b""),
    ("null_range", _RANGE, b"/ByteRange null"),
    ("empty_range", _RANGE, b"/ByteRange []"),
    ("range_as_string", _RANGE, b"/ByteRange (0 1 2 3)"),
    ("range_of_strings", _RANGE, b"/ByteRange [(0) (1) (2) (3)]"),
    ("range_of_two", _RANGE, b"/ByteRange [0 100]"),
    ("range_of_zeros", _RANGE, b"/ByteRange [0 0 0 0]"),
    ("negative_range", _RANGE, b"/ByteRange [0 -1 -1 9]"),
    ("negative_second", _RANGE, b"/ByteRange [0 100 -5 200]"),
    ("huge_range", _RANGE, b"/ByteRange [0 99999999 99999999 9]"),
    ("real_range", _RANGE, b"/ByteRange [0 1.5 2.5 3]"),
    ("no_sub_filter", rb"/SubFilter /[A-Za-z.]+", b""),
):
    ATTACKS[f"usf_{_name}"] = lambda p=_pattern, r=_replacement: _damaged(p, r)  # type: ignore[misc]
    ATTACKS[f"usf_in_place_{_name}"] = lambda p=_pattern, r=_replacement: _damaged_in_place(p, r)  # type: ignore[misc]


# Incremental saving: an update that one reader sees and another does not.


def _appended(section: bytes) -> bytes:
    file = signed_document()
    file.writer.place(file.content_numbers[0], FORGED)
    return file.data + section


for _name, _tail in (
    ("without_anything", b""),
    ("with_end_mark_only", b"%%EOF\n"),
    ("with_empty_trailer", b"trailer\n<< >>\nstartxref\n0\n%%EOF\n"),
    ("with_startxref_zero", b"startxref\n0\n%%EOF\n"),
    ("with_broken_startxref", b"xref\n0 0\ntrailer\n<< /Root 1 0 R >>\nstartxref\nabc\n%%EOF\n"),
    ("with_startxref_past_the_end", b"startxref\n99999999\n%%EOF\n"),
    ("with_negative_startxref", b"startxref\n-1\n%%EOF\n"),
    ("with_xref_word_only", b"xref\n%%EOF\n"),
    ("with_trailer_only", b"trailer\n<< /Root 1 0 R /Size 50 >>\n%%EOF\n"),
):
    ATTACKS[f"isa_{_name}"] = lambda t=_tail: _appended(t)  # type: ignore[misc]


@_attack
def isa_pointing_back_to_the_signed_section() -> bytes:
    file = signed_document()
    file.writer.place(file.content_numbers[0], FORGED)
    file.writer.end_mark(file.writer.last_section or 0)
    return file.data


@_attack
def isa_with_a_valid_section() -> bytes:
    file = signed_document()
    file.pending[file.content_numbers[0]] = FORGED
    file.save()
    return file.data


@_attack
def isa_with_a_copy_of_the_signature_appended() -> bytes:
    file = signed_document()
    number = file.signature_numbers["Signature1"]
    start = file.data.index(b"%d 0 obj" % number)
    file.pending[file.content_numbers[0]] = FORGED
    file.pending[number] = file.data[file.data.index(b"<<", start) : file.data.index(b"endobj", start)].strip()
    file.save()
    return file.data


@_attack
def isa_object_beside_an_honest_update() -> bytes:
    """The section lists an honest object; the forged one stands in front of it, unlisted."""
    file = signed_document()
    file.writer.place(file.content_numbers[0], FORGED)
    file.extend_dss(b"certificate")
    return file.data


@_attack
def isa_section_skips_the_signed_revision() -> bytes:
    file = SignedFile()
    before = file.writer.last_section
    file.sign()
    file.writer.revision({file.content_numbers[0]: FORGED}, previous=before)
    return file.data


@_attack
def isa_section_forgets_history() -> bytes:
    file = signed_document()
    file.writer.last_section = None
    everything = {n: dictionary(entries) for n, entries in file.dictionaries.items()}
    file.writer.revision({**everything, **dict.fromkeys(file.content_numbers, FORGED)})
    return file.data


@_attack
def isa_entry_points_nowhere() -> bytes:
    """A strict reader sees nothing at the offset, one that repairs finds the forged object."""
    file = signed_document()
    file.writer.revision({file.content_numbers[0]: FORGED})
    where = file.data.rindex(b"%d 0 obj\n<< /Length" % file.content_numbers[0])
    return file.data.replace(b"%010d 00000 n" % where, b"%010d 00000 n" % (where + 3))


@_attack
def isa_length_hides_an_object() -> bytes:
    file = signed_document()
    inner = b"%d 0 obj\n" % file.content_numbers[0] + FORGED + b"\nendobj\n"
    body = stream({"Type": b"/Nothing"}, inner)
    file.pending[file.number()] = re.sub(rb"/Length \d+", b"/Length 1", body, count=1)
    file.save()
    return file.data


# Wrapping: the gap or the second range is moved.


for _name, _options in {
    "object_in_a_string": {
        "after_contents": b" /Hidden (99 0 obj " + FORGED.replace(b"(", b"").replace(b")", b"") + b" endobj)"
    },
    "second_string": {"after_contents": b" /Hidden <00>"},
    "space": {"after_contents": b"    "},
    "comment": {"after_contents": b" % 99 0 obj\n"},
    "key": {"before_contents": b"/Reason (Refused) "},
    "second_contents": {"after_contents": b" /Contents <00>"},
}.items():

    def _swa(options: dict[str, bytes] = _options) -> bytes:
        file = SignedFile()
        file.sign(**options)  # type: ignore[arg-type]
        return file.data

    ATTACKS[f"swa_{_name}_in_the_gap"] = _swa


@_attack
def swa_second_range_after_the_forgery() -> bytes:
    data = signed_document().data
    match = re.search(rb"/ByteRange \[0 (\d{10}) (\d{10}) (\d{10})\]", data)
    assert match is not None
    forged = b"99 0 obj\n" + FORGED + b"\nendobj\n"
    tail = data[int(match[2]) :]
    text = b"/ByteRange [0 %s %010d %s]" % (match[1], len(data) + len(forged), match[3])
    return data[: match.start()] + text + data[match.end() :] + forged + tail


# Shadow documents: what was prepared is shown by an update that looks harmless.


@_attack
def shadow_hide_by_removing_an_overlay() -> bytes:
    file = SignedFile(
        extra={50: stream({"Subtype": b"/Image"}, b"x")},
        page_entries={"Resources": b"<< /Font << /F1 3 0 R >> /XObject << /Im 50 0 R >> >>"},
    )
    file.sign()
    file.save(free={50: 1})
    return file.data


@_attack
def shadow_replace_font() -> bytes:
    file = signed_document()
    file.edit(FONT, BaseFont=b"/Symbol")
    file.save()
    return file.data


@_attack
def shadow_replace_font_descriptor_of_the_form() -> bytes:
    font = {"Type": b"/Font", "Subtype": b"/Type1", "BaseFont": b"/Own", "FontDescriptor": b"61 0 R"}
    file = SignedFile(
        text_fields={"amount": "100"}, extra={60: dictionary(font), 61: b"<< /Type /FontDescriptor /Flags 4 >>"}
    )
    file.edit(FORM, DR=b"<< /Font << /Own 60 0 R >> >>")
    file.save()
    file.sign(permission=2)
    file.pending[61] = b"<< /Type /FontDescriptor /Flags 32 >>"
    file.save()
    return file.data


@_attack
def shadow_replace_appearance_but_not_value() -> bytes:
    file = signed_document(2)
    file.edit(file.fields["amount"], AP=b"<< /N %d 0 R >>" % file.add(file.text_appearance("900")))
    file.save()
    return file.data


@_attack
def shadow_replace_appearance_stream_in_place() -> bytes:
    file = signed_document(2)
    number = int(file.dictionaries[file.fields["amount"]]["AP"].split()[2])
    file.pending[number] = file.text_appearance("900")
    file.save()
    return file.data


@_attack
def shadow_need_appearances() -> bytes:
    """The viewer draws the values anew instead of what was signed."""
    file = signed_document(2)
    file.edit(FORM, NeedAppearances=b"true")
    file.save()
    return file.data


@_attack
def shadow_other_page_tree() -> bytes:
    page = {"Type": b"/Page", "Parent": b"60 0 R", "MediaBox": b"[0 0 612 792]", "Contents": b"62 0 R"}
    tree = {60: b"<< /Type /Pages /Kids [61 0 R] /Count 1 >>", 61: dictionary(page), 62: FORGED}
    file = SignedFile(extra=tree)
    file.sign()
    file.edit(CATALOG, Pages=b"60 0 R")
    file.save()
    return file.data


@_attack
def shadow_other_catalog() -> bytes:
    page = {"Type": b"/Page", "Parent": b"60 0 R", "MediaBox": b"[0 0 612 792]", "Contents": b"62 0 R"}
    catalog = b"<< /Type /Catalog /Pages 60 0 R /AcroForm 4 0 R >>"
    tree = {59: catalog, 60: b"<< /Type /Pages /Kids [61 0 R] /Count 1 >>", 61: dictionary(page), 62: FORGED}
    file = SignedFile(extra=tree)
    file.sign()
    file.save(root=59)
    return file.data


@_attack
def shadow_entry_switched_to_an_older_object() -> bytes:
    """The section of the update points to an object that lies inside the signed bytes."""
    file = SignedFile()
    old = file.data.index(b"%d 0 obj" % file.content_numbers[0])
    file.pending[file.content_numbers[0]] = FORGED
    file.save()
    file.sign()
    section = len(file.data)
    number = file.content_numbers[0]
    file.writer.data += b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (number, old)
    file.writer.data += (
        dictionary({"Root": b"1 0 R", "Size": b"99", "Prev": b"%d" % (file.writer.last_section or 0)}) + b"\n"
    )
    file.writer.end_mark(section)
    return file.data


@_attack
def shadow_dangling_reference_filled_in() -> bytes:
    """A resource that did not exist when the page was signed."""
    file = SignedFile(page_entries={"Resources": b"<< /Font << /F1 3 0 R >> /XObject << /Im 80 0 R >> >>"})
    file.sign()
    file.pending[80] = stream({"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 9 9]"}, b"0 0 9 9 re f")
    file.extend_dss(b"x")
    return file.data


@_attack
def shadow_dangling_reference_filled_by_a_certificate() -> bytes:
    file = SignedFile(page_entries={"Contents": b"[80 0 R]"})
    file.sign()
    file.pending[80] = FORGED
    file.edit(CATALOG, DSS=b"<< /Certs [80 0 R] >>")
    file.save()
    return file.data


@_attack
def shadow_resource_that_doubles_as_a_field() -> bytes:
    """The page draws /AP of a text field; filling the field changes the page."""
    file = SignedFile(
        text_fields={"amount": "100"}, page_entries={"Resources": b"<< /Font << /F1 3 0 R >> /XObject 13 0 R >>"}
    )
    assert file.fields["amount"] == 13
    file.sign(permission=2)
    file.fill("amount", "900")
    return file.data


@_attack
def shadow_length_of_a_stream_changed() -> bytes:
    text = b"BT (Pay 100) Tj ET BT (to Alice only) Tj ET"
    body = b"<< /Length 51 0 R >>\nstream\n" + text + b"\nendstream"
    file = SignedFile(extra={50: body, 51: b"%d" % len(text)}, page_entries={"Contents": b"50 0 R"})
    file.sign()
    file.pending[51] = b"18"
    file.save()
    return file.data


@_attack
def shadow_hybrid_section_shows_another_page_to_old_readers() -> bytes:
    file = SignedFile(style="hybrid")
    file.sign()
    number = file.content_numbers[0]
    where = file.data.index(b"%d 0 obj" % number)
    stream_at = file.writer._section_stream({number: (1, where, 0)}, {"Root": b"1 0 R", "Size": b"99"}, number=98)
    file.writer.place(number, FORGED)
    forged = file.data.rindex(b"%d 0 obj" % number)
    section = len(file.data)
    file.writer.data += b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (number, forged)
    trailer = {
        "Root": b"1 0 R",
        "Size": b"99",
        "XRefStm": b"%d" % stream_at,
        "Prev": b"%d" % (file.writer.last_section or 0),
    }
    file.writer.data += dictionary(trailer) + b"\n"
    file.writer.end_mark(section)
    return file.data


# Changes that hide among honest additions.


@_attack
def page_added() -> bytes:
    file = signed_document()
    page = file.add(dictionary({**file.dictionaries[file.page_numbers[0]]}))
    kids = b" ".join(b"%d 0 R" % n for n in [*file.page_numbers, page])
    file.edit(PAGES, Kids=b"[" + kids + b"]", Count=b"3")
    file.save()
    return file.data


@_attack
def page_removed() -> bytes:
    file = signed_document()
    file.edit(PAGES, Kids=b"[%d 0 R]" % file.page_numbers[0], Count=b"1")
    file.save()
    return file.data


@_attack
def pages_swapped() -> bytes:
    file = signed_document()
    one, two = file.page_numbers
    file.edit(PAGES, Kids=b"[%d 0 R %d 0 R]" % (two, one))
    file.save()
    return file.data


@_attack
def page_freed() -> bytes:
    file = signed_document()
    file.save(free={file.page_numbers[1]: 1})
    return file.data


@_attack
def page_contents_replaced() -> bytes:
    file = signed_document()
    file.edit(file.page_numbers[0], Contents=b"%d 0 R" % file.add(FORGED))
    file.save()
    return file.data


@_attack
def page_contents_extended() -> bytes:
    file = signed_document()
    file.edit(file.page_numbers[0], Contents=b"[%d 0 R %d 0 R]" % (file.content_numbers[0], file.add(FORGED)))
    file.sign("Second")
    return file.data


@_attack
def page_cropped() -> bytes:
    file = signed_document()
    file.edit(file.page_numbers[0], CropBox=b"[0 0 10 10]")
    file.save()
    return file.data


@_attack
def page_resources_inherited_anew() -> bytes:
    file = signed_document()
    file.edit(PAGES, Resources=b"<< /Font << /F1 %d 0 R >> >>" % file.add(b"<< /Type /Font >>"))
    file.save()
    return file.data


@_attack
def page_moved_below_another_node() -> bytes:
    file = signed_document()
    node = file.add(b"<< /Type /Pages /Kids [] /Count 0 /Rotate 180 >>")
    file.edit(file.page_numbers[0], Parent=b"%d 0 R" % node)
    file.save()
    return file.data


@_attack
def open_action_added() -> bytes:
    file = signed_document(3)
    file.edit(CATALOG, OpenAction=b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>")
    file.save()
    return file.data


@_attack
def layers_changed() -> bytes:
    layers = {60: b"<< /Type /OCG /Name (Real) >>", 61: b"<< /OCGs [60 0 R] /D 62 0 R >>", 62: b"<< /OFF [] >>"}
    file = SignedFile(extra=layers, catalog={"OCProperties": b"61 0 R"})
    file.sign(permission=3)
    file.pending[62] = b"<< /OFF [60 0 R] >>"
    file.save()
    return file.data


@_attack
def names_changed() -> bytes:
    file = signed_document(3)
    file.edit(CATALOG, Names=b"<< /EmbeddedFiles << /Names [] >> >>")
    file.save()
    return file.data


@_attack
def text_field_added() -> bytes:
    file = signed_document(2)
    file._text_field("extra", "900")
    fields = b" ".join(b"%d 0 R" % n for n in file.fields.values())
    file.edit(FORM, Fields=b"[" + fields + b"]")
    file.save()
    return file.data


@_attack
def field_removed() -> bytes:
    file = signed_document(2)
    file.edit(FORM, Fields=b"[%d 0 R]" % file.fields["Signature1"])
    file.save()
    return file.data


@_attack
def field_moved() -> bytes:
    file = signed_document(2)
    file.edit(file.fields["amount"], V=b"(900)", Rect=b"[72 690 400 720]")
    file.save()
    return file.data


@_attack
def field_hidden() -> bytes:
    file = signed_document(2)
    file.edit(file.fields["amount"], F=b"6")
    file.save()
    return file.data


@_attack
def field_renamed() -> bytes:
    file = signed_document(2)
    file.edit(file.fields["amount"], T=b"(other)")
    file.save()
    return file.data


@_attack
def field_filled_by_a_script() -> bytes:
    file = signed_document(2)
    file.edit(file.fields["amount"], AA=b"<< /F << /S /JavaScript /JS (x) >> >>")
    file.save()
    return file.data


@_attack
def widget_that_is_no_field() -> bytes:
    file = signed_document(3)
    file.annotate(b"/Widget")
    return file.data


@_attack
def annotation_without_permission() -> bytes:
    file = signed_document(2)
    file.annotate(b"/Stamp")
    return file.data


@_attack
def annotation_removed() -> bytes:
    file = SignedFile()
    file.annotate()
    file.sign(permission=2)
    file.edit(file.page_numbers[0], Annots=b"[%d 0 R]" % file.fields["Signature1"])
    file.save()
    return file.data


@_attack
def annotation_appearance_replaced() -> bytes:
    file = SignedFile()
    number = file.annotate()
    file.sign(permission=2)
    file.edit(number, AP=b"<< /N %d 0 R >>" % file.add(FORGED))
    file.save()
    return file.data


@_attack
def drawing_order_changed() -> bytes:
    file = SignedFile()
    one, two = file.annotate(), file.annotate()
    file.sign(permission=3)
    file.edit(file.page_numbers[0], Annots=b"[%d 0 R %d 0 R %d 0 R]" % (two, one, file.fields["Signature1"]))
    file.save()
    return file.data


@_attack
def signature_reason_replaced() -> bytes:
    file = signed_document()
    number = file.signature_numbers["Signature1"]
    start = file.data.index(b"%d 0 obj" % number)
    body = file.data[file.data.index(b"<<", start) : file.data.index(b"endobj", start)].strip()
    file.pending[number] = body.replace(b"(Agreed)", b"(Refuse)")
    file.save()
    return file.data


@_attack
def first_signature_reason_replaced_before_the_second() -> bytes:
    file = signed_document()
    number = file.signature_numbers["Signature1"]
    start = file.data.index(b"%d 0 obj" % number)
    body = file.data[file.data.index(b"<<", start) : file.data.index(b"endobj", start)].strip()
    file.sign("Second", also={number: body.replace(b"(Agreed)", b"(Refuse)")})
    return file.data


@_attack
def signature_value_indirect_and_overridden() -> bytes:
    file = signed_document()
    file.edit(
        file.fields["Signature1"], V=b"<< /Type /Sig /Filter /X /SubFilter /Y /Contents <01> /ByteRange [0 1 2 3] >>"
    )
    file.save()
    return file.data


@_attack
def first_signature_removed() -> bytes:
    file = signed_document()
    file.sign("Second")
    file.edit(file.fields["Signature1"], V=None)
    file.save()
    return file.data


@_attack
def signature_field_removed_from_the_form() -> bytes:
    file = signed_document()
    file.sign("Second")
    file.edit(FORM, Fields=b"[%d 0 R %d 0 R]" % (file.fields["amount"], file.fields["Second"]))
    file.save()
    return file.data


@_attack
def all_signatures_removed() -> bytes:
    file = signed_document()
    file.edit(FORM, Fields=b"[%d 0 R]" % file.fields["amount"])
    file.save()
    return file.data


@_attack
def signature_picture_replaced() -> bytes:
    file = signed_document()
    file.edit(file.fields["Signature1"], AP=b"<< /N %d 0 R >>" % file.add(FORGED))
    file.sign("Second")
    return file.data


@_attack
def signature_picture_shown_on_another_page() -> bytes:
    file = signed_document()
    file.edit(file.page_numbers[1], Annots=b"[%d 0 R]" % file.fields["Signature1"])
    file.save()
    return file.data


@_attack
def signature_used_by_two_fields() -> bytes:
    file = signed_document()
    file._signature_field("Copy", file.signature_numbers["Signature1"], page=0, rectangle=(1, 1, 9, 9))
    file.edit(FORM, Fields=b"[" + b" ".join(b"%d 0 R" % n for n in file.fields.values()) + b"]")
    file.save()
    return file.data


@_attack
def lock_removed() -> bytes:
    file = SignedFile(text_fields={"amount": "100"})
    file.sign(field_lock=b"<< /Type /SigFieldLock /Action /All >>")
    file.edit(file.fields["Signature1"], Lock=None)
    file.save()
    return file.data


@_attack
def certification_replaced() -> bytes:
    file = signed_document(1)
    file.sign("Second", permission=3)
    return file.data


@_attack
def signed_after_no_changes_allowed() -> bytes:
    file = signed_document(1)
    file.sign("Second")
    return file.data


@_attack
def locked_field_filled() -> bytes:
    file = SignedFile(text_fields={"amount": "100"})
    file.sign(lock=b"<< /Action /Include /Fields [(amount)] >>")
    file.sign("Second")
    file.fill("amount", "900")
    return file.data


@_attack
def signature_field_with_a_script() -> bytes:
    file = signed_document(2)
    file.sign("Second")
    file.edit(file.fields["Second"], AA=b"<< /E << /S /JavaScript /JS (x) >> >>")
    file.save()
    return file.data


@_attack
def replacement_text_for_assistive_readers() -> bytes:
    elements = {
        50: b"<< /Type /StructTreeRoot /K [51 0 R] >>",
        51: b"<< /Type /StructElem /S /P /P 50 0 R /ActualText (Pay 100) >>",
    }
    file = SignedFile(catalog={"StructTreeRoot": b"50 0 R"}, extra=elements)
    file.sign()
    file.sign("Second", also={51: b"<< /Type /StructElem /S /P /P 50 0 R /ActualText (Pay 900) >>"})
    return file.data


@_attack
def object_stream_overridden() -> bytes:
    """The new container redefines objects that older entries keep in it."""
    file = SignedFile(style="packed")
    file.sign()
    container = re.search(rb"(\d+) 0 obj\n<< /Type /ObjStm", file.data)
    assert container is not None
    content = b"1 0 2 70 << /Type /Catalog /Pages 2 0 R >>"
    file.pending[int(container[1])] = stream({"Type": b"/ObjStm", "N": b"1", "First": b"4"}, content)
    file.style = "table"
    file.save()
    return file.data


@_attack
def repeated_key_in_an_update() -> bytes:
    file = signed_document()
    body = dictionary(file.dictionaries[CATALOG])
    file.pending[CATALOG] = body[:-2] + b"/Pages 99 0 R /Pages 2 0 R >>"
    file.save()
    return file.data


@_attack
def saved_again_without_updates() -> bytes:
    """One consistent revision; the byte range fits nothing."""
    file = signed_document()
    again = SignedFile(pages=2, text_fields={"amount": "100"})
    start = file.data.index(b"%d 0 obj" % file.signature_numbers["Signature1"])
    body = file.data[file.data.index(b"<<", start) : file.data.index(b"endobj", start)].strip()
    again.writer.__init__()  # type: ignore[misc]
    everything = {n: dictionary(entries) for n, entries in file.dictionaries.items()}
    again.writer.revision({**everything, file.signature_numbers["Signature1"]: body, file.content_numbers[0]: FORGED})
    return again.data


@_attack
def visible_time_stamp_when_no_changes_are_allowed() -> bytes:
    file = signed_document(1)
    file.sign("Stamp", rectangle=(72, 690, 400, 720), sub_filter=b"/ETSI.RFC3161", kind=b"/DocTimeStamp")
    return file.data


@_attack
def push_button_given_a_value_and_another_picture() -> bytes:
    file = SignedFile(text_fields={"logo": ""})
    file.edit(file.fields["logo"], FT=b"/Btn", Ff=b"65536", V=None)
    file.save()
    file.sign(permission=2)
    file.edit(file.fields["logo"], V=b"/On", AP=b"<< /N %d 0 R >>" % file.add(FORGED))
    file.save()
    return file.data


@_attack
def field_written_in_place_changed() -> bytes:
    file = SignedFile()
    file.edit(FORM, Fields=b"[<< /FT /Tx /T (amount) /V (100) >>]")
    file.save()
    file.sign(permission=2)
    signature = b"%d 0 R" % file.fields["Signature1"]
    file.edit(FORM, Fields=b"[<< /FT /Tx /T (amount) /V (900) >> " + signature + b"]")
    file.save()
    return file.data


@_attack
def page_written_in_place_changed() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R >>"
    file = SignedFile(extra={50: FORGED})
    file.edit(PAGES, Kids=b"[%d 0 R " % file.page_numbers[0] + page % file.content_numbers[0] + b"]", Count=b"2")
    file.save()
    file.sign()
    file.edit(PAGES, Kids=b"[%d 0 R " % file.page_numbers[0] + page % 50 + b"]")
    file.save()
    return file.data


@_attack
def content_of_a_page_written_in_place_changed() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 50 0 R >>"
    file = SignedFile(extra={50: stream({}, b"BT (Pay 100) Tj ET")})
    file.edit(PAGES, Kids=b"[%d 0 R " % file.page_numbers[0] + page + b"]", Count=b"2")
    file.save()
    file.sign()
    file.pending[50] = FORGED
    file.save()
    return file.data


@_attack
def isa_object_in_a_comment() -> bytes:
    file = signed_document()
    file.writer.data += b"% 12 0 obj " + FORGED.replace(b"\n", b" ") + b" endobj\n"
    file.extend_dss(b"certificate")
    return file.data


@_attack
def object_before_the_header() -> bytes:
    file = SignedFile(junk=b"11 0 obj\n" + FORGED + b"\nendobj\n")
    file.sign()
    return file.data


@_attack
def table_that_shrinks() -> bytes:
    file = signed_document()
    file.writer.size = 3
    file.writer.revision({2: dictionary(file.dictionaries[PAGES])})
    return file.data


@_attack
def annotation_that_runs_a_script() -> bytes:
    file = signed_document(2)
    file.sign("Second")
    number = file.fields["Second"]
    file.edit(number, A=b"<< /S /JavaScript /JS (x) >>")
    file.save()
    return file.data


@_attack
def new_signature_field_with_a_script() -> bytes:
    file = signed_document(2)
    number = file._signature_field("Later", None, page=0, rectangle=(0, 0, 0, 0))
    file.edit(number, AA=b"<< /E << /S /JavaScript /JS (x) >> >>")
    file.edit(FORM, Fields=b"[" + b" ".join(b"%d 0 R" % n for n in file.fields.values()) + b"]")
    file.save()
    return file.data


@_attack
def encryption_added() -> bytes:
    file = signed_document()
    file.save(trailer={"Encrypt": b"<< /Filter /Standard /V 1 /R 2 /O <00> /U <00> /P -4 >>"})
    return file.data


@_attack
def value_inherited_from_a_parent_changed() -> bytes:
    """The named field has no value of its own; its parent's is changed where no widget is touched."""
    parent = b"<< /T (group) /FT /Tx /V (100) /Kids [61 0 R] >>"
    child = b"<< /T (one) /Parent 60 0 R /Type /Annot /Subtype /Widget /Rect [9 9 90 20] >>"
    file = SignedFile(extra={60: parent, 61: child})
    file.fields["group"] = 60
    file.sign(permission=1)
    file.pending[60] = parent.replace(b"100", b"900")
    file.save()
    return file.data


@_attack
def page_count_changed() -> bytes:
    """Some readers believe /Count, others the kids."""
    file = signed_document()
    file.edit(PAGES, Count=b"9")
    file.save()
    return file.data


@_attack
def page_type_changed() -> bytes:
    file = signed_document()
    file.edit(file.page_numbers[0], Type=b"/Template")
    file.save()
    return file.data


@_attack
def widgets_of_a_signature_exchanged() -> bytes:
    """The list of kids is an object of its own, and so are the widgets."""
    widget = b"<< /Type /Annot /Subtype /Widget /Rect [9 9 90 20] /F 4 >>"
    file = SignedFile(extra={60: b"[61 0 R]", 61: widget, 62: widget})
    file.sign()
    file.edit(file.fields["Signature1"], Kids=b"60 0 R")
    file.sign("Second")
    file.pending[60] = b"[62 0 R]"
    file.sign("Third")
    return file.data


@_attack
def node_slipped_into_the_page_tree() -> bytes:
    """Pages and parents stay, but on the way down there is a node that turns the pages."""
    file = signed_document()
    kids = b" ".join(b"%d 0 R" % number for number in file.page_numbers)
    node = file.add(b"<< /Type /Pages /Parent 2 0 R /Count 2 /Rotate 180 /Kids [" + kids + b"] >>")
    file.edit(PAGES, Kids=b"[%d 0 R]" % node)
    file.save()
    return file.data


@_attack
def node_moved_below_another() -> bytes:
    node = {"Type": b"/Pages", "Parent": b"2 0 R", "Count": b"1", "Kids": b"[10 0 R]"}
    file = SignedFile(extra={60: dictionary(node)})
    assert file.page_numbers == [61]
    file.pending[60] = dictionary({**node, "Kids": b"[61 0 R]"})
    file.edit(61, Parent=b"60 0 R")
    file.edit(PAGES, Kids=b"[60 0 R]")
    file.save()
    file.sign()
    turned = file.add(b"<< /Type /Pages /Rotate 180 /Count 1 /Kids [60 0 R] >>")
    file.pending[60] = dictionary({**node, "Kids": b"[61 0 R]", "Parent": b"%d 0 R" % turned})
    file.save()
    return file.data
