"""Signing PDF documents with the demo PKI: PAdES with a time-stamp, visible or not, at a given moment."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from registry.demo.province.documents.letter import Box
from registry.demo.province.pki import Authority, KeyPair, TimeStampingUnit

_TIME_STAMP_DELAY = timedelta(seconds=4)


@dataclass(frozen=True)
class Signatory:
    """Somebody with a certificate and its key."""

    certificate: bytes
    key: KeyPair


@dataclass(frozen=True)
class Appearance:
    """A picture and where it stands on the first page."""

    picture: Image.Image
    box: Box


def sign(
    document: bytes,
    signatory: Signatory,
    unit: TimeStampingUnit,
    at: datetime,
    *,
    field: str,
    appearance: Appearance | None = None,
    is_certification: bool = False,
) -> bytes:
    """Add a signature (EN 319 142-1, B-T) as an incremental update, time-stamped four seconds after `at`.

    As real tools of this PKI do, the signature carries the signer's certificate only: the checker must hold the CA's.
    `is_certification`: the first signature, which allows form filling and further signatures (DocMDP, P=2).
    """
    certificate = asn1_x509.Certificate.load(signatory.certificate)
    signer = SimpleSigner(
        signing_cert=certificate, signing_key=_private_key(signatory.key), cert_registry=SimpleCertificateStore()
    )
    unit_certificate = asn1_x509.Certificate.load(unit.certificate)
    stamper = DummyTimeStamper(
        unit_certificate,
        _private_key(unit.key),
        certs_to_embed=SimpleCertificateStore.from_certs([unit_certificate]),
        fixed_dt=at + _TIME_STAMP_DELAY,
    )
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=is_certification,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    spec = SigFieldSpec(field, box=_whole_points(appearance.box) if appearance else None)
    style = (
        StaticStampStyle(border_width=0, background=PdfImage(appearance.picture), background_opacity=1.0)
        if appearance
        else None
    )
    pdf_signer = _SignerAt(metadata, signer, timestamper=stamper, stamp_style=style, new_field_spec=spec)
    pdf_signer.at = at
    output = io.BytesIO()
    pdf_signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(document)), output=output)
    return output.getvalue()


class _SignerAt(PdfSigner):
    """pyHanko's signer with a clock that stands at the moment of the story."""

    at: datetime

    def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
        session = super().init_signing_session(*arguments, **options)
        session.system_time = self.at
        return session


def add_evidence(document: bytes, certificates: Iterable[bytes], crls: Iterable[bytes]) -> bytes:
    """Add a document security store (ISO 32000-2, 12.8.4.3) as an incremental update."""
    stream = io.BytesIO(document)
    DocumentSecurityStore.add_dss(
        stream,
        None,
        certs=[asn1_x509.Certificate.load(each) for each in certificates],
        crls=[asn1_crl.CertificateList.load(each) for each in crls],
    )
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class Revocation:
    """An entry of a CRL."""

    serial: int
    at: datetime
    reason: str


def make_crl(authority: Authority, revocations: Iterable[Revocation], this_update: datetime) -> bytes:
    """A CRL (RFC 5280, 5) that is valid for a week from `this_update` on."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.loaded.subject)
        .last_update(this_update)
        .next_update(this_update + timedelta(days=7))
        .add_extension(x509.CRLNumber(int(this_update.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier(authority.key_identifier, None, None), critical=False)
    )
    for revocation in revocations:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(revocation.serial)
            .revocation_date(revocation.at)
            .add_extension(x509.CRLReason(x509.ReasonFlags(revocation.reason)), critical=False)
            .build()
        )
    crl = builder.sign(authority.key.private, hashes.SHA256())
    return crl.public_bytes(serialization.Encoding.DER)


def _private_key(key: KeyPair) -> asn1_keys.PrivateKeyInfo:
    return asn1_keys.PrivateKeyInfo.load(
        key.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _whole_points(box: Box) -> tuple[int, int, int, int]:
    left, bottom, right, top = (round(edge) for edge in box)
    return left, bottom, right, top
