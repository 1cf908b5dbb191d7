"""Reading what was uploaded, within bounds."""

from collections.abc import Iterator
from typing import Final

from starlette.datastructures import UploadFile

from registry.blobs import bounded

_CHUNK: Final = 1024 * 1024


def read_chunks(file: UploadFile) -> Iterator[bytes]:
    """The bytes of an upload in pieces."""
    while chunk := file.file.read(_CHUNK):
        yield chunk


def read_bounded(file: UploadFile, limit: int) -> bytes:
    """The bytes of an upload that is read at once; raises `TooLarge` past `limit` bytes."""
    return b"".join(bounded(read_chunks(file), limit))
