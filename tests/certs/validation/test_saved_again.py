"""Files that a program wrote anew after signing, or that arrived damaged: refused, and nobody is called a forger."""

from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from certs.cms import messages as cms_messages
from certs.messages import message
from certs.pdf import messages as pdf_messages
from certs.validation import Conclusion, Indication, Integrity, SubIndication, messages, report_as_json
from tests.certs.validation.support import only, validate
from tests.pdfs.documents import SignedFile
from tests.pki.authority import pki
from tests.pki.cms import signed_data
from tests.pki.documents import plain_pdf, sign, signed_pdf

LEADER = "NGUYỄN VĂN ĐỨC"


def _leader():
    return pki().intermediate.issue(LEADER)


def _with_field(data, field):
    writer = IncrementalPdfFileWriter(BytesIO(data))
    append_signature_field(writer, field)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _written_anew(data, **options):
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as document:
        document.save(out, **options)
    return out.getvalue()


def _merged(*files):
    out = BytesIO()
    with pikepdf.new() as whole:
        for file in files:
            with pikepdf.open(BytesIO(file)) as part:
                whole.add_pages_from(part)
        whole.save(out)
    return out.getvalue()


def _said_of(signature):
    return {m["code"] for m in signature["messages"]}


def _assert_lost(report, index=0):
    signature = report.signatures[index]
    assert (signature.indication, signature.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
    assert signature.integrity is Integrity.BROKEN
    assert signature.signer == LEADER
    assert signature.why is not None
    assert signature.why.code == pdf_messages.SAVED_AGAIN
    said = _said_of(report_as_json(report)["signatures"][index])
    assert said.isdisjoint({pdf_messages.GAP_NOT_CONTENTS, pdf_messages.RANGE_ENDS_INSIDE})
    assert cms_messages.DIGEST_MISMATCH not in said
    assert report.conclusion is Conclusion.INVALID
    assert report.message.code == messages.INVALID_SAVED_AGAIN
    assert report.message.parameters == {"signer": LEADER}
    assert report.what_to_do.code == messages.DO_ASK_ORIGINAL


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"linearize": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"compress_streams": False, "qdf": True},
    ],
)
def test_a_document_that_a_program_saved_again(options):
    _assert_lost(validate(_written_anew(sign(plain_pdf(), _leader()), **options)))


def test_saved_again_and_then_signed_by_the_agency():
    """The agency's own signature stands; the leader's was lost before it."""
    data = sign(_written_anew(sign(plain_pdf(), _leader())), pki().agency, field="Seal")
    report = validate(data)
    _assert_lost(report)
    assert report.signatures[1].indication is Indication.TOTAL_PASSED


def test_a_signed_document_put_together_with_another_and_then_signed():
    data = sign(_merged(plain_pdf(), sign(plain_pdf(), _leader())), pki().agency, field="Seal")
    report = validate(data)
    _assert_lost(report)
    assert report.signatures[1].indication is Indication.TOTAL_PASSED


def test_pictures_of_signatures_that_were_left_behind_are_pointed_out():
    """Merged page by page, a file keeps the pictures of its signatures and loses the form that held them."""
    shown = SigFieldSpec("Signature1", box=(300, 60, 500, 160))
    out = BytesIO()
    with pikepdf.open(BytesIO(sign(_with_field(plain_pdf(), shown), _leader()))) as document:
        del document.Root.AcroForm
        with pytest.warns(UserWarning, match="not reachable from /AcroForm"):
            document.save(out)
    report = validate(sign(out.getvalue(), pki().agency, field="Seal"))
    assert report.conclusion is Conclusion.VALID
    assert [signature.field_name for signature in report.signatures] == ["Seal"]
    assert message(pdf_messages.WARN_LOST_SIGNATURES, pages="1") in report.warnings
    assert report.what_to_do.code == messages.DO_READ_WARNINGS


def test_a_gap_made_wider_around_the_value_still_looks_like_a_forgery():
    file = SignedFile()
    file.sign(before_contents=b"/Hidden (other text) ")
    (signature,) = validate(file.data).signatures
    assert signature.integrity is Integrity.BROKEN
    assert signature.why is not None
    assert signature.why.code != pdf_messages.SAVED_AGAIN


@pytest.mark.parametrize("tail", [b"--boundary--\r\n", b"<!-- page made in 0.1 s -->\n"])
def test_what_a_transfer_left_behind_the_end(tail):
    report = validate(sign(plain_pdf(), _leader()) + tail)
    assert only(report).integrity is Integrity.CHANGED
    assert report.message.code == messages.INVALID_UNREACHABLE
    assert report.what_to_do.code == messages.DO_LOAD_AGAIN


def test_a_transfer_that_broke_off_within_the_second_signature():
    data = sign(sign(plain_pdf(), _leader()), pki().agency, field="Seal")
    report = validate(data[:-300])
    assert only(report).integrity is Integrity.CHANGED
    assert report.message.code == messages.INVALID_UNREACHABLE


@pytest.mark.parametrize(("length", "is_accepted"), [(1023, True), (1024, False), (5000, False)])
@pytest.mark.parametrize("blank", [b"\0", b" "])
def test_blank_bytes_behind_the_end(blank, length, is_accepted):
    """Where an end mark is looked for no further, readers rebuild the file and may find other objects."""
    report = validate(sign(plain_pdf(), _leader()) + blank * length)
    assert (report.conclusion is Conclusion.VALID) is is_accepted
    if not is_accepted:
        assert report.message.code == pdf_messages.PADDED


def test_a_signature_that_was_never_written_correctly_is_not_called_saved_again():
    """Some programs write the reason without quotes, and nobody can read the dictionary."""
    report = validate(signed_pdf(lambda data: signed_data(_leader(), data), entries="/Reason Approved"))
    assert report.conclusion is Conclusion.INVALID
    assert report.message.code == pdf_messages.SIGNATURE_LOST


def test_a_signature_without_a_readable_name_goes_by_its_field():
    data = signed_pdf(lambda data: bytes(len(data[:8])), kind="/Sig")
    report = validate(data)
    assert report.message.parameters["signer"] == "“Signature1”"
