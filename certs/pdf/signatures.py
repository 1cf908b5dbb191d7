"""Signature dictionaries: what they cover and whether they are in order (ISO 32000-2, 12.8.1 and table 255)."""

from dataclasses import dataclass, replace

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.coverage import covered_by
from certs.pdf.document import Document
from certs.pdf.form import Field, Form
from certs.pdf.limits import exceeded
from certs.pdf.model import Coverage, DocMDPPermission, SignatureType
from certs.pdf.transforms import Lock, read_transforms
from certs.pdf.values import Ref, Value

_TIME_STAMP = "ETSI.RFC3161"


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
    covers_start: int
    """Offset from which the ranges count."""
    covers_end: int
    """Offset past the second range; 0 when the byte range is unusable."""
    is_foreign: bool
    """The byte range was written for another layout of the file."""


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
        if field.value is None or not (field.is_terminal or "V" in field.dictionary):
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
        found.append(_examine(document, field, number, value))
    found = [_with_sharing(one, holders.get(one.number, [])) for one in found]
    return sorted(found, key=lambda one: (one.covers_end or len(document.data), one.field_name))


def _with_sharing(found: FoundSignature, names: list[str]) -> FoundSignature:
    """Fields that shared a signature when it was made are what was signed; one that came later is judged as a change."""
    if len(names) < 2 or found.signed_revision >= 0:
        return found
    return replace(found, faults=(*found.faults, message(codes.SIGNATURE_SHARED, fields=", ".join(names))))


def _examine(document: Document, field: Field, number: int, dictionary: dict[str, Value]) -> FoundSignature:
    revision = document.last
    carrier = document.read(number if number >= 0 else field.number, revision)
    faults: list[Message] = []
    if carrier.has_duplicate_keys:
        faults.append(message(codes.DUPLICATE_KEYS, object=number if number >= 0 else field.number))
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
    is_time_stamp = sub_filter == _TIME_STAMP or kind == "DocTimeStamp"
    covered = covered_by(document, dictionary, carrier, is_direct=number < 0)
    permission, locks, reference_faults = read_transforms(document, dictionary, field.number)
    return FoundSignature(
        field_name=field.name,
        field_number=field.number,
        number=number,
        dictionary=dictionary,
        type=SignatureType.DOCUMENT_TIMESTAMP if is_time_stamp else SignatureType.SIGNATURE,
        byte_range=covered.byte_range,
        contents=contents,
        coverage=covered.coverage,
        signed_revision=covered.revision,
        faults=(*faults, *covered.faults, *reference_faults),
        doc_mdp=permission,
        locks=locks,
        covers_start=covered.start,
        covers_end=covered.end,
        is_foreign=covered.is_foreign,
    )
