"""Signed attributes with a meaning of their own: signing-time and signing-certificate (RFC 5652, 11.3; RFC 5035)."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from certs.cms import ber, messages
from certs.cms.algorithms import digest_name, parse_algorithm
from certs.cms.ber import OCTET_STRING, SEQUENCE, Element
from certs.cms.errors import MalformedCMS, SignatureMismatch
from certs.cms.signed_data import (
    OID_REVOCATION_INFO_ARCHIVAL,
    OID_SIGNING_CERTIFICATE,
    OID_SIGNING_CERTIFICATE_V2,
    OID_SIGNING_TIME,
    SignerInfo,
)
from certs.cms.verification import compute_digest
from certs.messages import message

UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


@dataclass(frozen=True, slots=True)
class CertificateReference:
    """The digest of the signer's certificate that the signature covers (ESSCertID, ESSCertIDv2)."""

    digest: str
    value: bytes


@dataclass(frozen=True, slots=True)
class ArchivedRevocationInfo:
    """adbe-revocationInfoArchival: evidence that the signer signed together with the document (ISO 32000-2, 12.8.3.3.2)."""

    crls: tuple[bytes, ...]
    ocsp_responses: tuple[bytes, ...]


def parse_time(element: Element) -> datetime:
    """Read UTCTime or GeneralizedTime as an aware time in UTC (RFC 5280, 4.1.2.5). Raises `MalformedASN1`."""
    text = element.octets().decode("ascii", "replace")
    if element.matches(UTC_TIME):
        century = "20" if text[:2] < "50" else "19"
        text = century + text
    elif not element.matches(GENERALIZED_TIME):
        raise ber.MalformedASN1("not a time")
    number, zone = text, "+0000"
    for mark in ("Z", "+", "-"):
        if mark in text:
            number, _, rest = text.partition(mark)
            zone = "+0000" if mark == "Z" else mark + rest
            break
    whole, _, fraction = number.partition(".")
    layout = "%Y%m%d%H%M%S" if len(whole) == 14 else "%Y%m%d%H%M"
    try:
        moment = datetime.strptime(f"{whole}{zone}", layout + "%z")  # noqa: DTZ007 - the layout ends with %z
        micro = int((fraction + "000000")[:6]) if fraction else 0
        return moment.replace(microsecond=micro).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ber.MalformedASN1("not a time") from error


def signing_time(signer: SignerInfo) -> datetime | None:
    """The time the signer claims; nothing proves it. None when absent or unreadable."""
    try:
        element = signer.signed(OID_SIGNING_TIME)
        return parse_time(element) if element is not None else None
    except (MalformedCMS, ValueError):
        return None


def certificate_references(signer: SignerInfo) -> tuple[CertificateReference, ...]:
    """The first ESSCertID of each signing-certificate attribute present. Raises `MalformedCMS`."""
    found: list[CertificateReference] = []
    for oid in (OID_SIGNING_CERTIFICATE_V2, OID_SIGNING_CERTIFICATE):
        element = signer.signed(oid)
        if element is None:
            continue
        try:
            certificates = next(element.expect(SEQUENCE).children())
            parts = list(next(certificates.expect(SEQUENCE).children()).expect(SEQUENCE).children())
            digest = "sha1" if oid == OID_SIGNING_CERTIFICATE else "sha256"
            if parts and parts[0].matches(SEQUENCE):
                algorithm = parse_algorithm(parts.pop(0)).oid
                digest = digest_name(algorithm) or algorithm
            found.append(CertificateReference(digest, parts[0].expect(OCTET_STRING).octets()))
        except (ValueError, StopIteration, IndexError) as error:
            raise MalformedCMS(message(messages.MALFORMED, detail="signing-certificate")) from error
    return tuple(found)


def verify_certificate_binding(references: tuple[CertificateReference, ...], certificate: bytes) -> None:
    """Prove that every reference names `certificate`; raises `SignatureMismatch` otherwise (RFC 5035, 5.4)."""
    for reference in references:
        if not hmac.compare_digest(compute_digest(reference.digest, (certificate,)), reference.value):
            raise SignatureMismatch(message(messages.CERTIFICATE_NOT_BOUND))


def archived_revocation_info(signer: SignerInfo) -> ArchivedRevocationInfo:
    """The evidence in adbe-revocationInfoArchival; empty when absent or damaged, for then it proves nothing."""
    crls: list[bytes] = []
    responses: list[bytes] = []
    try:
        element = signer.signed(OID_REVOCATION_INFO_ARCHIVAL)
        for part in element.expect(SEQUENCE).children() if element is not None else ():
            for value in next(part.children()).expect(SEQUENCE).children():
                if part.tag == 0:
                    crls.append(value.raw)
                elif part.tag == 1:
                    responses.append(value.raw)
    except (MalformedCMS, ValueError, StopIteration):
        return ArchivedRevocationInfo((), ())
    return ArchivedRevocationInfo(tuple(crls), tuple(responses))
