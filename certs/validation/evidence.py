"""What is known from outside the document: anchors, CA certificates, revocation data."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from certs.path import ParsedCertificate, RevocationEvidence, is_self_signed, load_certificate, load_certificates


@dataclass(frozen=True, slots=True)
class Evidence:
    """Trust anchors, certificates that help to build paths, and revocation data; equal whatever the order was.

    Nothing here is trusted but the anchors: an intermediate certificate only helps, a CRL must prove itself.
    """

    anchors: frozenset[ParsedCertificate] = field(default=frozenset(), repr=False)
    certificates: frozenset[ParsedCertificate] = field(default=frozenset(), repr=False)
    revocation: RevocationEvidence = field(default_factory=RevocationEvidence)

    @classmethod
    def from_der(
        cls,
        *,
        trust: Iterable[bytes] = (),
        certificates: Iterable[bytes] = (),
        crls: Iterable[bytes] = (),
        ocsp_responses: Iterable[bytes] = (),
    ) -> "Evidence":
        """Sort DER files into their places.

        A self-signed certificate in `trust` is an anchor; any other certificate, however given, only helps to build
        paths. Raises `MalformedCertificate` for a certificate that cannot be read: the operator gave it on purpose.
        """
        trusted = [load_certificate(der) for der in trust]
        anchors = frozenset(c for c in trusted if is_self_signed(c))
        others = frozenset(c for c in trusted if c not in anchors).union(load_certificate(der) for der in certificates)
        return cls(anchors, others, RevocationEvidence(frozenset(crls), frozenset(ocsp_responses)))

    def with_embedded(
        self, certificates: Iterable[bytes], crls: Iterable[bytes], ocsp_responses: Iterable[bytes]
    ) -> "Evidence":
        """The same with what a document brings along: never an anchor, and damaged parts are passed over."""
        return Evidence(
            self.anchors,
            self.certificates.union(load_certificates(certificates)),
            self.revocation.with_more(crls, ocsp_responses),
        )
