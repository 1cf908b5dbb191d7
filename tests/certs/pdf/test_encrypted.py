"""Encrypted documents open with the given or the empty password, and with no other."""

import io

import pikepdf
import pytest

from certs.pdf import PasswordRequired, analyse_document
from tests.pdfs.documents import SignedFile


def _encrypted(revision: int, user: str, *, aes: bool) -> bytes:
    file = SignedFile(text_fields={"amount": "100"}, empty_signature_fields=["Chờ ký".encode().hex()])
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(file.data)) as pdf:
        pdf.save(
            out,
            encryption=pikepdf.Encryption(owner="owner", user=user, R=revision, aes=aes, metadata=aes),
            object_stream_mode=pikepdf.ObjectStreamMode.generate if revision > 4 else pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()


@pytest.mark.parametrize(("revision", "aes"), [(3, False), (4, True), (6, True)])
@pytest.mark.parametrize("user", ["", "mật khẩu"])
def test_the_password_opens_the_document(revision: int, *, aes: bool, user: str) -> None:
    if revision < 6:
        user = user and "secret"
    data = _encrypted(revision, user, aes=aes)
    analysis = analyse_document(data, password=user or None)
    assert analysis.is_encrypted
    assert analysis.page_count == 1
    assert bytes.fromhex(analysis.empty_fields[0]).decode() == "Chờ ký"
    if user:
        for wrong in (None, "", "wrong"):
            with pytest.raises(PasswordRequired):
                analyse_document(data, password=wrong)
