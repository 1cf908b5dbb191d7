"""What kind of object a DER encoding is, from its outline alone; above all, whether it is a secret."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from certs.der import (
    BIT_STRING,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    MalformedDER,
    read_element,
)


class DERKind(Enum):
    """The objects that people hand in as certificates."""

    CERTIFICATE = auto()
    """Outline of a Certificate; whether it is one is for `parse_certificate`."""
    SIGNED_DATA = auto()
    """CMS SignedData (RFC 5652): P7B, P7C, P7S."""
    REQUEST = auto()
    """PKCS#10."""
    CRL = auto()
    """CertificateList of RFC 5280."""
    PUBLIC_KEY = auto()
    """SubjectPublicKeyInfo, or the RSA form of PKCS#1."""
    PRIVATE_KEY = auto()
    """PKCS#1, PKCS#8 plain or encrypted, SEC 1, or the old DSA form."""
    KEY_STORE = auto()
    """PKCS#12."""
    UNKNOWN = auto()
    """None of these."""


_CONTEXT_0: Final = 0xA0
_VERSION: Final = b"\xa0"
_TIMES: Final = (0x17, 0x18)
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")


def assess_der(data: bytes) -> DERKind:
    """Tell the kind of the object at the beginning of `data`; what follows it is not looked at. Never raises."""
    try:
        whole = read_element(data, 0, len(data))
        fields = _first_children(whole) if whole.tag == SEQUENCE else []
        tags = [field.tag for field in fields]
        return next((kind for kind, is_kind in _OUTLINES if is_kind(tags, fields)), DERKind.UNKNOWN)
    except MalformedDER:
        return _by_beginning(data)


_FIELDS_LOOKED_AT: Final = 9


def _first_children(element: Element) -> list[Element]:
    fields: list[Element] = []
    for child in element.children():
        fields.append(child)
        if len(fields) == _FIELDS_LOOKED_AT:
            break
    return fields


def _child_tags(element: Element) -> list[int]:
    return [child.tag for child in _first_children(element)]


def _is_key_store(tags: list[int], fields: list[Element]) -> bool:
    return tags[:2] == [INTEGER, SEQUENCE] and fields[0].value == b"\x03" and _begins_with_oid(fields[1])


def _is_private_key(tags: list[int], fields: list[Element]) -> bool:
    numbers_only = len(tags) >= 6 and set(tags[:6]) == {INTEGER}
    pkcs8 = tags[:3] == [INTEGER, SEQUENCE, OCTET_STRING] and _begins_with_oid(fields[1])
    sec1 = tags[:2] == [INTEGER, OCTET_STRING]
    encrypted = tags == [SEQUENCE, OCTET_STRING] and _begins_with_oid(fields[0])
    return numbers_only or pkcs8 or sec1 or encrypted


def _is_signed_data(tags: list[int], fields: list[Element]) -> bool:
    return tags == [OBJECT_IDENTIFIER, _CONTEXT_0] and fields[0].encoding == _SIGNED_DATA


def _is_public_key(tags: list[int], fields: list[Element]) -> bool:
    return tags == [INTEGER, INTEGER] or (tags == [SEQUENCE, BIT_STRING] and _begins_with_oid(fields[0]))


def _is_signed_object(tags: list[int], fields: list[Element]) -> bool:
    """Whether it is signed and does not begin like a certificate, which alone begins with its version in a tag."""
    if tags != [SEQUENCE, SEQUENCE, BIT_STRING]:
        return False
    signed = fields[0]
    return signed.data[signed.content : min(signed.content + 1, signed.end)] != _VERSION


def _is_request(tags: list[int], fields: list[Element]) -> bool:
    if not _is_signed_object(tags, fields):
        return False
    inner = _first_children(fields[0])
    return [part.tag for part in inner[:3]] == [INTEGER, SEQUENCE, SEQUENCE] and _child_tags(inner[2])[1:] == [
        BIT_STRING
    ]


def _is_crl(tags: list[int], fields: list[Element]) -> bool:
    if not _is_signed_object(tags, fields):
        return False
    inner = _child_tags(fields[0])
    without_version = inner[1:] if inner[:1] == [INTEGER] else inner
    return without_version[:2] == [SEQUENCE, SEQUENCE] and without_version[2:3] in ([_TIMES[0]], [_TIMES[1]])


def _is_certificate(tags: list[int], fields: list[Element]) -> bool:
    del fields
    return tags == [SEQUENCE, SEQUENCE, BIT_STRING]


_OUTLINES: Final[tuple[tuple[DERKind, Callable[[list[int], list[Element]], bool]], ...]] = (
    (DERKind.KEY_STORE, _is_key_store),
    (DERKind.PRIVATE_KEY, _is_private_key),
    (DERKind.SIGNED_DATA, _is_signed_data),
    (DERKind.PUBLIC_KEY, _is_public_key),
    (DERKind.REQUEST, _is_request),
    (DERKind.CRL, _is_crl),
    (DERKind.CERTIFICATE, _is_certificate),
)


def _begins_with_oid(element: Element) -> bool:
    return _child_tags(element)[:1] == [OBJECT_IDENTIFIER]


# The first field, where the whole cannot be outlined: cut off in copying (a key cut off is still most of a key), or BER
# with indefinite lengths, as Java and Windows write PKCS#12 and P7B. Certificates begin with none of these.
_BEGINNINGS: Final = (
    (b"\x02\x01\x03", DERKind.KEY_STORE),
    (b"\x02\x01\x00", DERKind.PRIVATE_KEY),
    (b"\x02\x01\x01", DERKind.PRIVATE_KEY),
    (_SIGNED_DATA, DERKind.SIGNED_DATA),
)


def _by_beginning(data: bytes) -> DERKind:
    if len(data) < 2 or data[0] != SEQUENCE:
        return DERKind.UNKNOWN
    length_octets = data[1] & 0x7F if data[1] & 0x80 else 0
    first_field = data[2 + length_octets : 2 + length_octets + len(_SIGNED_DATA)]
    return next((kind for start, kind in _BEGINNINGS if first_field.startswith(start)), DERKind.UNKNOWN)
