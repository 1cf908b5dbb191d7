"""One certificate as the register sees it (RFC 5280), read from bytes that nobody vouches for.

    MalformedCertificate (ValueError)    the bytes are not a certificate; `reason` is a `Message`

Reading proves nothing: neither who issued the certificate, nor that it is valid or not revoked. The CA and its
generation are found by building the chain (`certs.path`), never by a name; `issuer` and `authority_key_id` only say
where to look.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from asn1crypto import core
from cryptography import x509

from certs.der import BIT_STRING, INTEGER, SEQUENCE, Element, MalformedDER, read_element, read_whole
from certs.extensions import ASN1CRYPTO_ERRORS, CRYPTOGRAPHY_REFUSALS, Extensions, read_extensions, read_one_by_one
from certs.keys import KeyInfo, describe_key, describe_signature
from certs.messages import Message, define, message
from certs.names import Code, DistinguishedName, parse_name
from certs.subject_kind import KindGuess, guess_kind

__all__ = [
    "MAX_CERTIFICATE_BYTES",
    "Certificate",
    "KeyInfo",
    "MalformedCertificate",
    "format_serial",
    "parse_certificate",
]

MAX_CERTIFICATE_BYTES: Final = 128 * 1024
"""Real certificates stay below 8 KiB; the largest with thousands of names below 100 KiB."""

EMPTY = define(
    "certificate.empty",
    vi="Không có dữ liệu chứng thư.",
    en="There is no certificate data.",
)
TOO_LARGE = define(
    "certificate.too_large",
    vi="Dữ liệu dài {bytes} byte, quá lớn đối với một chứng thư.",
    en="The data is {bytes} bytes long, too much for one certificate.",
)
NOT_A_CERTIFICATE = define(
    "certificate.not_a_certificate",
    vi="Dữ liệu không phải là chứng thư X.509, hoặc đã bị cắt hay sửa.",
    en="The data is not an X.509 certificate ({detail}).",
)
BAD_FIELD = define(
    "certificate.bad_field",
    vi="Chứng thư bị hỏng: không đọc được trường {field}.",
    en="The certificate is damaged: its field {field} cannot be read ({detail}).",
)
ODD_NOT_STRICT = define(
    "certificate.odd.not_strict",
    vi="Chứng thư mã hóa không đúng chuẩn nên được đọc theo cách dự phòng.",
    en="The certificate departs from the standard encoding and was read in a tolerant way.",
)
ODD_SERIAL = define(
    "certificate.odd.serial",
    vi="Số hiệu {serial} trái với RFC 5280 (phải là số dương, không quá 20 byte).",
    en="The serial number {serial} is against RFC 5280 (positive, at most 20 octets).",
)
ODD_VALIDITY = define(
    "certificate.odd.validity",
    vi="Thời điểm hết hạn đứng trước thời điểm bắt đầu hiệu lực.",
    en="The validity ends before it begins.",
)
ODD_ALGORITHMS = define(
    "certificate.odd.algorithms",
    vi="Thuật toán ký ghi bên trong và bên ngoài chứng thư khác nhau.",
    en="The signature algorithms inside and outside the signed part differ.",
)
ODD_KEY = define(
    "certificate.odd.key",
    vi="Không đọc được khóa công khai.",
    en="The public key cannot be read.",
)
ODD_EXTENSION = define(
    "certificate.odd.extension",
    vi="Không đọc được phần mở rộng {oid}.",
    en="The extension {oid} cannot be read.",
)


class MalformedCertificate(ValueError):
    """The bytes are not a certificate that can be registered."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.text("en"))
        self.reason = reason

    @property
    def code(self) -> str:
        """The code of the reason."""
        return self.reason.code


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate and what it states. Two are equal when their bytes are.

    Texts are as encoded and may hold anything: show names through `str(name)` or `display_name`. Accessing any
    property never raises; what could not be read is named in `oddities`.
    """

    der: bytes = field(repr=False)
    serial: str = field(compare=False)
    """See `format_serial`."""
    subject: DistinguishedName = field(compare=False, repr=False)
    issuer: DistinguishedName = field(compare=False, repr=False)
    not_before: datetime = field(compare=False)
    """Aware, in UTC; the first second of validity."""
    not_after: datetime = field(compare=False)
    """Aware, in UTC; the last second of validity, which is included (RFC 5280, 4.1.2.5)."""
    signature_algorithm: str = field(compare=False)
    """The name in the standard, as `sha256WithRSAEncryption`, else the OID."""
    signature_hash: str | None = field(compare=False)
    """`sha1`, `sha256`, …; `None` where the algorithm has no separate one or is unknown."""
    key: KeyInfo = field(compare=False)
    _parts: "_Parts" = field(compare=False, repr=False)
    _loaded: x509.Certificate | None = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        return parse_certificate, (self.der,)

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the whole encoding: 64 lower-case hexadecimal digits."""
        return hashlib.sha256(self.der).hexdigest()

    @cached_property
    def extensions(self) -> Extensions:
        """What the extensions say."""
        extensions = read_extensions(self._loaded) if self._loaded is not None else None
        return extensions if extensions is not None else read_one_by_one(self._parts.extensions())

    @property
    def is_ca(self) -> bool:
        """BasicConstraints says so. Whether to believe it is for path validation."""
        return self.extensions.is_ca

    @property
    def is_self_issued(self) -> bool:
        """Subject and issuer match (RFC 5280, 6.1). The signature is not looked at."""
        return self.subject.matches(self.issuer)

    @property
    def is_weak_signature(self) -> bool:
        """Signed over a SHA-1, MD5 or MD2 digest. Unknown algorithms are not called weak: look at their name."""
        return self.signature_hash in ("sha1", "md5", "md2")

    @property
    def is_weak_key(self) -> bool:
        """See `KeyInfo.is_weak`."""
        return self.key.is_weak

    @property
    def emails(self) -> tuple[str, ...]:
        """Every address, of the alternative names first and then of the subject's E, without repetition."""
        first_spelling: dict[str, str] = {}
        for address in (*self.extensions.emails, *self.subject.emails):
            first_spelling.setdefault(address.casefold(), address)
        return tuple(first_spelling.values())

    @property
    def codes(self) -> tuple[Code, ...]:
        """The tax, budget and identity numbers of the subject."""
        return self.subject.codes

    @property
    def authority_key_id(self) -> str | None:
        """Lower-case hexadecimal; points to the issuer's key."""
        return self.extensions.authority_key_id

    @property
    def subject_key_id(self) -> str | None:
        """Lower-case hexadecimal."""
        return self.extensions.subject_key_id

    @cached_property
    def kind_guess(self) -> KindGuess:
        """Organisation, person or device, with the reasons. Says nothing useful about a CA."""
        return guess_kind(self.subject, self.extensions.extended_key_usages)

    @cached_property
    def oddities(self) -> tuple[Message, ...]:
        """What departs from the standard without making the certificate unreadable."""
        found: list[Message] = []
        if self._loaded is None:
            found.append(message(ODD_NOT_STRICT))
        if self.serial.startswith("-") or self.serial == "00" or len(self.serial) > 2 * 20:
            found.append(message(ODD_SERIAL, serial=self.serial))
        if self.not_after < self.not_before:
            found.append(message(ODD_VALIDITY))
        if self._parts.inner_algorithm.encoding != self._parts.outer_algorithm.encoding:
            found.append(message(ODD_ALGORITHMS))
        if self.key.bits is None:
            found.append(message(ODD_KEY))
        found.extend(message(ODD_EXTENSION, oid=oid) for oid in self.extensions.unreadable)
        return tuple(found)


