"""Reading what was uploaded, within bounds."""

from collections.abc import Iterator
from typing import Final

from starlette.datastructures import UploadFile

from certs.messages import message
from registry.errors import TooLarge

_CHUNK: Final = 1024 * 1024


def read_chunks(file: UploadFile) -> Iterator[bytes]:
    """The bytes of an upload in pieces."""
    while chunk := file.file.read(_CHUNK):
        yield chunk


def read_bounded(file: UploadFile, limit: int) -> bytes:
    """The bytes of an upload that is read at once; raises `TooLarge` past `limit` bytes."""
    data = file.file.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(message("blobs.too_large", limit=limit // (1024 * 1024)))
    return data
