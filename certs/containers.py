"""Certificates out of whatever people send: PEM, DER, bare Base64, P7B, ZIPs of these, the signers of a signed PDF.

Reading is bounded in bytes, members and depth, gives its findings one by one in the order of the file, and never
raises for content. Private keys are recognised first and refused; no message repeats anything of a file's content.
ZIPs and PDFs of strangers are opened by a worker, not by the web.
"""

import base64
import binascii
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from asn1crypto import cms, core

from certs import container_messages as say
from certs.certificate import Certificate, MalformedCertificate, parse_certificate
from certs.der import SEQUENCE, MalformedDER, read_element
from certs.der_kinds import DERKind, assess_der
from certs.extensions import ASN1CRYPTO_ERRORS
from certs.messages import Message, message
from certs.names import display_name
from certs.secrets import find_secret
from certs.zip_members import ZipBudget, ZipLimits, is_zip, read_members

__all__ = ["ContainerLimits", "Finding", "Found", "Refused", "ZipLimits", "read_certificates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLimits:
    """How much of a stranger's file is read. The defaults take an import of 100,000 certificates in one ZIP."""

    max_bytes: int = 256 * 1024 * 1024
    """Size of the file that was handed in."""
    max_findings: int = 250_000
    """Certificates and refusals together."""
    max_depth: int = 3
    """ZIPs inside ZIPs: 1 allows none inside the first."""
    zip: ZipLimits = field(default_factory=ZipLimits)


@dataclass(frozen=True, slots=True)
class Found:
    """A certificate and where it was: `a.zip/dir/b.p7b#2`, safe to show."""

    place: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Refused:
    """Something at this place was not taken, and why."""

    place: str
    reason: Message


Finding = Found | Refused
_Item = Certificate | Message


def read_certificates(data: bytes, *, file_name: str, limits: ContainerLimits | None = None) -> Iterator[Finding]:
    """Find every certificate in the content of a file; everything else in it is refused with a reason.

    `file_name` is used in places and to recognise key stores by their extension; the content decides all else. A
    certificate that occurs twice is given twice, but each signer of a PDF once. At least one finding comes for every
    file, the known litter of operating systems inside ZIPs apart. Past a limit a last `Refused` says so and the
    reading ends. Never raises.
    """
    bounds = limits or ContainerLimits()
    place = display_name(file_name)
    if len(data) > bounds.max_bytes:
        yield Refused(place, message(say.TOO_LARGE, megabytes=bounds.max_bytes >> 20))
        return
    findings = _read(data, place, bounds, ZipBudget.of(bounds.zip), depth=0)
    yield from itertools.islice(findings, bounds.max_findings)
    if next(findings, None) is not None:
        yield Refused(place, message(say.TOO_MANY, limit=bounds.max_findings))


_PDF_HEADER_WITHIN: Final = 1024


def _read(data: bytes, place: str, limits: ContainerLimits, budget: ZipBudget, *, depth: int) -> Iterator[Finding]:
    if is_zip(data):
        yield from _read_zip(data, place, limits, budget, depth=depth + 1)
    else:
        yield from _placed(_items(data, place), place)


def _placed(items: Iterator[_Item], place: str) -> Iterator[Finding]:
    """Number the items of a file that holds more than one."""
    first_two = tuple(itertools.islice(items, 2))
    for number, item in enumerate(itertools.chain(first_two, items), start=1):
        at = f"{place}#{number}" if len(first_two) > 1 else place
        yield Found(at, item) if isinstance(item, Certificate) else Refused(at, item)


def _read_zip(data: bytes, place: str, limits: ContainerLimits, budget: ZipBudget, *, depth: int) -> Iterator[Finding]:
    if depth > limits.max_depth:
        yield Refused(place, message(say.ZIP_TOO_DEEP, limit=limits.max_depth))
        return
    is_empty = True
    for member in read_members(data, limits.zip, budget):
        is_empty = False
        at = f"{place}/{display_name(member.path)}" if member.path else place
        if isinstance(member.content, Message):
            yield Refused(at, member.content)
        else:
            yield from _read(member.content, at, limits, budget, depth=depth)
    if is_empty:
        yield Refused(place, message(say.EMPTY))


_BYTE_ORDER_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_JAVA_KEY_STORES: Final = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")


def _items(data: bytes, name: str) -> Iterator[_Item]:
    if not data.strip(_PADDING):
        return iter((message(say.EMPTY),))
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN]:
        return _pdf_items(data)
    text = _without_byte_order_mark(data)
    if _PEM_BEGIN in text:
        return _pem_items(text)
    if (der := data if data.startswith(b"\x30") else _bare_base64(text)) is not None:
        return _der_items(der, name)
    return iter((_unrecognised(data, name),))


