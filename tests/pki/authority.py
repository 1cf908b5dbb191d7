"""A programmable PKI: authorities, end entities, revocation lists and OCSP responses at any time.

Keys are made once and reused by label: making an RSA key costs a tenth of a second, and no test is about its value.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

START = datetime(2020, 1, 1, tzinfo=UTC)
END = datetime(2040, 1, 1, tzinfo=UTC)
SIGNING = datetime(2024, 6, 1, 3, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@lru_cache(maxsize=64)
def key(label, kind="rsa2048"):
    """The private key with this label; `kind` is rsaNNNN, p256, p384, p521, brainpool, ed25519, ed448 or dsa."""
    del label
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    curves = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1, "brainpool": ec.BrainpoolP256R1}
    if kind in curves:
        return ec.generate_private_key(curves[kind]())
    if kind == "dsa":
        return dsa.generate_private_key(2048)
    return {"ed25519": ed25519.Ed25519PrivateKey, "ed448": ed448.Ed448PrivateKey}[kind].generate()


def name(common_name, **more):
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, more.get("organization", "TEST")),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name(attributes)


def _digest(private_key, digest):
    return None if isinstance(private_key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) else digest


def _usage(**wanted):
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{usage: wanted.get(usage, False) for usage in every})


@dataclass(frozen=True)
class Entity:
    """A certificate with its key and the authorities above it."""

    certificate: x509.Certificate
    private_key: object = field(repr=False)
    issuer: "Entity | None" = None
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)

    @property
    def der(self):
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def chain(self):
        """DER of the authorities above, nearest first."""
        return () if self.issuer is None else (self.issuer.der, *self.issuer.chain)

    @property
    def root(self):
        return self if self.issuer is None else self.issuer.root

    def issue(
        self,
        common_name,
        *,
        kind="rsa2048",
        not_before=START,
        not_after=END,
        usages=("digital_signature", "content_commitment"),
        extended=(),
        is_ca=False,
        serial_number=None,
        label=None,
        organization="TEST",
        extensions=(),
    ):
        """Issue a certificate for a new entity."""
        private_key = key(label or common_name, kind)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(common_name, organization=organization))
            .issuer_name(self.certificate.subject)
            .public_key(private_key.public_key())
            .serial_number(serial_number or 0x1000 + sum(common_name.encode()))
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(private_key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private_key.public_key()), critical=False
            )
        )
        if usages:
            builder = builder.add_extension(_usage(**dict.fromkeys(usages, True)), critical=True)
        if extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=True)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        certificate = builder.sign(self.private_key, _digest(self.private_key, self.digest))
        return Entity(certificate, private_key, self, self.digest)

    def intermediate(self, common_name, **more):
        return self.issue(common_name, is_ca=True, usages=("key_cert_sign", "crl_sign"), **more)

    def time_stamping_unit(self, common_name="TEST TSA", **more):
        return self.issue(
            common_name, usages=("digital_signature",), extended=(ExtendedKeyUsageOID.TIME_STAMPING,), **more
        )

    def crl(
        self,
        revoked=(),
        *,
        at=NOW,
        lasts=timedelta(days=7),
        signer=None,
        reason=None,
        invalid_since=None,
        extensions=(),
    ):
        """A CRL as DER, complete unless `extensions` say otherwise; `revoked` pairs an entity and its revocation."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(at)
            .next_update(at + lasts)
        )
        for entity, since in revoked:
            entry = (
                x509.RevokedCertificateBuilder().serial_number(entity.certificate.serial_number).revocation_date(since)
            )
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            if invalid_since is not None:
                entry = entry.add_extension(x509.InvalidityDate(invalid_since.replace(tzinfo=None)), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        private_key = (signer or self).private_key
        return builder.sign(private_key, _digest(private_key, self.digest)).public_bytes(Encoding.DER)

    def ocsp(self, entity, *, at=NOW, revoked_at=None, responder=None, lasts=timedelta(days=1)):
        """An OCSP response about `entity` as DER, signed by this authority or a responder it named."""
        signer = responder or self
        status = ocsp.OCSPCertStatus.GOOD if revoked_at is None else ocsp.OCSPCertStatus.REVOKED
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=entity.certificate,
                issuer=self.certificate,
                algorithm=hashes.SHA1(),  # what clients and responders use to name a certificate
                cert_status=status,
                this_update=at,
                next_update=at + lasts,
                revocation_time=revoked_at,
                revocation_reason=x509.ReasonFlags.key_compromise if revoked_at else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        )
        if responder is not None:
            builder = builder.certificates([responder.certificate])
        response = builder.sign(signer.private_key, hashes.SHA256()).public_bytes(Encoding.DER)
        return _produced_at(response, at, signer.private_key)

    def responder(self, common_name="TEST OCSP", **more):
        return self.issue(
            common_name,
            usages=("digital_signature",),
            extended=(ExtendedKeyUsageOID.OCSP_SIGNING,),
            extensions=((x509.OCSPNoCheck(), False),),
            **more,
        )


def _produced_at(response, at, private_key):
    """The same response with another producedAt, signed again: cryptography always writes the machine's time."""
    outer = asn1_ocsp.OCSPResponse.load(response)
    basic = outer["response_bytes"]["response"].parsed
    basic["tbs_response_data"]["produced_at"] = core.GeneralizedTime(at)
    signed = basic["tbs_response_data"].dump(force=True)
    basic["signature"] = private_key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    outer["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return outer.dump(force=True)


def root(common_name="TEST ROOT", *, kind="rsa2048", not_before=START, not_after=END, digest=None):
    """A self-signed authority."""
    private_key = key(common_name, kind)
    digest = digest or hashes.SHA256()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name(common_name))
        .issuer_name(name(common_name))
        .public_key(private_key.public_key())
        .serial_number(1)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private_key.public_key()), critical=False)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(private_key, _digest(private_key, digest))
    )
    return Entity(certificate, private_key, None, digest)


@dataclass(frozen=True)
class PKI:
    """Root, intermediate, an agency's certificate and a time-stamping unit under the root, as the real one is built."""

    root: Entity
    intermediate: Entity
    agency: Entity
    tsa: Entity


@lru_cache(maxsize=1)
def pki():
    top = root()
    authority = top.intermediate("TEST CA")
    return PKI(top, authority, authority.issue("UBND XÃ THỬ NGHIỆM"), top.time_stamping_unit())
