"""The files inside a ZIP of a stranger: bounded, with names that can be read (APPNOTE 6.3).

Nothing is written to a disk, so that a member's path is only a label and cannot lead anywhere.
"""

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from certs import container_messages as say
from certs.messages import Message, message
from certs.text import recognise_legacy


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLimits:
    """How far a ZIP may expand."""

    max_member_bytes: int = 64 * 1024 * 1024
    max_total_bytes: int = 1024 * 1024 * 1024
    """Unpacked, over all levels of one file that was handed in."""
    max_members: int = 200_000
    """Over all levels."""
    max_ratio: int = 200
    """Unpacked to packed size of one member. Certificates reach 3, text 20, deflate itself 1,032."""
    ratio_floor: int = 1024 * 1024
    """Members up to this size may have any ratio: an empty scan of some pages is honest."""


@dataclass(slots=True)
class ZipBudget:
    """What is left of the limits while one file is read; shared by its inner ZIPs."""

    bytes_left: int
    members_left: int

    @classmethod
    def of(cls, limits: ZipLimits) -> "ZipBudget":
        """A full budget."""
        return cls(limits.max_total_bytes, limits.max_members)

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be unpacked."""
        return self.bytes_left <= 0 or self.members_left <= 0


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its path inside the ZIP, as its maker read it, and its content or why it was not unpacked."""

    path: str
    content: bytes | Message


_ENTRY_SIGNATURE: Final = b"PK\x01\x02"
_ENTRY_BYTES: Final = 46
"""Of an entry of the directory, before its name."""
_END_SIGNATURE: Final = b"PK\x05\x06"
_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENCRYPTED: Final = 0x1
_UTF8: Final = 0x800
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LITTER: Final = (".DS_Store", "Thumbs.db", "desktop.ini")
_MIMETYPE_WITHIN: Final = 256

_ZIP_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
)


def is_zip(data: bytes) -> bool:
    """Whether the data begin like a ZIP."""
    return data.startswith(_SIGNATURES)


def read_members(data: bytes, limits: ZipLimits, budget: ZipBudget) -> Iterator[Member]:
    """Unpack the files of a ZIP one by one, in its order, as long as the budget lasts. Never raises for content.

    Folders and the litter of operating systems are passed over. A ZIP that cannot be opened, that is an office document or
    whose directory is over the limit gives one member without a path that says so; so does the end of the budget.
    """
    # The directory is counted before it is parsed: a small file can list a million members.
    if data.count(_ENTRY_SIGNATURE) > budget.members_left:
        yield Member("", message(say.TOO_MANY, limit=limits.max_members))
        return
    try:
        archive = _open(data)
    except _ZIP_ERRORS:
        yield Member("", message(say.ZIP_DAMAGED))
        return
    with archive:
        if office := _office_document(archive, data):
            yield Member("", office)
            return
        for entry in archive.infolist():
            path = _path(entry)
            if _is_passed_over(path):
                continue
            if budget.is_spent:
                yield Member("", message(say.ZIP_BOMB))
                return
            budget.members_left -= 1
            yield Member(path, _unpack(archive, entry, limits, budget))


def _open(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except UnicodeDecodeError:
        # Python gives up the whole ZIP for one name of an old packer that claims to be UTF-8 and is not.
        return zipfile.ZipFile(io.BytesIO(_without_false_claims(data)))


def _without_false_claims(data: bytes) -> bytes:
    """The same ZIP, in which no name claims to be UTF-8 that is not (APPNOTE 4.3.12, 4.3.16, 4.4.4)."""
    mended = bytearray(data)
    end = data.rfind(_END_SIGNATURE)
    size, offset = struct.unpack_from("<II", data, end + 12)
    position = end - size
    before = position - offset
    while data.startswith(_ENTRY_SIGNATURE, position):
        (flags,) = struct.unpack_from("<H", data, position + 8)
        lengths = struct.unpack_from("<HHH", data, position + 28)
        (local,) = struct.unpack_from("<I", data, position + 42)
        name = data[position + _ENTRY_BYTES : position + _ENTRY_BYTES + lengths[0]]
        if flags & _UTF8 and not _is_utf8(name):
            for place in (position + 8, before + local + 6):
                struct.pack_into("<H", mended, place, flags & ~_UTF8)
        position += _ENTRY_BYTES + sum(lengths)
    return bytes(mended)


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _office_document(archive: zipfile.ZipFile, data: bytes) -> Message | None:
    """What to say of a ZIP that is one document (ISO/IEC 29500-2, 26300-3) and no folder of files; None for any other."""
    names = archive.namelist()
    beginning = data[:_MIMETYPE_WITHIN]
    if "[Content_Types].xml" in names:
        folders = {name.partition("/")[0] for name in names}
        if "xl" in folders:
            return message(say.SPREADSHEET)
        return message(say.OFFICE_DOCUMENT) if folders & {"word", "ppt"} else None
    if "mimetype" in names and b"application/vnd.oasis.opendocument." in beginning:
        return message(say.SPREADSHEET if b"opendocument.spreadsheet" in beginning else say.OFFICE_DOCUMENT)
    return None


def _is_passed_over(path: str) -> bool:
    return path.endswith("/") or path.startswith("__MACOSX/") or path.rpartition("/")[2] in _LITTER


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ZipLimits, budget: ZipBudget) -> bytes | Message:
    if entry.flag_bits & _ENCRYPTED:
        return message(say.ZIP_ENCRYPTED)
    if entry.compress_type not in _METHODS:
        return message(say.ZIP_DAMAGED)
    honest = max(limits.ratio_floor, entry.compress_size * limits.max_ratio)
    most = min(limits.max_member_bytes, honest, budget.bytes_left)
    try:
        with archive.open(entry) as stream:
            content = stream.read(most + 1)
    except _ZIP_ERRORS:
        return message(say.ZIP_DAMAGED)
    budget.bytes_left -= len(content)
    if len(content) <= most:
        return content
    if most == limits.max_member_bytes:
        return message(say.TOO_LARGE, megabytes=limits.max_member_bytes >> 20)
    return message(say.ZIP_BOMB)


_UNICODE_PATH: Final = 0x7075


def _path(entry: zipfile.ZipInfo) -> str:
    name = entry.filename if entry.flag_bits & _UTF8 else _unflagged_path(entry)
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _unflagged_path(entry: zipfile.ZipInfo) -> str:
    """Read a name whose encoding the ZIP does not state.

    Python reads it as code page 437. Really it is what the packer's system used: UTF-8 on Linux and macOS, the
    Unicode field of Info-ZIP, or a Vietnamese 8-bit code on Windows.
    """
    raw = entry.filename.encode("cp437", errors="replace")
    if raw.isascii():
        return entry.filename
    for candidate in (_unicode_field(entry.extra), raw):
        try:
            if candidate:
                return candidate.decode("utf-8")
        except UnicodeDecodeError:
            continue
    windows = "".join(bytes([octet]).decode("cp1252", errors="ignore") or chr(octet) for octet in raw)
    if legacy := recognise_legacy(windows):
        return legacy.converted
    try:
        return raw.decode("cp1258")
    except UnicodeDecodeError:
        return entry.filename


def _unicode_field(extra: bytes) -> bytes | None:
    """The UTF-8 path in the extra field 0x7075 (APPNOTE 4.6.9), after its version and the checksum of the old name."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        if kind == _UNICODE_PATH:
            return extra[position + 9 : position + 4 + length]
        position += 4 + length
    return None