def format_serial(number: int) -> str:
    """Write a serial number as the register keys it: lower-case hexadecimal, whole octets, `-` before a negative one."""
    digits = f"{abs(number):x}"
    digits = digits if len(digits) % 2 == 0 else f"0{digits}"
    return f"-{digits}" if number < 0 else digits


def parse_certificate(der: bytes) -> Certificate:
    """Read one certificate that fills `der`.

    1. The encoding is cut into its parts (RFC 5280, 4.1), so that names keep their exact bytes.
    2. `cryptography` reads the whole strictly. What it refuses (a serial that is not positive, a parameter that is
       missing) is read field by field with `asn1crypto` instead, and `oddities` says so.
    3. Extensions are read when they are first asked for.

    Raises `MalformedCertificate`, and nothing else, for whatever bytes.
    """
    if not der:
        raise MalformedCertificate(message(EMPTY))
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise MalformedCertificate(message(TOO_LARGE, bytes=len(der)))
    try:
        parts = _cut(der)
    except MalformedDER as fault:
        raise MalformedCertificate(message(NOT_A_CERTIFICATE, detail=fault)) from fault
    serial = int.from_bytes(parts.serial.value, "big", signed=True)
    loaded = _load_strictly(der) if serial > 0 else None
    algorithm, signature_hash = _signature(parts.outer_algorithm)
    not_before, not_after = _validity(parts, loaded)
    return Certificate(
        der=der,
        serial=format_serial(serial),
        subject=_name(parts.subject, "subject"),
        issuer=_issuer_name(parts.issuer.encoding),
        not_before=not_before,
        not_after=not_after,
        signature_algorithm=algorithm,
        signature_hash=signature_hash,
        key=describe_key(parts.key.encoding, loaded),
        _parts=parts,
        _loaded=loaded,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """The fields of Certificate and TBSCertificate, where they lie."""

    serial: Element
    inner_algorithm: Element
    issuer: Element
    validity: Element
    subject: Element
    key: Element
    rest: tuple[Element, ...]
    outer_algorithm: Element

    def extensions(self) -> tuple[bytes, ...]:
        """Each encoded Extension; none when the list itself cannot be read."""
        try:
            lists = [element for element in self.rest if element.tag == _EXTENSIONS_TAG]
            return tuple(item.encoding for tagged in lists for seq in tagged.children() for item in seq.children())
        except MalformedDER:
            return (b"",)


_VERSION_TAG: Final = 0xA0
_EXTENSIONS_TAG: Final = 0xA3


def _cut(der: bytes) -> _Parts:
    certificate = read_whole(der, SEQUENCE)
    tbs = _expect(der, certificate.content, certificate.end, SEQUENCE)
    outer_algorithm = _expect(der, tbs.end, certificate.end, SEQUENCE)
    signature = read_element(der, outer_algorithm.end, certificate.end)
    if signature.tag != BIT_STRING or signature.end != certificate.end:
        raise MalformedDER("the signature is not the last field")
    position = tbs.content
    version = read_element(der, position, tbs.end)
    if version.tag == _VERSION_TAG:
        position = version.end
    serial = _expect(der, position, tbs.end, INTEGER)
    inner_algorithm = _expect(der, serial.end, tbs.end, SEQUENCE)
    issuer = _expect(der, inner_algorithm.end, tbs.end, SEQUENCE)
    validity = _expect(der, issuer.end, tbs.end, SEQUENCE)
    subject = _expect(der, validity.end, tbs.end, SEQUENCE)
    key = _expect(der, subject.end, tbs.end, SEQUENCE)
    rest = []
    position = key.end
    while position < tbs.end:
        rest.append(read_element(der, position, tbs.end))
        position = rest[-1].end
    return _Parts(serial, inner_algorithm, issuer, validity, subject, key, tuple(rest), outer_algorithm)


def _expect(der: bytes, start: int, limit: int, tag: int) -> Element:
    element = read_element(der, start, limit)
    if element.tag != tag:
        raise MalformedDER(f"tag {element.tag:#04x} at byte {start} where {tag:#04x} is expected")
    return element


def _load_strictly(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except CRYPTOGRAPHY_REFUSALS:
        return None


def _name(part: Element, label: str) -> DistinguishedName:
    try:
        return parse_name(part.encoding)
    except MalformedDER as fault:
        raise MalformedCertificate(message(BAD_FIELD, field=label, detail=fault)) from fault


def _signature(part: Element) -> tuple[str, str | None]:
    try:
        return describe_signature(part.encoding)
    except MalformedDER as fault:
        raise MalformedCertificate(message(BAD_FIELD, field="signatureAlgorithm", detail=fault)) from fault


@lru_cache(maxsize=256)
def _issuer_name(encoding: bytes) -> DistinguishedName:
    """Issuers are few and come again; they are half of the work otherwise."""
    return _name(read_whole(encoding, SEQUENCE), "issuer")


def _validity(parts: _Parts, loaded: x509.Certificate | None) -> tuple[datetime, datetime]:
    try:
        if loaded is not None:
            return loaded.not_valid_before_utc, loaded.not_valid_after_utc
        first, last = (_time(element) for element in parts.validity.children())
    except ASN1CRYPTO_ERRORS as fault:
        raise MalformedCertificate(message(BAD_FIELD, field="validity", detail=fault)) from fault
    return first, last


def _time(element: Element) -> datetime:
    moment = {0x17: core.UTCTime, 0x18: core.GeneralizedTime}[element.tag].load(element.encoding, strict=True).native
    if not isinstance(moment, datetime):  # asn1crypto has a class of its own for the year 0
        raise TypeError("a year that no calendar has")
    return moment.astimezone(UTC)
