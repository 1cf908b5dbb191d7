"""Signed PDF documents: which signatures there are, what they cover, what changed since (ISO 32000-2)."""

from certs.pdf.analysis import analyse_document
from certs.pdf.errors import LimitExceeded, MalformedPDF, PasswordRequired, PDFError
from certs.pdf.limits import Limits

__all__ = ["LimitExceeded", "Limits", "MalformedPDF", "PDFError", "PasswordRequired", "analyse_document"]
