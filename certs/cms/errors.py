"""What can go wrong while a CMS value is read or proved.

CMSError
├── MalformedCMS           the bytes are not the structure that was promised
├── UnsupportedAlgorithm   an algorithm we do not compute; nothing is known about the signature
├── DigestMismatch         the content is not what was signed
└── SignatureMismatch      the signature value does not fit the key and the signed attributes
"""

from certs.messages import Message


class CMSError(Exception):
    """Base of this package's errors; `message` says for a person what is wrong."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class MalformedCMS(CMSError):
    """The bytes are not a CMS structure, or not one that may stand here."""


class UnsupportedAlgorithm(CMSError):
    """The algorithm is unknown or cannot be computed."""


class DigestMismatch(CMSError):
    """The digest of the content differs from the signed one."""


class SignatureMismatch(CMSError):
    """The signature value was not made over these attributes with this key."""
