"""Uploaded documents as files named by their SHA-256, so that the same document is kept once."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from certs.messages import define, message
from registry.errors import TooLarge

define(
    "blobs.too_large",
    vi="Tệp lớn hơn giới hạn {limit} MB. Hãy gửi bản gốc có dung lượng nhỏ hơn hoặc liên hệ quản trị viên.",
    en="The file is larger than the limit of {limit} MB. Send a smaller original or ask the administrator.",
)

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A file that is safely on disk."""

    sha256: str
    size: int


class FileBlobStore:
    """Blobs in a directory. A blob is there whole or not at all; the same bytes are kept once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, chunks: Iterable[bytes], *, limit: int) -> StoredBlob:
        """Store the bytes; raises `TooLarge` as soon as they exceed `limit` bytes, and `OSError` when the disk refuses."""
        self._directory.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with tempfile.NamedTemporaryFile(dir=self._directory, prefix="incoming-", delete=False) as file:
            incoming = Path(file.name)
            try:
                for chunk in bounded(chunks, limit):
                    size += len(chunk)
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                target = self.path(digest.hexdigest())
                target.parent.mkdir(exist_ok=True)
                incoming.replace(target)
            except BaseException:
                incoming.unlink(missing_ok=True)
                raise
        return StoredBlob(digest.hexdigest(), size)

    def path(self, sha256: str) -> Path:
        """Where the blob is or would be. Raises `ValueError` for anything that is not a SHA-256 in hex."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self._directory / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The bytes; raises `FileNotFoundError` when the blob was deleted."""
        return self.path(sha256).read_bytes()

    def delete(self, sha256: str) -> None:
        """Delete the blob; nothing happens when it is gone already."""
        self.path(sha256).unlink(missing_ok=True)


def bounded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The same pieces; raises `TooLarge` in place of the one with which they exceed `limit` bytes together."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(message("blobs.too_large", limit=limit // (1024 * 1024)))
        yield chunk
