"""The file key of an encrypted document (ISO 32000-2, 7.6.4).

qpdf derives and checks the key. It is shown the encryption dictionary alone, in a document of two objects: the real one
may hold anything and is opened only after it was read within bounds.
"""

import pikepdf

from certs.messages import message
from certs.pdf import messages as codes
from certs.pdf.crypt import Cryptographer
from certs.pdf.document import Document
from certs.pdf.errors import PasswordRequired
from certs.pdf.qpdf import QPDF_ERRORS, brief, open_with_qpdf
from certs.pdf.values import Ref, Value

_FIRST_WITH_FILTERS = 4
_HEAD = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"


def prepare_decryption(document: Document, password: str) -> None:
    """Give the document what it needs to decrypt; nothing happens when it is not encrypted.

    Raises `PasswordRequired` when neither the password nor the empty one opens it, or the method is not supported.
    """
    trailer = document.trailer(document.last)
    reference = trailer.get("Encrypt")
    if reference is None:
        return
    encryption = document.dictionary(reference, document.last)
    try:
        with open_with_qpdf(_small_document(encryption, trailer.get("ID")), password) as pdf:
            if not pdf.is_encrypted:
                raise PasswordRequired(message(codes.ENCRYPTION_UNSUPPORTED, detail="/Encrypt"))
            information = pdf.encryption
            # Crypt filters, which may differ for strings and streams, exist from version 4 on (table 20).
            names = (information.string_method.name, information.stream_method.name)
            methods = names if information.V >= _FIRST_WITH_FILTERS else ("rc4", "rc4")
            document.crypt = Cryptographer(bytes(information.encryption_key), *methods)
    except pikepdf.PasswordError as error:
        raise PasswordRequired(message(codes.PASSWORD_REQUIRED)) from error
    except QPDF_ERRORS as error:
        raise PasswordRequired(message(codes.ENCRYPTION_UNSUPPORTED, detail=brief(error))) from error
    document.start_decrypting(reference.number if isinstance(reference, Ref) else None)


def _small_document(encryption: dict[str, Value], identifier: Value) -> bytes:
    body = bytearray(_HEAD)
    offsets = [body.index(b"1 0 obj"), body.index(b"2 0 obj"), len(body)]
    body += b"3 0 obj\n" + _written(encryption) + b"\nendobj\n"
    section = len(body)
    body += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    known = _written(identifier) if isinstance(identifier, list) else b"[<00> <00>]"
    body += b"trailer\n<< /Root 1 0 R /Size 4 /Encrypt 3 0 R /ID " + known + b" >>\nstartxref\n%d\n%%%%EOF\n" % section
    return bytes(body)


def _written(value: Value) -> bytes:
    """The value in PDF syntax; references, of which an encryption dictionary has none, become null."""
    match value:
        case bool():
            text = b"true" if value else b"false"
        case int() | float():
            text = str(value).encode("ascii")
        case str():
            text = b"/" + b"".join(b"#%02x" % byte for byte in value.encode("latin-1"))
        case bytes():
            text = b"<" + value.hex().encode("ascii") + b">"
        case list():
            text = b"[" + b" ".join(map(_written, value)) + b"]"
        case dict():
            text = b"<< " + b" ".join(_written(key) + b" " + _written(item) for key, item in value.items()) + b" >>"
        case _:
            text = b"null"
    return text
