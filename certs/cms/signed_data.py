"""SignedData and SignerInfo of CMS (RFC 5652, 5) as frozen values that keep the transmitted bytes.

Reading proves nothing: see `certs.cms.verification`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from certs.cms import ber, messages
from certs.cms.algorithms import AlgorithmIdentifier, parse_algorithm
from certs.cms.ber import CONTEXT, SEQUENCE, SET, Element, MalformedASN1
from certs.cms.errors import MalformedCMS
from certs.messages import Message, message

OID_SIGNED_DATA = "1.2.840.113549.1.7.2"
OID_TST_INFO = "1.2.840.113549.1.9.16.1.4"
OID_CONTENT_TYPE = "1.2.840.113549.1.9.3"
OID_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
OID_SIGNING_TIME = "1.2.840.113549.1.9.5"
OID_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
OID_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
OID_TIME_STAMP_TOKEN = "1.2.840.113549.1.9.16.2.14"  # noqa: S105 - an object identifier
OID_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"
OID_REVOCATION_INFO_ARCHIVAL = "1.2.840.113583.1.1.8"

MAXIMUM_ATTRIBUTES = 256
MAXIMUM_CERTIFICATES = 512


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its type and the complete encodings of its values."""

    type: str
    values: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class SignerIdentifier:
    """Which certificate signed: by issuer and serial number, or by key identifier (RFC 5652, 5.3)."""

    issuer: bytes | None
    """The issuer's name as DER, None when the key identifier is used."""
    serial_number: int | None
    key_identifier: bytes | None


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer's part of a SignedData."""

    identifier: SignerIdentifier
    digest_algorithm: AlgorithmIdentifier
    signature_algorithm: AlgorithmIdentifier
    signature: bytes = field(repr=False)
    signed_attributes: tuple[Attribute, ...] | None
    """None when there are none: the signature is then over the content itself."""
    signed_attributes_sent: bytes = field(repr=False)
    """The attributes as transmitted, tagged as the SET OF that is digested; empty when there are none."""
    unsigned_attributes: tuple[Attribute, ...]
    notes: tuple[Message, ...]
    """Oddities that do not make the signature wrong."""

    def signed(self, oid: str) -> Element | None:
        """The single value of a signed attribute, None when absent.

        Raises `MalformedCMS` when the attribute or its value is repeated.
        """
        found = [attribute for attribute in self.signed_attributes or () if attribute.type == oid]
        if not found:
            return None
        if len(found) > 1 or len(found[0].values) != 1:
            raise MalformedCMS(message(messages.ATTRIBUTE_REPEATED, name=oid))
        return found[0].values[0]

    def unsigned(self, oid: str) -> Iterator[Element]:
        """All values of an unsigned attribute."""
        for attribute in self.unsigned_attributes:
            if attribute.type == oid:
                yield from attribute.values


@dataclass(frozen=True, slots=True)
class SignedData:
    """A SignedData with its one signer (more or fewer are refused)."""

    content_type: str
    content: bytes | None = field(repr=False)
    """The encapsulated content octets, None when detached."""
    certificates: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    ocsp_responses: tuple[bytes, ...] = field(repr=False)
    signer: SignerInfo
    trailing: bytes = field(repr=False)
    """What follows the structure; zeros in a PDF are padding."""


def parse_signed_data(data: bytes) -> SignedData:
    """Read a ContentInfo that holds a SignedData with exactly one signer. Raises `MalformedCMS`."""
    try:
        outer = ber.read_element(data)
        parts = outer.expect(SEQUENCE).children()
        if next(parts).oid() != OID_SIGNED_DATA:
            raise MalformedCMS(message(messages.NOT_SIGNED_DATA))
        wrapped = next(parts).expect(0, CONTEXT)
        return _parse_body(next(wrapped.children()).expect(SEQUENCE), data[outer.end :])
    except StopIteration:
        raise MalformedCMS(message(messages.MALFORMED, detail="a part is missing")) from None
    except ValueError as error:  # MalformedASN1, or a SEQUENCE with a wrong number of parts
        raise MalformedCMS(message(messages.MALFORMED, detail=error)) from error


def _parse_body(body: Element, trailing: bytes) -> SignedData:
    parts = body.children()
    next(parts).integer()
    next(parts).expect(SET)
    content_type, content = _parse_encapsulated(next(parts).expect(SEQUENCE))
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    responses: tuple[bytes, ...] = ()
    signers: list[Element] = []
    for part in parts:
        if part.matches(0, CONTEXT):
            certificates = tuple(_certificates(part))
        elif part.matches(1, CONTEXT):
            crls, responses = _revocation_choices(part)
        elif part.matches(SET):
            # A second list of signers is no part of the syntax; readers would take one or the other.
            signers.extend(part.children())
    if len(signers) != 1:
        raise MalformedCMS(message(messages.SIGNER_COUNT, count=len(signers)))
    return SignedData(
        content_type, content, certificates, crls, responses, _parse_signer(signers[0].expect(SEQUENCE)), trailing
    )