def _without_byte_order_mark(data: bytes) -> bytes:
    """Editors of Windows save PEM and Base64 with a byte order mark or in UTF-16."""
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, errors="replace").encode("ascii", errors="replace")
    return data


_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES: Final = {
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x1f\x8b": "GZIP",
    b"BZh": "BZIP2",
    b"\xfd7zXZ": "XZ",
}
_KEY_EXTENSIONS: Final = (".key", ".pvk", ".ppk")
_STORE_EXTENSIONS: Final = (".p12", ".pfx", ".jks", ".keystore")
_LIST_EXTENSIONS: Final = (".xlsx", ".xls", ".xlsm", ".ods", ".csv")


def _unrecognised(data: bytes, name: str) -> Message:
    lowered = name.lower()
    code = say.UNKNOWN
    if data.startswith(_JAVA_KEY_STORES) or lowered.endswith(_STORE_EXTENSIONS):
        code = say.KEY_STORE
    elif lowered.endswith(_KEY_EXTENSIONS) or data.startswith(b"PuTTY-User-Key-File"):
        code = say.PRIVATE_KEY
    elif data.startswith(_OLE) or lowered.endswith(_LIST_EXTENSIONS):
        code = say.SPREADSHEET
    for magic, kind in _ARCHIVES.items():
        if data.startswith(magic):
            return message(say.ARCHIVE, kind=kind)
    # What is known by its beginning was told above; a key behind other bytes is still a key.
    return (find_secret(data[:_SEARCHED_BYTES]) if code == say.UNKNOWN else None) or message(code)


_SEARCHED_BYTES: Final = 16 * 1024 * 1024
_BARE_BASE64: Final = re.compile(rb"[A-Za-z0-9+/\s]+={0,2}\s*")


def _bare_base64(data: bytes) -> bytes | None:
    """Decode Base64 without armour when it holds a DER sequence, which always begins with `M`."""
    if not data.lstrip().startswith(b"M") or not _BARE_BASE64.fullmatch(data):
        return None
    try:
        decoded = base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return None
    return decoded if decoded.startswith(b"\x30") else None


_PADDING: Final = b"\x00\t\n\r \x1a"
_PADDING_RUN: Final = re.compile(rb"[\x00\t\n\r \x1a]*")


def _der_items(data: bytes, name: str) -> Iterator[_Item]:
    """Read objects that stand one after the other; the whole is one when it is BER with indefinite lengths."""
    position = 0
    while position < len(data):
        if data[position] != SEQUENCE:
            yield message(say.TRAILING_BYTES)
            return
        try:
            end = read_element(data, position, len(data)).end
        except MalformedDER:
            end = len(data)
        yield from _object_items(data[position:end], name)
        padding = _PADDING_RUN.match(data, end)
        position = padding.end() if padding else end


_REFUSED_KINDS: Final = {
    DERKind.PRIVATE_KEY: say.PRIVATE_KEY,
    DERKind.KEY_STORE: say.KEY_STORE,
    DERKind.REQUEST: say.REQUEST,
    DERKind.CRL: say.CRL,
    DERKind.PUBLIC_KEY: say.PUBLIC_KEY,
}


def _object_items(der: bytes, name: str) -> Iterator[_Item]:
    kind = assess_der(der)
    if kind in _REFUSED_KINDS:
        yield message(_REFUSED_KINDS[kind])
    elif kind is DERKind.SIGNED_DATA:
        yield from _signed_data_items(der)
    elif kind is DERKind.CERTIFICATE:
        yield _certificate(der)
    else:
        reason = _unrecognised(der, name)
        # A certificate cut off in copying is the usual cause, and saying where it breaks helps; secrets say nothing.
        yield _certificate(der) if reason.code == say.UNKNOWN else reason


def _certificate(der: bytes) -> _Item:
    try:
        return parse_certificate(der)
    except MalformedCertificate as refused:
        return refused.reason


_PEM_BEGIN: Final = b"-----BEGIN "
_PEM_END: Final = b"-----END "
_PEM_DASHES: Final = b"-----"


def _pem_items(data: bytes) -> Iterator[_Item]:
    """Read the blocks of a PEM file (RFC 7468); text between them is passed over, as the RFC allows."""
    position = data.find(_PEM_BEGIN)
    while position >= 0:
        label_at = position + len(_PEM_BEGIN)
        body_at = data.find(_PEM_DASHES, label_at)
        end = data.find(_PEM_END, label_at)
        label = data[label_at:body_at] if 0 <= body_at - label_at <= _MAX_LABEL else b""
        if b"PRIVATE KEY" in label:
            yield message(say.PRIVATE_KEY)
        elif end < 0 or body_at < 0 or body_at > end:
            yield message(say.PEM_INCOMPLETE)
        else:
            yield from _block_items(label, data[body_at + len(_PEM_DASHES) : end])
        if end < 0:
            return
        position = data.find(_PEM_BEGIN, end)


