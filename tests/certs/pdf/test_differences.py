"""What only some readers would show differently is not accepted either."""

import pytest

from certs.pdf import analyse_document
from tests.certs.pdf.verdicts import is_accepted
from tests.pdfs.differences import DIFFERENCES
from tests.pdfs.documents import FORM, SignedFile
from tests.pdfs.writer import stream


@pytest.mark.parametrize("name", DIFFERENCES)
def test_the_difference_is_noticed(name: str) -> None:
    assert not is_accepted(DIFFERENCES[name]())


def test_many_open_strings_in_an_appearance_are_read_once() -> None:
    file = SignedFile()
    content = b"(" + b"\\(" * 300_000
    appearance = stream({"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 9 9]"}, content, compress=True)
    number = file._signature_field("Later", None, page=0, rectangle=(1, 1, 99, 99))
    file.edit(number, AP=b"<< /N %d 0 R >>" % file.add(appearance))
    file.edit(FORM, Fields=b"[%d 0 R]" % number)
    file.save()
    file.sign("Later")
    (signature,) = analyse_document(file.data).signatures
    assert signature.appearance is not None
    assert signature.appearance.text == ""
