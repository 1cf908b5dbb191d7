"""What can go wrong before a signature can be looked at; each error carries its message for a person."""

from certs.messages import Message


class PDFError(Exception):
    """Base of all errors of this package; `message` is what a clerk is told."""

    def __init__(self, message: Message) -> None:
        """Keep the message and use its English sentence as the text of the exception."""
        super().__init__(message.text("en"))
        self.message = message


class MalformedPDF(PDFError):
    """The bytes are no PDF, or no reader could find its objects without guessing."""


class PasswordRequired(PDFError):
    """The document is encrypted and neither the given nor the empty password opens it."""


class LimitExceeded(PDFError):
    """Judging would take more bytes, objects, revisions, depth or steps than allowed: too complex, never "valid"."""
