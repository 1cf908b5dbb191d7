"""What honest programs add after signing leaves a document acceptable."""

import re

import pytest

from certs.pdf import analyse_document
from certs.pdf.model import Coverage, DocMDPPermission, SignatureType
from tests.certs.pdf.verdicts import forbidden, is_acceptable, visible
from tests.pdfs.documents import CATALOG, FORM, INFO, SignedFile
from tests.pdfs.writer import Style, stream

STYLES: tuple[Style, ...] = ("table", "stream", "packed", "hybrid")


@pytest.fixture(params=STYLES)
def file(request: pytest.FixtureRequest) -> SignedFile:
    return SignedFile(
        pages=2, text_fields={"amount": "100", "note": ""}, empty_signature_fields=["Later"], style=request.param
    )


def test_a_signature_that_covers_the_whole_file(file: SignedFile) -> None:
    file.sign(permission=2)
    analysis = analyse_document(file.data)
    (signature,) = analysis.signatures
    assert is_acceptable(analysis)
    assert signature.coverage is Coverage.ENTIRE_FILE
    assert signature.doc_mdp is DocMDPPermission.FILL_FORMS
    assert signature.reason == "Agreed"
    assert signature.claimed_time == "D:20261123120000+07'00'"
    assert (
        b"".join(map(bytes, signature.signed_bytes))
        == file.data[: signature.byte_range[1]] + file.data[signature.byte_range[2] :]
    )
    assert analysis.page_count == 2
    assert analysis.empty_fields == ("Later",)


def test_further_signatures_stamps_and_validation_data_leave_it_intact(file: SignedFile) -> None:
    file.sign("First", permission=2)
    file.sign("Second", page=1)
    file.sign("Later")
    file.extend_dss(b"one", b"two")
    file.extend_dss(b"two", b"three")
    file.time_stamp("Stamp")
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert visible(analysis) == set()
    assert [one.field_name for one in analysis.signatures] == ["First", "Second", "Later", "Stamp"]
    assert analysis.signatures[-1].type is SignatureType.DOCUMENT_TIMESTAMP
    assert analysis.signatures[-1].coverage is Coverage.ENTIRE_FILE
    assert {one.coverage for one in analysis.signatures[:-1]} == {Coverage.ENTIRE_REVISION}
    assert analysis.security_store.certificates == (b"two", b"three")


@pytest.mark.parametrize("kind", [b"/Sig", None, b"null"])
def test_time_stamps_are_known_by_their_sub_filter(kind: bytes | None) -> None:
    file = SignedFile()
    file.sign(permission=1)
    file.time_stamp("Stamp", kind=kind)
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert analysis.signatures[1].type is SignatureType.DOCUMENT_TIMESTAMP


def test_habits_of_the_signing_tools_of_this_pki(file: SignedFile) -> None:
    """Objects freed for ever, Catalog, Info and Metadata touched, earlier widgets written again without change."""
    metadata = file.add(stream({"Type": b"/Metadata", "Subtype": b"/XML"}, b"<x/>"))
    spare = file.add(b"<< /Unused true >>")
    file.edit(CATALOG, Metadata=b"%d 0 R" % metadata)
    file.save()
    file.sign("First", permission=2)
    first = file.fields["First"]
    for name in ("Second", "Third"):
        file.edit(CATALOG, Version=b"/1.7", Extensions=b"<< /ESIC << /BaseVersion /1.7 /ExtensionLevel 2 >> >>")
        file.edit(INFO, ModDate=b"(D:2026)", Producer=b"(Other)")
        file.pending[metadata] = stream({"Type": b"/Metadata", "Subtype": b"/XML"}, b"")
        file.edit(first)
        file.edit(FORM, DA=b"(/Helv 0 Tf 0 g)")
        file.sign(name, free={spare: 65534})
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert visible(analysis) == set()


def test_an_appearance_written_again_with_the_same_content_is_no_change() -> None:
    file = SignedFile()
    file.sign("First")
    body = stream(
        {"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 150 50]"},
        b"0 0 150 50 re S BT (Signed) Tj ET",
        compress=True,
    )
    file.edit(file.fields["First"], AP=b"<< /N %d 0 R >>" % file.add(body))
    file.sign("Second")
    assert is_acceptable(analyse_document(file.data))


def test_a_structure_tree_may_grow() -> None:
    file = SignedFile(catalog={"MarkInfo": b"<< /Marked true >>", "StructTreeRoot": b"50 0 R"}, extra={
        50: b"<< /Type /StructTreeRoot /K [51 0 R] /ParentTree 52 0 R >>",
        51: b"<< /Type /StructElem /S /Document /P 50 0 R /K [] >>",
        52: b"<< /Nums [] >>",
    })  # fmt: skip
    file.sign("First", permission=2)
    file.sign("Second", also={
        51: b"<< /Type /StructElem /S /Document /P 50 0 R /K [90 0 R] >>",
        52: b"<< /Nums [1 90 0 R] >>",
        90: b"<< /Type /StructElem /S /Form /P 51 0 R >>",
    })  # fmt: skip
    assert is_acceptable(analyse_document(file.data))


