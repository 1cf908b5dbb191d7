"""Signature dictionaries: what they cover and whether they are in order (ISO 32000-2, 12.8.1 and table 255)."""

import re
from dataclasses import dataclass

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.document import Document, ReadObject
from certs.pdf.form import Form
from certs.pdf.limits import exceeded
from certs.pdf.model import Coverage, DocMDPPermission, SignatureType
from certs.pdf.revisions import is_last
from certs.pdf.values import Ref, Value, integer, text_of

_HEX_STRING = re.compile(rb"<[0-9A-Fa-f\x00\t\n\x0c\r ]*+>")
_TIME_STAMP = "ETSI.RFC3161"


@dataclass(frozen=True, slots=True)
class Lock:
    """Fields that must not change any more (table 236 and 259)."""

    action: str
    """`All`, `Include` or `Exclude`."""
    fields: frozenset[str]

    def covers(self, name: str) -> bool:
        """True when the field of that name, or one of its ancestors, is locked."""
        if self.action == "All":
            return True
        is_listed = any(name == listed or name.startswith(listed + ".") for listed in self.fields)
        return is_listed if self.action == "Include" else not is_listed

    def words(self) -> str:
        """As in the standard: `All`, `Include: a, b`, `Exclude: a`."""
        return self.action if self.action == "All" else f"{self.action}: {', '.join(sorted(self.fields))}"


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """A signature dictionary in a field, and everything its bytes say."""

    field_name: str
    field_number: int
    number: int
    """Object number of the signature dictionary, -1 when it is direct."""
    dictionary: dict[str, Value]
    type: SignatureType
    byte_range: tuple[int, ...]
    contents: bytes
    coverage: Coverage
    signed_revision: int
    faults: tuple[Message, ...]
    doc_mdp: DocMDPPermission | None
    locks: tuple[Lock, ...]
    covers_end: int
    """Offset past the second range; 0 when the byte range is unusable."""


def is_signature_dictionary(dictionary: dict[str, Value]) -> bool:
    """True for what claims to be a signature: by type, by byte range or by sub-filter with contents."""
    return (
        dictionary.get("Type") in ("Sig", "DocTimeStamp")
        or "ByteRange" in dictionary
        or ("SubFilter" in dictionary and "Contents" in dictionary)
    )


def find_signatures(document: Document, form: Form) -> list[FoundSignature]:
    """The signatures of all fields of the newest revision, in the order in which they were made."""
    revision = document.last
    found: list[FoundSignature] = []
    holders: dict[int, list[str]] = {}
    limits = document.budget.limits
    for field in form.fields:
        if field.value is None or not field.is_terminal:
            continue
        value = document.resolve(field.value, revision)
        if not isinstance(value, dict) or (field.type != "Sig" and not is_signature_dictionary(value)):
            continue
        if len(found) >= limits.signatures:
            raise exceeded("signatures", limits.signatures)
        number = field.value.number if isinstance(field.value, Ref) else -1
        if number >= 0:
            holders.setdefault(number, []).append(field.name)
            if len(holders[number]) > 1:
                continue
        carrier = document.read(number if number >= 0 else field.number, revision)
        found.append(_examine(document, field.name, field.number, number, value, carrier))
    found = [_with_sharing(one, holders.get(one.number, [])) for one in found]
    return sorted(found, key=lambda one: (one.covers_end or len(document.data), one.field_name))


def _with_sharing(found: FoundSignature, names: list[str]) -> FoundSignature:
    if len(names) < 2:
        return found
    from dataclasses import replace  # noqa: PLC0415

    return replace(found, faults=(*found.faults, message(codes.SIGNATURE_SHARED, fields=", ".join(names))))


def _examine(
    document: Document, name: str, field_number: int, number: int, dictionary: dict[str, Value], carrier: ReadObject
) -> FoundSignature:
    revision = document.last
    faults: list[Message] = []
    if carrier.has_duplicate_keys:
        faults.append(message(codes.DUPLICATE_KEYS, object=number if number >= 0 else field_number))
    contents = document.resolve(dictionary.get("Contents"), revision)
    if not isinstance(contents, bytes) or not contents.strip(b"\x00"):
        faults.append(message(codes.ENTRY_MISSING, key="Contents"))
        contents = b""
    sub_filter = document.resolve(dictionary.get("SubFilter"), revision)
    if not isinstance(sub_filter, str):
        faults.append(message(codes.ENTRY_MISSING, key="SubFilter"))
    if not isinstance(document.resolve(dictionary.get("Filter"), revision), str):
        faults.append(message(codes.ENTRY_MISSING, key="Filter"))
    kind = document.resolve(dictionary.get("Type"), revision)
    if kind not in ("Sig", "DocTimeStamp", None):
        faults.append(message(codes.ENTRY_MALFORMED, key="Type"))
    is_time_stamp = sub_filter == _TIME_STAMP or (kind == "DocTimeStamp")
    byte_range, range_faults = _byte_range(document, dictionary)
    faults.extend(range_faults)
    coverage, signed_revision, end = Coverage.UNCLEAR, -1, 0
    if byte_range and not range_faults:
        coverage, signed_revision, gap_faults = _coverage(document, byte_range, number, carrier)
        faults.extend(gap_faults)
        end = byte_range[2] + byte_range[3]
    permission, locks, reference_faults = _transforms(document, dictionary, field_number)
    faults.extend(reference_faults)
    return FoundSignature(
        name,
        field_number,
        number,
        dictionary,
        SignatureType.DOCUMENT_TIMESTAMP if is_time_stamp else SignatureType.SIGNATURE,
        byte_range,
        contents,
        coverage,
        signed_revision,
        tuple(faults),
        permission,
        locks,
        end,
    )