def _parse_encapsulated(info: Element) -> tuple[str, bytes | None]:
    parts = info.children()
    content_type = next(parts).oid()
    wrapped = next(parts, None)
    if wrapped is None:
        return content_type, None
    inner = next(wrapped.expect(0, CONTEXT).children())
    # PKCS #7 1.5 wrapped any type here; only its content octets were digested (RFC 5652, 5.2.1).
    return content_type, inner.octets() if inner.matches(ber.OCTET_STRING) else inner.content


def _certificates(container: Element) -> Iterator[bytes]:
    for count, child in enumerate(container.children()):
        if count >= MAXIMUM_CERTIFICATES:
            raise MalformedASN1("too many certificates")
        # Attribute certificates and other choices are context tagged and of no use here.
        if child.matches(SEQUENCE):
            yield _as_der(child)


def _as_der(element: Element) -> bytes:
    """The element's own bytes, which its signature covers; encoded again only where the container's BER went into it."""
    return element.raw if element.end == element.body_end else ber.to_der(element)


def _revocation_choices(container: Element) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    crls: list[bytes] = []
    responses: list[bytes] = []
    for child in container.children():
        if child.matches(SEQUENCE):
            crls.append(_as_der(child))
        elif child.matches(1, CONTEXT):
            # OtherRevocationInfoFormat of RFC 5940: id-ri-ocsp-response.
            parts = child.children()
            if next(parts).oid() == "1.3.6.1.5.5.7.16.2":
                responses.append(_as_der(next(parts)))
    return tuple(crls), tuple(responses)


def _parse_signer(info: Element) -> SignerInfo:
    parts = info.children()
    next(parts).integer()
    identifier = _parse_identifier(next(parts))
    digest_algorithm = parse_algorithm(next(parts))
    notes: list[Message] = []
    signed: tuple[Attribute, ...] | None = None
    sent = b""
    part = next(parts)
    if part.matches(0, CONTEXT):
        signed = tuple(_attributes(part))
        # The IMPLICIT tag is replaced by that of SET OF for the digest (RFC 5652, 5.4).
        sent = b"\x31" + ber.encode_length(part.body_end - part.body) + part.content
        part = next(parts)
    signature_algorithm = parse_algorithm(part)
    signature = next(parts).expect(ber.OCTET_STRING).octets()
    unsigned: tuple[Attribute, ...] = ()
    last = next(parts, None)
    if last is not None and last.matches(1, CONTEXT):
        unsigned = tuple(_lenient_attributes(last, notes))
    return SignerInfo(
        identifier, digest_algorithm, signature_algorithm, signature, signed, sent, unsigned, tuple(notes)
    )


def _parse_identifier(element: Element) -> SignerIdentifier:
    if element.matches(0, CONTEXT):
        return SignerIdentifier(None, None, element.octets())
    issuer, serial = element.expect(SEQUENCE).children()
    return SignerIdentifier(ber.to_der(issuer.expect(SEQUENCE)), serial.integer(), None)


def _parse_attribute(element: Element) -> Attribute:
    kind, values = element.expect(SEQUENCE).children()
    return Attribute(kind.oid(), tuple(values.expect(SET).children()))


def _attributes(container: Element) -> Iterator[Attribute]:
    for count, child in enumerate(container.children()):
        if count >= MAXIMUM_ATTRIBUTES:
            raise MalformedASN1("too many attributes")
        yield _parse_attribute(child)


def _lenient_attributes(container: Element, notes: list[Message]) -> Iterator[Attribute]:
    """Unsigned attributes one by one: what does not decode proves nothing and is passed over."""
    try:
        for count, child in enumerate(container.children()):
            if count >= MAXIMUM_ATTRIBUTES:
                return
            try:
                yield _parse_attribute(child)
            except (MalformedASN1, ValueError):
                notes.append(message(messages.ATTRIBUTE_SKIPPED, name=_attribute_name(child)))
    except MalformedASN1:
        notes.append(message(messages.ATTRIBUTE_SKIPPED, name="?"))


def _attribute_name(element: Element) -> str:
    try:
        return next(element.children()).oid()
    except (MalformedASN1, StopIteration):
        return "?"
