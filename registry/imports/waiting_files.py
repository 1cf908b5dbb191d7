"""Files of an import that wait on the disk until they are read.

A private key that somebody hands in by itself is refused before it is written. One inside a ZIP is found only when the ZIP
is read: until then its bytes are encrypted under a key that stands in the database and goes with the reading, so that no
disk, and no copy of one, ever holds them in the clear.
"""

import os
import secrets
import shutil
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.blobs import FileBlobStore
from registry.db.unit_of_work import UnitOfWork
from registry.imports.repository import ImportRepository

_NONCE: Final = 12
"""Bytes of the random value before each file (NIST SP 800-38D, 8.2)."""
_TAG: Final = 16
_HANDING_IN_TIME: Final = timedelta(hours=1)


def make_file_key() -> bytes:
    """A new key for the files of one import."""
    return AESGCM.generate_key(bit_length=256)


class WaitingFiles:
    """The files of one import in its folder."""

    def __init__(self, folder: Path, key: bytes | None) -> None:
        """With the key of the import; None: the files were handed in to a register that did not encrypt them yet."""
        self._blobs = FileBlobStore(folder)
        self._cipher = None if key is None else AESGCM(key)

    def put(self, data: bytes) -> str:
        """Store the bytes and return what they are read by. Raises `OSError` when the disk refuses."""
        if self._cipher is None:
            raise ValueError("files are stored under a key only")
        nonce = secrets.token_bytes(_NONCE)
        encrypted = self._cipher.encrypt(nonce, data, None)
        return self._blobs.put((nonce, encrypted), limit=_NONCE + len(data) + _TAG).sha256

    def read(self, name: str) -> bytes:
        """The bytes. Raises `FileNotFoundError` when they were deleted, `InvalidTag` when they were changed."""
        stored = self._blobs.read(name)
        if self._cipher is None:
            return stored
        return self._cipher.decrypt(stored[:_NONCE], memoryview(stored)[_NONCE:], None)


def remove_files(directory: Path, folder: str) -> None:
    """Delete the folder of an import: what was read of it is in the database."""
    # What cannot be deleted now is tried again by `sweep_folders`; somebody else may be at it, too.
    shutil.rmtree(directory / folder, ignore_errors=True)


def sweep_folders(uow: UnitOfWork, directory: Path) -> int:
    """Delete the folders of files that nobody will read; returns how many. Safe to run at any time, also twice.

    A process that died left them: while it took files of an import that was therefore never recorded, or after it had
    read them all. A folder of the last hour may belong to an import that is just being handed in.
    """
    before = (uow.now - _HANDING_IN_TIME).timestamp()
    with os.scandir(directory) if directory.is_dir() else nullcontext(()) as entries:
        old = [entry.name for entry in entries if entry.is_dir() and entry.stat().st_mtime < before]
    waiting = ImportRepository(uow.session).folders_to_be_read(old) if old else set()
    gone = [name for name in old if name not in waiting]
    for name in gone:
        remove_files(directory, name)
    return len(gone)