def test_filling_a_form_is_permitted_and_listed_with_old_and_new(file: SignedFile) -> None:
    file.sign(permission=2)
    file.fill("amount", "200")
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    (change,) = (change for change in analysis.signatures[0].changes if change.is_visible)
    assert change.rule == "form_filled"
    assert change.page == 1
    assert (change.message.parameters["old"], change.message.parameters["new"]) == ("100", "200")


@pytest.mark.parametrize(
    ("permission", "lock", "expected"),
    [
        (None, None, set()),
        (1, None, {"form_filled"}),
        (2, None, set()),
        (3, None, set()),
        (2, b"<< /Action /All >>", {"form_filled"}),
        (2, b"<< /Action /Include /Fields [(amount)] >>", {"form_filled"}),
        (2, b"<< /Action /Include /Fields [(note)] >>", set()),
        (2, b"<< /Action /Exclude /Fields [(amount)] >>", set()),
        (None, b"<< /Action /Exclude /Fields [(note)] >>", {"form_filled"}),
    ],
)
def test_form_filling_follows_certification_and_locks(
    permission: int | None, lock: bytes | None, expected: set[str]
) -> None:
    for place in ("lock", "field_lock"):
        file = SignedFile(text_fields={"amount": "100", "note": ""})
        file.sign(permission=permission, **{place: lock})
        file.fill("amount", "200")
        assert forbidden(analyse_document(file.data)) == expected


@pytest.mark.parametrize(("permission", "is_allowed"), [(None, False), (1, False), (2, False), (3, True)])
def test_annotations_need_permission_3(permission: int | None, *, is_allowed: bool) -> None:
    file = SignedFile()
    file.sign(permission=permission)
    file.annotate()
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis) is is_allowed
    assert ("annotation_added" in visible(analysis)) is is_allowed
    if is_allowed:
        assert "pdf_warn_annotation_covers" in {warning.code for warning in analysis.warnings}


@pytest.mark.parametrize(("permission", "is_allowed"), [(None, True), (1, False), (2, True), (3, True)])
def test_further_signatures_need_more_than_permission_1(permission: int | None, *, is_allowed: bool) -> None:
    file = SignedFile()
    file.sign("First", permission=permission)
    file.sign("Second")
    assert is_acceptable(analyse_document(file.data)) is is_allowed


def test_a_signature_over_much_of_a_certified_page_is_pointed_out() -> None:
    file = SignedFile()
    file.sign("First", permission=2)
    file.sign("Second", rectangle=(0, 300, 612, 792))
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert "pdf_warn_signature_covers" in {warning.code for warning in analysis.warnings}


@pytest.mark.parametrize(
    "area", [b"0 0 m 200 0 l 200 20 l 0 20 l h f", b"0 0 200 20 re W n /Sh sh", b"0 0 200 20 re 0f*"]
)
def test_a_later_signature_over_text_is_warned_about_however_it_is_painted(area: bytes) -> None:
    file = SignedFile()
    file.sign()
    picture = file.add(stream({"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 200 20]"}, b"1 g " + area))
    number = file._signature_field("Second", None, page=0, rectangle=(60, 695, 260, 715))
    file.edit(number, AP=b"<< /N %d 0 R >>" % picture)
    file.edit(FORM, Fields=b"[%d 0 R %d 0 R]" % (file.fields["Signature1"], number))
    file.sign("Second")
    warnings = {warning.code for warning in analyse_document(file.data).warnings}
    assert "pdf_warn_signature_covers" in warnings


def test_white_space_after_the_end_covers_nothing_and_changes_nothing() -> None:
    file = SignedFile()
    file.sign()
    analysis = analyse_document(file.data + b"\r\n\x00\n")
    assert is_acceptable(analysis)
    assert analysis.signatures[0].coverage is Coverage.ENTIRE_REVISION


def test_bytes_before_the_header_count_into_the_byte_range_and_are_pointed_out() -> None:
    file = SignedFile(junk=b"Received: by mail\r\n\r\n")
    file.sign()
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert "pdf_warn_bytes_before_header" in {warning.code for warning in analysis.warnings}


def test_bytes_put_before_the_header_after_signing_leave_the_range_readable() -> None:
    file = SignedFile()
    file.sign()
    analysis = analyse_document(b"X-Mail: 1\r\n\r\n" + file.data)
    (signature,) = analysis.signatures
    assert is_acceptable(analysis)
    assert signature.coverage is Coverage.ENTIRE_REVISION
    first, second = signature.signed_bytes
    assert bytes(first).startswith(b"%PDF")
    assert bytes(first) + bytes(second) == file.data[: len(first)] + file.data[-len(second) :]