_MAX_LABEL: Final = 64
_REFUSED_LABELS: Final = {
    b"CERTIFICATE REQUEST": say.REQUEST,
    b"NEW CERTIFICATE REQUEST": say.REQUEST,
    b"X509 CRL": say.CRL,
    b"PUBLIC KEY": say.PUBLIC_KEY,
    b"RSA PUBLIC KEY": say.PUBLIC_KEY,
}


def _block_items(label: bytes, body: bytes) -> Iterator[_Item]:
    if label in _REFUSED_LABELS:
        yield message(_REFUSED_LABELS[label])
        return
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        yield message(say.PEM_NOT_BASE64)
        return
    if not der.startswith(b"\x30"):
        yield message(say.UNKNOWN)
        return
    # OpenSSL appends its own settings to a "TRUSTED CERTIFICATE"; they are its user's business.
    yield from itertools.islice(_der_items(der, ""), 1 if label == b"TRUSTED CERTIFICATE" else None)


def _signed_data(encoding: bytes) -> Any:
    """The SignedData of a CMS message (RFC 5652, 5.1), BER included; raises one of `ASN1CRYPTO_ERRORS`."""
    message_info = cms.ContentInfo.load(encoding)
    if message_info["content_type"].native != "signed_data":
        raise ValueError("no SignedData")
    return message_info["content"]


def _embedded(signed_data: Any) -> tuple[Any, ...]:
    """The X.509 certificates; attribute certificates and obsolete kinds are passed over."""
    choices = signed_data["certificates"]
    if isinstance(choices, core.Void):
        return ()
    return tuple(choice.chosen for choice in choices if choice.name == "certificate")


def _signed_data_items(encoding: bytes) -> Iterator[_Item]:
    try:
        encodings = tuple(certificate.dump() for certificate in _embedded(_signed_data(encoding)))
    except ASN1CRYPTO_ERRORS:
        yield message(say.P7B_DAMAGED)
        return
    if not encodings:
        yield message(say.P7B_EMPTY)
    for der in encodings:
        yield _certificate(der)


# The /Contents of a signature is a hexadecimal string in the plain bytes of the file: /ByteRange could not leave it out
# otherwise. It can therefore be found without parsing the PDF, which is not judged here.
_PDF_CONTENTS: Final = re.compile(rb"/Contents[\x00\t\n\f\r ]*<([0-9A-Fa-f\x00\t\n\f\r ]{128,})>")
_NOT_HEXADECIMAL: Final = bytes(octet for octet in range(256) if octet not in b"0123456789abcdefABCDEF")
_TIME_STAMP: Final = "1.2.840.113549.1.9.16.1.4"


def _pdf_items(data: bytes) -> Iterator[_Item]:
    """The certificate of each signer, once; time-stamping units are no subscribers and are left out."""
    seen: set[bytes] = set()
    is_signed = False
    for match in _PDF_CONTENTS.finditer(data):
        digits = match[1].translate(None, _NOT_HEXADECIMAL)
        try:
            signed_data = _signed_data(bytes.fromhex(digits[: len(digits) & ~1].decode("ascii")))
            if signed_data["encap_content_info"]["content_type"].dotted == _TIME_STAMP:
                continue
            signers = _signer_certificates(signed_data)
        except ASN1CRYPTO_ERRORS:
            continue  # an empty field, or no CMS; a PDF without any that reads is refused below
        is_signed = True
        if not signers:
            yield message(say.PDF_SIGNER_MISSING)
        for der in signers:
            if der not in seen:
                seen.add(der)
                yield _certificate(der)
    if not is_signed:
        yield find_secret(data[:_SEARCHED_BYTES]) or message(say.PDF_UNSIGNED)


def _signer_certificates(signed_data: Any) -> tuple[bytes, ...]:
    embedded = _embedded(signed_data)
    signers = (_is_named_by(info["sid"]) for info in signed_data["signer_infos"])
    return tuple(certificate.dump() for is_named in signers for certificate in embedded if is_named(certificate))


def _is_named_by(identifier: Any) -> Callable[[Any], bool]:
    """Match a SignerIdentifier (RFC 5652, 5.3)."""
    if identifier.name == "issuer_and_serial_number":
        issuer = identifier.chosen["issuer"].dump()
        serial = identifier.chosen["serial_number"].native
        return lambda certificate: certificate.serial_number == serial and certificate.issuer.dump() == issuer
    key_identifier = identifier.native
    return lambda certificate: certificate.key_identifier == key_identifier
