"""Certificates for tests: a small PKI, and rows made from what it issued."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from registry.accounts.viewer import Viewer
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import register_certificate
from registry.certificates.tables import SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.trust.service import add_authority

ISSUED = datetime(2016, 5, 18, 3, 0, tzinfo=UTC)
FIVE_YEARS = timedelta(days=5 * 365)
EVERYTHING = Viewer.everything()
_serials = itertools.count(0x1000)


@dataclass(frozen=True)
class SmallCA:
    """A CA with its key; `der` is its own certificate."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    der: bytes


def name_of(**attributes: str) -> x509.Name:
    oids = {"c": NameOID.COUNTRY_NAME, "o": NameOID.ORGANIZATION_NAME, "ou": NameOID.ORGANIZATIONAL_UNIT_NAME}
    oids |= {"l": NameOID.LOCALITY_NAME, "cn": NameOID.COMMON_NAME, "e": NameOID.EMAIL_ADDRESS, "uid": NameOID.USER_ID}
    return x509.Name([x509.NameAttribute(oids[key], value) for key, value in attributes.items()])


@cache
def leaf_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def small_ca(common_name: str = "CA thử nghiệm", issuer: str | None = None) -> SmallCA:
    """A self-signed root, or a CA that the root `issuer` has issued; the same one for the same names."""
    return _small_ca(common_name, issuer)


@cache
def _small_ca(common_name: str, issuer: str | None) -> SmallCA:
    key = ec.generate_private_key(ec.SECP256R1())
    name = name_of(c="VN", o="Cơ quan thử nghiệm", cn=common_name)
    above = None if issuer is None else small_ca(issuer)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above.name if above else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2010, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(above.key if above else key, hashes.SHA256())
    )
    return SmallCA(name, key, certificate.public_bytes(Encoding.DER))


def make_der(
    subject: x509.Name | None = None,
    *,
    ca: SmallCA | None = None,
    serial: int | None = None,
    not_before: datetime = ISSUED,
    not_after: datetime | None = None,
) -> bytes:
    """One end-entity certificate."""
    ca = ca or small_ca()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject or name_of(c="VN", l="Bắc Giang", o="Sở Nội vụ", cn="Nguyễn Văn An"))
        .issuer_name(ca.name)
        .public_key(leaf_key().public_key())
        .serial_number(serial if serial is not None else next(_serials))
        .not_valid_before(not_before)
        .not_valid_after(not_after or not_before + FIVE_YEARS)
        .sign(ca.key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER)


def trust_small_ca(uow: UnitOfWork, *, generation: str = "demo-G1", common_name: str = "CA thử nghiệm") -> None:
    add_authority(uow, EVERYTHING, small_ca(common_name).der, trust_anyway=True, generation=generation)


def make_certificate(
    uow: UnitOfWork,
    agency_id: int,
    *,
    holder: str = "Nguyễn Văn An",
    organisation: str = "Sở Nội vụ",
    kind: SubscriberKind = SubscriberKind.PERSON,
    serial: int | None = None,
    ca: SmallCA | None = None,
    not_before: datetime = ISSUED,
    not_after: datetime | None = None,
    **submission: Any,
) -> int:
    """Register one certificate and return its identifier."""
    der = make_der(
        name_of(c="VN", l="Bắc Giang", o=organisation, cn=holder),
        ca=ca,
        serial=serial,
        not_before=not_before,
        not_after=not_after,
    )
    submitted = CertificateSubmission(der=der, agency_id=agency_id, kind=kind, **submission)
    return register_certificate(uow, EVERYTHING, submitted, actor="test").certificate_id