def test_the_appearance_of_a_signature() -> None:
    picture = {"Type": b"/XObject", "Subtype": b"/Image", "Width": b"1", "Height": b"1"}
    for is_transparent in (False, True):
        file = SignedFile(pages=2)
        mask = file.add(stream(picture, b"\x00"))
        image = file.add(stream({**picture, "SMask": b"%d 0 R" % mask} if is_transparent else picture, b"\x00"))
        resources = b"<< /XObject << /Im %d 0 R >> >>" % image
        file.sign(page=1, rectangle=(10, 20, 110, 70), appearance={"Resources": resources})
        shown = analyse_document(file.data).signatures[0].appearance
        assert shown is not None
        assert (shown.page, shown.rectangle, shown.page_size) == (2, (10, 20, 110, 70), (612, 792))
        assert (shown.is_hidden, shown.has_image, shown.image_has_transparency) == (False, True, is_transparent)
        assert shown.text == "Signed"


def test_a_signature_without_an_area_is_hidden() -> None:
    file = SignedFile()
    file.sign(rectangle=(0, 0, 0, 0))
    shown = analyse_document(file.data).signatures[0].appearance
    assert shown is not None
    assert shown.is_hidden


def test_a_tagged_signature_field_may_be_described_to_listeners() -> None:
    element = b"<< /Type /StructElem /S /P /P 50 0 R /Pg 7 0 R /K [0] /ActualText (Page 1) >>"
    tree = {
        50: b"<< /Type /StructTreeRoot /K [51 0 R] /ParentTree 52 0 R >>",
        51: element,
        52: b"<< /Nums [0 [51 0 R]] >>",
    }
    file = SignedFile(catalog={"StructTreeRoot": b"50 0 R"}, extra=tree)
    file.sign(permission=2)
    described = file.number()
    file.next_number = described + 1
    file.sign(
        "Second",
        also={
            50: b"<< /Type /StructTreeRoot /K [51 0 R %d 0 R] /ParentTree 52 0 R >>" % described,
            52: b"<< /Nums [0 [51 0 R] 1 %d 0 R] >>" % described,
            described: b"<< /Type /StructElem /S /Form /P 50 0 R /K << /Type /OBJR /Obj 7 0 R >> /Alt (Signature) >>",
        },
    )
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert visible(analysis) == set()


def test_values_may_be_written_again_in_another_encoding() -> None:
    file = SignedFile(text_fields={"amount": "100", "note": ""})
    file.sign(permission=1)
    file.edit(file.fields["amount"], V=b"<FEFF003100300030>")
    blank = stream({"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 200 20]"}, b"/Tx BMC EMC")
    file.edit(file.fields["note"], V=b"<FEFF>", AP=b"<< /N %d 0 R >>" % file.add(blank))
    file.save()
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert visible(analysis) == set()


def test_a_field_below_a_group_may_be_added_and_signed() -> None:
    file = SignedFile()
    group, kid = file.number(), file.number() + 1
    file.next_number = kid + 1
    file._put(group, {"T": b"(group)", "Kids": b"[%d 0 R]" % kid})
    file._put(kid, {"T": b"(one)", "FT": b"/Tx", "V": b"(1)", "Parent": b"%d 0 R" % group})
    file.fields["group"] = group
    file.edit(FORM, Fields=b"[%d 0 R]" % group)
    file.save()
    file.sign("First", permission=2)
    number = file._signature_field("two", None, page=0, rectangle=(9, 9, 90, 20))
    file.edit(number, Parent=b"%d 0 R" % group)
    file.edit(group, Kids=b"[%d 0 R %d 0 R]" % (kid, number))
    file.sign("two")
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert [one.field_name for one in analysis.signatures] == ["First", "group.two"]


def test_a_signature_removed_before_the_document_was_signed_again_is_pointed_out() -> None:
    file = SignedFile()
    file.sign("First", permission=1)
    del file.fields["First"]
    file.edit(file.page_numbers[0], Annots=b"[]")
    file.annotations[file.page_numbers[0]] = []
    file.sign("Second")
    analysis = analyse_document(file.data)
    assert is_acceptable(analysis)
    assert [one.field_name for one in analysis.signatures] == ["Second"]
    (warning,) = analysis.warnings
    assert (warning.code, warning.parameters["count"]) == ("pdf_warn_dropped_signatures", "1")


def test_a_signed_file_that_is_attached_is_no_removed_signature() -> None:
    other = SignedFile()
    other.sign()
    file = SignedFile(extra={50: stream({"Type": b"/EmbeddedFile"}, other.data)})
    file.sign()
    assert analyse_document(file.data).warnings == ()


def test_a_linearized_file_has_an_end_mark_near_its_beginning() -> None:
    file = SignedFile()
    data, size, table = file.data, file.writer.size, file.writer.last_section or 0
    head, objects = b"%PDF-1.7\n", data[9:table]
    trailer = data[data.index(b"trailer", table) : data.index(b"startxref", table)]
    mark = b"startxref\n%d\n%%%%EOF\n" % len(head)
    start = len(head) + len(b"xref\n0 %d\n" % size) + 20 * size + len(trailer) + len(mark)
    offsets = {int(match[1]): match.start() + start for match in re.finditer(rb"(?<=\n)(\d+) 0 obj", objects)}
    rows = [b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(size)]
    section = b"xref\n0 %d\n" % size + b"".join(rows) + trailer
    file.writer.data[:] = head + section + mark + objects + mark
    file.writer.last_section = len(head)
    file.sign()
    assert is_acceptable(analyse_document(file.data))
