"""Opening documents with qpdf, the second reader, without letting it repair anything."""

import io
import logging

import pikepdf

# What qpdf repairs is judged here, in the report; it need not be printed as well.
logging.getLogger("pikepdf").addHandler(logging.NullHandler())

QPDF_ERRORS = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, LookupError, ArithmeticError)
"""What pikepdf raises for documents that qpdf does not read; the last two stand for out of range and overflow in C++."""


def open_with_qpdf(data: bytes, password: str) -> pikepdf.Pdf:
    """Open the bytes as they are; raises one of `QPDF_ERRORS`, `pikepdf.PasswordError` among them."""
    return pikepdf.open(io.BytesIO(data), password=password, attempt_recovery=False, suppress_warnings=True)


def brief(error: Exception) -> str:
    """The reason in qpdf's words, without the name it gives to bytes in memory."""
    return str(error).rpartition(": ")[2][:120] or type(error).__name__