def _byte_range(document: Document, dictionary: dict[str, Value]) -> tuple[tuple[int, ...], list[Message]]:
    """`[0 a b c]` with direct integers inside the file and in order."""
    value = document.resolve(dictionary.get("ByteRange"), document.last)
    if value is None:
        return (), [message(codes.ENTRY_MISSING, key="ByteRange")]
    items = value if isinstance(value, list) else []
    found = tuple(number for item in items if (number := integer(item)) is not None)
    if not isinstance(value, list) or len(found) != len(items) or len(found) != 4:
        return found, [message(codes.BYTE_RANGE_MALFORMED, detail="four integers wanted")]
    start, length, second, rest = found
    if min(found) < 0:
        return found, [message(codes.BYTE_RANGE_MALFORMED, detail="negative number")]
    if start != 0:
        return found, [message(codes.BYTE_RANGE_MALFORMED, detail="does not start at 0")]
    if length == 0 or rest == 0 or second <= length:
        return found, [message(codes.BYTE_RANGE_MALFORMED, detail="empty or overlapping ranges")]
    if second + rest > len(document.data):
        return found, [message(codes.BYTE_RANGE_MALFORMED, detail="reaches past the end of the file")]
    return found, []


def _coverage(
    document: Document, byte_range: tuple[int, ...], number: int, carrier: ReadObject
) -> tuple[Coverage, int, list[Message]]:
    _, gap_start, gap_end, rest = byte_range
    end = gap_end + rest
    faults: list[Message] = []
    coverage = Coverage.UNCLEAR
    gap = _HEX_STRING.match(document.data, gap_start, gap_end)
    if carrier.start < 0:
        faults.append(message(codes.DICTIONARY_IN_OBJECT_STREAM))
    elif (
        gap is None
        or gap.end() != gap_end
        or (number >= 0 and carrier.spans.get("Contents") != (gap_start, gap_end))
        or (number < 0 and not carrier.start < gap_start < gap_end < carrier.end)
    ):
        faults.append(message(codes.GAP_NOT_CONTENTS))
    revision = next(
        (index for index, found in enumerate(document.revisions) if found.mark.eof <= end <= found.mark.end), -1
    )
    if revision < 0 and document.revisions[-1].mark.end <= end and end == len(document.data):
        revision = document.last if is_last(document.data, document.revisions[-1].mark) else -1
    if revision < 0:
        faults.append(message(codes.RANGE_ENDS_INSIDE))
        coverage = Coverage.CONTIGUOUS_FROM_START if not faults[:-1] else Coverage.UNCLEAR
    elif not faults:
        coverage = Coverage.ENTIRE_FILE if end == len(document.data) else Coverage.ENTIRE_REVISION
    return coverage, revision, faults


def _transforms(
    document: Document, dictionary: dict[str, Value], field_number: int
) -> tuple[DocMDPPermission | None, tuple[Lock, ...], list[Message]]:
    """DocMDP and FieldMDP of the signature's /Reference, and the /Lock of its field."""
    revision = document.last
    permission: DocMDPPermission | None = None
    locks: list[Lock] = []
    faults: list[Message] = []
    for item in document.array(dictionary.get("Reference"), revision):
        reference = document.dictionary(item, revision)
        method = document.resolve(reference.get("TransformMethod"), revision)
        parameters = document.dictionary(reference.get("TransformParams"), revision)
        if method == "DocMDP":
            permission = _permission(document.resolve(parameters.get("P", 2), revision))
            if permission is None:
                faults.append(message(codes.ENTRY_MALFORMED, key="DocMDP"))
                permission = DocMDPPermission.NO_CHANGES
        elif method == "FieldMDP":
            lock = _lock(document, parameters)
            if lock is None:
                faults.append(message(codes.ENTRY_MALFORMED, key="FieldMDP"))
            else:
                locks.append(lock)
    if field_number >= 0:
        lock_dictionary = document.dictionary(document.dictionary(document.get(field_number, revision), revision).get("Lock"), revision)  # fmt: skip
        if lock_dictionary and (lock := _lock(document, lock_dictionary)) is not None:
            locks.append(lock)
            if permission is None and "P" in lock_dictionary:
                permission = _permission(document.resolve(lock_dictionary["P"], revision))
    return permission, tuple(locks), faults


def _permission(value: Value) -> DocMDPPermission | None:
    number = integer(value)
    return DocMDPPermission(str(number)) if number in (1, 2, 3) else None


def _lock(document: Document, parameters: dict[str, Value]) -> Lock | None:
    action = document.resolve(parameters.get("Action"), document.last)
    names = document.array(parameters.get("Fields"), document.last)
    fields = [text_of(document.resolve(name, document.last)) for name in names]
    if action == "All":
        return Lock(action, frozenset())
    if action not in ("Include", "Exclude") or not all(name is not None for name in fields):
        return None
    return Lock(action, frozenset(name for name in fields if name is not None))
